import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  STRUCT,
  structValue,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { refused } from "../errors.ts";
import { formatType, type SqlType, structFieldNames } from "../sql/types.ts";
import type { Realm } from "./javascript.ts";

/**
 * Values on their way between SQL and JavaScript, as BigQuery maps them
 * (https://cloud.google.com/bigquery/docs/user-defined-functions#supported-javascript-udf-data-types):
 * INT64 comes as a string, NUMERIC as a number when it is an integer that a number can hold and as a string otherwise,
 * BYTES in base64, DATE and TIMESTAMP as Date, JSON as what it means, STRUCT as an object.
 */

const SCALES: Readonly<Record<string, number>> = { NUMERIC: 9, BIGNUMERIC: 18 };
const WIDTH = 38;

/** The DuckDB type that stores a GoogleSQL type. Throws for types that JavaScript functions do not take. */
export function duckdbTypeOf(type: SqlType): DuckDBType {
  switch (type.kind) {
    case "INT64":
      return BIGINT;
    case "FLOAT64":
      return DOUBLE;
    case "NUMERIC":
    case "BIGNUMERIC":
      return DECIMAL(WIDTH, SCALES[type.kind]);
    case "BOOL":
      return BOOLEAN;
    case "STRING":
    case "JSON":
      return VARCHAR;
    case "BYTES":
      return BLOB;
    case "DATE":
      return DATE;
    case "TIMESTAMP":
      return TIMESTAMPTZ;
    case "ARRAY":
      return LIST(duckdbTypeOf(type.element));
    case "STRUCT": {
      const names = structFieldNames(type);
      return STRUCT(
        Object.fromEntries(
          type.fields.map((field, i) => [names[i] ?? "", duckdbTypeOf(field.type)]),
        ),
      );
    }
    default:
      throw refused(`${formatType(type)} in a JavaScript function`);
  }
}

/** A value of DuckDB as the function's body sees it. */
export function toJavaScript(value: DuckDBValue, type: SqlType, realm: Realm): unknown {
  if (value === null) return null;
  if (type.kind === "INT64") return String(value);
  if (type.kind === "JSON") return JSON.parse(String(value));
  if (value instanceof DuckDBDecimalValue) return decimalToJavaScript(value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("base64");
  if (value instanceof DuckDBDateValue) return new realm.Date(value.days * 86_400_000);
  if (value instanceof DuckDBTimestampTZValue) return new realm.Date(Number(value.micros / 1000n));
  if (value instanceof DuckDBListValue && type.kind === "ARRAY") {
    return value.items.map((item) => toJavaScript(item, type.element, realm));
  }
  if (value instanceof DuckDBStructValue && type.kind === "STRUCT") {
    const names = structFieldNames(type);
    return Object.fromEntries(
      type.fields.map((field, i) => {
        const name = names[i] ?? "";
        return [field.name ?? name, toJavaScript(value.entries[name] ?? null, field.type, realm)];
      }),
    );
  }
  return value;
}

function decimalToJavaScript(value: DuckDBDecimalValue): number | string {
  const text = value.toString().replace(/\.?0+$/, (zeros) => (zeros.includes(".") ? "" : zeros));
  const trimmed = text.includes(".") ? text.replace(/0+$/, "") : text;
  const isExact = /^-?\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed));
  return isExact ? Number(trimmed) : trimmed;
}

/** What the function returned as a value of DuckDB. Throws when it cannot be one of the declared type. */
export function fromJavaScript(value: unknown, type: SqlType): DuckDBValue {
  if (value === null || value === undefined) return null;
  const fail = () => {
    throw new Error(`Failed to coerce output value ${show(value)} to type ${formatType(type)}`);
  };
  const text = String(value);
  switch (type.kind) {
    case "INT64":
      return /^\s*[+-]?\d+\s*$/.test(text) ? BigInt.asIntN(64, BigInt(text.trim())) : fail();
    case "FLOAT64":
      return text.trim() === "" || (Number.isNaN(Number(text)) && !/^\s*nan\s*$/i.test(text))
        ? fail()
        : Number(text);
    case "NUMERIC":
    case "BIGNUMERIC":
      return decimal(text, SCALES[type.kind] ?? 0) ?? fail();
    case "BOOL":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : fail();
    case "STRING":
      return text;
    case "JSON":
      return JSON.stringify(value) ?? null;
    case "BYTES":
      return blobValue(new Uint8Array(Buffer.from(text, "base64")));
    case "DATE":
      return new DuckDBDateValue(Math.floor((milliseconds(value) ?? fail()) / 86_400_000));
    case "TIMESTAMP":
      return new DuckDBTimestampTZValue(BigInt(milliseconds(value) ?? fail()) * 1000n);
    case "ARRAY":
      return Array.isArray(value)
        ? listValue(value.map((item) => fromJavaScript(item, type.element)))
        : fail();
    case "STRUCT": {
      if (typeof value !== "object") return fail();
      const fields = new Map(Object.entries(value));
      const names = structFieldNames(type);
      const entries = type.fields.map((field, i): [string, DuckDBValue] => {
        const name = names[i] ?? "";
        return [name, fromJavaScript(fields.get(field.name ?? name), field.type)];
      });
      return structValue(Object.fromEntries(entries));
    }
    default:
      return fail();
  }
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Of a Date, of another realm too, or a text that Date reads. */
function milliseconds(value: unknown): number | undefined {
  const time =
    Object.prototype.toString.call(value) === "[object Date]"
      ? Number(value)
      : Date.parse(String(value));
  return Number.isNaN(time) ? undefined : time;
}

/** A decimal number in text, with an exponent or not, rounded half away from zero. */
function decimal(text: string, scale: number): DuckDBDecimalValue | undefined {
  const match = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?\s*$/.exec(text);
  if (!match || (!match[2] && !match[3])) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const scaled = shift < 0 ? (digits + divisor / 2n) / divisor : digits * 10n ** BigInt(shift);
  if (scaled >= 10n ** BigInt(WIDTH)) return undefined;
  return new DuckDBDecimalValue(sign === "-" ? -scaled : scaled, WIDTH, scale);
}
