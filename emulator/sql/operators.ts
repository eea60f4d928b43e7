import { invalidQuery, type Place, refused } from "../errors.ts";
import { coerce, fieldOf, unify } from "./coerce.ts";
import { apply, once, raise } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { product, quotient } from "./numeric.ts";
import type { BinaryOperator } from "./syntax/ast.ts";
import {
  BOOL,
  DATE,
  DATETIME,
  FLOAT64,
  formatType,
  INT64,
  INTERVAL,
  NUMERIC,
  type SqlType,
  structFieldNames,
  TIMESTAMP,
} from "./types.ts";

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

function noMatch(operator: string, values: readonly Typed[], place?: Place): never {
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

export function bitwiseNot(value: Typed, place?: Place): Typed {
  if (value.type.kind !== "INT64") noMatch("~", [value], place);
  return { sql: `(~${value.sql})`, type: INT64 };
}

const SYMBOLS: Readonly<Partial<Record<BinaryOperator, string>>> = {
  "!=": "<>",
  "IS DISTINCT FROM": "IS DISTINCT FROM",
  "IS NOT DISTINCT FROM": "IS NOT DISTINCT FROM",
};

export function comparison(
  operator: BinaryOperator,
  left: Typed,
  right: Typed,
  place?: Place,
): Typed {
  const common = unify([left, right]);
  const [a, b] = common?.values ?? [];
  if (!common || !a || !b || !isComparable(common.type, operator))
    noMatch(operator, [left, right], place);
  if (common.type.kind === "STRUCT" && !operator.startsWith("IS "))
    return structComparison(operator, a, b, place);
  const symbol = SYMBOLS[operator] ?? operator;
  const plain = `(${a.sql} ${symbol} ${b.sql})`;
  return {
    sql: common.type.kind === "FLOAT64" ? withNaN(operator, a, b, plain) : plain,
    type: BOOL,
  };
}

/** Field by field, so that a NULL in a field makes the result unknown; for DuckDB it is a value of the struct like others. */
function structComparison(operator: BinaryOperator, a: Typed, b: Typed, place?: Place): Typed {
  const sql = once([a.sql, b.sql], (x, y) => {
    const left = fieldValues({ ...a, sql: x });
    const right = fieldValues({ ...b, sql: y });
    const tests = left.map((field, i) => comparison("=", field, right[i] ?? field, place).sql);
    return tests.length === 0 ? "true" : tests.join(" AND ");
  });
  return operator === "=" ? { sql, type: BOOL } : { sql: `(NOT ${sql})`, type: BOOL };
}

function fieldValues({ sql, type }: Typed): readonly Typed[] {
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  return type.fields.map((field, i) => ({ sql: fieldOf(sql, names[i] ?? ""), type: field.type }));
}

const ORDERINGS = ["<", "<=", ">", ">="];

function isComparable(type: SqlType, operator: BinaryOperator): boolean {
  if (type.kind === "JSON") return false;
  if (type.kind === "ARRAY") return operator.startsWith("IS ");
  if (type.kind !== "STRUCT") return true;
  return (
    !ORDERINGS.includes(operator) &&
    type.fields.every((field) => isComparable(field.type, operator))
  );
}

/** For DuckDB NaN is a value like others and the largest; in GoogleSQL every comparison with it is false, but != is true. */
function withNaN(operator: BinaryOperator, a: Typed, b: Typed, plain: string): string {
  const mayBeNaN = (value: Typed) => typeof value.literal !== "number";
  const isNaNOf = (...values: readonly Typed[]) =>
    values
      .filter(mayBeNaN)
      .map((value) => `isnan(${value.sql})`)
      .join(" OR ");
  switch (operator) {
    case "=":
      return mayBeNaN(a) && mayBeNaN(b) ? `(${plain} AND NOT isnan(${a.sql} + ${b.sql}))` : plain;
    case "!=":
      return mayBeNaN(a) && mayBeNaN(b) ? `(${plain} OR isnan(${a.sql} + ${b.sql}))` : plain;
    case ">":
    case ">=":
      return mayBeNaN(a) ? `(${plain} AND NOT (${isNaNOf(a)}))` : plain;
    case "<":
    case "<=":
      return mayBeNaN(b) ? `(${plain} AND NOT (${isNaNOf(b)}))` : plain;
    default:
      return plain;
  }
}

type Arithmetic = "+" | "-" | "*" | "/";

function arithmetic(operator: Arithmetic, left: Typed, right: Typed, place?: Place): Typed {
  const timed =
    operator === "/" ? intervalDivision(left, right) : timeArithmetic(operator, left, right, place);
  if (timed) return timed;
  const numbers = unify([left, right]);
  const [a, b] = numbers?.values ?? [];
  if (!numbers || !a || !b) noMatch(operator, [left, right], place);
  switch (numbers.type.kind) {
    case "INT64":
    case "UNKNOWN":
      return operator === "/"
        ? division(floatOf(left), floatOf(right))
        : { sql: `(${a.sql} ${operator} ${b.sql})`, type: INT64 };
    case "FLOAT64":
      return operator === "/"
        ? division(a, b)
        : { sql: `(${a.sql} ${operator} ${b.sql})`, type: FLOAT64 };
    case "NUMERIC":
      if (operator === "/") return { sql: quotient(a.sql, b.sql), type: NUMERIC };
      return operator === "*"
        ? { sql: numericProduct(left, right, a, b), type: NUMERIC }
        : { sql: `(${a.sql} ${operator} ${b.sql})`, type: NUMERIC };
    case "BIGNUMERIC":
      if (operator === "*" || operator === "/")
        throw refused(`${operator} of BIGNUMERIC`, place, "NUMERIC");
      return { sql: `(${a.sql} ${operator} ${b.sql})`, type: numbers.type };
    default:
      return noMatch(operator, [left, right], place);
  }
}

/** A product with an integer has nine digits behind the point without rounding. */
function numericProduct(left: Typed, right: Typed, a: Typed, b: Typed): string {
  const integer = [left, right].find((value) => value.type.kind === "INT64");
  const other = integer === left ? b : a;
  return integer ? `(${other.sql} * ${integer.sql}::DECIMAL(19,0))` : product(a.sql, b.sql);
}

function floatOf(value: Typed): Typed {
  return coerce(value, FLOAT64) ?? value;
}

function isZero(sql: string): string {
  return `${sql} = 0`;
}

function division(a: Typed, b: Typed): Typed {
  if (typeof b.literal === "number" && b.literal !== 0)
    return { sql: `(${a.sql} / ${b.sql})`, type: FLOAT64 };
  const sql = once([a.sql, b.sql], (x, y) => {
    return `CASE WHEN ${isZero(y)} THEN ${raise("division by zero", FLOAT64)} ELSE ${x} / ${y} END`;
  });
  return { sql, type: FLOAT64 };
}

/** Dates with days and intervals; undefined when no operand is one. */
function timeArithmetic(
  operator: "+" | "-" | "*",
  left: Typed,
  right: Typed,
  place?: Place,
): Typed | undefined {
  const kinds = `${left.type.kind} ${operator} ${right.type.kind}`;
  switch (kinds) {
    case "DATE + INT64":
    case "DATE - INT64":
      return { sql: `(${left.sql} ${operator} (${right.sql})::INTEGER)`, type: DATE };
    case "INT64 + DATE":
      return { sql: `(${right.sql} + (${left.sql})::INTEGER)`, type: DATE };
    case "DATE - DATE":
      return { sql: `to_days((${left.sql} - ${right.sql})::INTEGER)`, type: INTERVAL };
    case "TIMESTAMP - TIMESTAMP":
    case "DATETIME - DATETIME":
      return {
        sql: `to_microseconds(epoch_us(${left.sql}) - epoch_us(${right.sql}))`,
        type: INTERVAL,
      };
    case "INTERVAL + INTERVAL":
    case "INTERVAL - INTERVAL":
      return { sql: `(${left.sql} ${operator} ${right.sql})`, type: INTERVAL };
    case "INTERVAL * INT64":
      return { sql: `(${left.sql} * ${right.sql})`, type: INTERVAL };
    case "INT64 * INTERVAL":
      return { sql: `(${right.sql} * ${left.sql})`, type: INTERVAL };
    case "DATE + INTERVAL":
    case "DATE - INTERVAL":
    case "DATETIME + INTERVAL":
    case "DATETIME - INTERVAL":
      return { sql: `(${left.sql} ${operator} ${right.sql})::TIMESTAMP`, type: DATETIME };
    case "INTERVAL + DATE":
    case "INTERVAL + DATETIME":
      return { sql: `(${right.sql} + ${left.sql})::TIMESTAMP`, type: DATETIME };
    case "TIMESTAMP + INTERVAL":
    case "TIMESTAMP - INTERVAL":
      return plusInterval(left, operator, right, place);
    case "INTERVAL + TIMESTAMP":
      return plusInterval(right, "+", left, place);
    default:
      return undefined;
  }
}

/** Months have no fixed length, so a TIMESTAMP takes none of them. */
function plusInterval(timestamp: Typed, operator: string, interval: Typed, _place?: Place): Typed {
  const sql = apply({ safe: false }, [timestamp.sql, interval.sql], (t, i) => {
    const months = `datepart('year', ${i}) * 12 + datepart('month', ${i})`;
    const failure = raise(
      "TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.",
      TIMESTAMP,
    );
    return `CASE WHEN ${months} <> 0 THEN ${failure} ELSE ${t} ${operator} ${i} END`;
  });
  return { sql, type: TIMESTAMP };
}

function intervalDivision(left: Typed, right: Typed): Typed | undefined {
  if (left.type.kind !== "INTERVAL" || right.type.kind !== "INT64") return undefined;
  throw refused("division of an INTERVAL");
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

function bitwise(operator: BinaryOperator, left: Typed, right: Typed, place?: Place): Typed {
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
