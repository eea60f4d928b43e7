import { invalidQuery, refused } from "../../errors.ts";
import {
  arrayOf,
  BOOL,
  FLOAT64,
  INT64,
  JSON_TYPE,
  quoteText,
  type SqlType,
  STRING,
} from "../types.ts";
import { apply, once, raise } from "./body.ts";
import { type Call, defineFunctions, type FunctionDef, type Typed } from "./define.ts";
import { duckdbPath, type PathStyle, parsePath } from "./jsonpath.ts";
import type { Step } from "./jsontext.ts";
import { jsonOf } from "./render.ts";
import { stringOfTime } from "./timestamps.ts";

/**
 * JSON in DuckDB where it agrees with BigQuery, else in JavaScript (jsontext.ts). They differ on numbers with a fraction,
 * whose digits BigQuery keeps in a STRING, and on texts that are broken behind the value looked for.
 */

/** A call of an extracting function: the JSON or STRING, and the path for DuckDB where it can have one. */
interface Extraction {
  readonly json: string;
  readonly isJson: boolean;
  /** BigQuery's path as SQL, and how it is written. */
  readonly path: string;
  readonly style: PathStyle;
  /** SQL literal; undefined when only JavaScript can follow the path. */
  readonly fast: string | undefined;
}

function extraction(call: Call): Extraction {
  const style: PathStyle = call.name.startsWith("JSON_EXTRACT") ? "legacy" : "standard";
  const isJson = call.arg(0).type.kind === "JSON";
  const json = isJson ? call.arg(0).sql : call.arg(0, "STRING").sql;
  const path: Typed =
    call.count > 1 ? call.arg(1, "STRING") : { sql: "'$'", type: STRING, literal: "$" };
  if (typeof path.literal !== "string")
    return { json, isJson, path: path.sql, style, fast: undefined };
  const fast = duckdbPath(readPath(call, path.literal, style));
  return { json, isJson, path: path.sql, style, fast: fast && quoteText(fast) };
}

function readPath(call: Call, path: string, style: PathStyle): readonly Step[] {
  try {
    return parsePath(path, style);
  } catch (error) {
    throw invalidQuery((error as Error).message, call.place);
  }
}

/** `bq_json_…(text, path, style)`, under which every path works. */
function slow(name: string, text: string, { path, style }: Extraction): string {
  return `bq_json_${name}(${text}::VARCHAR, ${path}, '${style}')`;
}

/** Numbers that DuckDB prints in another way than they are written; a harmless hit only costs time. */
function hasFractions(text: string): string {
  return `regexp_matches(${text}, '[0-9][.eE]')`;
}

/** -0 as an integer, which DuckDB prints as 0. */
function hasMinusZero(text: string): string {
  return `contains(${text}, '-0') AND regexp_matches(${text}, '[:\\[,]\\s*-0[,}\\]\\s]')`;
}

/** JSON_VALUE and JSON_EXTRACT_SCALAR. */
function scalar(call: Call): Typed {
  const it = extraction(call);
  const sql = apply(call, [it.json, it.path], (s, path) => {
    const native = slow(it.isJson ? "scalar" : "value", s, { ...it, path });
    if (it.fast === undefined) return native;
    const value = `json_extract_string(${s}, ${it.fast})`;
    // Here DuckDB prints a FLOAT64 as BigQuery does; the digits of a STRING are only found in JavaScript.
    const isUsual = `abs(${value}::DOUBLE) BETWEEN 0.001 AND 1e14`;
    const double = it.isJson ? `CASE WHEN ${isUsual} THEN ${value} ELSE ${native} END` : native;
    const integer = it.isJson ? value : `CASE WHEN ${value} = '0' THEN ${native} ELSE ${value} END`;
    const found = `CASE json_type(${s}, ${it.fast}) WHEN 'VARCHAR' THEN ${value} WHEN 'BOOLEAN' THEN ${value} WHEN 'BIGINT' THEN ${integer} WHEN 'UBIGINT' THEN ${integer} WHEN 'DOUBLE' THEN ${double} END`;
    return it.isJson ? found : `CASE WHEN json_valid(${s}) THEN ${found} ELSE ${native} END`;
  });
  return { sql, type: STRING };
}

/** JSON_QUERY and JSON_EXTRACT: text from a STRING, where null is NULL; JSON from JSON, where null is a value. */
function query(call: Call): Typed {
  const it = extraction(call);
  const type = it.isJson ? JSON_TYPE : STRING;
  const sql = apply(call, [it.json, it.path], (s, path) => {
    const native = slow("query", s, { ...it, path });
    if (it.isJson) return it.fast ? `json_extract(${s}, ${it.fast})` : `${native}::JSON`;
    if (!it.fast) return native;
    const part = `json_extract(${s}, ${it.fast})::VARCHAR`;
    const found = `CASE WHEN ${part} = 'null' THEN NULL WHEN ${hasFractions(part)} THEN ${native} ELSE ${part} END`;
    return `CASE WHEN json_valid(${s}) AND NOT (${hasMinusZero(s)}) THEN ${found} ELSE ${native} END`;
  });
  return { sql, type };
}

/** JSON_QUERY_ARRAY and JSON_EXTRACT_ARRAY: NULL when there is no array. */
function queryArray(call: Call): Typed {
  const it = extraction(call);
  const type = arrayOf(it.isJson ? JSON_TYPE : STRING);
  const sql = apply(call, [it.json, it.path], (s, path) => {
    const native = slow("query_array", s, { ...it, path });
    if (!it.fast) return it.isJson ? `${native}::JSON[]` : native;
    const list = `json_extract(${s}, ${elementsOf(it.fast)})`;
    const isArray = `json_type(${s}, ${it.fast}) = 'ARRAY'`;
    if (it.isJson) return `CASE WHEN ${isArray} THEN ${list} END`;
    return `CASE WHEN ${isAsWritten(s, it.fast)} THEN CASE WHEN ${isArray} THEN ${list}::VARCHAR[] END ELSE ${native} END`;
  });
  return { sql, type };
}

/** The part at the path is valid and has only numbers that DuckDB prints as they are written. */
function isAsWritten(s: string, path: string): string {
  return `json_valid(${s}) AND NOT coalesce(${hasFractions(`json_extract(${s}, ${path})::VARCHAR`)}, false) AND NOT (${hasMinusZero(`${s}::VARCHAR`)})`;
}

/** JSON_VALUE_ARRAY and JSON_EXTRACT_STRING_ARRAY: NULL when there is no array or one of its elements is no scalar. */
function scalarArray(call: Call): Typed {
  const it = extraction(call);
  const sql = apply(call, [it.json, it.path], (s, path) => {
    const native = slow(it.isJson ? "scalar_array" : "value_array", s, { ...it, path });
    if (!it.fast) return native;
    const elements = elementsOf(it.fast);
    const nested = `len(list_filter(json_type(${s}, ${elements}), lambda _t: _t IN ('OBJECT', 'ARRAY'))) > 0`;
    const found = `CASE WHEN json_type(${s}, ${it.fast}) = 'ARRAY' AND NOT ${nested} THEN json_extract_string(${s}, ${elements}) END`;
    return `CASE WHEN ${isAsWritten(s, it.fast)} THEN ${found} ELSE ${native} END`;
  });
  return { sql, type: arrayOf(STRING) };
}

function elementsOf(path: string): string {
  return `${path.slice(0, -1)}[*]'`;
}

function extracting(
  names: readonly string[],
  compile: (call: Call) => Typed,
  fewest: 1 | 2 = 1,
): readonly FunctionDef[] {
  const path = fewest === 1 ? "[, path]" : ", path";
  return names.map((name) => ({
    name,
    signature: `${name}(json${path})`,
    args: [fewest, 2],
    compile,
  }));
}

function toJson(call: Call): Typed {
  const { sql, type } = call.arg(0);
  const form = flag(call, "stringify_wide_numbers", false) ? "wide" : "value";
  return { sql: `(${jsonOf(call, sql, type, form)})::JSON`, type: JSON_TYPE };
}

function toJsonString(call: Call): Typed {
  const { sql, type } = call.arg(0);
  const text = jsonOf(call, sql, type, "text");
  if (call.count === 1) return { sql: text, type: STRING };
  const pretty = call.arg(1, "BOOL").sql;
  return {
    sql: once([text, pretty], (s, p) => `CASE WHEN ${p} THEN bq_json_pretty(${s}) ELSE ${s} END`),
    type: STRING,
  };
}

/**
 * Valid for DuckDB and for BigQuery: without the commas at the end, NaN and infinities that only DuckDB takes, and
 * without numbers so long that a FLOAT64 might lose digits.
 */
function isPlainJson(s: string): string {
  const special = "[0-9.]{16}|[0-9][eE]|,\\s*[}\\]]|(?:^|[:\\[,])\\s*[-+]?(?i:nan|inf)";
  return `json_valid(${s}) AND NOT regexp_matches(${s}, '${special}')`;
}

/** `wide_number_mode`: numbers that FLOAT64 does not hold exactly are an error or rounded. */
function numberMode(call: Call, absent: "exact" | "round"): "exact" | "round" {
  const mode = call.named("wide_number_mode", "STRING")?.literal ?? absent;
  if (mode === "exact" || mode === "round") return mode;
  throw invalidQuery(
    `Invalid \`wide_number_mode\` specified for ${call.name}: ${mode}`,
    call.place,
  );
}

/** A named argument that changes what a function does, so it must be known now. */
function flag(call: Call, name: string, absent: boolean): boolean {
  const value = call.named(name, "BOOL");
  if (!value) return absent;
  if (typeof value.literal === "boolean") return value.literal;
  throw refused(`${name} that is not a literal`, call.place);
}

/** JSON_OBJECT of names and values by turns, or of two arrays. */
function jsonObject(call: Call): Typed {
  const [names, values] = call.count === 2 ? [call.arg(0), call.arg(1)] : [];
  if (names?.type.kind === "ARRAY" && values?.type.kind === "ARRAY")
    return objectOfArrays(call, names, values);
  if (call.count % 2 === 1) return call.noMatch();
  const members: string[] = [];
  for (let i = 0; i < call.count; i += 2) {
    const value = call.arg(i + 1);
    members.push(
      `${nameOf(call, call.arg(i, "STRING").sql)} || ${jsonOf(call, value.sql, value.type, "value")}`,
    );
  }
  return objectOf(call, members.length === 0 ? "''" : members.join(" || ',' || "));
}

function nameOf(call: Call, sql: string): string {
  const failure = raise("Invalid input to JSON_OBJECT: A key cannot be NULL", STRING);
  return (
    once([sql], (s) => `coalesce(to_json(${s})::VARCHAR, ${failure}) || ':'`) +
    (call.safe ? "" : "")
  );
}

/** Of several members of one name the first counts, which the canonical text sees to. */
function objectOf(call: Call, members: string): Typed {
  return {
    sql: apply(call, [], () => `bq_json_canonical('{' || ${members} || '}')::JSON`),
    type: JSON_TYPE,
  };
}

function objectOfArrays(call: Call, names: Typed, values: Typed): Typed {
  if (values.type.kind !== "ARRAY") return call.noMatch();
  const element = values.type.element;
  const sql = apply(call, [names.sql, values.sql], (keys, list) => {
    const failure = raise(
      "Invalid input to JSON_OBJECT: The number of keys and values must match",
      JSON_TYPE,
    );
    const member = `${nameOf(call, `${keys}[_i]`)} || ${jsonOf(call, `${list}[_i]`, element, "value")}`;
    const members = `array_to_string(list_transform(range(1, len(${keys}) + 1), lambda _i: ${member}), ',')`;
    return `CASE WHEN len(${keys}) <> len(${list}) THEN ${failure} WHEN ${keys} IS NOT NULL AND ${list} IS NOT NULL THEN bq_json_canonical('{' || coalesce(${members}, '') || '}')::JSON END`;
  });
  return { sql, type: JSON_TYPE };
}

function jsonArray(call: Call): Typed {
  const items = Array.from({ length: call.count }, (_, i) =>
    jsonOf(call, call.arg(i).sql, call.arg(i).type, "value"),
  );
  return { sql: `('[' || ${items.join(" || ',' || ") || "''"} || ']')::JSON`, type: JSON_TYPE };
}

/** JSON_SET and the array functions take pairs of path and value, JSON_REMOVE takes paths; each change sees the one before. */
function edit(call: Call): Typed {
  const step = call.name === "JSON_REMOVE" ? 1 : 2;
  if (call.count < 1 + step || (call.count - 1) % step !== 0) return call.noMatch();
  const native = `bq_${call.name.toLowerCase()}`;
  let sql = `${call.arg(0, "JSON").sql}::VARCHAR`;
  for (let i = 1; i < call.count; i += step) {
    const path = call.arg(i, "STRING");
    if (typeof path.literal === "string") readPath(call, path.literal, "standard");
    const more = step === 1 ? "" : `, ${editedValue(call, i + 1)}`;
    sql = apply(call, [sql, path.sql], (json, p) => `${native}(${json}, ${p}${more})`);
  }
  return { sql: `${sql}::JSON`, type: JSON_TYPE };
}

/** The value's JSON text, and what the function does with it: create members, insert the elements one by one. */
function editedValue(call: Call, i: number): string {
  const { sql, type } = call.arg(i);
  const value = jsonOf(call, sql, type, "value");
  const option = EDIT_OPTIONS[call.name] ?? "";
  const isOn = flag(call, option, true) && (call.name === "JSON_SET" || type.kind === "ARRAY");
  return `${value}, ${isOn}`;
}

const EDIT_OPTIONS: Readonly<Record<string, string>> = {
  JSON_SET: "create_if_missing",
  JSON_ARRAY_APPEND: "append_each_element",
  JSON_ARRAY_INSERT: "insert_each_element",
};

function editing(name: keyof typeof EDIT_OPTIONS): FunctionDef {
  const option = EDIT_OPTIONS[name] ?? "";
  const signature = `${name}(json, path, value, …[, ${option} => bool])`;
  return { name, signature, args: [3], named: [option], compile: edit };
}

function stripNulls(call: Call): Typed {
  const path = call.count > 1 ? call.arg(1, "STRING") : undefined;
  if (typeof path?.literal === "string") readPath(call, path.literal, "standard");
  const options = `${flag(call, "include_arrays", true)}, ${flag(call, "remove_empty", false)}`;
  const sql = apply(
    call,
    [`${call.arg(0, "JSON").sql}::VARCHAR`, path?.sql ?? "'$'"],
    (json, p) => `bq_json_strip_nulls(${json}, ${p}, ${options})::JSON`,
  );
  return { sql, type: JSON_TYPE };
}

/** INT64, FLOAT64, BOOL and STRING of a JSON value of just that type. */
function strict(name: string, type: SqlType, what: string): FunctionDef {
  const isFloat = name === "FLOAT64";
  return {
    name,
    signature: `${name}(json${isFloat ? "[, wide_number_mode => mode]" : ""})`,
    args: [1, 1],
    ...(isFloat ? { named: ["wide_number_mode"] } : {}),
    compile: (call) => {
      if (isFloat && numberMode(call, "round") === "exact") {
        throw refused("FLOAT64 with wide_number_mode => 'exact'", call.place);
      }
      const value = (j: string) => strictValue(name, type, what, j);
      return { sql: apply(call, [call.arg(0, "JSON").sql], value), type };
    },
  };
}

function strictValue(name: string, type: SqlType, what: string, j: string): string {
  const text = `json_extract_string(${j}, '$')`;
  const failure = raise(`The provided JSON input is not ${what}`, type);
  const cases: Readonly<Record<string, string>> = {
    BOOL: `WHEN 'BOOLEAN' THEN ${text} = 'true'`,
    STRING: `WHEN 'VARCHAR' THEN ${text}`,
    FLOAT64: `WHEN 'BIGINT' THEN ${text}::DOUBLE WHEN 'UBIGINT' THEN ${text}::DOUBLE WHEN 'DOUBLE' THEN ${text}::DOUBLE`,
    INT64: `WHEN 'BIGINT' THEN ${text}::BIGINT WHEN 'UBIGINT' THEN ${text}::BIGINT WHEN 'DOUBLE' THEN CASE WHEN ${text}::DOUBLE = round(${text}::DOUBLE) THEN ${text}::DOUBLE::BIGINT ELSE ${failure} END`,
  };
  return `CASE WHEN ${j} IS NULL THEN NULL ELSE CASE json_type(${j}) ${cases[name]} ELSE ${failure} END END`;
}

/** LAX_*: the nearest value of the type, NULL where there is none. */
function lax(name: string, type: SqlType): FunctionDef {
  const native = `bq_${name.toLowerCase()}`;
  return {
    name,
    signature: `${name}(json)`,
    args: [1, 1],
    compile: (call) => ({ sql: `${native}(${call.arg(0, "JSON").sql}::VARCHAR)`, type }),
  };
}

const TYPE_NAMES =
  "WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null'";

export const jsonFunctions = defineFunctions(
  ...extracting(["JSON_VALUE", "JSON_EXTRACT_SCALAR"], scalar),
  ...extracting(["JSON_QUERY", "JSON_EXTRACT"], query, 2),
  ...extracting(["JSON_QUERY_ARRAY", "JSON_EXTRACT_ARRAY"], queryArray),
  ...extracting(["JSON_VALUE_ARRAY", "JSON_EXTRACT_STRING_ARRAY"], scalarArray),
  {
    name: "PARSE_JSON",
    signature: "PARSE_JSON(text[, wide_number_mode => mode])",
    args: [1, 1],
    named: ["wide_number_mode"],
    compile: (call) => {
      const rounds = numberMode(call, "exact") === "round";
      const parse = (s: string) =>
        `CASE WHEN ${isPlainJson(s)} THEN json(${s}) ELSE bq_parse_json(${s}, ${rounds})::JSON END`;
      return { sql: apply(call, [call.arg(0, "STRING").sql], parse), type: JSON_TYPE };
    },
  },
  {
    name: "TO_JSON",
    signature: "TO_JSON(value[, stringify_wide_numbers => bool])",
    args: [1, 1],
    named: ["stringify_wide_numbers"],
    compile: toJson,
  },
  {
    name: "TO_JSON_STRING",
    signature: "TO_JSON_STRING(value[, pretty])",
    args: [1, 2],
    compile: toJsonString,
  },
  { name: "JSON_OBJECT", signature: "JSON_OBJECT(name, value, …)", args: [0], compile: jsonObject },
  { name: "JSON_ARRAY", signature: "JSON_ARRAY(value, …)", args: [0], compile: jsonArray },
  editing("JSON_SET"),
  editing("JSON_ARRAY_APPEND"),
  editing("JSON_ARRAY_INSERT"),
  { name: "JSON_REMOVE", signature: "JSON_REMOVE(json, path, …)", args: [2], compile: edit },
  {
    name: "JSON_STRIP_NULLS",
    signature: "JSON_STRIP_NULLS(json[, path][, include_arrays => bool][, remove_empty => bool])",
    args: [1, 2],
    named: ["include_arrays", "remove_empty"],
    compile: stripNulls,
  },
  {
    name: "JSON_KEYS",
    signature: "JSON_KEYS(json[, depth])",
    args: [1, 2],
    compile: (call) => {
      const depth = call.count > 1 ? call.arg(1, "INT64").sql : "1000000::BIGINT";
      const sql = apply(
        call,
        [call.arg(0, "JSON").sql, depth],
        (j, d) => `bq_json_keys(${j}::VARCHAR, ${d})`,
      );
      return { sql, type: arrayOf(STRING) };
    },
  },
  {
    name: "JSON_TYPE",
    signature: "JSON_TYPE(json)",
    args: [1, 1],
    compile: (call) => ({
      sql: once(
        [call.arg(0, "JSON").sql],
        (j) =>
          `CASE WHEN ${j} IS NOT NULL THEN CASE json_type(${j}) ${TYPE_NAMES} ELSE 'number' END END`,
      ),
      type: STRING,
    }),
  },
  strict("INT64", INT64, "an integer"),
  strict("FLOAT64", FLOAT64, "a number"),
  strict("BOOL", BOOL, "a boolean"),
  {
    name: "STRING",
    signature: "STRING(json), STRING(time[, zone])",
    args: [1, 2],
    compile: (call) => {
      const { kind } = call.arg(0).type;
      if (kind === "JSON") return strict("STRING", STRING, "a string").compile(call);
      if (!["DATE", "TIME", "DATETIME", "TIMESTAMP"].includes(kind)) return call.noMatch();
      return stringOfTime(call);
    },
  },
  lax("LAX_INT64", INT64),
  lax("LAX_FLOAT64", FLOAT64),
  lax("LAX_BOOL", BOOL),
  lax("LAX_STRING", STRING),
);
