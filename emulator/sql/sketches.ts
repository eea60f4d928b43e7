import { invalidQuery } from "../errors.ts";
import { type AggregateCall, type AggregateDef, invoke } from "./aggregate-call.ts";
import { once, raise } from "./functions/body.ts";
import { define, type FunctionDef, type Typed } from "./functions/define.ts";
import { BYTES, INT64 } from "./types.ts";

/**
 * HLL_COUNT.*: https://cloud.google.com/bigquery/docs/reference/standard-sql/hll_functions
 *
 * What a sketch is made of, only the service knows; all that can be done with one is to merge it and to count. These
 * are sets: a head of eight bytes that names the type, and the first eight bytes of the MD5 of each value, in order. So
 * counts are exact, a sketch takes eight bytes for each value, and no other database can read it.
 */
const HEAD = "46494C4F484C4C";
const TYPES: Readonly<Record<string, string>> = {
  INT64: "01",
  NUMERIC: "02",
  BIGNUMERIC: "03",
  STRING: "04",
  BYTES: "05",
};

/** Head and values, sixteen hexadecimal digits each. */
function partsOf(sketch: string): string {
  return `regexp_extract_all(hex(${sketch}), '.{16}')`;
}

/** The sketch; an error for other bytes. */
function checked(sketch: string): string {
  const failure = raise("Invalid or incompatible sketch in HLL_COUNT", BYTES);
  return once([sketch], (s) => {
    const isOurs = `starts_with(hex(${s}), '${HEAD}') AND octet_length(${s}) % 8 = 0`;
    return `CASE WHEN NOT (${isOurs}) THEN ${failure} ELSE ${s} END`;
  });
}

function init(call: AggregateCall): Typed {
  const value = call.arg(0).type.kind === "UNKNOWN" ? call.arg(0, "INT64") : call.arg(0);
  const type = TYPES[value.type.kind];
  if (type === undefined) return call.noMatch();
  const precision = call.args.length > 1 ? call.arg(1, "INT64").literal : 15;
  if (typeof precision !== "number" || precision < 10 || precision > 24) {
    throw invalidQuery("HLL_COUNT.INIT: the precision must be 10 to 24", call.expr.place);
  }
  const bytes = value.type.kind === "BYTES" ? value.sql : `${value.sql}::VARCHAR`;
  const hashes = invoke(
    { ...call, distinct: "DISTINCT " },
    "list",
    [`substr(md5(${bytes}), 1, 16)`],
    `${value.sql} IS NOT NULL`,
  );
  return {
    sql: `unhex('${HEAD}${type}' || array_to_string(list_sort(${hashes}), ''))`,
    type: BYTES,
  };
}

/** The values of all sketches together, NULL without any; sketches of different types do not merge. */
function union(call: AggregateCall, result: (parts: string) => string): string {
  const sketch = checked(call.arg(0, "BYTES").sql);
  const all = invoke(call, "list", [partsOf(sketch)], `${call.arg(0).sql} IS NOT NULL`);
  const failure = raise("Invalid or incompatible sketch in HLL_COUNT", INT64);
  return once([`list_distinct(flatten(${all}))`], (parts) => {
    const heads = `list_filter(${parts}, lambda _p: starts_with(_p, '${HEAD}'))`;
    return `CASE WHEN len(${heads}) > 1 THEN ${failure}::VARCHAR ELSE ${result(parts)} END`;
  });
}

export const sketchAggregates: readonly AggregateDef[] = [
  {
    name: "HLL_COUNT.INIT",
    signature: "HLL_COUNT.INIT(x[, precision]), an exact sketch of the emulator's own format",
    args: [1, 2],
    distinct: false,
    compile: init,
  },
  {
    name: "HLL_COUNT.MERGE",
    signature: "HLL_COUNT.MERGE(sketch)",
    args: [1, 1],
    distinct: false,
    compile: (call) => {
      const count = union(call, (parts) => `(len(${parts}) - 1)::VARCHAR`);
      return { sql: `coalesce(${count}::BIGINT, 0)`, type: INT64 };
    },
  },
  {
    name: "HLL_COUNT.MERGE_PARTIAL",
    signature: "HLL_COUNT.MERGE_PARTIAL(sketch)",
    args: [1, 1],
    distinct: false,
    compile: (call) => {
      // The head comes before the values, whatever they are.
      const isHead = `starts_with(_p, '${HEAD}')`;
      const merged = union(call, (parts) => {
        const heads = `list_filter(${parts}, lambda _p: ${isHead})`;
        const values = `list_sort(list_filter(${parts}, lambda _p: NOT ${isHead}))`;
        return `array_to_string(${heads} || ${values}, '')`;
      });
      return { sql: `unhex(${merged})`, type: BYTES };
    },
  },
];

export const sketchFunctions: readonly FunctionDef[] = [
  define("HLL_COUNT.EXTRACT", "sketch", [1, 1], (call) => {
    const count = `octet_length(${checked(call.arg(0, "BYTES").sql)}) // 8 - 1`;
    return { sql: `coalesce(${count}, 0)`, type: INT64 };
  }),
];
