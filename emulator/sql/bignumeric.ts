import type { Typed } from "./functions/define.ts";
import { BIGNUMERIC, duckdbType } from "./types.ts";

/** Exact arithmetic of two BIGNUMERICs that DuckDB's 38 digits are too few for; what does not fit is refused when it runs. */
export function bigArithmetic(
  operation: "sum" | "difference" | "product" | "quotient" | "div",
  x: string,
  y: string,
): Typed {
  const sql = `bq_big_${operation}(${x}::VARCHAR, ${y}::VARCHAR)::${duckdbType(BIGNUMERIC)}`;
  return { sql, type: BIGNUMERIC };
}
