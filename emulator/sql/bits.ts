import type { Place } from "../errors.ts";
import { coerce } from "./coerce.ts";
import { once, raise } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { noMatch } from "./operators.ts";
import type { BinaryOperator } from "./syntax/ast.ts";
import { INT64 } from "./types.ts";

export function bitwiseNot(value: Typed, place?: Place): Typed {
  if (value.type.kind !== "INT64") noMatch("~", [value], place);
  return { sql: `(~${value.sql})`, type: INT64 };
}

export function bitwise(operator: BinaryOperator, left: Typed, right: Typed, place?: Place): Typed {
  const a = coerce(left, INT64);
  const b = coerce(right, INT64);
  if (!a || !b) return noMatch(operator, [left, right], place);
  switch (operator) {
    case "^":
      return { sql: `xor(${a.sql}, ${b.sql})`, type: INT64 };
    case "<<":
      return { sql: once([a.sql, b.sql], shiftLeft), type: INT64 };
    case ">>":
      return { sql: once([a.sql, b.sql], shiftRight), type: INT64 };
    default:
      return { sql: `(${a.sql} ${operator} ${b.sql})`, type: INT64 };
  }
}

const NEGATIVE_SHIFT = raise(
  "Bitwise binary operator for INT64: Bit shift cannot be negative",
  INT64,
);

/** On 64 bits without sign, as GoogleSQL shifts; DuckDB fails where a bit is lost. */
function shiftLeft(x: string, n: string): string {
  const bits = `((${x})::BIT << ${n}::INTEGER)::BIGINT`;
  return `CASE WHEN ${n} < 0 THEN ${NEGATIVE_SHIFT} WHEN ${n} > 63 THEN 0 ELSE ${bits} END`;
}

function shiftRight(x: string, n: string): string {
  const bits = `((${x})::BIT >> ${n}::INTEGER)::BIGINT`;
  return `CASE WHEN ${n} < 0 THEN ${NEGATIVE_SHIFT} WHEN ${n} > 63 THEN 0 ELSE ${bits} END`;
}
