import fc from "fast-check";
import { expect, it } from "vitest";
import { cents, decimal, italian, vatInside } from "../../sandbox/money.ts";

const amount = fc.integer({ min: -10_000_000, max: 10_000_000 });

it("finds the VAT inside an amount, exact to half a cent and odd in its sign", () => {
  expect(vatInside(122_00)).toBe(22_00);
  expect(vatInside(49_90)).toBe(9_00);
  fc.assert(
    fc.property(amount, (value) => {
      // In whole numbers: |122 × vat − 22 × amount| ≤ 61 is half a cent.
      expect(Math.abs(122 * vatInside(value) - 22 * value)).toBeLessThanOrEqual(61);
      expect(vatInside(-value) + vatInside(value)).toBe(0);
    }),
  );
});

it("writes amounts with a point, and as Italian tills do", () => {
  expect([decimal(5), decimal(-1234567), italian(-123456789), italian(99999), italian(0)]).toEqual([
    "0.05",
    "-12345.67",
    "-1.234.567,89",
    "999,99",
    "0,00",
  ]);
  fc.assert(
    fc.property(fc.nat(10_000_000), (value) => {
      expect(cents(decimal(value))).toBe(value);
      expect(italian(value).replaceAll(".", "").replace(",", ".")).toBe(decimal(value));
    }),
  );
  expect(() => cents("1.5")).toThrow("not an amount");
});
