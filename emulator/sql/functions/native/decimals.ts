/** Exact arithmetic on the texts of NUMERICs, for numbers with more digits than DuckDB multiplies and divides. */

const DIGITS = 9;
const ONE = 10n ** BigInt(DIGITS);
/** 29 digits before the point. */
const BEYOND = 10n ** 38n;

export function multiply(x: string, y: string): string {
  return written(roundedQuotient(units(x) * units(y), ONE));
}

/** @throws Error for a divisor of 0, and where the quotient has too many digits */
export function divide(x: string, y: string): string {
  return written(roundedQuotient(units(x) * ONE, units(y)));
}

/** The quotient without its fraction. @throws Error for a divisor of 0 */
export function wholeQuotient(x: string, y: string): string {
  return written((units(x) / units(y)) * ONE);
}

/** A FLOAT64 rounded half away from zero, of its exact value. @throws Error for NaN and infinity */
export function floatDigits(x: number, scale: number): string {
  if (!Number.isFinite(x))
    throw new Error(`Illegal conversion of non-finite floating point number: ${x}`);
  return Math.abs(x) < 1e21 ? x.toFixed(scale) : String(BigInt(x));
}

/** Half away from zero. */
function roundedQuotient(x: bigint, y: bigint): bigint {
  const magnitude = (2n * abs(x) + abs(y)) / (2n * abs(y));
  return x < 0n === y < 0n ? magnitude : -magnitude;
}

function abs(x: bigint): bigint {
  return x < 0n ? -x : x;
}

/** A NUMERIC counted in units of its last digit. */
function units(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return (
    BigInt(whole.replace("-", "") + fraction.padEnd(DIGITS, "0")) *
    (text.startsWith("-") ? -1n : 1n)
  );
}

function written(value: bigint): string {
  if (abs(value) >= BEYOND) throw new Error("numeric overflow");
  const digits = String(abs(value)).padStart(DIGITS + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}
