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
import type { Wire } from "./worker/messages.ts";

/** DuckDB's values on their way to and from the workers; what a function's body sees of them is in worker/values.ts. */

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

export function toWire(value: DuckDBValue, type: SqlType): Wire {
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBBlobValue) return value.bytes.slice();
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimestampTZValue) return value.micros;
  if (value instanceof DuckDBListValue && type.kind === "ARRAY") {
    return value.items.map((item) => toWire(item, type.element));
  }
  if (value instanceof DuckDBStructValue && type.kind === "STRUCT") {
    const names = structFieldNames(type);
    return type.fields.map((field, i) => toWire(value.entries[names[i] ?? ""] ?? null, field.type));
  }
  return isPlain(value) ? value : null;
}

function isPlain(value: DuckDBValue): value is null | boolean | number | bigint | string {
  return value === null || typeof value !== "object";
}

/** A value that the worker has made for `type`; NUMERIC comes as a whole number of its last digit. */
export function fromWire(value: Wire, type: SqlType): DuckDBValue {
  if (value === null) return null;
  if (value instanceof Uint8Array) return blobValue(value);
  switch (type.kind) {
    case "NUMERIC":
    case "BIGNUMERIC":
      return new DuckDBDecimalValue(BigInt(String(value)), WIDTH, SCALES[type.kind] ?? 0);
    case "DATE":
      return new DuckDBDateValue(Number(value));
    case "TIMESTAMP":
      return new DuckDBTimestampTZValue(BigInt(String(value)));
    case "ARRAY":
      return listValue(items(value).map((item) => fromWire(item, type.element)));
    case "STRUCT": {
      const names = structFieldNames(type);
      const fields = items(value);
      const entries = type.fields.map((field, i): [string, DuckDBValue] => [
        names[i] ?? "",
        fromWire(fields[i] ?? null, field.type),
      ]);
      return structValue(Object.fromEntries(entries));
    }
    default:
      return Array.isArray(value) ? null : plain(value);
  }
}

function items(value: Wire): readonly Wire[] {
  return Array.isArray(value) ? value : [];
}

function plain(value: Wire): DuckDBValue {
  return typeof value === "object" ? null : value;
}
