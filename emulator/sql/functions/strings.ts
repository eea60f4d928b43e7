import { invalidQuery } from "../../errors.ts";
import { cast } from "../cast.ts";
import { arrayOf, BOOL, BYTES, INT64, quoteText, type SqlType, STRING } from "../types.ts";
import { isCheap, once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { listBack, textual, textuals } from "./textual.ts";

/** Lengths and positions count code points in both engines. */

/** All characters of a text are ASCII, so that DuckDB's and Unicode's full mappings agree on it. */
export function isAscii(s: string): string {
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
const SPACE_AT = { TRIM: `^${SPACE}|${SPACE}$`, LTRIM: `^${SPACE}`, RTRIM: `${SPACE}$` };

/** Most texts begin and end with a printable ASCII character, which is quicker to see than that a pattern finds nothing. */
function trimmed(text: string, name: keyof typeof SPACE_AT): string {
  const replaced = `regexp_replace(${text}, ${quoteText(SPACE_AT[name])}, '', 'g')`;
  if (!isCheap(text)) return replaced;
  const begins = `${text} BETWEEN '!' AND '~'`;
  const ends = `array_extract(${text}, -1) BETWEEN '!' AND '~'`;
  const tests = { TRIM: `${begins} AND ${ends}`, LTRIM: begins, RTRIM: ends };
  return `CASE WHEN ${tests[name]} THEN ${text} ELSE ${replaced} END`;
}

/** Without characters all Unicode white space goes; DuckDB's trim would only take spaces. */
function trim(name: "TRIM" | "LTRIM" | "RTRIM"): FunctionDef {
  const compile = (call: Call): Typed => {
    const [value, characters] = textuals(call);
    if (!value || (value.isBytes && !characters)) return call.noMatch();
    const sql = characters
      ? `${name.toLowerCase()}(${value.sql}, ${characters.sql})`
      : trimmed(value.sql, name);
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
  const sql = once([value.sql, call.arg(1, "INT64").sql, ...length], (s, k, n) => {
    const start = `CASE WHEN ${k} = 0 OR ${k} < -length(${s}) THEN 1 ELSE ${atMost(k)} END`;
    if (n === undefined) return value.back(`substring(${s}, ${start})`);
    const failure = raise("Third argument in SUBSTR() cannot be negative", value.type);
    const part = value.back(`substring(${s}, ${start}, ${atMost(n)})`);
    return `CASE WHEN ${n} < 0 AND ${s} IS NOT NULL AND ${k} IS NOT NULL THEN ${failure} ELSE ${part} END`;
  });
  return { sql, type: value.type };
}

function side(call: Call): Typed {
  const value = textual(call);
  const sql = once([value.sql, call.arg(1, "INT64").sql], (s, n) => {
    const failure = raise(`Second argument in ${call.name}() cannot be negative`, value.type);
    const part = value.back(`${call.name.toLowerCase()}(${s}, ${atMost(n)})`);
    return `CASE WHEN ${n} < 0 AND ${s} IS NOT NULL THEN ${failure} ELSE ${part} END`;
  });
  return { sql, type: value.type };
}

function pad(call: Call): Typed {
  const value = textual(call);
  const filler = call.count > 2 ? textual(call, 2).sql : "' '";
  const sql = once([value.sql, call.arg(1, "INT64").sql, filler], (s, n, p) => {
    const negative = raise(
      "Second argument (output size) for LPAD/RPAD cannot be negative",
      value.type,
    );
    const empty = raise("Third argument (pad pattern) for LPAD/RPAD cannot be empty", value.type);
    const padded = value.back(`${call.name.toLowerCase()}(${s}, ${n}::INTEGER, ${p})`);
    return `CASE WHEN ${s} IS NULL OR ${n} IS NULL OR ${p} IS NULL THEN NULL WHEN ${n} < 0 THEN ${negative} WHEN ${p} = '' THEN ${empty} ELSE ${padded} END`;
  });
  return { sql, type: value.type };
}

function repeat(call: Call): Typed {
  const { kind } = call.arg(0).type;
  const type = kind === "BYTES" ? BYTES : STRING;
  const sql = once([call.arg(0, type.kind).sql, call.arg(1, "INT64").sql], (s, n) => {
    const failure = raise("Second argument (repeat count) for REPEAT cannot be negative", type);
    return `CASE WHEN ${n} < 0 AND ${s} IS NOT NULL THEN ${failure} ELSE repeat(${s}, ${n}) END`;
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
  // DuckDB takes a NULL delimiter for one that does not occur.
  const list = once(
    [value.sql, delimiter?.sql ?? "','"],
    (v, d) => `CASE WHEN ${d} IS NOT NULL THEN string_split(${v}, ${d}) END`,
  );
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
  const sql = once([s, wanted, ...rest], (...args) => `bq_instr(${args.join(", ")})`);
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
  const sql = once(args, (v, f, t) => {
    const repeats = `len(list_distinct(string_split(${f}, ''))) < length(${f})`;
    return `CASE WHEN ${repeats} AND ${v} IS NOT NULL AND ${t} IS NOT NULL THEN ${raise(message, value.type)} ELSE ${value.back(`translate(${v}, ${f}, ${t})`)} END`;
  });
  return { sql, type: value.type };
}

function lengthFunction(name: string, compile: (call: Call) => Typed): FunctionDef {
  return { name, signature: `${name}(text)`, args: [1, 1], compile };
}

export const strings: readonly FunctionDef[] = [
  define("CONCAT", "value, …", [1], concat),
  changeCase("LOWER"),
  changeCase("UPPER"),
  trim("TRIM"),
  trim("LTRIM"),
  trim("RTRIM"),
  define("SUBSTR", "text, position[, length]", [2, 3], substring),
  define("SUBSTRING", "text, position[, length]", [2, 3], substring),
  define("LEFT", "text, length", [2, 2], side),
  define("RIGHT", "text, length", [2, 2], side),
  define("LPAD", "text, length[, pattern]", [2, 3], pad),
  define("RPAD", "text, length[, pattern]", [2, 3], pad),
  define("REPEAT", "text, times", [2, 2], repeat),
  text("REPLACE", "text, from, to", [3, 3], (s, from, to) => `replace(${s}, ${from}, ${to})`),
  text("REVERSE", "text", [1, 1], (s) =>
    once([s], (v) => `CASE WHEN ${isAscii(v)} THEN reverse(${v}) ELSE bq_reverse(${v}) END`),
  ),
  define("SPLIT", "text[, delimiter]", [1, 2], split),
  lengthFunction("LENGTH", length),
  lengthFunction("CHAR_LENGTH", length),
  lengthFunction("CHARACTER_LENGTH", length),
  lengthFunction("BYTE_LENGTH", byteLength),
  lengthFunction("OCTET_LENGTH", byteLength),
  text("STARTS_WITH", "text, prefix", [2, 2], (s, part) => `starts_with(${s}, ${part})`, BOOL),
  text("ENDS_WITH", "text, suffix", [2, 2], (s, part) => `suffix(${s}, ${part})`, BOOL),
  text("STRPOS", "text, part", [2, 2], (s, part) => `strpos(${s}, ${part})`, INT64),
  define("INSTR", "text, part[, position[, occurrence]]", [2, 4], instr),
  define("TRANSLATE", "text, from, to", [3, 3], translate),
];
