/** Texts and bytes as GoogleSQL literals, for `%T` of FORMAT. */

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\\": "\\\\",
  '"': '\\"',
  "'": "\\'",
  "`": "\\`",
};

/** In double quotes, unless single ones save escapes. */
export function stringLiteral(text: string): string {
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"';
  const escaped = Array.from(text, (character) => {
    if (/["'`]/.test(character))
      return character === quote ? (ESCAPES[character] ?? "") : character;
    const code = character.charCodeAt(0);
    return ESCAPES[character] ?? (code < 32 || code === 127 ? hexadecimal(code) : character);
  });
  return quote + escaped.join("") + quote;
}

/** Bytes outside of printable ASCII as `\xff`. */
export function bytesLiteral(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"';
  return `b${quote}${escapeBytes(bytes, [quote])}${quote}`;
}

/** Both quotes are escaped. */
export function bytesText(bytes: Uint8Array): string {
  return escapeBytes(bytes, ['"', "'"]);
}

function escapeBytes(bytes: Uint8Array, quotes: readonly string[]): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (/["'`]/.test(character))
      return quotes.includes(character) ? (ESCAPES[character] ?? "") : character;
    if (byte < 32 || byte > 126) return hexadecimal(byte);
    return ESCAPES[character] ?? character;
  }).join("");
}

function hexadecimal(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

/** A number printed without flags, laid out in a width: `,` between thousands, the sign, zeros or spaces around. */
export function layOut(printed: string, flags: string, width: number): string {
  const isNegative = printed.startsWith("-");
  const [whole = "", ...rest] = printed.replace(/^-/, "").split(/(?=[.eE])/);
  const grouped =
    flags.includes("'") && /^\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  const sign = isNegative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const digits = grouped + rest.join("");
  if (flags.includes("-")) return (sign + digits).padEnd(width);
  const isAmount = !/^(?:inf|nan)/i.test(digits);
  if (flags.includes("0") && isAmount) return sign + digits.padStart(width - sign.length, "0");
  return (sign + digits).padStart(width);
}

/** A decimal with a number of digits behind the point, half away from zero. */
export function fixedDecimal(decimal: string, precision: number): string {
  const [, sign = "", whole = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  const kept = fraction.padEnd(precision, "0").slice(0, precision);
  const rest = fraction.slice(precision);
  const scaled = BigInt(whole + kept) + (/^[5-9]/.test(rest) ? 1n : 0n);
  const digits = String(scaled).padStart(precision + 1, "0");
  const point = digits.length - precision;
  return `${sign}${digits.slice(0, point)}${precision > 0 ? `.${digits.slice(point)}` : ""}`;
}
