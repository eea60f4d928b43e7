/** JSON texts as BigQuery reads and prints them: numbers keep their digits until a JSON value is asked for. */

export type Json =
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Json])[] }
  | { readonly kind: "array"; readonly items: readonly Json[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" };

/** A step of a JSONPath: a member's name or an element's position. */
export type Step = string | number;

export const JSON_NULL: Json = { kind: "null" };

interface Reader {
  readonly text: string;
  at: number;
  /** JSON_VALUE of a STRING also takes texts in single quotes. */
  readonly singleQuotes: boolean;
}

/** @throws Error for anything but one JSON value */
export function parseJson(text: string): Json {
  const reader: Reader = { text, at: 0, singleQuotes: false };
  const value = readValue(reader);
  if (nextCharacter(reader) !== "") fail(reader);
  return value;
}

/**
 * The value at a path, read from the start and no further than needed: what comes behind it may be broken.
 * Of members of one name the first counts. Undefined where there is none, or the text breaks before.
 */
export function findJson(text: string, path: readonly Step[]): Json | undefined {
  try {
    return findIn({ text, at: 0, singleQuotes: true }, path);
  } catch {
    return undefined;
  }
}

function findIn(reader: Reader, path: readonly Step[]): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return readValue(reader);
  const open = nextCharacter(reader);
  if (open !== "{" && open !== "[") return undefined;
  reader.at += 1;
  const close = open === "{" ? "}" : "]";
  for (let i = 0; !take(reader, close); i++) {
    if (i > 0) expect(reader, ",");
    const key = open === "{" ? readKey(reader) : String(i);
    if (key === String(step)) return findIn(reader, rest);
    skipValue(reader);
  }
  return undefined;
}

function fail(reader: Reader): never {
  throw new Error(`syntax error at offset ${reader.at}`);
}

/** The first character behind white space, which is skipped. */
function nextCharacter(reader: Reader): string {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
    reader.at += 1;
  }
  return reader.text.charAt(reader.at);
}

function take(reader: Reader, character: string): boolean {
  if (nextCharacter(reader) !== character) return false;
  reader.at += 1;
  return true;
}

function expect(reader: Reader, character: string): void {
  if (!take(reader, character)) fail(reader);
}

function readKey(reader: Reader): string {
  nextCharacter(reader);
  const key = readText(reader);
  expect(reader, ":");
  return key;
}

function readValue(reader: Reader): Json {
  switch (nextCharacter(reader)) {
    case "{":
      return { kind: "object", entries: readMembers(reader) };
    case "[":
      return { kind: "array", items: readItems(reader) };
    case '"':
    case "'":
      return { kind: "string", value: readText(reader) };
    case "t":
      return readWord(reader, "true", { kind: "boolean", value: true });
    case "f":
      return readWord(reader, "false", { kind: "boolean", value: false });
    case "n":
      return readWord(reader, "null", JSON_NULL);
    default:
      return { kind: "number", text: readNumber(reader) };
  }
}

function skipValue(reader: Reader): void {
  const open = nextCharacter(reader);
  if (open === '"' || open === "'") {
    quoted(reader);
    return;
  }
  if (open !== "{" && open !== "[") {
    readValue(reader);
    return;
  }
  reader.at += 1;
  const close = open === "{" ? "}" : "]";
  for (let i = 0; !take(reader, close); i++) {
    if (i > 0) expect(reader, ",");
    if (open === "{") {
      nextCharacter(reader);
      quoted(reader);
      expect(reader, ":");
    }
    skipValue(reader);
  }
}

function readWord(reader: Reader, word: string, value: Json): Json {
  if (!reader.text.startsWith(word, reader.at)) fail(reader);
  reader.at += word.length;
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(reader: Reader): string {
  NUMBER.lastIndex = reader.at;
  const found = NUMBER.exec(reader.text)?.[0];
  if (found === undefined) return fail(reader);
  reader.at += found.length;
  return found;
}

/** A text with its quotes; the reader goes behind it. */
function quoted(reader: Reader): string {
  const { text, at } = reader;
  const quote = text.charAt(at);
  if (quote !== '"' && !(quote === "'" && reader.singleQuotes)) fail(reader);
  let end = text.indexOf(quote, at + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf(quote, end + 1);
  if (end < 0) fail(reader);
  reader.at = end + 1;
  return text.slice(at, end + 1);
}

/** True behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes += 1;
  return backslashes % 2 === 1;
}

function readText(reader: Reader): string {
  const written = quoted(reader);
  if (written.startsWith("'")) {
    const inside = written.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"');
    return JSON.parse(`"${inside}"`);
  }
  // Without escapes and control characters, which JSON.parse refuses, the text is what stands between the quotes.
  return isPlain(written) ? written.slice(1, -1) : JSON.parse(written);
}

function isPlain(written: string): boolean {
  for (let i = 0; i < written.length; i++) {
    const code = written.charCodeAt(i);
    if (code < 32 || code === 92) return false;
  }
  return true;
}

function readMembers(reader: Reader): readonly (readonly [string, Json])[] {
  const entries: [string, Json][] = [];
  reader.at += 1;
  while (!take(reader, "}")) {
    if (entries.length > 0) expect(reader, ",");
    entries.push([readKey(reader), readValue(reader)]);
  }
  return entries;
}

function readItems(reader: Reader): readonly Json[] {
  const items: Json[] = [];
  reader.at += 1;
  while (!take(reader, "]")) {
    if (items.length > 0) expect(reader, ",");
    items.push(readValue(reader));
  }
  return items;
}

/** Without white space, otherwise as it was read: what JSON_QUERY gives of a STRING. */
export function printJson(value: Json, number = (text: string) => text): string {
  switch (value.kind) {
    case "object": {
      const members = value.entries.map(
        ([key, member]) => `${JSON.stringify(key)}:${printJson(member, number)}`,
      );
      return `{${members.join(",")}}`;
    }
    case "array":
      return `[${value.items.map((item) => printJson(item, number)).join(",")}]`;
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return number(value.text);
    case "boolean":
      return String(value.value);
    case "null":
      return "null";
  }
}

/** The text of a JSON value: members sorted by name, the first of several, and numbers in one form. */
export function canonicalJson(value: Json): string {
  return printJson(sorted(value), numberText);
}

function sorted(value: Json): Json {
  if (value.kind === "array") return { kind: "array", items: value.items.map(sorted) };
  if (value.kind !== "object") return value;
  const first = new Map<string, Json>();
  for (const [key, member] of value.entries) if (!first.has(key)) first.set(key, sorted(member));
  return { kind: "object", entries: [...first].sort(([a], [b]) => compareNames(a, b)) };
}

/** By code points, which is the order of the bytes. */
export function compareNames(a: string, b: string): number {
  if (HIGH.test(a) || HIGH.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** Surrogates and what comes behind them are in another order in UTF-16. */
const HIGH = /[\uD800-\uFFFF]/;

/** Two spaces for each level, as TO_JSON_STRING prints with `pretty_print`. */
export function prettyJson(value: Json, indent = ""): string {
  const inner = `${indent}  `;
  const block = (open: string, parts: readonly string[], close: string) =>
    parts.length === 0
      ? open + close
      : `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
  if (value.kind === "array")
    return block(
      "[",
      value.items.map((item) => prettyJson(item, inner)),
      "]",
    );
  if (value.kind !== "object") return printJson(value);
  return block(
    "{",
    value.entries.map(([key, member]) => `${JSON.stringify(key)}: ${prettyJson(member, inner)}`),
    "}",
  );
}

/** A number of a JSON value: integers of 64 bits as they are, others as FLOAT64 with a point or an exponent. */
export function numberText(text: string): string {
  if (/^-?\d+$/.test(text)) {
    const whole = BigInt(text);
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return String(whole);
  }
  return floatText(Number(text));
}

/** The shortest digits that read back as the same FLOAT64; an exponent below 1e-4 and from 1e15 on. */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const sign = value < 0 ? "-" : "";
  const digits = mantissa.replace(".", "");
  const point = Number(exponent) + 1;
  if (point > 15 || point <= -4) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const power = String(Math.abs(Number(exponent))).padStart(2, "0");
    return `${sign}${digits.charAt(0)}${fraction}e${Number(exponent) < 0 ? "-" : "+"}${power}`;
  }
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point).padEnd(point, "0")}.${digits.slice(point) || "0"}`;
}

/** False when the text has more digits than a FLOAT64 keeps, which PARSE_JSON does not accept. */
export function keepsItsValue(text: string): boolean {
  if (numberText(text) === text) return true;
  const value = Number(text);
  return Number.isFinite(value) && decimal(text) === decimal(floatText(value));
}

/** One writing for each decimal value. */
function decimal(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const trimmed = digits.replace(/0+$/, "");
  if (trimmed === "") return "0";
  return `${sign}${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`;
}
