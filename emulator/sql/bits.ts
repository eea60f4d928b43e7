import type { Place } from "../errors.ts";
import { coerce } from "./coerce.ts";
import { once, raise } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { noMatch } from "./operators.ts";
import type { BinaryOperator } from "./syntax/ast.ts";
import { BYTES, INT64, type ScalarType } from "./types.ts";

/** `&`, `|`, `^`, `~`, `<<` and `>>` of INT64 and of BYTES. */

export function bitwiseNot(value: Typed, place?: Place): Typed {
  if (value.type.kind === "BYTES") return { sql: once([value.sql], notBytes), type: BYTES };
  if (value.type.kind !== "INT64") noMatch("~", [value], place);
  return { sql: `(~${value.sql})`, type: INT64 };
}

export function bitwise(operator: BinaryOperator, left: Typed, right: Typed, place?: Place): Typed {
  if (left.type.kind === "BYTES") return bitwiseBytes(operator, left, right, place);
  const a = coerce(left, INT64);
  const b = coerce(right, INT64);
  if (!a || !b) return noMatch(operator, [left, right], place);
  switch (operator) {
    case "^":
      return { sql: `xor(${a.sql}, ${b.sql})`, type: INT64 };
    case "<<":
    case ">>":
      return { sql: once([a.sql, b.sql], (x, n) => shift(operator, x, n)), type: INT64 };
    default:
      return { sql: `(${a.sql} ${operator} ${b.sql})`, type: INT64 };
  }
}

function negativeShift(type: ScalarType): string {
  return raise("Bitwise shift by negative offset.", type);
}

/** On 64 bits without sign, as GoogleSQL shifts; DuckDB fails where a bit is lost. */
function shift(operator: "<<" | ">>", x: string, n: string): string {
  // Without a value there is nothing to shift, however far.
  const bits = `((${x})::BIT ${operator} ${n}::INTEGER)::BIGINT`;
  return `CASE WHEN ${x} IS NULL THEN NULL WHEN ${n} < 0 THEN ${negativeShift(INT64)} WHEN ${n} > 63 THEN 0 ELSE ${bits} END`;
}

function bitwiseBytes(operator: BinaryOperator, left: Typed, right: Typed, place?: Place): Typed {
  if (operator === "<<" || operator === ">>") {
    const distance = coerce(right, INT64) ?? noMatch(operator, [left, right], place);
    const sql = once([left.sql, distance.sql], (x, n) => shiftBytes(operator, x, n));
    return { sql, type: BYTES };
  }
  const other = coerce(right, BYTES) ?? noMatch(operator, [left, right], place);
  return { sql: once([left.sql, other.sql], (x, y) => ofBytes(operator, x, y)), type: BYTES };
}

/** DuckDB has no BIT of no bits, so empty BYTES stay as they are. */
function notBytes(x: string): string {
  return `CASE WHEN octet_length(${x}) = 0 THEN ${x} ELSE (~((${x})::BIT))::BLOB END`;
}

/** BIT only knows a shift by an INTEGER; from the length on all bits are zero. */
function shiftBytes(operator: string, x: string, n: string): string {
  const bits = `((${x})::BIT ${operator} least(${n}, 8 * octet_length(${x}))::INTEGER)::BLOB`;
  return `CASE WHEN ${x} IS NULL OR ${n} IS NULL THEN NULL WHEN ${n} < 0 THEN ${negativeShift(BYTES)} WHEN octet_length(${x}) = 0 THEN ${x} ELSE ${bits} END`;
}

function ofBytes(operator: string, x: string, y: string): string {
  const [a, b] = [`(${x})::BIT`, `(${y})::BIT`];
  const bits = operator === "^" ? `xor(${a}, ${b})` : `(${a} ${operator} ${b})`;
  const unequal = raise(
    "Bitwise binary operator for BYTES requires equal length of the inputs.",
    BYTES,
  );
  return `CASE WHEN octet_length(${x}) <> octet_length(${y}) THEN ${unequal} WHEN octet_length(${x}) = 0 THEN ${x} ELSE ${bits}::BLOB END`;
}
