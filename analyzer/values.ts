import type { TypeProto } from "./types.ts";

/**
 * A value that can be compared exactly: NULL, an array or the fields of a struct, or the text of a scalar. INT64,
 * NUMERIC, BIGNUMERIC: decimal, without zeros at the end of the fraction. FLOAT64: as JavaScript writes it, or `NaN`,
 * `Infinity`, `-Infinity`, `-0`. BOOL: `true`, `false`. BYTES: base64. DATE, TIME, DATETIME (with `T`), TIMESTAMP
 * (UTC, with `T` and `Z`): ISO 8601, a fraction of six digits where there is one. INTERVAL: `Y-M D H:M:S[.F]`.
 * JSON: its text. RANGE: `[start, end)`.
 */
export type Value = null | string | readonly Value[];

/** A cell as the service writes it (zetasql.ValueProto): one field is set, none for NULL. */
export interface Cell {
  readonly int64Value?: string;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
  readonly stringValue?: string;
  readonly bytesValue?: Buffer;
  readonly dateValue?: number;
  readonly timestampValue?: { readonly seconds?: string; readonly nanos?: number };
  readonly datetimeValue?: { readonly bitFieldDatetimeSeconds: string; readonly nanos?: number };
  readonly timeValue?: string;
  readonly numericValue?: Buffer;
  readonly bignumericValue?: Buffer;
  readonly intervalValue?: Buffer;
  readonly jsonValue?: string;
  readonly rangeValue?: { readonly start: Cell; readonly end: Cell };
  readonly arrayValue?: { readonly element?: readonly Cell[] };
  readonly structValue?: { readonly field?: readonly Cell[] };
}

/** Reads a cell of a type. @throws Error for types that have no text here, such as GEOGRAPHY */
export function readCell(cell: Cell, type: TypeProto): Value {
  if (Object.keys(cell).length === 0) return null;
  const { arrayValue, structValue, rangeValue } = cell;
  if (arrayValue && type.arrayType) {
    const { elementType } = type.arrayType;
    return (arrayValue.element ?? []).map((element) => readCell(element, elementType));
  }
  if (structValue && type.structType) {
    const fields = type.structType.field ?? [];
    return fields.map(({ fieldType }, i) => readCell(structValue.field?.[i] ?? {}, fieldType));
  }
  if (rangeValue && type.rangeType) {
    const { elementType } = type.rangeType;
    const bound = (of: Cell) => readCell(of, elementType) ?? "UNBOUNDED";
    return `[${bound(rangeValue.start)}, ${bound(rangeValue.end)})`;
  }
  return readScalar(cell, type);
}

function readScalar(cell: Cell, type: TypeProto): string {
  if (cell.int64Value !== undefined) return cell.int64Value;
  if (cell.stringValue !== undefined) return cell.stringValue;
  if (cell.jsonValue !== undefined) return cell.jsonValue;
  if (cell.boolValue !== undefined) return String(cell.boolValue);
  if (cell.doubleValue !== undefined) {
    return Object.is(cell.doubleValue, -0) ? "-0" : String(cell.doubleValue);
  }
  if (cell.bytesValue !== undefined) return cell.bytesValue.toString("base64");
  if (cell.numericValue !== undefined) return decimal(signed(cell.numericValue), 9);
  if (cell.bignumericValue !== undefined) return decimal(signed(cell.bignumericValue), 38);
  if (cell.dateValue !== undefined) return isoSecond(cell.dateValue * 86_400).slice(0, 10);
  if (cell.timestampValue !== undefined) {
    const { seconds = "0", nanos = 0 } = cell.timestampValue;
    return `${isoSecond(Number(seconds))}${fraction(nanos)}Z`;
  }
  if (cell.datetimeValue !== undefined) return datetime(cell.datetimeValue);
  if (cell.timeValue !== undefined) {
    const bits = BigInt(cell.timeValue);
    return `${clock(bits >> 30n)}${fraction(Number(bits & 0x3fffffffn))}`;
  }
  if (cell.intervalValue !== undefined) return interval(cell.intervalValue);
  throw new Error(`no value can be read of type ${type.typeKind}`);
}

/** Little-endian two's complement of any length. */
function signed(bytes: Buffer): bigint {
  const digits = Buffer.from(bytes).reverse().toString("hex");
  return digits === "" ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits}`));
}

function decimal(scaled: bigint, scale: number): string {
  const sign = scaled < 0n ? "-" : "";
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, "0");
  const tail = digits.slice(-scale).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -scale)}${tail && `.${tail}`}`;
}

const isoSecond = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);

const fraction = (nanos: number): string =>
  nanos === 0 ? "" : `.${String(Math.floor(nanos / 1000)).padStart(6, "0")}`;

const two = (bits: bigint): string => String(bits).padStart(2, "0");

/** Hour, minute and second in 5, 6 and 6 bits, as in zetasql/public/civil_time.h. */
const clock = (bits: bigint): string =>
  `${two((bits >> 12n) & 31n)}:${two((bits >> 6n) & 63n)}:${two(bits & 63n)}`;

/** Year, month and day in 14, 4 and 5 bits, then the clock. */
function datetime(value: NonNullable<Cell["datetimeValue"]>): string {
  const bits = BigInt(value.bitFieldDatetimeSeconds);
  const year = String(bits >> 26n).padStart(4, "0");
  const day = `${year}-${two((bits >> 22n) & 15n)}-${two((bits >> 17n) & 31n)}`;
  return `${day}T${clock(bits)}${fraction(value.nanos ?? 0)}`;
}

/** Microseconds, days, then months in sign and magnitude above ten bits of nanoseconds (zetasql/public/interval_value.h). */
function interval(bytes: Buffer): string {
  const micros = bytes.readBigInt64LE(0);
  const days = bytes.readInt32LE(8);
  const packed = bytes.readUInt32LE(12);
  const months = (packed & 0x7fffffff) >>> 13;
  const monthSign = packed >>> 31 === 1 ? "-" : "";
  const size = micros < 0n ? -micros : micros;
  const seconds = size / 1_000_000n;
  const time = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}`;
  const part = fraction(Number(size % 1_000_000n) * 1000);
  return `${monthSign}${Math.floor(months / 12)}-${months % 12} ${days} ${micros < 0n ? "-" : ""}${time}${part}`;
}
