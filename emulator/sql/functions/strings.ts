import { invalidQuery, refused } from "../../errors.ts";
import { cast } from "../cast.ts";
import { arrayOf, BOOL, BYTES, INT64, quoteText, type SqlType, STRING } from "../types.ts";
import { apply, once, raise } from "./body.ts";
import { type Call, defineFunctions, type FunctionDef, type Typed } from "./define.ts";
import { listBack, textual, textuals } from "./textual.ts";

/** Lengths and positions count code points in both engines. */

/** All characters of a text are ASCII, so that DuckDB's and Unicode's full mappings agree on it. */
function isAscii(s: string): string {
  return `strlen(${s}) = length(${s})`;
}

/** A function of texts or bytes that cannot fail; without `type` its result is of the arguments' type. */
function text(
  name: string,
  signature: string,
  args: FunctionDef["args"],
  body: (...args: string[]) => string,
  type?: SqlType,
): FunctionDef {
  return {
    name,
    signature: `${name}(${signature})`,
    args,
    compile: (call) => {
      const values = textuals(call);
      const [first] = values;
      const sql = `(${body(...values.map((value) => value.sql))})`;
      if (!first || type) return { sql, type: type ?? STRING };
      return { sql: first.back(sql), type: first.type };
    },
  };
}

/** Latin letters up to U+017F without ß, İ and ŉ: the others change case one to one, as DuckDB does it. */
const ONE_TO_ONE = "[\\x00-\\x{DE}\\x{E0}-\\x{12F}\\x{131}-\\x{148}\\x{14A}-\\x{17F}]*";

/**
 * LOWER and UPPER: DuckDB maps letters one to one, BigQuery by Unicode's full mapping (ß to SS, Σ at the end to ς). Of
 * bytes only the ASCII letters change.
 */
function changeCase(name: "LOWER" | "UPPER"): FunctionDef {
  const duckdb = name.toLowerCase();
  return {
    name,
    signature: `${name}(text)`,
    args: [1, 1],
    compile: (call) => {
      const { sql, type, isBytes, back } = textual(call);
      const letters = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"];
      const [from, to] = name === "LOWER" ? letters : letters.toReversed();
      if (isBytes) return { sql: back(`translate(${sql}, '${from}', '${to}')`), type };
      const full = (s: string) =>
        `CASE WHEN ${isAscii(s)} OR regexp_full_match(${s}, '${ONE_TO_ONE}') THEN ${duckdb}(${s}) ELSE bq_${duckdb}(${s}) END`;
      return { sql: once([sql], full), type };
    },
  };
}

const SPACE = "[\\s\\x0B\\x{85}\\p{Z}]+";

/** Without characters all Unicode white space goes; DuckDB's trim would only take spaces. */
function trim(name: "TRIM" | "LTRIM" | "RTRIM"): FunctionDef {
  const patterns = { TRIM: `^${SPACE}|${SPACE}$`, LTRIM: `^${SPACE}`, RTRIM: `${SPACE}$` };
  const compile = (call: Call): Typed => {
    const [value, characters] = textuals(call);
    if (!value || (value.isBytes && !characters)) return call.noMatch();
    const sql = characters
      ? `${name.toLowerCase()}(${value.sql}, ${characters.sql})`
      : `regexp_replace(${value.sql}, ${quoteText(patterns[name])}, '', 'g')`;
    return { sql: value.back(sql), type: value.type };
  };
  return { name, signature: `${name}(text[, characters])`, args: [1, 2], compile };
}

/** The most that DuckDB takes as a length. */
const LONGEST = 4_294_967_295;

/** The number, or the most that DuckDB takes; its `least` would make a length of NULL. */
function atMost(n: string): string {
  return `CASE WHEN ${n} > ${LONGEST} THEN ${LONGEST} ELSE ${n} END`;
}

function substring(call: Call): Typed {
  const value = textual(call);
  const length = call.count > 2 ? [call.arg(2, "INT64").sql] : [];
  const sql = apply(call, [value.sql, call.arg(1, "INT64").sql, ...length], (s, k, n) => {
    const start = `CASE WHEN ${k} = 0 OR ${k} < -length(${s}) THEN 1 ELSE ${atMost(k)} END`;
    if (n === undefined) return value.back(`substring(${s}, ${start})`);
    const failure = raise("Third argument in SUBSTR() cannot be negative", value.type);
    const part = value.back(`substring(${s}, ${start}, ${atMost(n)})`);
    return `CASE WHEN ${n} < 0 THEN ${failure} ELSE ${part} END`;
  });
  return { sql, type: value.type };
}

function side(call: Call): Typed {
  const value = textual(call);
  const sql = apply(call, [value.sql, call.arg(1, "INT64").sql], (s, n) => {
    const failure = raise(`Second argument in ${call.name}() cannot be negative`, value.type);
    const part = value.back(`${call.name.toLowerCase()}(${s}, ${atMost(n)})`);
    return `CASE WHEN ${n} < 0 THEN ${failure} ELSE ${part} END`;
  });
  return { sql, type: value.type };
}

function pad(call: Call): Typed {
  const value = textual(call);
  const filler = call.count > 2 ? textual(call, 2).sql : "' '";
  const sql = apply(call, [value.sql, call.arg(1, "INT64").sql, filler], (s, n, p) => {
    const negative = raise(
      "Second argument (output size) for LPAD/RPAD cannot be negative",
      value.type,
    );
    const empty = raise("Third argument (pad pattern) for LPAD/RPAD cannot be empty", value.type);
    const padded = value.back(`${call.name.toLowerCase()}(${s}, ${n}::INTEGER, ${p})`);
    return `CASE WHEN ${n} < 0 THEN ${negative} WHEN ${p} = '' THEN ${empty} ELSE ${padded} END`;
  });
  return { sql, type: value.type };
}

function repeat(call: Call): Typed {
  const { kind } = call.arg(0).type;
  const type = kind === "BYTES" ? BYTES : STRING;
  const sql = apply(call, [call.arg(0, type.kind).sql, call.arg(1, "INT64").sql], (s, n) => {
    const failure = raise("Second argument (repeat count) for REPEAT cannot be negative", type);
    return `CASE WHEN ${n} < 0 THEN ${failure} ELSE repeat(${s}, ${n}) END`;
  });
  return { sql, type };
}

/** Any NULL gives NULL, where DuckDB's concat skips it. Other types than STRING and BYTES are cast to STRING. */
function concat(call: Call): Typed {
  const values = Array.from({ length: call.count }, (_, i) => call.arg(i));
  const kinds = new Set(values.map((value) => value.type.kind));
  if (kinds.has("BYTES")) {
    if ([...kinds].some((kind) => kind !== "BYTES" && kind !== "UNKNOWN")) return call.noMatch();
    return { sql: `(${values.map((value) => value.sql).join(" || ")})`, type: BYTES };
  }
  if (["ARRAY", "STRUCT", "JSON", "INTERVAL"].some((kind) => kinds.has(kind as SqlType["kind"])))
    return call.noMatch();
  const texts = values.map((value) => cast(value, STRING, false, call.place).sql);
  return { sql: `(${texts.join(" || ")})`, type: STRING };
}

function split(call: Call): Typed {
  const [value, delimiter] = textuals(call);
  if (!value || (value.isBytes && !delimiter)) return call.noMatch();
  const list = `string_split(${value.sql}, ${delimiter?.sql ?? "','"})`;
  return { sql: listBack(value, list), type: arrayOf(value.type) };
}

function length(call: Call): Typed {
  const { sql, type } = call.arg(0);
  if (type.kind === "BYTES") return { sql: `octet_length(${sql})`, type: INT64 };
  return { sql: `length(${call.arg(0, "STRING").sql})`, type: INT64 };
}

function byteLength(call: Call): Typed {
  const { sql, type } = call.arg(0);
  if (type.kind === "BYTES") return { sql: `octet_length(${sql})`, type: INT64 };
  return { sql: `strlen(${call.arg(0, "STRING").sql})`, type: INT64 };
}

function instr(call: Call): Typed {
  const [s, wanted] = textuals(call, 2).map((value) => value.sql);
  if (!s || !wanted) return call.noMatch();
  if (call.count === 2) return { sql: `strpos(${s}, ${wanted})`, type: INT64 };
  const rest = [2, 3].map((i) => (call.count > i ? call.arg(i, "INT64").sql : "1::BIGINT"));
  const sql = apply(call, [s, wanted, ...rest], (...args) => `bq_instr(${args.join(", ")})`);
  return { sql, type: INT64 };
}

function translate(call: Call): Typed {
  const [value, from, to] = textuals(call);
  if (!value || !from || !to) return call.noMatch();
  const message = "Duplicate character in TRANSLATE source characters";
  const { literal } = call.arg(1);
  const args = [value.sql, from.sql, to.sql];
  if (typeof literal === "string") {
    const characters = [...literal];
    if (new Set(characters).size < characters.length) throw invalidQuery(message, call.place);
    return { sql: value.back(`translate(${args.join(", ")})`), type: value.type };
  }
  const sql = apply(call, args, (v, f, t) => {
    const repeats = `len(list_distinct(string_split(${f}, ''))) < length(${f})`;
    return `CASE WHEN ${repeats} THEN ${raise(message, value.type)} ELSE ${value.back(`translate(${v}, ${f}, ${t})`)} END`;
  });
  return { sql, type: value.type };
}

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

/** ASCII and UNICODE: 0 for an empty text. */
function firstCode(call: Call): Typed {
  const sql = apply(call, [call.arg(0, "STRING").sql], (s) => {
    const failure = raise("Argument to ASCII is not a structurally valid ASCII string", INT64);
    const refusal = call.name === "ASCII" ? `WHEN NOT (${isAscii(s)}) THEN ${failure}` : "";
    return `CASE WHEN ${s} = '' THEN 0 ${refusal} ELSE unicode(${s})::BIGINT END`;
  });
  return { sql, type: INT64 };
}

function chr(call: Call): Typed {
  const sql = apply(call, [call.arg(0, "INT64").sql], (n) => {
    return `CASE WHEN ${invalidCode(n)} THEN ${raise("Invalid codepoint", STRING)} ELSE chr(${n}::INTEGER) END`;
  });
  return { sql, type: STRING };
}

function invalidCode(n: string): string {
  return `${n} < 0 OR ${n} > 1114111 OR ${n} BETWEEN 55296 AND 57343`;
}

/** NULL when one of the code points is NULL. */
function codePointsToString(call: Call): Typed {
  const sql = apply(call, [integers(call)], (codes) => {
    const failure = raise("Invalid codepoint", STRING);
    const characters = `list_transform(${codes}, lambda _c: CASE WHEN ${invalidCode("_c")} THEN ${failure} ELSE chr(_c::INTEGER) END)`;
    return `CASE WHEN ${hasNull(codes)} THEN NULL WHEN len(${codes}) = 0 THEN '' ELSE array_to_string(${characters}, '') END`;
  });
  return { sql, type: STRING };
}

function codePointsToBytes(call: Call): Typed {
  const sql = apply(call, [integers(call)], (codes) => {
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
  return `len(list_filter(${list}, lambda _c: _c IS NULL)) > 0`;
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

function lengthFunction(name: string, compile: (call: Call) => Typed): FunctionDef {
  return { name, signature: `${name}(text)`, args: [1, 1], compile };
}

export const strings = defineFunctions(
  { name: "CONCAT", signature: "CONCAT(value, …)", args: [1], compile: concat },
  changeCase("LOWER"),
  changeCase("UPPER"),
  { name: "INITCAP", signature: "INITCAP(text[, delimiters])", args: [1, 2], compile: initcap },
  trim("TRIM"),
  trim("LTRIM"),
  trim("RTRIM"),
  {
    name: "SUBSTR",
    signature: "SUBSTR(text, position[, length])",
    args: [2, 3],
    compile: substring,
  },
  {
    name: "SUBSTRING",
    signature: "SUBSTRING(text, position[, length])",
    args: [2, 3],
    compile: substring,
  },
  { name: "LEFT", signature: "LEFT(text, length)", args: [2, 2], compile: side },
  { name: "RIGHT", signature: "RIGHT(text, length)", args: [2, 2], compile: side },
  { name: "LPAD", signature: "LPAD(text, length[, pattern])", args: [2, 3], compile: pad },
  { name: "RPAD", signature: "RPAD(text, length[, pattern])", args: [2, 3], compile: pad },
  { name: "REPEAT", signature: "REPEAT(text, times)", args: [2, 2], compile: repeat },
  text("REPLACE", "text, from, to", [3, 3], (s, from, to) => `replace(${s}, ${from}, ${to})`),
  text("REVERSE", "text", [1, 1], (s) =>
    once([s], (v) => `CASE WHEN ${isAscii(v)} THEN reverse(${v}) ELSE bq_reverse(${v}) END`),
  ),
  { name: "SPLIT", signature: "SPLIT(text[, delimiter])", args: [1, 2], compile: split },
  lengthFunction("LENGTH", length),
  lengthFunction("CHAR_LENGTH", length),
  lengthFunction("CHARACTER_LENGTH", length),
  lengthFunction("BYTE_LENGTH", byteLength),
  lengthFunction("OCTET_LENGTH", byteLength),
  text("STARTS_WITH", "text, prefix", [2, 2], (s, part) => `starts_with(${s}, ${part})`, BOOL),
  text("ENDS_WITH", "text, suffix", [2, 2], (s, part) => `suffix(${s}, ${part})`, BOOL),
  text("STRPOS", "text, part", [2, 2], (s, part) => `strpos(${s}, ${part})`, INT64),
  {
    name: "INSTR",
    signature: "INSTR(text, part[, position[, occurrence]])",
    args: [2, 4],
    compile: instr,
  },
  { name: "TRANSLATE", signature: "TRANSLATE(text, from, to)", args: [3, 3], compile: translate },
  { name: "NORMALIZE", signature: "NORMALIZE(text[, form])", args: [1, 2], compile: normalize },
  {
    name: "NORMALIZE_AND_CASEFOLD",
    signature: "NORMALIZE_AND_CASEFOLD(text[, form])",
    args: [1, 2],
    compile: normalize,
  },
  {
    name: "SOUNDEX",
    signature: "SOUNDEX(text)",
    args: [1, 1],
    compile: (call) => ({ sql: `bq_soundex(${call.arg(0, "STRING").sql})`, type: STRING }),
  },
  { name: "ASCII", signature: "ASCII(text)", args: [1, 1], compile: firstCode },
  { name: "UNICODE", signature: "UNICODE(text)", args: [1, 1], compile: firstCode },
  { name: "CHR", signature: "CHR(code)", args: [1, 1], compile: chr },
  {
    name: "CODE_POINTS_TO_STRING",
    signature: "CODE_POINTS_TO_STRING(codes)",
    args: [1, 1],
    compile: codePointsToString,
  },
  {
    name: "CODE_POINTS_TO_BYTES",
    signature: "CODE_POINTS_TO_BYTES(codes)",
    args: [1, 1],
    compile: codePointsToBytes,
  },
  {
    name: "TO_CODE_POINTS",
    signature: "TO_CODE_POINTS(text)",
    args: [1, 1],
    compile: toCodePoints,
  },
  {
    name: "EDIT_DISTANCE",
    signature: "EDIT_DISTANCE(text, text)",
    args: [2, 2],
    compile: editDistance,
  },
  {
    name: "CONTAINS_SUBSTR",
    signature: "CONTAINS_SUBSTR(text, part)",
    args: [2, 2],
    compile: containsSubstring,
  },
);
