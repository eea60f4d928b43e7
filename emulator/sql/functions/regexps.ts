import { invalidQuery, refused } from "../../errors.ts";
import { arrayOf, BOOL, INT64, STRING } from "../types.ts";
import { apply } from "./body.ts";
import { type Call, defineFunctions, type FunctionDef, type Typed } from "./define.ts";
import { groupsOf, rewriteError } from "./regexp.ts";

/**
 * Both engines use RE2, so DuckDB does what it can. DuckDB's functions do not tell where a match is, and they find one
 * empty match more at the end of a text; those cases go to JavaScript (re2js).
 */

function textAt(call: Call, i: number): Typed {
  if (call.arg(i).type.kind === "BYTES") throw refused(`${call.name} of BYTES`, call.place);
  return call.arg(i, "STRING");
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
  const pattern = textAt(call, 1);
  literalGroups(call, pattern);
  const args = [textAt(call, 0).sql, pattern.sql];
  return { sql: apply(call, args, (s, p) => `regexp_matches(${s}, ${p})`), type: BOOL };
}

/** The first match, or the n-th from a position; an optional group that took no part is NULL. */
function extract(call: Call): Typed {
  const pattern = textAt(call, 1);
  const args = [textAt(call, 0).sql, pattern.sql];
  if (call.count > 2) {
    extractedGroup(call, pattern, "");
    const sql = apply(
      call,
      [...args, ...numbers(call, 2)],
      (...a) => `bq_regexp_extract(${a.join(", ")})`,
    );
    return { sql, type: STRING };
  }
  const first = (s: string, p: string) =>
    `regexp_extract_all(${s}, ${p}, ${extractedGroup(call, pattern, p)})[1]`;
  return { sql: apply(call, args, first), type: STRING };
}

/** So many INT64 arguments behind text and pattern: position and occurrence are 1 by default, a third is 0. */
function numbers(call: Call, count: 2 | 3): readonly string[] {
  return ["1::BIGINT", "1::BIGINT", "0::BIGINT"]
    .slice(0, count)
    .map((absent, i) => (call.count > 2 + i ? call.arg(2 + i, "INT64").sql : absent));
}

function extractAll(call: Call): Typed {
  const pattern = textAt(call, 1);
  const sql = apply(call, [textAt(call, 0).sql, pattern.sql], (s, p) => {
    const group = extractedGroup(call, pattern, p);
    const whole = `regexp_extract_all(${s}, ${p}, 0)`;
    const ofGroup = `list_transform(regexp_extract_all(${s}, ${p}, ${group}), lambda _m: coalesce(_m, ''))`;
    return `CASE WHEN list_contains(${whole}, '') THEN bq_regexp_extract_all(${s}, ${p}) ELSE ${group === "0" ? whole : ofGroup} END`;
  });
  return { sql, type: arrayOf(STRING) };
}

/** Where the replacement is wrong, BigQuery fails and DuckDB gives something else. */
function replace(call: Call): Typed {
  const [pattern, replacement] = [textAt(call, 1), textAt(call, 2)];
  const groups = literalGroups(call, pattern);
  const isKnown = groups !== undefined && typeof replacement.literal === "string";
  const wrong = isKnown ? rewriteError(String(replacement.literal), groups) : undefined;
  if (wrong) throw invalidQuery(wrong, call.place);
  const sql = apply(call, [textAt(call, 0).sql, pattern.sql, replacement.sql], (s, p, r) => {
    const checked = isKnown ? r : `bq_regexp_rewrite(${p}, ${r})`;
    return `regexp_replace(${s}, ${p}, ${checked}, 'g')`;
  });
  return { sql, type: STRING };
}

function instr(call: Call): Typed {
  const pattern = textAt(call, 1);
  extractedGroup(call, pattern, "");
  const args = [textAt(call, 0).sql, pattern.sql, ...numbers(call, 3)];
  return { sql: apply(call, args, (...a) => `bq_regexp_instr(${a.join(", ")})`), type: INT64 };
}

function extractNamed(name: "REGEXP_EXTRACT" | "REGEXP_SUBSTR"): FunctionDef {
  return {
    name,
    signature: `${name}(text, pattern[, position[, occurrence]])`,
    args: [2, 4],
    compile: extract,
  };
}

export const regexps = defineFunctions(
  {
    name: "REGEXP_CONTAINS",
    signature: "REGEXP_CONTAINS(text, pattern)",
    args: [2, 2],
    compile: contains,
  },
  extractNamed("REGEXP_EXTRACT"),
  extractNamed("REGEXP_SUBSTR"),
  {
    name: "REGEXP_EXTRACT_ALL",
    signature: "REGEXP_EXTRACT_ALL(text, pattern)",
    args: [2, 2],
    compile: extractAll,
  },
  {
    name: "REGEXP_REPLACE",
    signature: "REGEXP_REPLACE(text, pattern, replacement)",
    args: [3, 3],
    compile: replace,
  },
  {
    name: "REGEXP_INSTR",
    signature: "REGEXP_INSTR(text, pattern[, position[, occurrence[, end]]])",
    args: [2, 5],
    compile: instr,
  },
);
