import { DOUBLE, VARCHAR } from "@duckdb/node-api";
import { floatDigits } from "./decimals.ts";
import { type Native, text } from "./define.ts";

/**
 * Arithmetic of BIGNUMERIC, exactly. The emulator keeps 18 digits behind the point and 20 before it, where
 * BigQuery keeps 38 of each: a result that needs more is refused, never rounded.
 */
const SCALE = 18;
const ONE = 10n ** BigInt(SCALE);
const MOST = 10n ** 38n;

/** A decimal text in units of 1e-18. */
function unitsOf(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(SCALE, "0"));
}

function textOf(units: bigint): string {
  if (units >= MOST || units <= -MOST) throw refusal("20 digits before");
  const digits = String(units < 0n ? -units : units).padStart(SCALE + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
}

function refusal(limit: string): Error {
  return new Error(
    `Not supported by the emulator: a BIGNUMERIC with more than ${limit} the point; use NUMERIC or FLOAT64 instead`,
  );
}

/** A whole number of units, where it is one. */
function exactly(dividend: bigint, divisor: bigint): bigint {
  if (dividend % divisor !== 0n) throw refusal("18 digits behind");
  return dividend / divisor;
}

function divided(x: string, y: string): bigint {
  const divisor = unitsOf(y);
  if (divisor === 0n) throw new Error(`division by zero: ${x} / ${y}`);
  return exactly(unitsOf(x) * ONE, divisor);
}

function wholes(x: string, y: string): bigint {
  const divisor = unitsOf(y);
  if (divisor === 0n) throw new Error(`division by zero: DIV(${x}, ${y})`);
  return (unitsOf(x) / divisor) * ONE;
}

/** The exact value of a FLOAT64, of which BigQuery keeps 38 digits behind the point. */
function bigOfDouble(x: number): string {
  const [whole = "", fraction = ""] = floatDigits(x, 38).split(".");
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > SCALE) throw refusal("18 digits behind");
  return textOf(unitsOf(`${whole}.${kept}`));
}

export const bignumericNatives: readonly Native[] = [
  text("bq_big_sum", 2, (x, y) => textOf(unitsOf(x) + unitsOf(y))),
  text("bq_big_difference", 2, (x, y) => textOf(unitsOf(x) - unitsOf(y))),
  text("bq_big_product", 2, (x, y) => textOf(exactly(unitsOf(x) * unitsOf(y), ONE))),
  text("bq_big_quotient", 2, (x, y) => textOf(divided(x, y))),
  { name: "bq_big_of_double", args: [DOUBLE], returns: VARCHAR, call: bigOfDouble },
  text("bq_big_div", 2, (x, y) => textOf(wholes(x, y))),
];
