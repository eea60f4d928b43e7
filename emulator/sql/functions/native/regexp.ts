import { RE2JS } from "re2js";

/** What BigQuery's REGEXP_* do that DuckDB's functions cannot say, on RE2's port to JavaScript. */

export const TOO_MANY_GROUPS =
  "Regular expressions passed into extraction functions must not have more than 1 capturing group";

/** The number of capturing groups of a pattern, or what is wrong with it. */
export function groupsOf(pattern: string): number | string {
  try {
    return RE2JS.compile(pattern).groupCount();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is wrong with the third argument of REGEXP_REPLACE for a pattern with so many groups. */
export function rewriteError(replacement: string, groups: number): string | undefined {
  for (const [, escaped] of replacement.matchAll(/\\([\s\S]?)/g)) {
    if (escaped === "\\") continue;
    if (!/^\d$/.test(escaped ?? "")) {
      return "Invalid REGEXP_REPLACE pattern: '\\' must be followed by a digit or '\\'";
    }
    if (Number(escaped) > groups) {
      return `Invalid REGEXP_REPLACE pattern: it asks for group ${escaped}, the expression has ${groups}`;
    }
  }
  return undefined;
}

/** A match: the part of the text that the group took (the whole where there is no group), absent when it took no part. */
interface Found {
  readonly part: { readonly start: number; readonly end: number } | undefined;
  readonly isEmpty: boolean;
}

/** All matches as BigQuery walks them: none is looked for at the end of the text, unless it is the first. */
function* matches(text: string, expression: RE2JS): Generator<Found> {
  const group = expression.groupCount() > 0 ? 1 : 0;
  const matcher = expression.matcher(text);
  let at = 0;
  while ((at === 0 || at < text.length) && matcher.find(at)) {
    const [start, end] = [matcher.start(), matcher.end()];
    const from = matcher.start(group);
    yield {
      part: from < 0 ? undefined : { start: from, end: matcher.end(group) },
      isEmpty: start === end,
    };
    const step = (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
    at = start === end ? end + step : end;
  }
}

/** The functions with a memory for their patterns, which are few and compile slowly. */
export function regexpFunctions() {
  const compiled = new Map<string, RE2JS>();
  function compile(pattern: string): RE2JS {
    const known = compiled.get(pattern);
    if (known) return known;
    const groups = groupsOf(pattern);
    if (typeof groups === "string") throw new Error(`Cannot parse regular expression: ${groups}`);
    if (compiled.size >= 100) compiled.clear();
    const expression = RE2JS.compile(pattern);
    compiled.set(pattern, expression);
    return expression;
  }

  /** 0 or 1; more groups are an error. */
  function extractedGroup(pattern: string): number {
    const groups = compile(pattern).groupCount();
    if (groups > 1) {
      throw new Error(TOO_MANY_GROUPS);
    }
    return groups;
  }

  function extract(
    text: string,
    pattern: string,
    position: bigint,
    occurrence: bigint,
  ): string | null {
    extractedGroup(pattern);
    const rest = from(text, position, occurrence);
    if (rest === undefined) return null;
    let left = occurrence;
    for (const { part } of matches(rest, compile(pattern))) {
      if (--left === 0n) return part ? rest.slice(part.start, part.end) : null;
    }
    return null;
  }

  function extractAll(text: string, pattern: string): readonly string[] {
    extractedGroup(pattern);
    const found = matches(text, compile(pattern));
    return Array.from(found, ({ part }) => (part ? text.slice(part.start, part.end) : ""));
  }

  /** @param end 1 for the position behind the match, 0 for that of its start */
  function instr(
    text: string,
    pattern: string,
    position: bigint,
    occurrence: bigint,
    end: bigint,
  ): bigint {
    extractedGroup(pattern);
    if (end !== 0n && end !== 1n) throw new Error("Invalid return_position_after_match.");
    const rest = from(text, position, occurrence);
    if (rest === undefined) return 0n;
    let left = occurrence;
    for (const { part, isEmpty } of matches(rest, compile(pattern))) {
      if (isEmpty || --left > 0n) continue;
      if (!part) return 0n;
      return position + codePoints(rest.slice(0, end === 1n ? part.end : part.start));
    }
    return 0n;
  }

  function rewrite(pattern: string, replacement: string): string {
    const wrong = rewriteError(replacement, compile(pattern).groupCount());
    if (wrong) throw new Error(wrong);
    return replacement;
  }

  return { extractedGroup, extract, extractAll, instr, rewrite };
}

function codePoints(text: string): bigint {
  return BigInt([...text].length);
}

/** The text from a position in code points; `^` matches at its start. Undefined when the position is behind the end. */
function from(text: string, position: bigint, occurrence: bigint): string | undefined {
  if (position < 1n) throw new Error("Position must be positive");
  if (occurrence < 1n) throw new Error("Occurrence must be positive");
  if (position === 1n) return text;
  const characters = [...text];
  return Number(position) > characters.length
    ? undefined
    : characters.slice(Number(position) - 1).join("");
}
