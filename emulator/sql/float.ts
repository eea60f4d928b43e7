import { isCheap, once, raise, reused } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { FLOAT64 } from "./types.ts";

/**
 * FLOAT64 arithmetic that fails where numbers become infinite, as GoogleSQL's does; infinity in, infinity out is no failure.
 *
 * An overflow stays visible through `+`, `-` and `*`: what follows it is infinite or NaN. So a whole expression of these
 * is computed at once, and only where that is not finite is every step checked.
 */
export function floatArithmetic(operator: "+" | "-" | "*", a: Typed, b: Typed): Typed {
  const [x, y] = [a, b].map(({ sql, steps }) => steps ?? { unchecked: sql, checked: sql });
  const unchecked = `(${x?.unchecked} ${operator} ${y?.unchecked})`;
  if (!isCheap(unchecked)) {
    return { sql: once([a.sql, b.sql], (m, n) => checkedStep(operator, m, n)), type: FLOAT64 };
  }
  const checked = once([x?.checked ?? "", y?.checked ?? ""], (m, n) => checkedStep(operator, m, n));
  const sql = `(CASE WHEN NOT isfinite(${unchecked}) THEN ${checked} ELSE ${unchecked} END)`;
  return { sql, type: FLOAT64, steps: { unchecked, checked } };
}

function checkedStep(operator: string, x: string, y: string): string {
  return `CASE WHEN ${overflows(`${x} ${operator} ${y}`, x, y)} THEN ${overflow(operator)} ELSE ${x} ${operator} ${y} END`;
}

function overflows(result: string, x: string, y: string): string {
  return `NOT isfinite(${result}) AND isfinite(${x}) AND isfinite(${y})`;
}

function overflow(operator: string): string {
  return raise(`double overflow: ${operator}`, FLOAT64);
}

/** A division; both operands are FLOAT64. Whole numbers do not overflow. */
export function floatDivision(a: Typed, b: Typed, ofIntegers: boolean): Typed {
  if (typeof b.literal === "number" && Math.abs(b.literal) >= 1)
    return { sql: `(${a.sql} / ${b.sql})`, type: FLOAT64 };
  const sql = reused([a.sql, b.sql], (x, y) => {
    const tooLarge = ofIntegers
      ? ""
      : ` WHEN ${overflows(`${x} / ${y}`, x, y)} THEN ${overflow("/")}`;
    return `CASE WHEN ${y} = 0 AND ${x} IS NOT NULL THEN ${raise("division by zero", FLOAT64)}${tooLarge} ELSE ${x} / ${y} END`;
  });
  return { sql, type: FLOAT64 };
}

/** An aggregate of FLOAT64s that is not infinite. DuckDB does not tell an infinite value among them from an overflow. */
export function finiteAggregate(name: string, sql: string): string {
  const failure = raise(
    `double overflow: ${name} (an infinite ${name} is not supported by the emulator)`,
    FLOAT64,
  );
  const body = (s: string) => `CASE WHEN isinf(${s}) THEN ${failure} ELSE ${s} END`;
  // DuckDB computes equal aggregates once, but not equal window functions.
  return sql.includes(" OVER (") ? once([sql], body) : `(${body(sql)})`;
}
