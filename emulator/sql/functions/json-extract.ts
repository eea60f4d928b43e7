import { invalidQuery, refused } from "../../errors.ts";
import { arrayOf, JSON_TYPE, quoteText, STRING } from "../types.ts";
import { once } from "./body.ts";
import type { Call, FunctionDef, Typed } from "./define.ts";
import { duckdbPath, type PathStyle, parsePath } from "./native/json-path.ts";
import type { Step } from "./native/json-text.ts";

/**
 * JSON in DuckDB where it agrees with BigQuery, else in JavaScript (native/json-text.ts). They differ on numbers with a
 * fraction, whose digits BigQuery keeps in a STRING, and on texts that are broken behind the value looked for.
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

export function readPath(call: Call, path: string, style: PathStyle): readonly Step[] {
  if (/^(?:lax|strict)\b/.test(path))
    throw refused("JSONPath with a mode (lax, strict)", call.place);
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
  const sql = once([it.json, it.path], (s, path) => {
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
  const sql = once([it.json, it.path], (s, path) => {
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
  const sql = once([it.json, it.path], (s, path) => {
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
  const sql = once([it.json, it.path], (s, path) => {
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

export const jsonExtraction: readonly FunctionDef[] = [
  ...extracting(["JSON_VALUE", "JSON_EXTRACT_SCALAR"], scalar),
  ...extracting(["JSON_QUERY", "JSON_EXTRACT"], query, 2),
  ...extracting(["JSON_QUERY_ARRAY", "JSON_EXTRACT_ARRAY"], queryArray),
  ...extracting(["JSON_VALUE_ARRAY", "JSON_EXTRACT_STRING_ARRAY"], scalarArray),
];
