import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { type Native, text } from "./define.ts";
import { hasPart, insertAt, keysOf, removeAt, setAt, stripNulls } from "./json-edit.ts";
import { type PathStyle, parsePath } from "./json-path.ts";
import {
  canonicalJson,
  findJson,
  type Json,
  keepsItsValue,
  numberText,
  parseJson,
  prettyJson,
  printJson,
} from "./json-text.ts";

/** The JSON functions that DuckDB calls. */

/** The text of a scalar; `number` says how numbers are printed. Null and containers have none. */
function scalarText(value: Json | undefined, number: (text: string) => string): string | null {
  switch (value?.kind) {
    case "string":
      return value.value;
    case "number":
      return number(value.text);
    case "boolean":
      return String(value.value);
    default:
      return null;
  }
}

const asWritten = (number: string) => number;

function query(value: Json | undefined): string | null {
  return value === undefined || value.kind === "null" ? null : printJson(value);
}

function queryArray(value: Json | undefined): DuckDBValue {
  return value?.kind === "array" ? listValue(value.items.map((item) => printJson(item))) : null;
}

function scalarArray(value: Json | undefined, number: (text: string) => string): DuckDBValue {
  if (value?.kind !== "array") return null;
  if (value.items.some(({ kind }) => kind === "object" || kind === "array")) return null;
  return listValue(value.items.map((item) => scalarText(item, number)));
}

function extracting(
  name: string,
  returns: Native["returns"],
  result: (value: Json | undefined) => DuckDBValue,
): Native {
  return {
    name: `bq_json_${name}`,
    args: [VARCHAR, VARCHAR, VARCHAR],
    returns,
    call: (json: string, path: string, style: PathStyle) =>
      result(findJson(json, parsePath(path, style))),
  };
}

/**
 * The text in which a JSON value is stored: members in order, numbers as GoogleSQL writes them.
 * @param rounds numbers that FLOAT64 cannot hold are rounded
 * @throws Error for what is no JSON
 */
export function storedJson(json: string, rounds: boolean): string {
  let value: Json;
  try {
    value = parseJson(json);
  } catch (error) {
    throw new Error(`Invalid input to PARSE_JSON: ${(error as Error).message}`);
  }
  checkNumbers(value, rounds);
  return canonicalJson(value);
}

function checkNumbers(value: Json, rounds: boolean): void {
  if (value.kind === "array") for (const item of value.items) checkNumbers(item, rounds);
  if (value.kind === "object") for (const [, member] of value.entries) checkNumbers(member, rounds);
  if (value.kind !== "number") return;
  const isHeld = rounds ? Number.isFinite(Number(value.text)) : keepsItsValue(value.text);
  if (!isHeld) {
    throw new Error(
      `Invalid input to PARSE_JSON: Input number: ${value.text} cannot round-trip through string representation`,
    );
  }
}

/** U+2028 and U+2029 are escaped in the texts of SQL values, not in those of JSON values. */
function quote(value: string): string {
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

const MAX_INT64 = 2n ** 63n - 1n;

/** A number or a text of one, rounded half away from zero; true is 1. */
function laxInteger(json: string): bigint | null {
  const value = parseJson(json);
  if (value.kind === "boolean") return value.value ? 1n : 0n;
  const digits = scalarText(value, asWritten)?.trim() ?? "";
  const whole = /^[+-]?\d+$/.test(digits) ? BigInt(digits.replace("+", "")) : roundedNumber(digits);
  return whole === null || whole > MAX_INT64 || whole < -MAX_INT64 - 1n ? null : whole;
}

function roundedNumber(digits: string): bigint | null {
  const number = laxNumber(digits);
  if (number === null || !Number.isFinite(number)) return null;
  const rounded = BigInt(Math.trunc(Math.abs(number)) + (Math.abs(number) % 1 >= 0.5 ? 1 : 0));
  return number < 0 ? -rounded : rounded;
}

/** `0x1F`, `-0x1.8p3`: a number in C's hexadecimal form. */
export function hexNumber(text: string): number | undefined {
  const [found, sign, whole = "", fraction = "", power = "0"] =
    /^([+-]?)0x([\da-f]*)\.?([\da-f]*)(?:p([+-]?\d+))?$/i.exec(text) ?? [];
  if (found === undefined || whole + fraction === "") return undefined;
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === "-" ? -size : size;
}

function laxNumber(digits: string): number | null {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits)) return Number(digits);
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(digits);
  if (!special) return null;
  if (special[2]?.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function laxFloat(json: string): number | null {
  const value = parseJson(json);
  if (value.kind === "boolean") return null;
  const digits = scalarText(value, asWritten)?.trim() ?? "";
  return hexNumber(digits) ?? laxNumber(digits);
}

function laxBoolean(json: string): boolean | null {
  const value = parseJson(json);
  if (value.kind === "number") return Number(value.text) !== 0;
  const word = scalarText(value, asWritten)?.toLowerCase();
  return word === "true" || word === "false" ? word === "true" : null;
}

function editing(
  name: string,
  args: Native["args"],
  edit: (json: Json, path: string, ...rest: never[]) => Json,
): Native {
  return {
    name: `bq_json_${name}`,
    args: [VARCHAR, VARCHAR, ...args],
    returns: VARCHAR,
    call: (json: string, path: string, ...rest: never[]) =>
      canonicalJson(edit(parseJson(json), path, ...rest)),
  };
}

function inserting(name: string, atEnd: boolean): Native {
  return editing(name, [VARCHAR, BOOLEAN], (json, path, value: string, each: boolean) => {
    const parsed = parseJson(value);
    const values = each && parsed.kind === "array" ? parsed.items : [parsed];
    return insertAt(json, parsePath(path, "standard"), values, atEnd);
  });
}

export const jsonNatives: readonly Native[] = [
  extracting("value", VARCHAR, (value) => scalarText(value, asWritten)),
  extracting("scalar", VARCHAR, (value) => scalarText(value, numberText)),
  extracting("query", VARCHAR, query),
  extracting("query_array", LIST(VARCHAR), queryArray),
  extracting("value_array", LIST(VARCHAR), (value) => scalarArray(value, asWritten)),
  extracting("scalar_array", LIST(VARCHAR), (value) => scalarArray(value, numberText)),
  { name: "bq_parse_json", args: [VARCHAR, BOOLEAN], returns: VARCHAR, call: storedJson },
  text("bq_json_canonical", 1, (json) => canonicalJson(parseJson(json))),
  text("bq_json_pretty", 1, (json) => prettyJson(parseJson(json))),
  text("bq_json_quote", 1, quote),
  text("bq_json_wide", 1, (number) => (keepsItsValue(number) ? number : `"${number}"`)),
  editing("set", [VARCHAR, BOOLEAN], (json, path, value: string, creates: boolean) => {
    const steps = parsePath(path, "standard");
    return creates || hasPart(json, steps) ? setAt(json, steps, parseJson(value)) : json;
  }),
  editing("remove", [], (json, path) => removeAt(json, parsePath(path, "standard"))),
  inserting("array_append", true),
  inserting("array_insert", false),
  editing(
    "strip_nulls",
    [BOOLEAN, BOOLEAN],
    (json, path, includeArrays: boolean, removeEmpty: boolean) =>
      stripNulls(json, parsePath(path, "standard"), { includeArrays, removeEmpty }),
  ),
  {
    name: "bq_json_keys",
    args: [VARCHAR, BIGINT],
    returns: LIST(VARCHAR),
    call: (json: string, depth: bigint) => listValue(keysOf(parseJson(json), Number(depth))),
  },
  { name: "bq_lax_int64", args: [VARCHAR], returns: BIGINT, call: laxInteger },
  {
    name: "bq_hex_float",
    args: [VARCHAR],
    returns: DOUBLE,
    call: (text: string) => hexNumber(text) ?? null,
  },
  { name: "bq_lax_float64", args: [VARCHAR], returns: DOUBLE, call: laxFloat },
  { name: "bq_lax_bool", args: [VARCHAR], returns: BOOLEAN, call: laxBoolean },
  {
    name: "bq_lax_string",
    args: [VARCHAR],
    returns: VARCHAR,
    call: (json: string) => scalarText(parseJson(json), asWritten),
  },
];
