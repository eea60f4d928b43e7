import { invalidQuery, type Place } from "../../errors.ts";
import { DATETIME, quoteText, type ScalarType, TIMESTAMP } from "../types.ts";
import { once, raiseText } from "./body.ts";
import type { Call, Typed } from "./define.ts";

const OFFSET = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/;
const OFFSET_SQL = "^(?:UTC)?([+-])(\\d{1,2})(?::?(\\d{2}))?$";

/** DuckDB and Node also take abbreviations such as PST and AST; these are the ones that the tz database has. */
const ABBREVIATIONS = [
  "UTC",
  "GMT",
  "UCT",
  "EST",
  "MST",
  "HST",
  "CET",
  "MET",
  "EET",
  "WET",
  "PRC",
  "ROC",
  "ROK",
];

type Zone =
  | { readonly kind: "utc" }
  | { readonly kind: "offset"; readonly minutes: number }
  | { readonly kind: "named"; readonly sql: string }
  | { readonly kind: "dynamic"; readonly sql: string };

/** The zone argument of a call at a position, where there is one. */
export function zoneAt(call: Call, i: number): Typed | undefined {
  return call.count > i ? call.arg(i, "STRING") : undefined;
}

/**
 * The local time (DuckDB TIMESTAMP) of an instant (TIMESTAMPTZ) in a zone, UTC when absent.
 * @throws BigQueryError for a literal zone that does not exist
 */
export function localTime(instant: string, zone?: Typed, place?: Place): string {
  const z = readZone(zone, place);
  switch (z.kind) {
    case "utc":
      return `timezone('UTC', ${instant})`;
    case "offset":
      return `(timezone('UTC', ${instant}) + to_minutes(${z.minutes}))`;
    case "named":
      return `timezone(${z.sql}, ${instant})`;
    case "dynamic":
      return once([instant, z.sql], (t, name) =>
        byName(
          name,
          DATETIME,
          (m) => `timezone('UTC', ${t}) + to_minutes(${m})`,
          `timezone(${name}, ${t})`,
        ),
      );
  }
}

/**
 * The instant (TIMESTAMPTZ) of a local time (TIMESTAMP) in a zone. A time that the clocks pass twice is the first of the
 * two, as in BigQuery; DuckDB takes the second. A time that they skip counts on from before the gap, in both.
 * @throws BigQueryError for a literal zone that does not exist
 */
export function instant(local: string, zone?: Typed, place?: Place): string {
  const z = readZone(zone, place);
  switch (z.kind) {
    case "utc":
      return `timezone('UTC', ${local})`;
    case "offset":
      return `timezone('UTC', ${local} - to_minutes(${z.minutes}))`;
    case "named":
      return once([local], (c) => firstInstant(c, z.sql));
    case "dynamic":
      return once([local, z.sql], (c, name) =>
        byName(
          name,
          TIMESTAMP,
          (m) => `timezone('UTC', ${c} - to_minutes(${m}))`,
          firstInstant(c, name),
        ),
      );
  }
}

/** DuckDB's answer is the last one; the first has the offset that held a day before it. */
function firstInstant(c: string, zone: string): string {
  const last = `timezone(${zone}, ${c})`;
  const dayBefore = `timezone(${zone}, ${last} - to_hours(24))`;
  const first = `(${last} - (${dayBefore} - (${c} - to_hours(24))))`;
  return `CASE WHEN ${dayBefore} = ${c} - to_hours(24) THEN ${last} WHEN timezone(${zone}, ${first}) = ${c} THEN ${first} ELSE ${last} END`;
}

/** The zone by its name, when that is only known at run time. */
function byName(
  name: string,
  type: ScalarType,
  offset: (minutes: string) => string,
  named: string,
): string {
  const part = (group: number) => `regexp_extract(${name}, '${OFFSET_SQL}', ${group})`;
  const minutes = `(CASE ${part(1)} WHEN '-' THEN -1 ELSE 1 END * (${part(2)}::INTEGER * 60 + coalesce(try_cast(${part(3)} AS INTEGER), 0)))`;
  const unknown = `regexp_full_match(${name}, '[A-Z]{3}') AND ${name} NOT IN (${ABBREVIATIONS.map(quoteText).join(", ")})`;
  const failure = raiseText(`'Invalid time zone: ' || ${name}`, type);
  return `CASE WHEN regexp_matches(${name}, '${OFFSET_SQL}') THEN ${offset(minutes)} WHEN ${unknown} THEN ${failure} ELSE ${named} END`;
}

function readZone(zone: Typed | undefined, place?: Place): Zone {
  if (!zone) return { kind: "utc" };
  if (typeof zone.literal !== "string") return { kind: "dynamic", sql: zone.sql };
  const name = zone.literal;
  const offset = OFFSET.exec(name);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    if (minutes > 14 * 60) throw invalidQuery(`Invalid time zone: ${name}`, place);
    return { kind: "offset", minutes: offset[1] === "-" ? -minutes : minutes };
  }
  if (name === "UTC" || name === "Etc/UTC") return { kind: "utc" };
  if (!isZoneName(name)) throw invalidQuery(`Invalid time zone: ${name}`, place);
  return { kind: "named", sql: quoteText(name) };
}

function isZoneName(name: string): boolean {
  if (/^[A-Z]{3}$/.test(name)) return ABBREVIATIONS.includes(name);
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
