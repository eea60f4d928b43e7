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
  skipSpace(reader);
  if (reader.at < text.length) fail(reader);
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
  skipSpace(reader);
  const open = reader.text.charAt(reader.at);
  if (open !== "{" && open !== "[") return undefined;
  reader.at += 1;
  const close = open === "{" ? "}" : "]";
  for (let i = 0; !take(reader, close); i++) {
    if (i > 0) expect(reader, ",");
    const key = open === "{" ? readKey(reader) : String(i);
    if (key === String(step)) return findIn(reader, rest);
    readValue(reader);
  }
  return undefined;
}

function fail(reader: Reader): never {
  throw new Error(`syntax error at offset ${reader.at}`);
}

function skipSpace(reader: Reader): void {
  while (/[ \t\n\r]/.test(reader.text.charAt(reader.at))) reader.at += 1;
}

function take(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.text.charAt(reader.at) !== character) return false;
  reader.at += 1;
  return true;
}

function expect(reader: Reader, character: string): void {
  if (!take(reader, character)) fail(reader);
}

function readKey(reader: Reader): string {
  skipSpace(reader);
  const key = readText(reader);
  expect(reader, ":");
  return key;
}

function readValue(reader: Reader): Json {
  skipSpace(reader);
  const first = reader.text.charAt(reader.at);
  if (first === "{") return { kind: "object", entries: readMembers(reader) };
  if (first === "[") return { kind: "array", items: readItems(reader) };
  if (first === '"' || first === "'") return { kind: "string", value: readText(reader) };
  for (const [word, value] of WORDS) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  return {
    kind: "number",
    text: readPattern(reader, /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y),
  };
}

const WORDS: readonly (readonly [string, Json])[] = [
  ["true", { kind: "boolean", value: true }],
  ["false", { kind: "boolean", value: false }],
  ["null", JSON_NULL],
];

function readPattern(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) return fail(reader);
  reader.at += found.length;
  return found;
}

function readText(reader: Reader): string {
  const quoted = readPattern(
    reader,
    reader.singleQuotes ? /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy : /"(?:[^"\\]|\\.)*"/sy,
  );
  if (!quoted.includes("\\") && !hasControl(quoted)) return quoted.slice(1, -1);
  const inside = quoted.startsWith("'")
    ? quoted.slice(1, -1).replaceAll('"', '\\"').replaceAll("\\'", "'")
    : quoted.slice(1, -1);
  return JSON.parse(`"${inside}"`);
}

/** JSON does not allow control characters unescaped; JSON.parse then says so. */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32) return true;
  return false;
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
  const first = new Map([...value.entries].reverse());
  const entries = [...first].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return { kind: "object", entries: entries.map(([key, member]) => [key, sorted(member)]) };
}

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
