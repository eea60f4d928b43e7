import { once, raise } from "./functions/body.ts";
import { NUMERIC } from "./types.ts";

/**
 * Products and quotients of NUMERICs (DECIMAL(38,9) in DuckDB), exact and rounded half away from zero at the ninth digit.
 *
 * DuckDB's own way to nine digits is exact for products, but divides 128-bit integers, three microseconds a value; for
 * quotients it goes through DOUBLE. So the result is computed in DOUBLE first and checked with exact multiplications,
 * which are cheap; the slow way is left for what fails the check: many digits, or a tie. A product or dividend of
 * more than 20 digits before the point overflows, which is an error, never a wrong value.
 */

const TO_SCALE_18 = "1.000000000::DECIMAL(10,9)";

export function product(left: string, right: string): string {
  return once([left, right], (x, y) =>
    once([`${x} * ${y}`, `(${x}::DOUBLE * ${y}::DOUBLE)::DECIMAL(38,9)`], (exact, near) => {
      const isNearest = `2 * abs(${near} * ${TO_SCALE_18} - ${exact}) < 0.000000001`;
      return `CASE WHEN ${isNearest} THEN ${near} ELSE ${exact}::DECIMAL(38,9) END`;
    }),
  );
}

/** Fails for a divisor of 0. */
export function quotient(dividend: string, divisor: string): string {
  return once([dividend, divisor], (x, y) => {
    const near = `(${x}::DOUBLE / nullif(${y}, 0)::DOUBLE)::DECIMAL(38,9)`;
    const checked = once([near], (q) => {
      const rest = `${x} * ${TO_SCALE_18} - ${q} * ${y}`;
      return `CASE WHEN 2 * abs(${rest}) < abs(${y} * 0.000000001::DECIMAL(10,9)) THEN ${q} ELSE ${longDivision(x, y)} END`;
    });
    return `CASE WHEN ${y} = 0 THEN ${raise("division by zero", NUMERIC)} ELSE ${checked} END`;
  });
}

/** Both counted in units of 1e-9, so that it is a division of integers. */
function longDivision(x: string, y: string): string {
  const units = (value: string) => `(abs(${value}) * 1000000000)::HUGEINT`;
  const rounded = `(2 * ${units(x)} * 1000000000 + ${units(y)}) // nullif(2 * ${units(y)}, 0)`;
  const value = `((${rounded})::DECIMAL(38,0) * 0.000000001::DECIMAL(10,9))::DECIMAL(38,9)`;
  return `(${value} * (sign(${x}) * sign(${y})))::DECIMAL(38,9)`;
}
