import { IANAZone } from "luxon";

/** A moment read from local text. */
export interface Moment {
  /** ISO 8601 in UTC, with milliseconds where the text had fractions. */
  readonly utc: string;
  /** The day in the zone, YYYY-MM-DD. */
  readonly localDate: string;
  /** The clocks showed this local time twice (end of daylight saving time); this is the first of the two. */
  readonly isFold: boolean;
}

export type DateProblem = "not_a_date" | "not_a_time" | "skipped_by_clock";

/** Why a text is no moment, or the moment. */
export type MomentResult = Moment | { readonly problem: DateProblem };

export interface DateFormats {
  readonly date: string;
  readonly time: string;
  /** `iso`, or a pattern. */
  readonly timestamp: string;
  /** IANA zone of local times. */
  readonly zone: string;
}

/** Reads dates and times strictly by their declared formats. */
export interface DateReader {
  /** YYYY-MM-DD, or undefined: 31/02 is no date. */
  date(text: string): string | undefined;
  timestamp(text: string): MomentResult;
  dateAndTime(date: string, time: string | undefined): MomentResult;
}

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}:?\d{2})?$/;

export function createDateReader(formats: DateFormats): DateReader {
  const readDate = compileFormat(formats.date);
  const readTime = compileFormat(formats.time);
  const clock = createLocalClock(formats.zone);
  const readTimestamp =
    formats.timestamp === "iso"
      ? (text: string) => isoMoment(text, clock)
      : localMoment(compileFormat(formats.timestamp), clock);
  return {
    date(text) {
      const fields = readDate(text);
      return fields && isDay(fields) ? dateText(fields) : undefined;
    },
    timestamp: readTimestamp,
    dateAndTime(date, time) {
      const day = readDate(date);
      if (!day || !isDay(day)) return { problem: "not_a_date" };
      if (time === undefined) return clock.startOfDay(day);
      const hours = readTime(time);
      if (!hours || !isTime(hours)) return { problem: "not_a_time" };
      const { hour, minute, second } = hours;
      return clock.resolve({ ...day, hour, minute, second });
    },
  };
}

function localMoment(read: (text: string) => Fields | undefined, clock: LocalClock) {
  return (text: string): MomentResult => {
    const fields = read(text);
    if (!fields || !isDay(fields)) return { problem: "not_a_date" };
    if (!isTime(fields)) return { problem: "not_a_time" };
    return clock.resolve(fields);
  };
}

function isoMoment(text: string, clock: LocalClock): MomentResult {
  const match = ISO.exec(text);
  if (!match) return { problem: "not_a_date" };
  const [, year, month, day, hour, minute, second = "0", fraction = "", offset] = match;
  const fields = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
  if (!isDay(fields)) return { problem: "not_a_date" };
  if (!isTime(fields)) return { problem: "not_a_time" };
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  if (offset === undefined) return clock.resolve(fields, milliseconds);
  const utc = epoch(fields) + milliseconds - offsetMs(offset);
  return { utc: new Date(utc).toISOString(), localDate: clock.dayOf(utc), isFold: false };
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

const TOKENS: Readonly<Record<string, { readonly field: keyof Fields; readonly digits: number }>> =
  {
    yyyy: { field: "year", digits: 4 },
    MM: { field: "month", digits: 2 },
    dd: { field: "day", digits: 2 },
    HH: { field: "hour", digits: 2 },
    mm: { field: "minute", digits: 2 },
    ss: { field: "second", digits: 2 },
  };

/** A format such as `dd/MM/yyyy` as a function from text to its fields; what the format lacks is 0. */
function compileFormat(format: string): (text: string) => Fields | undefined {
  const order: (keyof Fields)[] = [];
  const source = format.replace(/yyyy|MM|dd|HH|mm|ss|[^A-Za-z0-9]/g, (part) => {
    const token = TOKENS[part];
    if (!token) return `\\u{${(part.codePointAt(0) ?? 0).toString(16)}}`;
    order.push(token.field);
    return `(\\d{${token.digits}})`;
  });
  const shape = new RegExp(`^${source}$`, "u");
  return (text) => {
    const match = shape.exec(text);
    if (!match) return undefined;
    const fields = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const [index, field] of order.entries()) fields[field] = Number(match[index + 1]);
    return fields;
  };
}

function isDay({ year, month, day }: Fields): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isTime({ hour, minute, second }: Fields): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

function epoch({ year, month, day, hour, minute, second }: Fields): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function dateText({ year, month, day }: Fields): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** Turns the local time of one zone into UTC. */
interface LocalClock {
  resolve(fields: Fields, milliseconds?: number): MomentResult;
  /** The first moment of a day: not always midnight, where the clocks skip it. */
  startOfDay(fields: Fields): MomentResult;
  /** The local day of a moment in milliseconds since 1970. */
  dayOf(utc: number): string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The moments, in milliseconds since 1970, at which the clocks of a zone show a local time: none, one or two. */
type Occurrences = readonly number[];

function createLocalClock(zoneName: string): LocalClock {
  const zone = IANAZone.create(zoneName);
  const offsetAt = (utc: number) => zone.offset(utc) * 60_000;
  // Asking for an offset is slow; a file asks for the same hours again and again.
  const steadyHours = new Map<number, number>();

  function occurrences(local: number): Occurrences {
    const offsets = new Set([offsetAt(local - DAY), offsetAt(local + DAY)]);
    return [...offsets]
      .map((offset) => ({ utc: local - offset, offset }))
      .filter(({ utc, offset }) => offsetAt(utc) === offset)
      .map(({ utc }) => utc)
      .sort((a, b) => a - b);
  }

  /** The offset of an hour in which the clocks neither jump nor repeat; undefined otherwise. */
  function steadyOffset(local: number): number | undefined {
    const hour = Math.floor(local / HOUR);
    const known = steadyHours.get(hour);
    if (known !== undefined) return known;
    const first = occurrences(hour * HOUR);
    const last = occurrences(hour * HOUR + HOUR - 1000);
    const [start, end] = [first[0], last[0]];
    if (first.length !== 1 || last.length !== 1 || start === undefined || end === undefined) {
      return undefined;
    }
    if (end - start !== HOUR - 1000) return undefined;
    if (steadyHours.size > 100_000) steadyHours.clear();
    steadyHours.set(hour, hour * HOUR - start);
    return hour * HOUR - start;
  }

  function resolve(fields: Fields, milliseconds = 0): MomentResult {
    const local = epoch(fields) + milliseconds;
    const offset = steadyOffset(local);
    const found = offset === undefined ? occurrences(local) : [local - offset];
    const [first] = found;
    if (first === undefined) return { problem: "skipped_by_clock" };
    return {
      utc: new Date(first).toISOString(),
      localDate: dateText(fields),
      isFold: found.length > 1,
    };
  }

  return {
    resolve,
    startOfDay(fields) {
      for (let hour = 0; hour < 3; hour++) {
        const moment = resolve({ ...fields, hour, minute: 0, second: 0 });
        if (!("problem" in moment)) return { ...moment, isFold: false };
      }
      return { problem: "skipped_by_clock" };
    },
    dayOf: (utc) => new Date(utc + offsetAt(utc)).toISOString().slice(0, 10),
  };
}

/** The day that it is in a zone at a moment, YYYY-MM-DD. */
export function dayIn(zoneName: string, utc: number): string {
  return createLocalClock(zoneName).dayOf(utc);
}

/** A date some days later (or earlier), YYYY-MM-DD. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);
}

/** Days from one date to another: 0 for the same. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

/**
 * A UTC timestamp as BigQuery reads it, from an ISO 8601 text with `Z` or an offset; undefined where it is none.
 * The usual form, `2026-11-19T09:41:11.120Z`, comes back as it is.
 */
export function isoTimestamp(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > 40 || text.startsWith("0000")) return undefined;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  if (isUsualForm(text)) return text;
  const match = ISO.exec(text);
  if (!match || match[8] === undefined) return undefined;
  const day = Number(match[3]);
  if (day > new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate())
    return undefined;
  return new Date(milliseconds).toISOString();
}

/** YYYY-MM-DDTHH:mm:ss.sssZ with a day that every month has: most timestamps, recognised without a pattern. */
function isUsualForm(text: string): boolean {
  return (
    text.length === 24 &&
    text[4] === "-" &&
    text[10] === "T" &&
    text[19] === "." &&
    text[23] === "Z" &&
    text.slice(8, 10) <= "28" &&
    text.slice(11, 13) < "24"
  );
}
