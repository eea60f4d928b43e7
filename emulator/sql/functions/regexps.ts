import { invalidQuery } from "../../errors.ts";
import { arrayOf, BOOL, INT64, STRING } from "../types.ts";
import { once } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { groupsOf, rewriteError } from "./native/regexp.ts";
import { listBack, textual } from "./textual.ts";

/**
 * Both engines use RE2, so DuckDB does what it can. DuckDB's functions do not tell where a match is, and they find one
 * empty match more at the end of a text; those cases go to JavaScript (re2js).
 */

/** The second argument, with its literal when it is a text. */
function patternOf(call: Call): Typed {
  const { sql } = textual(call, 1);
  const { literal } = call.arg(1);
  return typeof literal === "string" ? { sql, type: STRING, literal } : { sql, type: STRING };
}

/** The groups of a literal pattern; undefined when the pattern is known at run time only. */
function literalGroups(call: Call, pattern: Typed): number | undefined {
  if (typeof pattern.literal !== "string") return undefined;
  const groups = groupsOf(pattern.literal);
  if (typeof groups === "string") {
    throw invalidQuery(`Cannot parse regular expression: ${groups}`, call.place);
  }
  return groups;
}

/** Number of the group to extract, as SQL: 1 when the pattern has a capturing group, else 0. */
function extractedGroup(call: Call, pattern: Typed, p: string): string {
  const groups = literalGroups(call, pattern);
  if (groups === undefined) return `bq_regexp_group(${p})`;
  if (groups > 1) {
    throw invalidQuery(
      "Regular expressions passed into extraction functions must not have more than 1 capturing group",
      call.place,
    );
  }
  return String(groups);
}

function contains(call: Call): Typed {
  const pattern = patternOf(call);
  literalGroups(call, pattern);
  const args = [textual(call).sql, pattern.sql];
  return { sql: once(args, (s, p) => `regexp_matches(${s}, ${p})`), type: BOOL };
}

/** The first match, or the n-th from a position; an optional group that took no part is NULL. */
function extract(call: Call): Typed {
  const value = textual(call);
  const pattern = patternOf(call);
  const args = [value.sql, pattern.sql];
  if (call.count > 2) {
    extractedGroup(call, pattern, "");
    const found = (...a: string[]) => value.back(`bq_regexp_extract(${a.join(", ")})`);
    return { sql: once([...args, ...numbers(call, 2)], found), type: value.type };
  }
  const first = (s: string, p: string) =>
    value.back(`regexp_extract_all(${s}, ${p}, ${extractedGroup(call, pattern, p)})[1]`);
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
  const pattern = patternOf(call);
  const sql = once([value.sql, pattern.sql], (s, p) => {
    const group = extractedGroup(call, pattern, p);
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
  const groups = literalGroups(call, pattern);
  const written = call.arg(2).literal;
  const isKnown = groups !== undefined && typeof written === "string";
  const wrong = isKnown ? rewriteError(written, groups) : undefined;
  if (wrong) throw invalidQuery(wrong, call.place);
  const sql = once([value.sql, pattern.sql, replacement.sql], (s, p, r) => {
    const checked = isKnown ? r : `bq_regexp_rewrite(${p}, ${r})`;
    return value.back(`regexp_replace(${s}, ${p}, ${checked}, 'g')`);
  });
  return { sql, type: value.type };
}

function instr(call: Call): Typed {
  const pattern = patternOf(call);
  extractedGroup(call, pattern, "");
  const args = [textual(call).sql, pattern.sql, ...numbers(call, 3)];
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
