import { formatType, type SqlType, structFieldNames } from "../../sql/types.ts";
import type { Wire } from "./messages.ts";

/**
 * Values as a function's body sees them and returns them, as BigQuery maps them
 * (https://cloud.google.com/bigquery/docs/user-defined-functions#supported-javascript-udf-data-types):
 * INT64 comes as a string, NUMERIC as a number when it is an integer that a number can hold and as a string otherwise,
 * BYTES in base64, DATE as a Date, TIMESTAMP as a Date with the field `microseconds`, JSON as what it means, STRUCT as
 * an object.
 */

/** The context's own constructors: `instanceof` in the function's body must hold for its arguments. */
export interface Realm {
  readonly Object: ObjectConstructor;
  readonly Array: ArrayConstructor;
  readonly Date: DateConstructor;
  readonly JSON: JSON;
  readonly Function: FunctionConstructor;
}

const DAY_MS = 86_400_000;
/** Digits behind the point. */
const SCALES: Readonly<Record<string, number>> = { NUMERIC: 9, BIGNUMERIC: 18 };
const DECIMAL_DIGITS = 38;

export function toBody(value: Wire, type: SqlType, realm: Realm): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "INT64":
      return String(value);
    case "NUMERIC":
    case "BIGNUMERIC":
      return decimalToBody(String(value));
    case "JSON":
      return realm.JSON.parse(String(value));
    case "BYTES":
      return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : null;
    case "DATE":
      return new realm.Date(Number(value) * DAY_MS);
    case "TIMESTAMP":
      return timestampToBody(BigInt(String(value)), realm);
    case "ARRAY":
      return realm.Array.from(wires(value), (item) => toBody(item, type.element, realm));
    case "STRUCT": {
      const names = fieldNames(type);
      const fields = wires(value).map((field, i): [string, unknown] => [
        names[i] ?? "",
        toBody(field, type.fields[i]?.type ?? { kind: "UNKNOWN" }, realm),
      ]);
      return realm.Object.fromEntries(fields);
    }
    default:
      return value;
  }
}

function decimalToBody(text: string): number | string {
  const trimmed = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return /^-?\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed))
    ? Number(trimmed)
    : trimmed;
}

function timestampToBody(micros: bigint, realm: Realm): Date {
  const fraction = ((micros % 1000n) + 1000n) % 1000n;
  const date = new realm.Date(Number((micros - fraction) / 1000n));
  return Object.assign(date, { microseconds: Number(fraction) });
}

/** What the function returned as a value of its declared type. Throws when it cannot be one. */
export function fromBody(value: unknown, type: SqlType, realm: Realm): Wire {
  if (value === null || value === undefined) return null;
  const fail = (): never => {
    throw new Error(`Failed to coerce output value ${show(value)} to type ${formatType(type)}`);
  };
  switch (type.kind) {
    case "INT64":
      return integer(String(value)) ?? fail();
    case "FLOAT64":
      return float(String(value)) ?? fail();
    case "NUMERIC":
    case "BIGNUMERIC":
      return decimal(String(value), SCALES[type.kind] ?? 0) ?? fail();
    case "BOOL":
      return /^(true|false)$/i.test(String(value)) ? /^t/i.test(String(value)) : fail();
    case "STRING":
      return String(value);
    case "JSON":
      return realm.JSON.stringify(value) ?? null;
    case "BYTES":
      return bytes(String(value)) ?? fail();
    case "DATE":
      return Math.floor((milliseconds(value) ?? fail()) / DAY_MS);
    case "TIMESTAMP":
      return BigInt(milliseconds(value) ?? fail()) * 1000n + microseconds(value);
    case "ARRAY":
      return Array.isArray(value)
        ? Array.from(value, (item) => fromBody(item, type.element, realm))
        : fail();
    case "STRUCT":
      return typeof value === "object" ? structFromBody(value, type, realm) : fail();
    default:
      return fail();
  }
}

function structFromBody(
  value: object,
  type: Extract<SqlType, { kind: "STRUCT" }>,
  realm: Realm,
): readonly Wire[] {
  const fields = new Map(Object.entries(value));
  const names = fieldNames(type);
  return type.fields.map((field, i) => fromBody(fields.get(names[i] ?? ""), field.type, realm));
}

/** The properties that stand for a struct's fields. */
function fieldNames(type: Extract<SqlType, { kind: "STRUCT" }>): readonly string[] {
  const names = structFieldNames(type);
  return type.fields.map((field, i) => field.name ?? names[i] ?? "");
}

function wires(value: Wire): readonly Wire[] {
  return Array.isArray(value) ? value : [];
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function integer(text: string): bigint | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return undefined;
  const value = BigInt(text.trim().replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function float(text: string): number | undefined {
  if (/^\s*nan\s*$/i.test(text)) return Number.NaN;
  return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function bytes(text: string): Uint8Array | undefined {
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
  return isBase64 ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
}

/** Of a Date, of another realm too, or a text that Date reads. */
function milliseconds(value: unknown): number | undefined {
  const time = isDate(value) ? Number(value) : Date.parse(String(value));
  return Number.isNaN(time) ? undefined : time;
}

/** What a Date of BigQuery's carries below the millisecond. */
function microseconds(value: unknown): bigint {
  if (!isDate(value) || !("microseconds" in value)) return 0n;
  const fraction = Number(value.microseconds);
  return Number.isInteger(fraction) && fraction >= 0 && fraction < 1000 ? BigInt(fraction) : 0n;
}

function isDate(value: unknown): value is object {
  return Object.prototype.toString.call(value) === "[object Date]";
}

/** A decimal number in text, with an exponent or not, rounded half away from zero to a whole number of 10^-scale. */
function decimal(text: string, scale: number): bigint | undefined {
  const match = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?\s*$/.exec(text);
  if (!match || (!match[2] && !match[3])) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const scaled = shift < 0 ? (digits + divisor / 2n) / divisor : digits * 10n ** BigInt(shift);
  if (scaled >= 10n ** BigInt(DECIMAL_DIGITS)) return undefined;
  return sign === "-" ? -scaled : scaled;
}
