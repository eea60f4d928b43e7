import type { Place } from "../errors.ts";
import type { Typed } from "./functions/define.ts";
import type { SqlType } from "./types.ts";

/**
 * The value as it is written to a column, variable or parameter of the type: GoogleSQL's assignment coercion, with the
 * length and precision of a parameterized type enforced. Throws BigQuery's type error (`what` names the target).
 */
export function assign(value: Typed, to: SqlType, what: string, place?: Place): Typed {
  throw new Error("in the making");
}
