import { DateTime } from "luxon";

/**
 * The format elements of FORMAT_DATE, FORMAT_TIMESTAMP and their like
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements), on plain JavaScript values.
 */

/** What a value has besides a date or a time of day decides which elements mean something. */
export type TimeKind = "DATE" | "TIME" | "DATETIME" | "TIMESTAMP";

/** Local time in microseconds since 1970, and for a TIMESTAMP what its zone adds to UTC in seconds. */
export interface Moment {
  readonly local: bigint;
  readonly offset: number;
}

const DATE_ELEMENTS =
  "A a B b C D d e F G g h J j m Q U u V W w x Y y Ey EY Od Oe Om OU Ou OV OW Ow Oy E4Y";
const TIME_ELEMENTS = "H I k l M P p R S T X OH OI OM OS E*S E0S E1S E2S E3S E4S E5S E6S";
const ELEMENTS: Readonly<Record<TimeKind, ReadonlySet<string>>> = {
  DATE: new Set(DATE_ELEMENTS.split(" ")),
  TIME: new Set(TIME_ELEMENTS.split(" ")),
  DATETIME: new Set(`${DATE_ELEMENTS} ${TIME_ELEMENTS} c s`.split(" ")),
  TIMESTAMP: new Set(`${DATE_ELEMENTS} ${TIME_ELEMENTS} c s Z z Ez`.split(" ")),
};
const EVERYWHERE = new Set(["n", "t", "%"]);

/** A piece of a format: text to copy, or an element by its name without the percent sign. */
export type FormatPiece = { readonly text: string } | { readonly element: string };

const PIECE = /%(E[0-9*]S|E4Y|[EO][A-Za-z]|[A-Za-z%])|%$|[^%]+|%/g;
const SHORTHANDS: Readonly<Record<string, string>> = {
  D: "%m/%d/%y",
  x: "%m/%d/%y",
  F: "%Y-%m-%d",
  R: "%H:%M",
  T: "%H:%M:%S",
  X: "%H:%M:%S",
  c: "%a %b %e %H:%M:%S %Y",
};

/**
 * Splits a format; elements that stand for several are written out, those without a meaning for the kind are text.
 * @returns undefined when an element is not one that is documented (`%-d`, `%K`)
 */
export function readFormat(format: string, kind: TimeKind): readonly FormatPiece[] | undefined {
  const pieces: FormatPiece[] = [];
  for (const match of format.matchAll(PIECE)) {
    const [text, element] = match;
    if (element === undefined) {
      if (text === "%" && match.index + 1 < format.length) return undefined;
      pieces.push({ text });
    } else if (EVERYWHERE.has(element)) {
      pieces.push({ text: { n: "\n", t: "\t" }[element] ?? "%" });
    } else if (ELEMENTS[kind].has(element)) {
      const written = SHORTHANDS[element];
      pieces.push(...(written ? (readFormat(written, kind) ?? []) : [{ element: plain(element) }]));
    } else if (ELEMENTS.TIMESTAMP.has(element)) {
      pieces.push({ text });
    } else {
      return undefined;
    }
  }
  return pieces;
}

/** `%Om` and `%EY` are other writings of `%m` and `%Y`. */
function plain(element: string): string {
  return /^(?:O[A-Za-z]|E[Yy])$/.test(element) ? element.slice(1) : element;
}

/** @throws Error for an element that is not documented */
export function formatTime(format: string, kind: TimeKind, moment: Moment): string {
  const pieces = readFormat(format, kind);
  if (!pieces)
    throw new Error(`Not supported by the emulator: an element of the time format ${format}`);
  const local = localOf(moment);
  const print = (element: string) => PRINT[element]?.(local) ?? "";
  return pieces.map((piece) => ("text" in piece ? piece.text : print(piece.element))).join("");
}

/** The local clock as if it were UTC, with what luxon does not hold. */
interface Local {
  readonly clock: DateTime;
  readonly microsecond: number;
  readonly offset: number;
  readonly epochSeconds: bigint;
}

const MILLION = 1_000_000n;

function localOf({ local, offset }: Moment): Local {
  const microsecond = ((local % MILLION) + MILLION) % MILLION;
  const seconds = (local - microsecond) / MILLION;
  return {
    clock: DateTime.fromSeconds(Number(seconds), { zone: "utc", locale: "en" }),
    microsecond: Number(microsecond),
    offset,
    epochSeconds: seconds - BigInt(offset),
  };
}

function pad(value: number, width = 2, fill = "0"): string {
  return String(value).padStart(width, fill);
}

/** Week of the year when weeks start on the given weekday (0 for Sunday); days before the first such day are week 0. */
function weekOfYear(clock: DateTime, firstDay: 0 | 1): number {
  const sinceStart = ((clock.weekday % 7) - firstDay + 7) % 7;
  return Math.floor((clock.ordinal + 6 - sinceStart) / 7);
}

function fraction(microsecond: number, digits: number): string {
  return digits === 0 ? "" : `.${pad(microsecond, 6).slice(0, digits)}`;
}

/** `+01:00` with a separator of ":", `+0100` without one. */
function offsetText(offset: number, separator: string): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${separator}${pad(minutes % 60)}`;
}

/** BigQuery prints no names of zones: `UTC`, `UTC+1`, `UTC+0545`. */
function zoneText(offset: number): string {
  if (offset === 0) return "UTC";
  if (offset % 3600 !== 0) return `UTC${offsetText(offset, "")}`;
  return `UTC${offset < 0 ? "-" : "+"}${Math.abs(offset) / 3600}`;
}

const secondsWith = (digits: number) => (t: Local) =>
  pad(t.clock.second) + fraction(t.microsecond, digits);

const PRINT: Readonly<Record<string, (t: Local) => string>> = {
  A: (t) => t.clock.weekdayLong ?? "",
  a: (t) => t.clock.weekdayShort ?? "",
  B: (t) => t.clock.monthLong ?? "",
  b: (t) => t.clock.monthShort ?? "",
  h: (t) => t.clock.monthShort ?? "",
  C: (t) => String(Math.floor(t.clock.year / 100)),
  d: (t) => pad(t.clock.day),
  e: (t) => pad(t.clock.day, 2, " "),
  G: (t) => String(t.clock.weekYear),
  g: (t) => pad(t.clock.weekYear % 100),
  H: (t) => pad(t.clock.hour),
  I: (t) => pad(((t.clock.hour + 11) % 12) + 1),
  J: (t) => pad((t.clock.weekNumber - 1) * 7 + t.clock.weekday, 3),
  j: (t) => pad(t.clock.ordinal, 3),
  k: (t) => pad(t.clock.hour, 2, " "),
  l: (t) => pad(((t.clock.hour + 11) % 12) + 1, 2, " "),
  M: (t) => pad(t.clock.minute),
  m: (t) => pad(t.clock.month),
  P: (t) => (t.clock.hour < 12 ? "am" : "pm"),
  p: (t) => (t.clock.hour < 12 ? "AM" : "PM"),
  Q: (t) => String(t.clock.quarter),
  S: (t) => pad(t.clock.second),
  s: (t) => String(t.epochSeconds),
  U: (t) => pad(weekOfYear(t.clock, 0)),
  u: (t) => String(t.clock.weekday),
  V: (t) => pad(t.clock.weekNumber),
  W: (t) => pad(weekOfYear(t.clock, 1)),
  w: (t) => String(t.clock.weekday % 7),
  Y: (t) => String(t.clock.year),
  y: (t) => pad(t.clock.year % 100),
  Z: (t) => zoneText(t.offset),
  z: (t) => offsetText(t.offset, ""),
  Ez: (t) => offsetText(t.offset, ":"),
  E4Y: (t) => pad(t.clock.year, 4),
  "E*S": (t) => pad(t.clock.second) + fraction(t.microsecond, 6).replace(/\.?0+$/, ""),
  E0S: secondsWith(0),
  E1S: secondsWith(1),
  E2S: secondsWith(2),
  E3S: secondsWith(3),
  E4S: secondsWith(4),
  E5S: secondsWith(5),
  E6S: secondsWith(6),
};
