import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  billionths,
  cents,
  createNumberReader,
  negated,
  product,
  vatInside,
} from "../../../loaders/core/numbers.ts";

const italian = createNumberReader({ decimal: ",", thousands: "." });

describe("amounts with a decimal comma", () => {
  it.each([
    ["169,80", "169.80"],
    ["1.049,00", "1049.00"],
    ["12.345.678,90", "12345678.90"],
    ["1049,00", "1049.00"],
    ["-50,00", "-50.00"],
    ["- 50,00", "-50.00"],
    [" € 50,00 ", "50.00"],
    ["50,00 €", "50.00"],
    ["0", "0"],
  ])("%s is %s", (text, decimal) => expect(italian.money(text)).toBe(decimal));

  it.each([
    "1.234",
    "1234",
    "12,5",
    "12,500",
    "1.23,45",
    "1,234.50",
    "abc",
    "",
    "50,00-",
    "--5,00",
  ])("%j is refused: it could be another number, or is none", (text) =>
    expect(italian.money(text)).toBeUndefined(),
  );

  it("takes a trailing minus only where it is declared", () => {
    const reader = createNumberReader({ decimal: ",", trailingMinus: true });
    expect(reader.money("12,50-")).toBe("-12.50");
  });

  it("takes amounts without decimals only where they are declared", () => {
    const reader = createNumberReader({ decimal: ",", thousands: ".", wholeAmounts: true });
    expect(reader.money("1.234")).toBe("1234");
    expect(reader.money("1.234,00")).toBeUndefined();
  });
});

describe("other numbers", () => {
  const plain = createNumberReader({ decimal: "." });

  it("reads amounts with a decimal point as they are", () => {
    expect(plain.money("169.80")).toBe("169.80");
    expect(plain.money("1.234")).toBe("1.234");
    expect(plain.money("1,234.00")).toBeUndefined();
  });

  it("reads quantities with up to three decimals and never grouped", () => {
    expect(plain.quantity("1.000")).toBe("1.000");
    expect(italian.quantity("-2")).toBe("-2");
    expect(italian.quantity("0,125")).toBe("0.125");
    expect(italian.quantity("1.234")).toBeUndefined();
  });

  it("reads whole numbers", () => {
    expect(italian.integer("12")).toBe(12);
    expect(italian.integer("1,0")).toBeUndefined();
  });
});

describe("exact arithmetic", () => {
  const centsText = fc.integer({ min: -100_000_00, max: 100_000_00 }).map((n) => {
    const sign = n < 0 ? "-" : "";
    const digits = String(Math.abs(n)).padStart(3, "0");
    return { n, text: `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}` };
  });

  it("sums of cents are sums of whole numbers", () => {
    fc.assert(
      fc.property(fc.array(centsText), (amounts) => {
        const sum = amounts.reduce((total, { text }) => total + billionths(text), 0n);
        const expected = amounts.reduce((total, { n }) => total + n, 0);
        expect(sum).toBe(BigInt(expected) * 10_000_000n);
      }),
    );
  });

  it("an Italian amount comes back as the same cents", () => {
    fc.assert(
      fc.property(centsText, fc.boolean(), ({ n, text }, isGrouped) => {
        const [whole = "", fraction = ""] = text.replace("-", "").split(".");
        const grouped = isGrouped ? whole.replace(/\B(?=(\d{3})+$)/g, ".") : whole;
        const written = `${n < 0 ? "-" : ""}${grouped},${fraction}`;
        expect(billionths(italian.money(written) ?? "")).toBe(BigInt(n) * 10_000_000n);
      }),
    );
  });

  it("rounds half a cent away from zero", () => {
    expect(cents(billionths("0.005"))).toBe("0.01");
    expect(cents(billionths("-0.005"))).toBe("-0.01");
    expect(cents(billionths("-0.004"))).toBe("0.00");
    expect(cents(billionths("149.994999999"))).toBe("149.99");
  });

  it("finds the VAT inside an amount", () => {
    // 149.80 × 22 / 122 = 27.0131…; 50.00 × 22 / 122 = 9.0163…; 104 × 4 / 104 = 4
    expect(vatInside("149.80", "22")).toBe("27.01");
    expect(vatInside("-50.00", "22")).toBe("-9.02");
    expect(vatInside("104.00", "4")).toBe("4.00");
    expect(vatInside("10.00", "0")).toBe("0.00");
  });

  it("multiplies and negates without losing digits", () => {
    expect(product(billionths("0.125"), billionths("19.99"))).toBe(billionths("2.49875"));
    expect(negated("12.50")).toBe("-12.50");
    expect(negated("-12.50")).toBe("12.50");
    expect(negated("0.00")).toBe("0.00");
  });
});
