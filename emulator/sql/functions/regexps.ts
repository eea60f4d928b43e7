import { arrayOf, BOOL, INT64, STRING } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { groupsOf, rewriteError, TOO_MANY_GROUPS } from "./native/regexp.ts";
import { listBack, textual } from "./textual.ts";

/**
 * Both engines use RE2, so DuckDB does what it can. DuckDB's functions do not tell where a match is, and they find one
 * empty match more at the end of a text; those cases go to JavaScript (re2js).
 */

/**
 * The second argument, with its literal when that is an expression. One that is not fails when it is evaluated: not
 * beside a NULL, and under `SAFE.` it gives NULL.
 */
function patternOf(call: Call, mostGroups = Number.POSITIVE_INFINITY): Typed {
  const { sql } = textual(call, 1);
  const { literal } = call.arg(1);
  if (typeof literal !== "string") return { sql, type: STRING };
  const groups = groupsOf(literal);
  if (typeof groups === "number" && groups <= mostGroups) return { sql, type: STRING, literal };
  const others = Array.from({ length: call.count }, (_, i) => i).filter((i) => i !== 1);
  const present = others.map((i) => `${call.arg(i).sql} IS NOT NULL`).join(" AND ");
  const wrong =
    typeof groups === "number" ? TOO_MANY_GROUPS : `Cannot parse regular expression: ${groups}`;
  const failure = raise(wrong, STRING);
  return { sql: `CASE WHEN ${present} THEN ${failure} END`, type: STRING };
}

/** The groups of a literal pattern; undefined when the pattern is known at run time only. */
function literalGroups({ literal }: Typed): number | undefined {
  const groups = typeof literal === "string" ? groupsOf(literal) : undefined;
  return typeof groups === "number" ? groups : undefined;
}

/** Number of the group to extract, as SQL: 1 when the pattern has a capturing group, else 0. */
function extractedGroup(pattern: Typed, p: string): string {
  return String(literalGroups(pattern) ?? `bq_regexp_group(${p})`);
}

function contains(call: Call): Typed {
  const args = [textual(call).sql, patternOf(call).sql];
  return { sql: once(args, (s, p) => `regexp_matches(${s}, ${p})`), type: BOOL };
}

/** The first match, or the n-th from a position; an optional group that took no part is NULL. */
function extract(call: Call): Typed {
  const value = textual(call);
  const pattern = patternOf(call, 1);
  const args = [value.sql, pattern.sql];
  if (call.count > 2) {
    const found = (...a: string[]) => value.back(`bq_regexp_extract(${a.join(", ")})`);
    return { sql: once([...args, ...numbers(call, 2)], found), type: value.type };
  }
  const first = (s: string, p: string) =>
    value.back(`regexp_extract_all(${s}, ${p}, ${extractedGroup(pattern, p)})[1]`);
  return { sql: once(args, first), type: value.type };
}

/** So many INT64 arguments behind text and pattern: position and occurrence are 1 by default, a third is 0. */
function numbers(call: Call, count: 2 | 3): readonly string[] {
  return ["1::BIGINT", "1::BIGINT", "0::BIGINT"]
    .slice(0, count)
    .map((absent, i) => (call.count > 2 + i ? call.arg(2 + i, "INT64").sql : absent));
}

function extractAll(call: Call): Typed {
  const value = textual(call);
  const pattern = patternOf(call, 1);
  const sql = once([value.sql, pattern.sql], (s, p) => {
    const group = extractedGroup(pattern, p);
    const whole = `regexp_extract_all(${s}, ${p}, 0)`;
    const ofGroup = `list_transform(regexp_extract_all(${s}, ${p}, ${group}), lambda _m: coalesce(_m, ''))`;
    const list = `CASE WHEN list_contains(${whole}, '') THEN bq_regexp_extract_all(${s}, ${p}) ELSE ${group === "0" ? whole : ofGroup} END`;
    return listBack(value, list);
  });
  return { sql, type: arrayOf(value.type) };
}

/** Where the replacement is wrong, BigQuery fails and DuckDB gives something else. */
function replace(call: Call): Typed {
  const [value, replacement] = [textual(call), textual(call, 2)];
  const pattern = patternOf(call);
  const groups = literalGroups(pattern);
  const written = call.arg(2).literal;
  const isRight =
    groups !== undefined && typeof written === "string" && !rewriteError(written, groups);
  const sql = once([value.sql, pattern.sql, replacement.sql], (s, p, r) => {
    const checked = isRight ? r : `bq_regexp_rewrite(${p}, ${r})`;
    const replaced = value.back(`regexp_replace(${s}, ${p}, ${checked}, 'g')`);
    return isRight ? replaced : `CASE WHEN ${s} IS NOT NULL THEN ${replaced} END`;
  });
  return { sql, type: value.type };
}

function instr(call: Call): Typed {
  const args = [textual(call).sql, patternOf(call, 1).sql, ...numbers(call, 3)];
  return { sql: once(args, (...a) => `bq_regexp_instr(${a.join(", ")})`), type: INT64 };
}

function extractNamed(name: "REGEXP_EXTRACT" | "REGEXP_SUBSTR"): FunctionDef {
  return {
    name,
    signature: `${name}(text, pattern[, position[, occurrence]])`,
    args: [2, 4],
    compile: extract,
  };
}

export const regexps: readonly FunctionDef[] = [
  define("REGEXP_CONTAINS", "text, pattern", [2, 2], contains),
  extractNamed("REGEXP_EXTRACT"),
  extractNamed("REGEXP_SUBSTR"),
  define("REGEXP_EXTRACT_ALL", "text, pattern", [2, 2], extractAll),
  define("REGEXP_REPLACE", "text, pattern, replacement", [3, 3], replace),
  define("REGEXP_INSTR", "text, pattern[, position[, occurrence[, end]]]", [2, 5], instr),
];
