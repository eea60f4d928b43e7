/** ROUND and TRUNC of FLOAT64 to decimal digits, exact for the binary value: JavaScript's toFixed is. */

/** Half away from zero at the digit; negative digits count before the point. */
export function roundDouble(x: number, digits: bigint): number {
  const n = Number(digits);
  if (n < 0) return wholeMultiple(x, -n, true);
  if (!isFixable(x, n)) return x;
  return Number(x.toFixed(n));
}

/** Towards zero at the digit. */
export function truncateDouble(x: number, digits: bigint): number {
  const n = Number(digits);
  if (n < 0) return wholeMultiple(x, -n, false);
  if (!isFixable(x, n)) return x;
  const [whole, fraction = ""] = x.toFixed(100).split(".");
  return Number(`${whole}.${fraction.slice(0, n)}`);
}

/** Above 1e21 a double has no digits behind the point, and none has use for more than 100 of them; -0 keeps its sign. */
function isFixable(x: number, digits: number): boolean {
  return Number.isFinite(x) && x !== 0 && Math.abs(x) < 1e21 && digits <= 100;
}

const NEAR_LARGEST = 1.7976931348623e308;

/** The multiple of a power of ten that is nearest to x, or the next towards zero. */
function wholeMultiple(x: number, power: number, nearest: boolean): number {
  if (!Number.isFinite(x)) return x;
  if (power > 309) return Math.sign(x) * 0;
  const unit = 10n ** BigInt(power);
  const whole = BigInt(Math.trunc(Math.abs(x)));
  const rest = whole % unit;
  const up = nearest && rest * 2n >= unit ? unit : 0n;
  const result = Number(whole - rest + up);
  if (!Number.isFinite(result)) throw new Error("Floating point overflow in function: ROUND");
  // GoogleSQL scales such numbers, which overflows for some digits and not for others.
  if (nearest && Math.abs(x) > NEAR_LARGEST)
    throw new Error("Not supported by the emulator: ROUND of a number so near the largest FLOAT64");
  return Math.sign(x) * result;
}
