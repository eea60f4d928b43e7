import { invalidQuery } from "../../errors.ts";
import { DATE } from "../types.ts";
import { once, raise, reused } from "./body.ts";
import type { Call, DatePart, IntervalArg } from "./define.ts";

/** What a date part means, shared by the functions of DATE, DATETIME and TIMESTAMP. All SQL in and out is DuckDB's. */

/** Days to shift a date so that its week starts on DuckDB's Monday: 0 for Monday … 5 for Saturday, -1 for Sunday. */
const WEEKDAYS: Readonly<Record<string, number>> = {
  SUNDAY: -1,
  MONDAY: 0,
  TUESDAY: 1,
  WEDNESDAY: 2,
  THURSDAY: 3,
  FRIDAY: 4,
  SATURDAY: 5,
};

const MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

/** The months in a part; undefined for parts of a fixed length. */
export function monthsIn(unit: string): number | undefined {
  return MONTHS[unit];
}

const MICROSECONDS: Readonly<Record<string, number>> = {
  MICROSECOND: 1,
  MILLISECOND: 1_000,
  SECOND: 1_000_000,
  MINUTE: 60_000_000,
  HOUR: 3_600_000_000,
  DAY: 86_400_000_000,
};

/** @throws BigQueryError "… does not support the … date part" */
export function unsupportedPart(call: Call, part: string): never {
  throw invalidQuery(`${call.name} does not support the ${part} date part`, call.place);
}

/** First and last value of the types, which DuckDB's own ranges exceed. */
const RANGES = {
  DATE: ["DATE '0001-01-01'", "DATE '9999-12-31'"],
  DATETIME: ["TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"],
  TIMESTAMP: [
    "TIMESTAMPTZ '0001-01-01 00:00:00+00'",
    "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
  ],
} as const;

/** Fails for a value outside BigQuery's range of the type; `sql` is repeated, so it must be short. */
export function inRange(
  sql: string,
  type: "DATE" | "DATETIME" | "TIMESTAMP",
  what: string,
): string {
  const [first, last] = RANGES[type];
  const failure = raise(`${what} causes overflow`, { kind: type });
  return `CASE WHEN ${sql} < ${first} OR ${sql} > ${last} THEN ${failure} ELSE ${sql} END`;
}

/** Of NULL nothing is computed, so nothing overflows. */
function present(value: string, result: string): string {
  return `CASE WHEN ${value} IS NOT NULL THEN ${result} END`;
}

/** DATE ± n parts. */
export function addToDate(call: Call, date: string, by: IntervalArg, sign: "+" | "-"): string {
  const { amount, unit } = by;
  return once([date, amount.sql], (d, n) => {
    const sum = `(${d} ${sign} ${dateStep(call, n, unit)})::DATE`;
    return present(d, inRange(sum, "DATE", `${call.name} of ${unit}`));
  });
}

function dateStep(call: Call, n: string, unit: string): string {
  const months = MONTHS[unit];
  if (months !== undefined) return monthsOf(n, months);
  if (unit === "DAY") return `${n}::INTEGER`;
  if (unit === "WEEK") return `(7 * ${n})::INTEGER`;
  return unsupportedPart(call, unit);
}

function monthsOf(n: string, months: number): string {
  return `to_months((${n} * ${months})::INTEGER)`;
}

/** n parts as a DuckDB INTERVAL. */
export function stepInterval(call: Call, n: string, unit: string): string {
  const months = MONTHS[unit];
  return months === undefined ? microsecondsOf(call, n, unit) : monthsOf(n, months);
}

/** DATETIME ± n parts. */
export function addToDatetime(
  call: Call,
  datetime: string,
  by: IntervalArg,
  sign: "+" | "-",
): string {
  return once([datetime, by.amount.sql], (c, n) => {
    const sum = `(${c} ${sign} ${stepInterval(call, n, by.unit)})`;
    return present(c, inRange(sum, "DATETIME", `${call.name} of ${by.unit}`));
  });
}

/** TIMESTAMP ± n parts: a DAY is 24 hours, longer parts do not exist. */
export function addToTimestamp(
  call: Call,
  instant: string,
  by: IntervalArg,
  sign: "+" | "-",
): string {
  if (by.unit === "WEEK") unsupportedPart(call, by.unit);
  return once([instant, by.amount.sql], (t, n) => {
    const sum = `(${t} ${sign} ${microsecondsOf(call, n, by.unit)})`;
    return present(t, inRange(sum, "TIMESTAMP", `${call.name} of ${by.unit}`));
  });
}

/** DuckDB fails where the product exceeds 64 bits. */
function microsecondsOf(call: Call, n: string, unit: string): string {
  const days = unit === "WEEK" ? 7 : 1;
  const size = MICROSECONDS[unit === "WEEK" ? "DAY" : unit];
  if (size === undefined) return unsupportedPart(call, unit);
  return `to_microseconds(${n}::BIGINT * ${days * size})`;
}

/** The first day of the part that a date is in. */
export function truncateDate(call: Call, date: string, part: DatePart): string {
  switch (part.unit) {
    case "DAY":
      return date;
    case "WEEK":
    case "ISOWEEK":
      return inFullWeek(date, weekday(call, part));
    case "MONTH":
    case "QUARTER":
    case "YEAR":
    case "ISOYEAR":
      return `date_trunc('${part.unit.toLowerCase()}', ${date})::DATE`;
    default:
      return unsupportedPart(call, part.unit);
  }
}

function weekStart(date: string, shift: number): string {
  if (shift === 0) return `date_trunc('week', ${date})::DATE`;
  return `(date_trunc('week', ${date} - (${shift}))::DATE + (${shift}))`;
}

/** A day of a date's week; the weeks that begin before year 1 or end behind 9999 are errors. */
function inFullWeek(date: string, shift: number, days = 0): string {
  if (shift === 0 && days === 0) return weekStart(date, shift);
  const failure = raise("The week is outside of the years 0001 to 9999", DATE);
  return reused([date], (d) => {
    const outside = days > 0 ? `${d} > '9999-12-25'::DATE` : `${d} < '0001-01-07'::DATE`;
    return `CASE WHEN ${outside} THEN ${failure} ELSE ${weekStart(d, shift)} + ${days} END`;
  });
}

function weekday(call: Call, part: DatePart): number {
  if (part.unit === "ISOWEEK") return 0;
  const shift = WEEKDAYS[part.weekday ?? "SUNDAY"];
  return shift ?? unsupportedPart(call, `${part.unit}(${part.weekday})`);
}

const CLOCK_PARTS = ["HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"];

export function isClockPart(unit: string): boolean {
  return CLOCK_PARTS.includes(unit);
}

/** A DATETIME with everything below the part set to its start. */
export function truncateDatetime(call: Call, datetime: string, part: DatePart): string {
  if (isClockPart(part.unit)) {
    return `date_trunc('${part.unit.toLowerCase()}', ${datetime})::TIMESTAMP`;
  }
  return `(${truncateDate(call, `${datetime}::DATE`, part)})::TIMESTAMP`;
}

/** The last day of the part that a date is in. */
export function lastDay(call: Call, date: string, part: DatePart): string {
  switch (part.unit) {
    case "MONTH":
      return `last_day(${date})`;
    case "QUARTER":
      return `((date_trunc('quarter', ${date}) + to_months(3))::DATE - 1)`;
    case "YEAR":
      return `((date_trunc('year', ${date}) + to_months(12))::DATE - 1)`;
    case "WEEK":
    case "ISOWEEK":
      return inFullWeek(date, weekday(call, part), 6);
    case "ISOYEAR":
      // 375 days from its start is always inside the next ISO year, which has at least 364.
      return `(date_trunc('isoyear', date_trunc('isoyear', ${date})::DATE + 375)::DATE - 1)`;
    default:
      return unsupportedPart(call, part.unit);
  }
}

/** How many starts of the part lie between two dates: DATE_DIFF(end, start, part). */
export function diffDates(call: Call, end: string, start: string, part: DatePart): string {
  switch (part.unit) {
    case "DAY":
      return `(${end} - ${start})`;
    case "WEEK":
    case "ISOWEEK": {
      const shift = weekday(call, part);
      return `((${weekStart(end, shift)} - ${weekStart(start, shift)}) // 7)`;
    }
    case "MONTH":
    case "QUARTER":
    case "YEAR":
      return `date_diff('${part.unit.toLowerCase()}', ${start}, ${end})`;
    case "ISOYEAR":
      return `(isoyear(${end}) - isoyear(${start}))`;
    default:
      return unsupportedPart(call, part.unit);
  }
}

/** Starts of the part between two DATETIMEs. */
export function diffDatetimes(call: Call, end: string, start: string, part: DatePart): string {
  if (part.unit === "MICROSECOND")
    return `(epoch_us((${end})::TIMESTAMP) - epoch_us((${start})::TIMESTAMP))`;
  if (isClockPart(part.unit)) return `date_diff('${part.unit.toLowerCase()}', ${start}, ${end})`;
  return diffDates(call, `${end}::DATE`, `${start}::DATE`, part);
}

/** Whole parts between two TIMESTAMPs, towards zero. */
export function diffTimestamps(call: Call, end: string, start: string, part: DatePart): string {
  const size = part.weekday === undefined ? MICROSECONDS[part.unit] : undefined;
  if (size === undefined) return unsupportedPart(call, part.unit);
  // DuckDB does not know the type of every NULL.
  const [last, first] = [end, start].map((t) => `epoch_us((${t})::TIMESTAMPTZ)`);
  const difference = `(${last} - ${first})`;
  return size === 1 ? difference : `(${difference} // ${size})`;
}

/**
 * The type whose rules a call follows: DATE_ADD, DATETIME_ADD and TIMESTAMP_ADD (and their like) each take all three
 * types, and the arguments decide. The prefix of the name decides for text literals, and makes a DATE a DATETIME.
 */
export function timeKind(
  call: Call,
  ...indices: readonly number[]
): "DATE" | "DATETIME" | "TIMESTAMP" {
  const kinds = indices.map((i) => call.arg(i).type.kind);
  if (kinds.includes("TIMESTAMP")) return "TIMESTAMP";
  if (kinds.includes("DATETIME")) return "DATETIME";
  const ofDates = /^(?:DATE_|LAST_DAY)/.test(call.name);
  if (kinds.includes("DATE")) return ofDates ? "DATE" : "DATETIME";
  if (ofDates) return "DATE";
  return call.name.startsWith("DATETIME_") ? "DATETIME" : "TIMESTAMP";
}
