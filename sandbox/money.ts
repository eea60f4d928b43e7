/** Money is whole cents everywhere inside; text only at the edge. */
export type Cents = number;

/** Hundred-thousandths of a euro: prices of single messages have up to five decimals. */
export type Units = number;

export const UNITS_PER_CENT = 1000;

export const VAT_RATE = 22;

/** VAT inside an amount that includes it, rounded half away from zero to the cent. */
export function vatInside(amount: Cents): Cents {
  const vat = (Math.abs(amount) * VAT_RATE) / (100 + VAT_RATE);
  return Math.sign(amount) * Math.floor(vat + 0.5);
}

/** `-1234567` → `-12345.67` */
export function decimal(amount: Cents): string {
  const digits = Math.abs(amount).toString().padStart(3, "0");
  return `${amount < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `-1234567` → `-12.345,67` */
export function italian(amount: Cents): string {
  const [whole = "", cents = ""] = decimal(amount).split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ".")},${cents}`;
}

/** `0.87` → 87; throws on anything that is not an amount with two decimals. */
export function cents(text: string): Cents {
  if (!/^\d+\.\d\d$/.test(text)) throw new RangeError(`not an amount: ${text}`);
  return Number(text.replace(".", ""));
}

/** `0.0449` → 4490; throws on anything that is not an amount with two to five decimals. */
export function units(text: string): Units {
  const match = /^(\d+)\.(\d{2,5})$/.exec(text);
  if (!match) throw new RangeError(`not an amount: ${text}`);
  return Number(match[1]) * 100_000 + Number((match[2] ?? "").padEnd(5, "0"));
}

/** 4490 → `0.04490` */
export function unitsText(amount: Units): string {
  const digits = amount.toString().padStart(6, "0");
  return `${digits.slice(0, -5)}.${digits.slice(-5)}`;
}

/** 4490 → `0.0449`, 100000 → `1.00`: no decimal that says nothing, but for the cents. */
export const euros = (amount: Units): string => unitsText(amount).replace(/0{1,3}$/, "");
