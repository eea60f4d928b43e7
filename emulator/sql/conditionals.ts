import { comparison } from "./comparison.ts";
import { isSimple, reused } from "./functions/body.ts";
import type { FunctionDef } from "./functions/define.ts";

/** Longer operands are not written twice. */
const LONGEST = 1000;
/** Nor are those that would be dear, or of another value, the second time. */
const ONCE = /\brandom\(|uuid\(|\bjs_|\bSELECT\b/;

/**
 * The first operand that is not NULL; those behind it are not evaluated. What stands twice in a SELECT DuckDB computes
 * once and beforehand, from operands of its COALESCE too, but not from branches of a CASE.
 */
function firstPresent([first = "NULL", ...others]: readonly string[]): string {
  const isRepeatable = first.length <= LONGEST && !ONCE.test(first);
  const guarded = others.map((other) =>
    isSimple(other) || !isRepeatable ? other : `CASE WHEN ${first} IS NULL THEN ${other} END`,
  );
  return `coalesce(${[first, ...guarded].join(", ")})`;
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/conditional_expressions */
export const conditionals: readonly FunctionDef[] = [
  {
    name: "IF",
    signature: "IF(condition, then, else)",
    args: [3, 3],
    compile: (call) => {
      const [yes, no] = call.common(1);
      if (!yes || !no) return call.noMatch();
      return {
        sql: `CASE WHEN ${call.arg(0, "BOOL").sql} THEN ${yes.sql} ELSE ${no.sql} END`,
        type: yes.type,
      };
    },
  },
  {
    name: "COALESCE",
    signature: "COALESCE(value, …)",
    args: [1],
    compile: (call) => {
      const values = call.common();
      return {
        sql: firstPresent(values.map((value) => value.sql)),
        type: values[0]?.type ?? call.noMatch(),
      };
    },
  },
  {
    name: "IFNULL",
    signature: "IFNULL(value, otherwise)",
    args: [2, 2],
    compile: (call) => {
      const [value, otherwise] = call.common();
      if (!value || !otherwise) return call.noMatch();
      return { sql: firstPresent([value.sql, otherwise.sql]), type: value.type };
    },
  },
  {
    name: "NULLIF",
    signature: "NULLIF(value, nullValue)",
    args: [2, 2],
    compile: (call) => {
      const [value, nullValue] = call.common();
      if (!value || !nullValue) return call.noMatch();
      const sql = reused([value.sql, nullValue.sql], (x, y) => {
        const isEqual = comparison(
          "=",
          { sql: x, type: value.type },
          { sql: y, type: value.type },
          call.place,
        );
        return `CASE WHEN ${isEqual.sql} THEN NULL ELSE ${x} END`;
      });
      return { sql, type: value.type };
    },
  },
];
