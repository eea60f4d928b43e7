import { invalidQuery, type Place } from "../errors.ts";
import { arithmetic } from "./arithmetic.ts";
import { bitwise } from "./bits.ts";
import { coerce, unify } from "./coerce.ts";
import { comparison } from "./comparison.ts";
import { once } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import type { BinaryOperator } from "./syntax/ast.ts";
import { BOOL, formatType } from "./types.ts";

/** Operators on typed values: https://cloud.google.com/bigquery/docs/reference/standard-sql/operators */

/** An operator of two operands. Throws BigQuery's signature error. */
export function binary(operator: BinaryOperator, left: Typed, right: Typed, place?: Place): Typed {
  if (operator !== "AND" && operator !== "OR" && !operator.startsWith("IS ")) {
    refuseBareNull(operator, [left, right], place);
  }
  switch (operator) {
    case "AND":
    case "OR":
      return {
        sql: `(${bool(left, operator, place).sql} ${operator} ${bool(right, operator, place).sql})`,
        type: BOOL,
      };
    case "+":
    case "-":
    case "*":
    case "/":
      return arithmetic(operator, left, right, place);
    case "||":
      return concatenation(left, right, place);
    case "<<":
    case ">>":
    case "&":
    case "|":
    case "^":
      return bitwise(operator, left, right, place);
    default:
      return comparison(operator, left, right, place);
  }
}

/** GoogleSQL takes a NULL that is written out for a mistake here: the result could only be NULL. */
export function refuseBareNull(operator: string, values: readonly Typed[], place?: Place): void {
  if (values.some((value) => value.type.kind === "UNKNOWN")) {
    throw invalidQuery(`Operands of ${operator} cannot be literal NULL`, place);
  }
}

export function noMatch(operator: string, values: readonly Typed[], place?: Place): never {
  const types = values.map((value) => formatType(value.type)).join(", ");
  throw invalidQuery(
    `No matching signature for operator ${operator} for argument types: ${types}`,
    place,
  );
}

/** The value as a BOOL, for AND, OR, NOT, WHERE and their like. */
export function bool(value: Typed, operator: string, place?: Place): Typed {
  return coerce(value, BOOL) ?? noMatch(operator, [value], place);
}

export function not(value: Typed, place?: Place): Typed {
  refuseBareNull("NOT", [value], place);
  return { sql: `(NOT ${bool(value, "NOT", place).sql})`, type: BOOL };
}

export function negate(value: Typed, place?: Place): Typed {
  const { kind } = value.type;
  refuseBareNull("-", [value], place);
  if (!["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "INTERVAL"].includes(kind))
    noMatch("-", [value], place);
  return { sql: `(-${value.sql})`, type: value.type };
}

function concatenation(left: Typed, right: Typed, place?: Place): Typed {
  const common = unify([left, right]);
  const [a, b] = common?.values ?? [];
  if (!common || !a || !b || !["STRING", "BYTES", "ARRAY"].includes(common.type.kind)) {
    noMatch("||", [left, right], place);
  }
  if (left.type.kind === "UNKNOWN" || right.type.kind === "UNKNOWN")
    noMatch("||", [left, right], place);
  if (common.type.kind !== "ARRAY") return { sql: `(${a.sql} || ${b.sql})`, type: common.type };
  const sql = once([a.sql, b.sql], (x, y) => {
    return `CASE WHEN ${x} IS NOT NULL AND ${y} IS NOT NULL THEN list_concat(${x}, ${y}) END`;
  });
  return { sql, type: common.type };
}
