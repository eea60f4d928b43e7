import { invalidQuery, refused } from "../../errors.ts";
import { floatText } from "../cast.ts";
import { arrayOf, BOOL, FLOAT64, INT64, JSON_TYPE, type SqlType, STRING } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { jsonOf } from "./render.ts";
import { stringOfTime } from "./timestamps.ts";

/** Functions that make JSON of other values and other values of JSON. */

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
export function flag(call: Call, name: string, absent: boolean): boolean {
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
      `${nameOf(call.arg(i, "STRING").sql)} || ${jsonOf(call, value.sql, value.type, "value")}`,
    );
  }
  return objectOf(members.length === 0 ? "''" : members.join(" || ',' || "));
}

function nameOf(sql: string): string {
  const failure = raise("Invalid input to JSON_OBJECT: A key cannot be NULL", STRING);
  return once(
    [sql],
    (s) => `CASE WHEN ${s} IS NULL THEN ${failure} ELSE to_json(${s})::VARCHAR || ':' END`,
  );
}

/** Of several members of one name the first counts, which the canonical text sees to. */
function objectOf(members: string): Typed {
  return {
    sql: `bq_json_canonical('{' || ${members} || '}')::JSON`,
    type: JSON_TYPE,
  };
}

function objectOfArrays(call: Call, names: Typed, values: Typed): Typed {
  if (values.type.kind !== "ARRAY") return call.noMatch();
  const element = values.type.element;
  const sql = once([names.sql, values.sql], (keys, list) => {
    const failure = raise(
      "Invalid input to JSON_OBJECT: The number of keys and values must match",
      JSON_TYPE,
    );
    const member = `${nameOf(`${keys}[_i]`)} || ${jsonOf(call, `${list}[_i]`, element, "value")}`;
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
      return { sql: once([call.arg(0, "JSON").sql], value), type };
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

/** Numbers as CAST writes them, not as JSON does: 1 for 1.0. */
function laxText(j: string): string {
  const number = floatText(`json_extract_string(${j}, '$')::DOUBLE`);
  return `CASE WHEN json_type(${j}) = 'DOUBLE' THEN ${number} ELSE bq_lax_string(${j}::VARCHAR) END`;
}

const TYPE_NAMES =
  "WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null'";

export const jsonFunctions: readonly FunctionDef[] = [
  define(
    "PARSE_JSON",
    "text[, wide_number_mode => mode]",
    [1, 1],
    (call) => {
      const rounds = numberMode(call, "exact") === "round";
      const parse = (s: string) =>
        `CASE WHEN ${isPlainJson(s)} THEN json(${s}) ELSE bq_parse_json(${s}, ${rounds})::JSON END`;
      return { sql: once([call.arg(0, "STRING").sql], parse), type: JSON_TYPE };
    },
    ["wide_number_mode"],
  ),
  define("TO_JSON", "value[, stringify_wide_numbers => bool]", [1, 1], toJson, [
    "stringify_wide_numbers",
  ]),
  define("TO_JSON_STRING", "value[, pretty]", [1, 2], toJsonString),
  define("JSON_OBJECT", "name, value, …", [0], jsonObject),
  define("JSON_ARRAY", "value, …", [0], jsonArray),
  define("JSON_KEYS", "json[, depth]", [1, 2], (call) => {
    const depth = call.count > 1 ? call.arg(1, "INT64").sql : "1000000::BIGINT";
    const sql = once(
      [call.arg(0, "JSON").sql, depth],
      (j, d) => `bq_json_keys(${j}::VARCHAR, ${d})`,
    );
    return { sql, type: arrayOf(STRING) };
  }),
  define("JSON_TYPE", "json", [1, 1], (call) => ({
    sql: once(
      [call.arg(0, "JSON").sql],
      (j) =>
        `CASE WHEN ${j} IS NOT NULL THEN CASE json_type(${j}) ${TYPE_NAMES} ELSE 'number' END END`,
    ),
    type: STRING,
  })),
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
  define("LAX_STRING", "json", [1, 1], (call) => ({
    sql: once([call.arg(0, "JSON").sql], laxText),
    type: STRING,
  })),
];
