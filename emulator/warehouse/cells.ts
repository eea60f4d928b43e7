import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { invalidQuery } from "../errors.ts";
import { canonicalJson, parseJson } from "../sql/functions/native/json-text.ts";
import type { RangeType, SqlType, StructType } from "../sql/types.ts";

/** How TIMESTAMP cells are written: `formatOptions` of the request. */
export type TimestampFormat = "INT64" | "FLOAT64" | "ISO8601_STRING";

/** The `v` of a cell: text, or nested cells of an ARRAY or STRUCT. */
export type CellValue = string | null | readonly Cell[] | { readonly f: readonly Cell[] };
export interface Cell {
  readonly v: CellValue;
}

const SECOND = 1_000_000n;

/** A value of DuckDB as BigQuery's REST writes it. */
export function cell(value: DuckDBValue, type: SqlType, timestamps: TimestampFormat): Cell {
  return { v: cellValue(value, type, timestamps) };
}

function cellValue(value: DuckDBValue, type: SqlType, timestamps: TimestampFormat): CellValue {
  if (type.kind === "ARRAY") {
    const items = value instanceof DuckDBListValue ? value.items : [];
    return items.map((item) => cell(item, type.element, timestamps));
  }
  if (value === null) return null;
  if (value instanceof DuckDBStructValue && type.kind === "RANGE") {
    return rangeCell(value, type, timestamps);
  }
  if (value instanceof DuckDBStructValue && type.kind === "STRUCT") {
    return { f: structCells(value, type, timestamps) };
  }
  if (type.kind === "JSON") return canonicalJson(parseJson(String(value)));
  if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros, timestamps);
  return typeof value === "number" && type.kind === "FLOAT64"
    ? floatText(value)
    : scalarText(value);
}

/** `[2024-01-01, UNBOUNDED)`, the bounds written as cells of their type. */
function rangeCell(
  { entries }: DuckDBStructValue,
  { element }: RangeType,
  timestamps: TimestampFormat,
): string {
  const [start, end] = [entries.start, entries.end].map((bound) =>
    isUnbounded(bound) ? "UNBOUNDED" : String(cellValue(bound ?? null, element, timestamps)),
  );
  return `[${start}, ${end})`;
}

function isUnbounded(bound: DuckDBValue | undefined): boolean {
  return typeof bound === "object" && bound !== null && "isFinite" in bound && !bound.isFinite;
}

function structCells(
  value: DuckDBStructValue,
  type: StructType,
  timestamps: TimestampFormat,
): Cell[] {
  // Struct entries come in schema order, whatever their names are.
  const entries = Object.values(value.entries);
  return type.fields.map((field, i) => cell(entries[i] ?? null, field.type, timestamps));
}

function scalarText(value: NonNullable<DuckDBValue>): string {
  if (value instanceof DuckDBDecimalValue) return decimalText(value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("base64");
  if (value instanceof DuckDBDateValue) return dateText(value.days);
  if (value instanceof DuckDBTimeValue) return timeText(value.micros);
  if (value instanceof DuckDBTimestampValue) return dateTimeText(value.micros, "T");
  if (value instanceof DuckDBIntervalValue) return intervalText(value);
  // Whole numbers, booleans and strings; JSON is a string too.
  return String(value);
}

/** As Java prints a double, which is what BigQuery answers with: `0.1`, `1.0E20`, `1.5E-7`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (value === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    const text = Object.is(value, -0) ? "-0" : String(value);
    return text.includes(".") ? text : `${text}.0`;
  }
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${exponent.replace("+", "")}`;
}

/** NUMERIC without trailing zeros. */
function decimalText(value: DuckDBDecimalValue): string {
  const digits = (value.value < 0n ? -value.value : value.value)
    .toString()
    .padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, "");
  return `${value.value < 0n ? "-" : ""}${whole}${fraction && `.${fraction}`}`;
}

/** 0001-01-01 and 9999-12-31 in days since 1970; DuckDB has more. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;
const FIRST_MICROS = -62_135_596_800_000_000n;
const LAST_MICROS = 253_402_300_799_999_999n;

function outsideOfYears(): Error {
  return invalidQuery("A date or time of the result is outside of the years 0001 to 9999");
}

function dateText(days: number): string {
  if (days < FIRST_DAY || days > LAST_DAY) {
    throw outsideOfYears();
  }
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

function timeText(micros: bigint): string {
  const seconds = micros / SECOND;
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n];
  return (
    parts.map((part) => String(part).padStart(2, "0")).join(":") + fractionText(micros % SECOND)
  );
}

function fractionText(micros: bigint): string {
  return micros === 0n ? "" : `.${String(micros).padStart(6, "0").replace(/0+$/, "")}`;
}

function dateTimeText(micros: bigint, separator: string): string {
  const day = 86_400n * SECOND;
  const ofDay = ((micros % day) + day) % day;
  return `${dateText(Number((micros - ofDay) / day))}${separator}${timeText(ofDay)}`;
}

function timestampText(micros: bigint, format: TimestampFormat): string {
  if (micros < FIRST_MICROS || micros > LAST_MICROS) throw outsideOfYears();
  if (format === "INT64") return String(micros);
  if (format === "ISO8601_STRING") return `${dateTimeText(micros, "T")}Z`;
  return floatText(Number(micros) / 1e6);
}

/** `Y-M D H:M:S[.f]`, with one sign for each of the three parts. */
function intervalText({ months, days, micros }: DuckDBIntervalValue): string {
  const m = Math.abs(months);
  const t = micros < 0n ? -micros : micros;
  const seconds = t / SECOND;
  const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fractionText(t % SECOND)}`;
  return `${months < 0 ? "-" : ""}${Math.trunc(m / 12)}-${m % 12} ${days} ${micros < 0n ? "-" : ""}${clock}`;
}
