import { type Place, refused } from "../errors.ts";
import { bigArithmetic } from "./bignumeric.ts";
import { coerce, unify } from "./coerce.ts";
import { floatArithmetic, floatDivision } from "./float.ts";
import { apply, raise, reused } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { intervalInRange } from "./functions/intervals.ts";
import { product, quotient } from "./numeric.ts";
import { noMatch } from "./operators.ts";
import {
  DATE,
  DATETIME,
  duckdbType,
  FLOAT64,
  INT64,
  INTERVAL,
  NUMERIC,
  type ScalarType,
  TIMESTAMP,
} from "./types.ts";

type Arithmetic = "+" | "-" | "*" | "/";

/** `+`, `-`, `*` and `/` on numbers, and on dates and times with days and intervals. Throws BigQuery's signature error. */
export function arithmetic(operator: Arithmetic, left: Typed, right: Typed, place?: Place): Typed {
  if (operator === "/" && left.type.kind === "INTERVAL")
    throw refused("division of an INTERVAL", place);
  const timed = timeArithmetic(operator, left, right);
  if (timed) return timed;
  const numbers = unify([left, right]);
  const [a, b] = numbers?.values ?? [];
  if (!numbers || !a || !b) noMatch(operator, [left, right], place);
  switch (numbers.type.kind) {
    case "INT64":
    case "UNKNOWN":
      return operator === "/"
        ? floatDivision(floatOf(left), floatOf(right), true)
        : { sql: `(${a.sql} ${operator} ${b.sql})`, type: INT64 };
    case "FLOAT64":
      return operator === "/" ? floatDivision(a, b, false) : floatArithmetic(operator, a, b);
    case "NUMERIC":
      if (operator === "/") return { sql: quotient(a.sql, b.sql), type: NUMERIC };
      return operator === "*"
        ? { sql: numericProduct(left, right, a, b), type: NUMERIC }
        : { sql: `(${a.sql} ${operator} ${b.sql})`, type: NUMERIC };
    case "BIGNUMERIC":
      return bigArithmetic(BIG_OPERATIONS[operator], a.sql, b.sql);
    default:
      return noMatch(operator, [left, right], place);
  }
}

const BIG_OPERATIONS = { "+": "sum", "-": "difference", "*": "product", "/": "quotient" } as const;

/** A product with an integer has nine digits behind the point without rounding. */
function numericProduct(left: Typed, right: Typed, a: Typed, b: Typed): string {
  const integer = [left, right].find((value) => value.type.kind === "INT64");
  const other = integer === left ? b : a;
  return integer ? `(${other.sql} * ${integer.sql}::DECIMAL(19,0))` : product(a.sql, b.sql);
}

function floatOf(value: Typed): Typed {
  return coerce(value, FLOAT64) ?? value;
}

/** Dates with days and intervals; undefined when no operand is one. */
function timeArithmetic(operator: Arithmetic, left: Typed, right: Typed): Typed | undefined {
  const kinds = `${left.type.kind} ${operator} ${right.type.kind}`;
  switch (kinds) {
    case "DATE + INT64":
    case "DATE - INT64":
      return plusDays(left, operator, right);
    case "INT64 + DATE":
      return plusDays(right, operator, left);
    case "DATE - DATE":
      return { sql: `to_days((${left.sql} - ${right.sql})::INTEGER)`, type: INTERVAL };
    case "TIMESTAMP - TIMESTAMP":
    case "TIME - TIME":
      return { sql: `to_microseconds(${microsBetween(left, right)})`, type: INTERVAL };
    case "DATETIME - DATETIME":
      return { sql: reused([microsBetween(left, right)], daysAndTime), type: INTERVAL };
    case "INTERVAL + INTERVAL":
    case "INTERVAL - INTERVAL":
    case "INTERVAL * INT64":
      return {
        sql: intervalInRange(`(${left.sql} ${operator} ${right.sql})`),
        type: INTERVAL,
      };
    case "INT64 * INTERVAL":
      return { sql: intervalInRange(`(${right.sql} * ${left.sql})`), type: INTERVAL };
    case "DATE + INTERVAL":
    case "DATE - INTERVAL":
    case "DATETIME + INTERVAL":
    case "DATETIME - INTERVAL":
      return inYears(`(${left.sql} ${operator} ${right.sql})::TIMESTAMP`, DATETIME);
    case "INTERVAL + DATE":
    case "INTERVAL + DATETIME":
      return inYears(`(${right.sql} + ${left.sql})::TIMESTAMP`, DATETIME);
    case "TIMESTAMP + INTERVAL":
    case "TIMESTAMP - INTERVAL":
      return plusInterval(left, operator, right);
    case "INTERVAL + TIMESTAMP":
      return plusInterval(right, "+", left);
    default:
      return undefined;
  }
}

function microsBetween(end: Typed, start: Typed): string {
  return `(epoch_us(${end.sql}) - epoch_us(${start.sql}))`;
}

const MICROS_OF_DAY = 86_400_000_000;

function daysAndTime(micros: string): string {
  return `to_days((${micros} // ${MICROS_OF_DAY})::INTEGER) + to_microseconds(${micros} % ${MICROS_OF_DAY})`;
}

function plusDays(date: Typed, operator: string, days: Typed): Typed {
  const sql = reused([date.sql, days.sql], (d, n) => {
    return `CASE WHEN ${d} IS NOT NULL THEN ${d} ${operator} (${n})::INTEGER END`;
  });
  return inYears(sql, DATE);
}

/** A date or time, which must be in the years 1 to 9999; DuckDB has more. */
function inYears(value: string, type: ScalarType): Typed {
  const [first, behind] = ["0001-01-01", "10000-01-01"].map(
    (day) => `'${day}'::${duckdbType(type)}`,
  );
  const failure = raise(`${type.kind} overflow`, type);
  const sql = reused([value], (x) => {
    return `CASE WHEN ${x} < ${first} OR ${x} >= ${behind} THEN ${failure} ELSE ${x} END`;
  });
  return { sql, type };
}

/** Months have no fixed length, so a TIMESTAMP takes none of them. */
function plusInterval(timestamp: Typed, operator: string, interval: Typed): Typed {
  const sql = apply({ safe: false }, [timestamp.sql, interval.sql], (t, i) => {
    const months = `datepart('year', ${i}) * 12 + datepart('month', ${i})`;
    const failure = raise(
      "TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.",
      TIMESTAMP,
    );
    return `CASE WHEN ${months} <> 0 AND ${t} IS NOT NULL THEN ${failure} ELSE ${t} ${operator} ${i} END`;
  });
  return inYears(sql, TIMESTAMP);
}
