import type { Typed } from "./functions/define.ts";
import type { SortKey } from "./sort.ts";

/** What DuckDB needs to keep only the first n rows of a group: `arg_max(value, key, n)`. */
export interface TopKey {
  readonly fn: "arg_max" | "arg_min";
  /** A struct that sorts like the keys together. */
  readonly key: string;
  readonly limit: string;
}

/** DuckDB SQL of a value that sorts the other way round. */
const FLIPPED: Readonly<Record<string, (sql: string) => string>> = {
  INT64: (sql) => `~${sql}`,
  FLOAT64: (sql) => `-${sql}`,
  NUMERIC: (sql) => `-${sql}`,
  DATE: (sql) => `DATE '1970-01-01' - ${sql}`,
  DATETIME: (sql) => `-epoch_us(${sql})`,
  TIMESTAMP: (sql) => `-epoch_us(${sql})`,
  BOOL: (sql) => `NOT ${sql}`,
};

/** More rows than this are better sorted as a list. */
const MOST = 100;

/** Undefined when the first rows cannot be found this way: no ORDER BY, no small literal LIMIT, texts both ways. */
export function topKey(keys: readonly SortKey[], limit: Typed | undefined): TopKey | undefined {
  const [first] = keys;
  const count = limit?.literal;
  if (!first || typeof count !== "number" || count < 1 || count > MOST) return undefined;
  const parts = keys.map((key) => keyParts(key, first.descending));
  if (parts.includes(undefined)) return undefined;
  const fields = parts.flatMap((part, i) =>
    part
      ? [
          `'n${i}': ${part.nulls}`,
          ...part.nan.map((test) => `'m${i}': ${test}`),
          `'v${i}': ${part.value}`,
        ]
      : [],
  );
  return {
    fn: first.descending ? "arg_max" : "arg_min",
    key: `{${fields.join(", ")}}`,
    limit: String(count),
  };
}

/** In an order that descends, the first rows have the largest keys; NULLs are put where they belong by a flag. */
function keyParts(key: SortKey, isDescending: boolean) {
  const { value } = key;
  const flip = FLIPPED[value.type.kind];
  const isFlipped = key.descending !== isDescending;
  if (isFlipped && !flip) return undefined;
  const nullsFirst = key.nulls ? key.nulls === "FIRST" : !key.descending;
  const test = nullsFirst === isDescending ? "IS NULL" : "IS NOT NULL";
  const isNumber = `${isFlipped ? "" : "NOT "}isnan(${value.sql})`;
  return {
    nulls: `${value.sql} ${test}`,
    // NaN is the smallest number here, and for DuckDB the largest.
    nan: value.type.kind === "FLOAT64" ? [isNumber] : [],
    value: isFlipped && flip ? flip(value.sql) : value.sql,
  };
}
