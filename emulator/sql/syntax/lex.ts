import { invalidQuery, type Place } from "../../errors.ts";

/**
 * A token of GoogleSQL (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical).
 * `word`: keyword or identifier; `quoted`: identifier in backquotes; `parameter`: @name; `system`: @@name; `op`: the rest.
 */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "bytes" | "number" | "parameter" | "system" | "op";
  /** Text as written; for `quoted` the name, for `string` the value with escapes done, for `bytes` one character per byte. */
  readonly text: string;
  readonly place: Place;
  /** Offsets in the lexed text. */
  readonly start: number;
  readonly end: number;
}

const OPERATORS = /^(?:<<|>>|<=|>=|<>|!=|\|\||\|>|=>|->|[-+*/|^&~=<>()[\],.;:?])/;
const NUMBER = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/;
const WORD = /^[A-Za-z_][A-Za-z0-9_]*/;
const STRING_START = /^(?:[rR][bB]?|[bB][rR]?)?("""|'''|"|')/;

/**
 * Splits GoogleSQL text into tokens; comments and white space are left out.
 * @param origin the place of the text's first character, for a statement cut out of a script
 * @throws BigQueryError with the place of an unclosed literal, an illegal escape or an illegal character
 */
export function lex(text: string, origin: Place = { line: 1, column: 1 }): readonly Token[] {
  const tokens: Token[] = [];
  const placeAt = placeFinder(text, origin);
  let at = 0;
  while (at < text.length) {
    const skipped = skipBlank(text, at, placeAt);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const token = readToken(text, at, placeAt, tokens.at(-1));
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

type PlaceAt = (offset: number) => Place;

/** BigQuery counts columns in code points. Offsets must not go backwards by more than the current line. */
function placeFinder(text: string, origin: Place): PlaceAt {
  const lineStarts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) lineStarts.push(i + 1);
  return (offset) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = [...text.slice(lineStarts[low], offset)].length + 1;
    return {
      line: origin.line + low,
      column: low === 0 ? origin.column + column - 1 : column,
    };
  };
}

function skipBlank(text: string, at: number, placeAt: PlaceAt): number {
  const blank = /^\s+/u.exec(text.slice(at, at + 1));
  if (blank) return at + blank[0].length;
  if (text[at] === "#" || text.startsWith("--", at)) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end + 1;
  }
  if (text.startsWith("/*", at)) {
    const end = text.indexOf("*/", at + 2);
    if (end < 0) throw invalidQuery("Syntax error: Unclosed comment", placeAt(at));
    return end + 2;
  }
  return at;
}

function readToken(text: string, at: number, placeAt: PlaceAt, previous: Token | undefined): Token {
  const rest = text.slice(at, at + 256);
  const place = placeAt(at);
  const token = (kind: Token["kind"], value: string, end: number): Token => {
    return { kind, text: value, place, start: at, end };
  };

  const stringStart = STRING_START.exec(rest);
  if (stringStart) {
    const literal = readString(text, at, stringStart[0], stringStart[1] ?? "'", placeAt);
    return token(literal.bytes ? "bytes" : "string", literal.value, literal.end);
  }
  if (rest[0] === "`") return readQuoted(text, at, token, placeAt);
  // Behind a dot, digits belong to a path (`project.1day`), not to a number.
  const word = (previous?.text === "." && previous.end === at ? /^[A-Za-z0-9_]+/ : WORD).exec(rest);
  if (word) {
    const long = /^[A-Za-z0-9_]+/.exec(text.slice(at));
    return token("word", long?.[0] ?? word[0], at + (long?.[0] ?? word[0]).length);
  }
  // `dataset.2024`: behind a name, the dot is that of a path.
  const isPath =
    rest[0] === "." &&
    previous?.end === at &&
    (previous.kind === "word" || previous.kind === "quoted");
  const number = isPath ? null : NUMBER.exec(rest);
  if (number) {
    if (/^[A-Za-z_]/.test(text.slice(at + number[0].length))) {
      throw invalidQuery(
        "Syntax error: Missing whitespace between literal and alias",
        placeAt(at + number[0].length),
      );
    }
    return token("number", number[0], at + number[0].length);
  }
  const marker = /^(@@?)((?:[A-Za-z_][A-Za-z0-9_]*|`[^`\n]+`)(?:\.[A-Za-z_][A-Za-z0-9_]*)*)/.exec(
    rest,
  );
  if (marker) {
    const isSystem = marker[1] === "@@";
    const full = isSystem ? (marker[2] ?? "") : ((marker[2] ?? "").split(".")[0] ?? "");
    const name = full.replaceAll("`", "");
    return token(
      isSystem ? "system" : "parameter",
      name,
      at + (marker[1] ?? "").length + full.length,
    );
  }
  const operator = OPERATORS.exec(rest);
  if (operator) return token("op", operator[0], at + operator[0].length);
  throw invalidQuery(
    `Syntax error: Illegal input character ${JSON.stringify([...rest][0] ?? "")}`,
    place,
  );
}

function readQuoted(
  text: string,
  at: number,
  token: (kind: Token["kind"], value: string, end: number) => Token,
  placeAt: PlaceAt,
): Token {
  const end = text.indexOf("`", at + 1);
  const body = text.slice(at + 1, end);
  if (end < 0 || body.includes("\n"))
    throw invalidQuery("Syntax error: Unclosed identifier literal", placeAt(at));
  if (body === "") throw invalidQuery("Syntax error: Invalid empty identifier", placeAt(at));
  return token("quoted", unescaped(body, false, placeAt, at + 1), end + 1);
}

function readString(text: string, at: number, opening: string, quote: string, placeAt: PlaceAt) {
  const prefix = opening.slice(0, opening.length - quote.length).toLowerCase();
  const raw = prefix.includes("r");
  const bytes = prefix.includes("b");
  let end = at + opening.length;
  while (!text.startsWith(quote, end)) {
    if (end >= text.length || (quote.length === 1 && text[end] === "\n")) {
      const what =
        quote.length === 3
          ? "triple-quoted string literal"
          : bytes
            ? "bytes literal"
            : "string literal";
      throw invalidQuery(`Syntax error: Unclosed ${what}`, placeAt(at));
    }
    end += text[end] === "\\" ? 2 : 1;
  }
  const body = text.slice(at + opening.length, end).replaceAll("\r\n", "\n");
  const value = raw
    ? bytes
      ? utf8(body)
      : body
    : unescaped(body, bytes, placeAt, at + opening.length);
  return { value, bytes, end: end + quote.length };
}

/** One character per byte of the UTF-8 form. */
function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  '"': '"',
  "'": "'",
  "`": "`",
};

function unescaped(body: string, bytes: boolean, placeAt: PlaceAt, offset: number): string {
  const pattern =
    /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g;
  let out = "";
  let last = 0;
  for (const match of body.matchAll(pattern)) {
    const [whole, octal, hex, short, long, simple] = match;
    const plain = body.slice(last, match.index);
    out += bytes ? utf8(plain) : plain;
    last = match.index + whole.length;
    const code = octal
      ? Number.parseInt(octal, 8)
      : Number.parseInt(hex ?? short ?? long ?? "", 16);
    const replacement = simple !== undefined ? SIMPLE_ESCAPES[simple] : codeText(code);
    if (replacement === undefined || (bytes && (short || long))) {
      throw invalidQuery(
        `Syntax error: Illegal escape sequence: ${whole}`,
        placeAt(offset + match.index),
      );
    }
    out += replacement;
  }
  const tail = body.slice(last);
  return out + (bytes ? utf8(tail) : tail);
}

function codeText(code: number): string | undefined {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return String.fromCodePoint(code);
}
