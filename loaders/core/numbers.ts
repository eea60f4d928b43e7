/** How a file writes numbers. */
export interface NumberFormat {
  readonly decimal: "," | ".";
  readonly thousands?: "." | "," | " " | "'" | undefined;
  /** Amounts come without decimals. */
  readonly wholeAmounts?: boolean;
  /** `12,50-` is negative. */
  readonly trailingMinus?: boolean;
}

/** Reads numbers strictly: decimal text such as `-1049.00`, or undefined where the text is not unmistakably a number. */
export interface NumberReader {
  /** An amount. With a decimal comma it has exactly two decimals unless it is a bare 0: `1.234` could be two numbers. */
  money(text: string): string | undefined;
  /** A quantity or a rate: whole, or with up to three decimals, ungrouped. */
  quantity(text: string): string | undefined;
  integer(text: string): number | undefined;
}

const EDGES = /^[\s€]+|[\s€]+$/g;

export function createNumberReader(format: NumberFormat): NumberReader {
  const decimal = escaped(format.decimal);
  const whole = format.thousands
    ? `(?:\\d+|\\d{1,3}(?:${escaped(format.thousands)}\\d{3})+)`
    : "\\d+";
  const money = format.wholeAmounts
    ? new RegExp(`^${whole}$`)
    : format.decimal === ","
      ? new RegExp(`^(?:0|${whole},\\d{2})$`)
      : new RegExp(`^${whole}(?:${decimal}\\d{1,9})?$`);
  const quantity = new RegExp(`^\\d+(?:${decimal}\\d{1,3})?$`);

  function read(text: string, shape: RegExp): string | undefined {
    let digits = text.replace(EDGES, "");
    let sign = "";
    if (digits.startsWith("-")) {
      sign = "-";
      digits = digits.slice(1).trimStart();
    } else if (format.trailingMinus && digits.endsWith("-")) {
      sign = "-";
      digits = digits.slice(0, -1).trimEnd();
    }
    if (!shape.test(digits)) return undefined;
    if (format.thousands) digits = digits.replaceAll(format.thousands, "");
    return sign + (format.decimal === "," ? digits.replace(",", ".") : digits);
  }

  return {
    money: (text) => read(text, money),
    quantity: (text) => read(text, quantity),
    integer(text) {
      const digits = text.trim();
      return /^-?\d{1,15}$/.test(digits) ? Number(digits) : undefined;
    },
  };
}

function escaped(sign: string): string {
  return sign === "." ? "\\." : sign;
}

const PLACES = 9;
const ONE = 10n ** BigInt(PLACES);

/** Decimal text, with at most nine decimals, as billionths: exact arithmetic on whole numbers. */
export function billionths(decimal: string): bigint {
  const negative = decimal.startsWith("-");
  const [whole = "0", fraction = ""] = (negative ? decimal.slice(1) : decimal).split(".");
  const value = BigInt(whole + fraction.padEnd(PLACES, "0"));
  return negative ? -value : value;
}

/** Billionths as decimal text with two decimals, rounded half away from zero. */
export function cents(value: bigint): string {
  const cent = ONE / 100n;
  const magnitude = ((value < 0n ? -value : value) + cent / 2n) / cent;
  const digits = magnitude.toString().padStart(3, "0");
  const sign = value < 0n && magnitude !== 0n ? "-" : "";
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The product of two numbers in billionths, in billionths, exact up to nine decimals. */
export function product(a: bigint, b: bigint): bigint {
  return (a * b) / ONE;
}

/** Decimal text with its sign turned. */
export function negated(decimal: string): string {
  if (/^-?0*(\.0*)?$/.test(decimal)) return decimal;
  return decimal.startsWith("-") ? decimal.slice(1) : `-${decimal}`;
}

/** The VAT inside an amount that includes it: gross × rate / (100 + rate), to the cent. */
export function vatInside(gross: string, rate: string): string {
  const percent = billionths(rate);
  const whole = 100n * ONE + percent;
  const scaled = billionths(gross) * percent;
  return cents(scaled / whole);
}
