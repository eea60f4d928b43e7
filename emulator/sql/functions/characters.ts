import { invalidQuery, refused } from "../../errors.ts";
import { arrayOf, BOOL, BYTES, INT64, STRING } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { isAscii } from "./strings.ts";
import { textual } from "./textual.ts";

/** Functions of single characters, of their codes and of their likeness. */

/** NORMALIZE and NORMALIZE_AND_CASEFOLD: the second argument is a bare word, NFC by default. */
function normalize(call: Call): Typed {
  const form = call.count > 1 ? call.part(1).unit : "NFC";
  if (!["NFC", "NFD", "NFKC", "NFKD"].includes(form)) return call.noMatch();
  const duckdb = call.name === "NORMALIZE" ? "" : "lower";
  const sql = once([call.arg(0, "STRING").sql], (s) => {
    return `CASE WHEN ${isAscii(s)} THEN ${duckdb}(${s}) ELSE bq_${call.name.toLowerCase()}(${s}, '${form}') END`;
  });
  return { sql, type: STRING };
}

/** ASCII and UNICODE, of the first character: 0 for an empty text. */
function firstCode(call: Call): Typed {
  const sql = once([call.arg(0, "STRING").sql], (s) => {
    const failure = raise("Argument to ASCII is not a structurally valid ASCII string", INT64);
    const refusal = call.name === "ASCII" ? `WHEN unicode(${s}) > 127 THEN ${failure}` : "";
    return `CASE WHEN ${s} = '' THEN 0 ${refusal} ELSE unicode(${s})::BIGINT END`;
  });
  return { sql, type: INT64 };
}

function chr(call: Call): Typed {
  const sql = once([call.arg(0, "INT64").sql], (n) => {
    return `CASE WHEN ${invalidCode(n)} THEN ${raise("Invalid codepoint", STRING)} ELSE chr(${n}::INTEGER) END`;
  });
  return { sql, type: STRING };
}

function invalidCode(n: string): string {
  return `${n} < 0 OR ${n} > 1114111 OR ${n} BETWEEN 55296 AND 57343`;
}

/** NULL when one of the code points is NULL. */
function codePointsToString(call: Call): Typed {
  const sql = once([integers(call)], (codes) => {
    const failure = raise("Invalid codepoint", STRING);
    const characters = `list_transform(${codes}, lambda _c: CASE WHEN ${invalidCode("_c")} THEN ${failure} ELSE chr(_c::INTEGER) END)`;
    return `CASE WHEN ${hasNull(codes)} THEN NULL WHEN len(${codes}) = 0 THEN '' ELSE array_to_string(${characters}, '') END`;
  });
  return { sql, type: STRING };
}

function codePointsToBytes(call: Call): Typed {
  const sql = once([integers(call)], (codes) => {
    const failure = raise("Invalid ASCII value", STRING);
    const digits = `list_transform(${codes}, lambda _c: CASE WHEN _c NOT BETWEEN 0 AND 255 THEN ${failure} ELSE printf('%02x', _c) END)`;
    return `CASE WHEN ${hasNull(codes)} THEN NULL WHEN len(${codes}) = 0 THEN ''::BLOB ELSE unhex(array_to_string(${digits}, '')) END`;
  });
  return { sql, type: BYTES };
}

function integers(call: Call): string {
  const { type, sql } = call.arg(0);
  if (type.kind === "UNKNOWN") return "CAST(NULL AS BIGINT[])";
  if (type.kind !== "ARRAY") return call.noMatch();
  if (type.element.kind === "UNKNOWN") return `${sql}::BIGINT[]`;
  return type.element.kind === "INT64" ? sql : call.noMatch();
}

function hasNull(list: string): string {
  return `${list} IS NULL OR len(list_filter(${list}, lambda _c: _c IS NULL)) > 0`;
}

function toCodePoints(call: Call): Typed {
  const codes = (s: string) =>
    `list_transform(string_split(${s}, ''), lambda _c: unicode(_c)::BIGINT)`;
  const sql = once(
    [textual(call).sql],
    (s) => `CASE WHEN ${s} = '' THEN []::BIGINT[] ELSE ${codes(s)} END`,
  );
  return { sql, type: arrayOf(INT64) };
}

function editDistance(call: Call): Typed {
  const sql = once([call.arg(0, "STRING").sql, call.arg(1, "STRING").sql], (a, b) => {
    // DuckDB's counts bytes.
    return `CASE WHEN ${isAscii(a)} AND ${isAscii(b)} THEN levenshtein(${a}, ${b})::BIGINT ELSE bq_edit_distance(${a}, ${b}) END`;
  });
  return { sql, type: INT64 };
}

function containsSubstring(call: Call): Typed {
  if (!["STRING", "UNKNOWN"].includes(call.arg(0).type.kind)) {
    throw refused(`CONTAINS_SUBSTR of ${call.arg(0).type.kind}`, call.place, "CAST(… AS STRING)");
  }
  const wanted = call.arg(1, "STRING");
  if (wanted.literal === null || wanted.literal === "") {
    throw invalidQuery(
      "CONTAINS_SUBSTR: the search value must be a text that is not empty",
      call.place,
    );
  }
  const folded = (s: string) =>
    `CASE WHEN ${isAscii(s)} THEN lower(${s}) ELSE bq_normalize_and_casefold(${s}, 'NFKC') END`;
  const sql = once(
    [call.arg(0, "STRING").sql, wanted.sql],
    (s, q) => `contains(${folded(s)}, ${folded(q)})`,
  );
  return { sql, type: BOOL };
}

function initcap(call: Call): Typed {
  const args = Array.from({ length: call.count }, (_, i) => call.arg(i, "STRING").sql);
  return { sql: `bq_initcap${args.length}(${args.join(", ")})`, type: STRING };
}

export const characters: readonly FunctionDef[] = [
  define("INITCAP", "text[, delimiters]", [1, 2], initcap),
  define("NORMALIZE", "text[, form]", [1, 2], normalize),
  define("NORMALIZE_AND_CASEFOLD", "text[, form]", [1, 2], normalize),
  define("SOUNDEX", "text", [1, 1], (call) => ({
    sql: `bq_soundex(${call.arg(0, "STRING").sql})`,
    type: STRING,
  })),
  define("ASCII", "text", [1, 1], firstCode),
  define("UNICODE", "text", [1, 1], firstCode),
  define("CHR", "code", [1, 1], chr),
  define("CODE_POINTS_TO_STRING", "codes", [1, 1], codePointsToString),
  define("CODE_POINTS_TO_BYTES", "codes", [1, 1], codePointsToBytes),
  define("TO_CODE_POINTS", "text", [1, 1], toCodePoints),
  define("EDIT_DISTANCE", "text, text", [2, 2], editDistance),
  define("CONTAINS_SUBSTR", "text, part", [2, 2], containsSubstring),
];
