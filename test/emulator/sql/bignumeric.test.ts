import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bignumericNatives } from "../../../emulator/sql/functions/native/bignumeric.ts";

const SCALE = 10n ** 18n;

function native(name: string): (x: string, y: string) => string {
  const found = bignumericNatives.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found.call as unknown as (x: string, y: string) => string;
}

function write(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(19, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -18)}.${digits.slice(-18)}`;
}

/** In units of 1e-18; few digits behind the point are as likely as many. */
const number = fc.oneof(
  fc.bigInt(-(10n ** 20n), 10n ** 20n),
  fc.bigInt(-999n, 999n).map((n) => n * 10n ** 17n),
  fc.bigInt(-(10n ** 15n), 10n ** 15n).map((n) => n * SCALE),
);

/** The exact result where 38 digits hold it, else a refusal. */
function check(run: () => string, dividend: bigint, divisor: bigint): void {
  const result = dividend / divisor;
  if (dividend % divisor === 0n && result < 10n ** 38n && result > -(10n ** 38n)) {
    expect(run()).toBe(write(result));
  } else {
    expect(run).toThrow("Not supported by the emulator: a BIGNUMERIC with more than");
  }
}

describe("BIGNUMERIC", () => {
  it("multiplies and divides exactly or not at all", () => {
    fc.assert(
      fc.property(number, number, (x, y) => {
        check(() => native("bq_big_product")(write(x), write(y)), x * y, SCALE);
        if (y !== 0n) check(() => native("bq_big_quotient")(write(x), write(y)), x * SCALE, y);
      }),
      { seed: 20240229 },
    );
  });

  it("does not divide by zero", () => {
    for (const name of ["bq_big_quotient", "bq_big_div"])
      expect(() => native(name)(write(SCALE), write(0n))).toThrow("division by zero");
  });
});
