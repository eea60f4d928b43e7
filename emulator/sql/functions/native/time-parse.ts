import { Info } from "luxon";
import type { TimeKind } from "./time-format.ts";

/**
 * PARSE_DATE, PARSE_TIMESTAMP and their like, as BigQuery reads text: numbers may have fewer digits than they could,
 * names ignore case, white space in the format matches any amount of it, missing parts come from 1970-01-01 00:00:00.
 */

const MONTHS = Info.months("long", { locale: "en" });
const WEEKDAYS = Info.weekdays("long", { locale: "en" });

const DATE_ONLY = new Set("A a B b h C D d e F G g j m Q U u V W w x Y y E4Y".split(" "));
const TIME_ONLY = new Set("H I k l M P p R S T X E*S E0S E1S E2S E3S E4S E5S E6S".split(" "));

/** A format whose text has its own zone or is an instant already: the zone argument does not count. */
export function formatHasZone(format: string): boolean {
  return /%(?:E?z|Z|s)/.test(format.replaceAll("%%", ""));
}

/** The first element that is refused when a text is read, or may be: zones have names that it does not know. */
export function refusedInParsing(format: string): string | undefined {
  const elements = Array.from(format.matchAll(PIECE), ([, element]) => element);
  return elements.find((e) => e !== undefined && (e === "Z" || !isRead(plainElement(e))));
}

interface Reading {
  readonly text: string;
  readonly kind: TimeKind;
  at: number;
  year: number;
  century: number | undefined;
  shortYear: number | undefined;
  month: number;
  day: number;
  yearDay: number | undefined;
  hour: number;
  twelveHours: boolean;
  afternoon: boolean;
  minute: number;
  second: number;
  microsecond: number;
  epochSeconds: number | undefined;
  offsetMinutes: number;
}

/**
 * @returns microseconds since 1970-01-01 of the local time, or of the instant when `formatHasZone`; of midnight for TIME
 * @throws Error with BigQuery's message
 */
export function parseTime(format: string, kind: TimeKind, text: string): bigint {
  const reading: Reading = {
    text,
    kind,
    at: 0,
    year: 1970,
    century: undefined,
    shortYear: undefined,
    month: 1,
    day: 1,
    yearDay: undefined,
    hour: 0,
    twelveHours: false,
    afternoon: false,
    minute: 0,
    second: 0,
    microsecond: 0,
    epochSeconds: undefined,
    offsetMinutes: 0,
  };
  skipSpace(reading);
  readAll(format, reading);
  skipSpace(reading);
  if (reading.at < text.length) fail(reading);
  return microsecondsOf(reading);
}

function fail(reading: Reading): never {
  throw new Error(`Failed to parse input string "${reading.text}"`);
}

function skipSpace(reading: Reading): void {
  while (/\s/.test(reading.text.charAt(reading.at))) reading.at += 1;
}

const PIECE = /%(?:(E[0-9*]S|E4Y|Ez|E[Yy]|O[A-Za-z]|[A-Za-z%]))?|\s+|[\s\S]/gu;

function readAll(format: string, reading: Reading): void {
  for (const [piece, element] of format.matchAll(PIECE)) {
    if (piece === "%") {
      throw new Error("Format string cannot end with a single '%'");
    }
    if (element !== undefined && element !== "%") readElement(element, reading);
    else if (/^\s/.test(piece)) skipSpace(reading);
    else expect(element ?? piece, reading);
  }
}

function expect(character: string, reading: Reading): void {
  if (!reading.text.startsWith(character, reading.at)) fail(reading);
  reading.at += character.length;
}

/** `%Om` and `%EY` are other writings of `%m` and `%Y`. */
function plainElement(written: string): string {
  return /^(?:O[A-Za-z]|E[Yy])$/.test(written) ? written.slice(1) : written;
}

function isRead(element: string): boolean {
  return element in READ || /^[nt%]$/.test(element);
}

function readElement(written: string, reading: Reading): void {
  const element = plainElement(written);
  const { kind } = reading;
  const misplaced =
    (kind === "DATE" && !DATE_ONLY.has(element)) ||
    (kind === "TIME" && !TIME_ONLY.has(element)) ||
    (kind === "DATETIME" && /^(?:E?z|Z)$/.test(element));
  if (/^[nt]$/.test(element)) {
    skipSpace(reading);
    return;
  }
  if (misplaced) {
    throw new Error(`Invalid format: %${element} is not allowed for the ${kind} type.`);
  }
  const read = READ[element];
  if (!read) throw new Error(`Not supported by the emulator: %${element} of the time format`);
  read(reading);
}

/** An unsigned number of at most so many digits. */
function number(reading: Reading, width: number, least: number, most: number): number {
  let end = reading.at;
  while (end < reading.at + width && /[0-9]/.test(reading.text.charAt(end))) end += 1;
  const value = Number(reading.text.slice(reading.at, end));
  if (end === reading.at || value < least || value > most) fail(reading);
  reading.at = end;
  return value;
}

/** The position from 0 of a name, or of its first three letters, in a list of names. */
function name(reading: Reading, names: readonly string[]): number {
  const rest = reading.text.slice(reading.at).toLowerCase();
  for (const length of [undefined, 3]) {
    const found = names.findIndex((one) => rest.startsWith(one.toLowerCase().slice(0, length)));
    if (found >= 0) {
      reading.at += names[found]?.slice(0, length).length ?? 0;
      return found;
    }
  }
  return fail(reading);
}

function half(reading: Reading): void {
  const word = reading.text.slice(reading.at, reading.at + 2).toLowerCase();
  if (word !== "am" && word !== "pm") fail(reading);
  reading.afternoon = word === "pm";
  reading.at += 2;
}

function seconds(reading: Reading, digits: number): void {
  reading.second = number(reading, 2, 0, 60);
  const found = /^\.(\d+)/.exec(reading.text.slice(reading.at, reading.at + 1 + digits));
  if (!found?.[1]) return;
  reading.microsecond = Number(found[1].slice(0, 6).padEnd(6, "0"));
  reading.at += found[0].length;
}

/** `+0100` or `+01`; %Ez may have a colon. */
function offset(reading: Reading, pattern = /^([+-])(\d{2})(\d{2})?/): void {
  const found = pattern.exec(reading.text.slice(reading.at));
  if (!found) fail(reading);
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  if (minutes > 14 * 60) fail(reading);
  reading.offsetMinutes = found[1] === "-" ? -minutes : minutes;
  reading.at += found[0].length;
}

const hour24 = (reading: Reading) => {
  reading.hour = number(reading, 2, 0, 23);
  reading.twelveHours = false;
};
const hour12 = (reading: Reading) => {
  reading.hour = number(reading, 2, 1, 12);
  reading.twelveHours = true;
};
const spaced = (read: (reading: Reading) => void) => (reading: Reading) => {
  skipSpace(reading);
  read(reading);
};
const all = (format: string) => (reading: Reading) => readAll(format, reading);
const day = (reading: Reading) => {
  reading.day = number(reading, 2, 1, 31);
};
const month = (reading: Reading) => {
  reading.month = name(reading, MONTHS) + 1;
};
const weekday = (reading: Reading) => {
  name(reading, WEEKDAYS);
};
const fractionUpTo = (digits: number) => (reading: Reading) => seconds(reading, digits);

/** Weekdays are read and do not count; numbers of weeks, which would have to, are refused. */
const READ: Readonly<Record<string, (reading: Reading) => void>> = {
  A: weekday,
  a: weekday,
  B: month,
  b: month,
  h: month,
  C: (r) => {
    r.century = number(r, 2, 0, 99);
  },
  D: all("%m/%d/%y"),
  x: all("%m/%d/%y"),
  d: day,
  e: spaced(day),
  F: all("%Y-%m-%d"),
  H: hour24,
  I: hour12,
  k: spaced(hour24),
  l: spaced(hour12),
  j: (r) => {
    r.yearDay = number(r, 3, 1, 366);
  },
  M: (r) => {
    r.minute = number(r, 2, 0, 59);
  },
  m: (r) => {
    r.month = number(r, 2, 1, 12);
    r.yearDay = undefined;
  },
  P: half,
  p: half,
  Q: (r) => {
    r.month = number(r, 1, 1, 4) * 3 - 2;
  },
  R: all("%H:%M"),
  T: all("%H:%M:%S"),
  X: all("%H:%M:%S"),
  c: all("%a %b %e %H:%M:%S %Y"),
  S: (r) => {
    r.second = number(r, 2, 0, 60);
  },
  s: (r) => {
    const isBefore = r.text[r.at] === "-";
    if (isBefore) r.at++;
    r.epochSeconds = number(r, 12, 0, 253_402_300_799) * (isBefore ? -1 : 1);
  },
  Y: (r) => {
    r.year = number(r, 4, 0, 9999);
    r.shortYear = undefined;
    r.century = undefined;
  },
  E4Y: (r) => {
    if (!/^\d{4}/.test(r.text.slice(r.at))) fail(r);
    r.year = number(r, 4, 0, 9999);
  },
  y: (r) => {
    r.shortYear = number(r, 2, 0, 99);
  },
  z: (r) => offset(r),
  Ez: (r) => {
    if (/^[Zz]/.test(r.text.slice(r.at))) r.at += 1;
    else offset(r, /^([+-])(\d{2}):?(\d{2})?/);
  },
  Z: (r) => {
    const zone = /^(?:UTC|GMT|Z)(?![A-Za-z/+-])/.exec(r.text.slice(r.at));
    if (!zone) throw new Error("Not supported by the emulator: zone names other than UTC with %Z");
    r.at += zone[0].length;
  },
  "E*S": fractionUpTo(Number.MAX_SAFE_INTEGER),
  E0S: fractionUpTo(0),
  E1S: fractionUpTo(1),
  E2S: fractionUpTo(2),
  E3S: fractionUpTo(3),
  E4S: fractionUpTo(4),
  E5S: fractionUpTo(5),
  E6S: fractionUpTo(6),
};

/** %y alone turns at 69; with %C the century is given, and %C alone is its first year. */
function yearOf({ year, century, shortYear }: Reading): number {
  if (century !== undefined) return century * 100 + (shortYear ?? 0);
  if (shortYear === undefined) return year;
  return shortYear + (shortYear < 69 ? 2000 : 1900);
}

function microsecondsOf(r: Reading): bigint {
  if (r.epochSeconds !== undefined) return BigInt(r.epochSeconds) * 1_000_000n;
  const year = yearOf(r);
  if (year < 1) throw new Error("Invalid result from parsing function");
  const hour = r.twelveHours ? (r.hour % 12) + (r.afternoon ? 12 : 0) : r.hour;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, r.yearDay ? 0 : r.month - 1, r.yearDay ?? r.day);
  const wrongDay = r.yearDay ? midnight.getUTCFullYear() !== year : midnight.getUTCDate() !== r.day;
  if (wrongDay) throw new Error("Out-of-range datetime field in parsing function");
  const minutes = BigInt(hour * 60 + r.minute - r.offsetMinutes);
  const seconds = BigInt(midnight.getTime() / 1000) + minutes * 60n + BigInt(r.second);
  return seconds * 1_000_000n + BigInt(r.microsecond);
}
