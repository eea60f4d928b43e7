import { refused } from "../../errors.ts";
import { quoteText } from "../types.ts";
import { once } from "./body.ts";
import type { Call, Typed } from "./define.ts";
import { type FormatPiece, readFormat, type TimeKind } from "./native/time-format.ts";
import { formatHasZone } from "./native/time-parse.ts";
import { instant, writtenTime, zoneAt } from "./zones.ts";

/**
 * FORMAT_* and PARSE_* as DuckDB SQL. A literal format made of common elements becomes strftime or strptime, which run
 * in DuckDB; all else goes through the JavaScript functions bq_format_time and bq_parse_time, which know every element.
 */

/** Elements that DuckDB's strftime prints as BigQuery does. */
const SAME = new Set("A a B b d H h I j M m p S U u V W w y".split(" "));

/** Elements composed from the local time `c` and, for a TIMESTAMP, the instant `t`. */
const COMPOSED: Readonly<Record<string, (c: string) => string>> = {
  // strftime would pad these to four digits.
  Y: (c) => `year(${c})::VARCHAR`,
  G: (c) => `isoyear(${c})::VARCHAR`,
  E4Y: (c) => `strftime(${c}, '%Y')`,
  e: (c) => `lpad(day(${c})::VARCHAR, 2, ' ')`,
  k: (c) => `lpad(hour(${c})::VARCHAR, 2, ' ')`,
  Q: (c) => `quarter(${c})::VARCHAR`,
  E0S: (c) => `strftime(${c}, '%S')`,
  E3S: (c) => `strftime(${c}, '%S.%g')`,
  E6S: (c) => `strftime(${c}, '%S.%f')`,
  "E*S": (c) =>
    `CASE WHEN epoch_us(${c}) % 1000000 = 0 THEN strftime(${c}, '%S') ELSE rtrim(strftime(${c}, '%S.%f'), '0') END`,
};

/** A value to format: its local time (TIMESTAMP), and for a TIMESTAMP its instant (TIMESTAMPTZ). */
interface Formatted {
  readonly kind: TimeKind;
  readonly local: string;
  readonly instant?: string;
}

/** FORMAT_*(format, value[, zone]): the SQL of the STRING; `kind` is the type of the value. */
export function formatValue(call: Call, kind: TimeKind): string {
  const value = call.arg(1, kind).sql;
  if (kind === "TIMESTAMP") {
    const zone = zoneAt(call, 2);
    return once([value], (t) =>
      formatOf(call, { kind, local: writtenTime(t, zone, call.place), instant: t }),
    );
  }
  if (call.count > 2) return call.noMatch();
  const local = kind === "TIME" ? `(DATE '1970-01-01' + ${value})` : `(${value})::TIMESTAMP`;
  return formatOf(call, { kind, local });
}

function formatOf(call: Call, value: Formatted): string {
  const format = call.arg(0, "STRING");
  const pieces = typeof format.literal === "string" ? readFormat(format.literal, value.kind) : [];
  if (!pieces) throw refused(`an element of the time format ${format.literal}`, call.place);
  const composed = typeof format.literal === "string" ? compose(pieces, value.local) : undefined;
  return composed ?? formatNatively(format, value);
}

function compose(pieces: readonly FormatPiece[], local: string): string | undefined {
  const known = (piece: FormatPiece) =>
    "text" in piece || SAME.has(piece.element) || piece.element in COMPOSED;
  if (!pieces.every(known)) return undefined;
  const runs = joinRuns(pieces);
  // An empty format of a NULL is still NULL.
  if (runs.length === 0) return `CASE WHEN ${local} IS NOT NULL THEN '' END`;
  return once([local], (c) => {
    const parts = runs.map(
      (run) => COMPOSED[run.composed ?? ""]?.(c) ?? `strftime(${c}, ${quoteText(run.format)})`,
    );
    return parts.map((part) => `(${part})`).join(" || ");
  });
}

/** Neighbouring pieces that strftime can print together. */
function joinRuns(
  pieces: readonly FormatPiece[],
): readonly { readonly format: string; readonly composed?: string }[] {
  const runs: { format: string; composed?: string }[] = [];
  for (const piece of pieces) {
    if ("element" in piece && !SAME.has(piece.element)) {
      runs.push({ format: "", composed: piece.element });
      continue;
    }
    const format = "text" in piece ? piece.text.replaceAll("%", "%%") : `%${piece.element}`;
    const last = runs.at(-1);
    if (last && last.composed === undefined) last.format += format;
    else runs.push({ format });
  }
  return runs;
}

function formatNatively(format: Typed, value: Formatted): string {
  return once([format.sql, value.local], (f, c) => {
    const offset = value.instant
      ? `((epoch_us(${c}) - epoch_us(${value.instant})) // 1000000)::INTEGER`
      : "0";
    return `bq_format_time(${f}, '${value.kind}', epoch_us(${c}), ${offset})`;
  });
}

const TYPES = {
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "TIMESTAMP",
  TIMESTAMP: "TIMESTAMPTZ",
} as const;

/** PARSE_*(format, text[, zone]): a value of DuckDB's type for the kind. */
export function parseTo(call: Call, kind: TimeKind): string {
  const format = call.arg(0, "STRING");
  const zone = zoneAt(call, 2);
  const literal = typeof format.literal === "string" ? format.literal : undefined;
  return once([format.sql, call.arg(1, "STRING").sql], (f, s) => {
    const slow = `make_timestamp(bq_parse_time(${f}, '${kind}', ${s}))`;
    const fast = literal === undefined ? undefined : strptime(literal, kind, s);
    const local = fast ? `coalesce(${fast}, ${slow})` : slow;
    if (kind !== "TIMESTAMP") return `${local}::${TYPES[kind]}`;
    if (literal !== undefined) {
      return formatHasZone(literal) ? `timezone('UTC', ${slow})` : instant(local, zone, call.place);
    }
    const zoned = `regexp_matches(replace(${f}, '%%', ''), '%(E?z|Z|s)')`;
    return `CASE WHEN ${zoned} THEN timezone('UTC', ${slow}) ELSE ${instant(slow, zone, call.place)} END`;
  });
}

/** Elements with a fixed number of digits: the pattern of a text that strptime reads as BigQuery does. */
const DIGITS: Readonly<Record<string, string>> = {
  Y: "[1-9]\\d{3}",
  m: "\\d{2}",
  d: "\\d{2}",
  H: "\\d{2}",
  M: "\\d{2}",
  S: "\\d{2}",
};

/**
 * SQL that reads the text with strptime where it is written in full digits and NULL otherwise; undefined for formats
 * with other elements. A NULL is then read slowly, which also gives BigQuery's error.
 */
function strptime(format: string, kind: TimeKind, s: string): string | undefined {
  const pieces = readFormat(format, "DATETIME");
  if (!pieces) return undefined;
  let pattern = "";
  let plain = "";
  const seen = new Set<string>();
  for (const piece of pieces) {
    if ("text" in piece) {
      pattern += piece.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      plain += piece.text.replaceAll("%", "%%");
      continue;
    }
    const element = piece.element === "E*S" ? "S" : piece.element;
    const digits = DIGITS[element];
    const isMisplaced = kind === "DATE" && !"Ymd".includes(element);
    if (!digits || isMisplaced || seen.has(element)) return undefined;
    seen.add(element);
    pattern += digits;
    plain += `%${element}`;
    if (piece.element === "E*S") {
      pattern += "(?:\\.\\d{1,6})?";
      plain += "\u0000";
    }
  }
  if (!["Y", "m", "d"].every((element) => seen.has(element))) return undefined;
  const formats = plain.includes("\u0000")
    ? `[${quoteText(plain.replace("\u0000", ".%f"))}, ${quoteText(plain.replace("\u0000", ""))}]`
    : quoteText(plain);
  return `CASE WHEN regexp_full_match(${s}, ${quoteText(pattern)}) THEN try_strptime(${s}, ${formats}) END`;
}
