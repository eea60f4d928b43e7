import { invalidQuery, type Place } from "../../errors.ts";
import { lex, type Token } from "../syntax/lex.ts";
import { describeToken } from "../syntax/parse.ts";

/** A piece of a request with the place of its first character, so that errors in it point into the request. */
export interface Source {
  readonly text: string;
  readonly place: Place;
}

/** A name as written, split at the dots: ["p", "d", "t"]. */
export type Path = readonly string[];

/** Walks over the tokens of a request. Keywords are given in upper case. */
export interface Reader {
  /** The token `ahead` places from here; undefined behind the last one. */
  peek(ahead?: number): Token | undefined;
  next(): Token;
  /** Are these keywords and symbols next, in this order? */
  at(...keywords: string[]): boolean;
  /** Steps over these keywords and symbols if they are next. */
  accept(...keywords: string[]): boolean;
  expect(...keywords: string[]): void;
  /** An unquoted or quoted name. */
  name(): string;
  path(): Path;
  /**
   * Steps to the first token outside parentheses and CASE … END for which `stop` holds, or to the end, and returns
   * the text before it. Fails when there is nothing.
   */
  until(what: string, stop: (token: Token) => boolean): Source;
  /** All that is left. */
  rest(what: string): Source;
  /** What stands between parentheses that open here. */
  parenthesised(): Source;
  /** The text from an earlier position to here. */
  since(position: number): Source;
  position(): number;
  /** Steps back (or forth) to a position. */
  seek(position: number): void;
  /** Throws BigQuery's syntax error for the next token. */
  fail(expected: string): never;
}

/** A keyword or symbol in upper case; a quoted name or a string is neither. */
export function keyword(token: Token | undefined): string {
  return token?.kind === "word" || token?.kind === "op" ? token.text.toUpperCase() : "";
}

const OPENING = new Set(["(", "["]);
const CLOSING = new Set([")", "]"]);

export function reader(source: Source): Reader {
  const { text } = source;
  const tokens = lex(text, source.place);
  let index = 0;

  const peek = (ahead = 0) => tokens[index + ahead];
  const at = (...keywords: string[]) => keywords.every((word, i) => keyword(peek(i)) === word);
  const accept = (...keywords: string[]) => {
    const found = at(...keywords);
    if (found) index += keywords.length;
    return found;
  };
  const fail = (expected: string): never => {
    const token = peek();
    throw invalidQuery(
      `Syntax error: Expected ${expected} but got ${token ? describeToken(token) : "end of statement"}`,
      token?.place ?? endOf(source),
    );
  };
  const next = () => peek(0) ?? fail("more input");
  const step = () => {
    const token = next();
    index++;
    return token;
  };
  const since = (position: number): Source => {
    const first = tokens[position];
    const last = tokens[index - 1];
    if (!first || !last || index <= position) return { text: "", place: endOf(source) };
    return { text: text.slice(first.start, last.end), place: first.place };
  };

  function until(what: string, stop: (token: Token) => boolean): Source {
    const start = index;
    let depth = 0;
    let cases = 0;
    for (let token = peek(); token; token = peek()) {
      const word = keyword(token);
      const isName = keyword(tokens[index - 1]) === "." && index > start;
      if (depth === 0 && cases === 0 && !isName && stop(token)) break;
      if (OPENING.has(word)) depth++;
      else if (CLOSING.has(word)) depth--;
      else if (word === "CASE" && !isName) cases++;
      else if (word === "END" && !isName && cases > 0) cases--;
      if (depth < 0) fail(what);
      index++;
    }
    if (index === start) fail(what);
    if (depth > 0) fail('")"');
    return since(start);
  }

  function name(): string {
    const token = peek();
    if (token?.kind !== "word" && token?.kind !== "quoted") fail("a name");
    return step().text;
  }

  /** A project may hold dashes: `my-project.d.t` is one path when nothing stands between its tokens. */
  function dashed(): string {
    const parts = [name()];
    while (at("-") && isTight(0) && isTight(1)) {
      index++;
      parts.push(step().text);
    }
    return parts.join("-");
  }
  function isTight(ahead: number): boolean {
    const left = tokens[index + ahead - 1];
    const right = tokens[index + ahead];
    return left?.kind !== "quoted" && left?.end === right?.start;
  }

  return {
    peek,
    next: step,
    at,
    accept,
    expect(...keywords) {
      for (const word of keywords)
        if (!accept(word)) fail(/^\w/.test(word) ? `keyword ${word}` : `"${word}"`);
    },
    name,
    path() {
      const parts = peek()?.kind === "quoted" ? name().split(".") : [dashed()];
      while (accept(".")) parts.push(...name().split("."));
      return parts;
    },
    until,
    rest: (what) => until(what, () => false),
    parenthesised() {
      if (!accept("(")) fail('"("');
      if (at(")")) {
        const empty = { text: "", place: next().place };
        index++;
        return empty;
      }
      const inside = until("an expression", (token) => keyword(token) === ")");
      if (!accept(")")) fail('")"');
      return inside;
    },
    since,
    position: () => index,
    seek(position) {
      index = position;
    },
    fail,
  };
}

/** The place behind the last character. */
function endOf({ text, place }: Source): Place {
  const lines = text.split("\n");
  const last = [...(lines.at(-1) ?? "")].length;
  return lines.length === 1
    ? { line: place.line, column: place.column + last }
    : { line: place.line + lines.length - 1, column: last + 1 };
}
