import { once, raise } from "./functions/body.ts";
import { NUMERIC } from "./types.ts";

/**
 * Products and quotients of NUMERICs (DECIMAL(38,9) in DuckDB), exact and rounded half away from zero at the ninth digit.
 *
 * DuckDB's own way to nine digits is exact for products, but divides 128-bit integers, three microseconds a value; for
 * quotients it goes through DOUBLE. So the result is computed in DOUBLE first and checked with exact multiplications,
 * which are cheap; the slow way is left for what fails the check: many digits, or a tie. Multiplications have 18 digits
 * behind the point, so numbers with more than 19 before it go another way still.
 */

const TO_SCALE_18 = "1.000000000::DECIMAL(10,9)";
const MOST = "1e19";

export function product(left: string, right: string): string {
  return once([left, right], (x, y) => {
    const ordinary = once(
      [`${x} * ${y}`, `(${x}::DOUBLE * ${y}::DOUBLE)::DECIMAL(38,9)`],
      (exact, near) => {
        const isNearest = `2 * abs(${near} * ${TO_SCALE_18} - ${exact}) < 0.000000001`;
        return `CASE WHEN ${isNearest} THEN ${near} ELSE ${exact}::DECIMAL(38,9) END`;
      },
    );
    const fits = `abs(${x}::DOUBLE * ${y}::DOUBLE) < ${MOST}`;
    return `CASE WHEN ${fits} THEN ${ordinary} ELSE ${exactly("multiply", x, y)} END`;
  });
}

/** Fails for a divisor of 0. */
export function quotient(dividend: string, divisor: string): string {
  return once([dividend, divisor], (x, y) => {
    const near = `(${x}::DOUBLE / nullif(${y}, 0)::DOUBLE)::DECIMAL(38,9)`;
    const checked = once([near], (q) => {
      const rest = `${x} * ${TO_SCALE_18} - ${q} * ${y}`;
      return `CASE WHEN 2 * abs(${rest}) < abs(${y} * 0.000000001::DECIMAL(10,9)) THEN ${q} ELSE ${exactly("divide", x, y)} END`;
    });
    return `CASE WHEN ${y} = 0 AND ${x} IS NOT NULL THEN ${raise("division by zero", NUMERIC)} WHEN ${areOrdinary(x, y)} THEN ${checked} ELSE ${exactly("divide", x, y)} END`;
  });
}

/** DIV: the quotient without its fraction. Fails for a divisor of 0. */
export function wholeQuotient(dividend: string, divisor: string): string {
  return once([dividend, divisor], (x, y) => {
    const units = (value: string) => `(${value} * 1000000000)::HUGEINT`;
    const whole = `(${units(x)} // nullif(${units(y)}, 0))::DECIMAL(38,9)`;
    return `CASE WHEN ${y} = 0 AND ${x} IS NOT NULL THEN ${raise("division by zero", NUMERIC)} WHEN ${areOrdinary(x, y)} THEN ${whole} ELSE ${exactly("whole_quotient", x, y)} END`;
  });
}

function areOrdinary(x: string, y: string): string {
  return `greatest(abs(${x}), abs(${y})) < ${MOST}::DECIMAL(38,9)`;
}

function exactly(operation: string, x: string, y: string): string {
  return `bq_numeric_${operation}(${x}::VARCHAR, ${y}::VARCHAR)::DECIMAL(38,9)`;
}
