import { invalidQuery, type Place } from "../../errors.ts";
import { quoteText, STRING } from "../types.ts";
import { once, reused } from "./body.ts";
import { inRange } from "./dateparts.ts";
import type { Call, Typed } from "./define.ts";
import { isZoneName } from "./native/zone-names.ts";

const OFFSET = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/;
const OFFSET_SQL = "^(?:UTC)?([+-])(\\d{1,2})(?::?(\\d{2}))?$";

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
          (m) => `timezone('UTC', ${t}) + to_minutes(${m})`,
          (known) => `timezone(${known}, ${t})`,
        ),
      );
  }
}

/** Like `localTime`, for a DATE or DATETIME of it: an error before the year 1 and behind 9999. */
export function localValue(instant: string, zone?: Typed, place?: Place): string {
  if (readZone(zone, place).kind === "utc") return localTime(instant, zone, place);
  return reused([instant], (t) => {
    const local = localTime(t, zone, place);
    const checked = once([local], (c) => inRange(c, "DATETIME", "The time zone"));
    return `CASE WHEN ${t} BETWEEN '0001-01-02'::TIMESTAMPTZ AND '9999-12-31'::TIMESTAMPTZ THEN ${local} ELSE ${checked} END`;
  });
}

/**
 * Like `localTime`, for a text of it: BigQuery writes no seconds of the offsets that zones had before they kept a whole
 * number of minutes, the last of them until 1972.
 */
export function writtenTime(instant: string, zone?: Typed, place?: Place): string {
  const local = localTime(instant, zone, place);
  if (!["named", "dynamic"].includes(readZone(zone, place).kind)) return local;
  return once([instant, local], (t, c) => {
    const utc = `timezone('UTC', ${t})`;
    const minutes = `((epoch_us(${c}) - epoch_us(${t})) // 60000000)`;
    return `CASE WHEN ${t} < '1973-01-01'::TIMESTAMPTZ THEN ${utc} + to_minutes(${minutes}) ELSE ${c} END`;
  });
}

/**
 * The instant (TIMESTAMPTZ) of a local time (TIMESTAMP) in a zone; an error before the year 1 and behind 9999. A time that the clocks pass twice is the first of the
 * two, as in BigQuery; DuckDB takes the second. A time that they skip counts on from before the gap, in both.
 * @throws BigQueryError for a literal zone that does not exist
 */
export function instant(local: string, zone?: Typed, place?: Place): string {
  const z = readZone(zone, place);
  switch (z.kind) {
    case "utc":
      return `timezone('UTC', ${local})`;
    case "offset":
      return instantInRange(local, (c) => `timezone('UTC', ${c} - to_minutes(${z.minutes}))`);
    case "named":
      return instantInRange(local, (c) => firstInstant(c, z.sql));
    case "dynamic":
      return once([local, z.sql], (c, name) =>
        instantInRange(c, (l) =>
          byName(
            name,
            (m) => `timezone('UTC', ${l} - to_minutes(${m}))`,
            (known) => firstInstant(l, known),
          ),
        ),
      );
  }
}

function instantInRange(local: string, convert: (local: string) => string): string {
  return once([local], (c) => {
    const checked = once([convert(c)], (t) => inRange(t, "TIMESTAMP", "The time zone"));
    return `CASE WHEN ${c} BETWEEN '0001-01-02'::TIMESTAMP AND '9999-12-31'::TIMESTAMP THEN ${convert(c)} ELSE ${checked} END`;
  });
}

/**
 * What BigQuery reads as a TIMESTAMP, for RE2 and JavaScript: with an offset also the last hours of the year 0 and the
 * first of 10000. Groups: date and time, `Z` or offset, zone name. A date
 * alone has no zone.
 */
export const TIMESTAMP_TEXT =
  "((?:\\d{4}|10000)-\\d{1,2}-\\d{1,2}(?:$|[ Tt](?:[01]?\\d|2[0-3]):\\d{1,2}:\\d{1,2}(?:\\.\\d{1,6})?))(?:([Zz]|[+-]\\d{1,2}(?::?\\d{2})?)| ([A-Za-z]\\S*))?";
/** Of these the ones that DuckDB reads in the same way. */
const PLAIN_TIMESTAMP_TEXT =
  "(?:[1-9]\\d{3}|0[1-9]\\d{2}|00[1-9]\\d|000[1-9])-\\d{1,2}-\\d{1,2}(?:[ T]\\d{1,2}:\\d{1,2}:\\d{1,2}(?:\\.\\d{1,6})?(?:Z|[+-]\\d{2}(?::\\d{2})?)?)?";

/** The instant of a text that matches TIMESTAMP_TEXT; without a zone of its own it is in UTC. */
export function instantOfText(text: string): string {
  return once([text], (s) => {
    const part = (group: number) => `regexp_extract(${s}, ${quoteText(TIMESTAMP_TEXT)}, ${group})`;
    const zone = `CASE upper(${part(2)}) WHEN 'Z' THEN 'UTC' WHEN '' THEN coalesce(nullif(${part(3)}, ''), 'UTC') ELSE ${part(2)} END`;
    const slow = instant(civilOfText(s), { sql: zone, type: STRING });
    return `CASE WHEN regexp_full_match(${s}, ${quoteText(PLAIN_TIMESTAMP_TEXT)}) AND left(${s}, 4) NOT IN ('0001', '9999') THEN ${s}::TIMESTAMPTZ ELSE ${slow} END`;
  });
}

/** The local time of a text that matches TIMESTAMP_TEXT without a zone; NULL for a text with one. */
export function localTimeOfText(text: string): string {
  const zone = `regexp_extract(${text}, ${quoteText(TIMESTAMP_TEXT)}, 2) || regexp_extract(${text}, ${quoteText(TIMESTAMP_TEXT)}, 3)`;
  return `CASE WHEN ${zone} = '' THEN ${civilOfText(text)} END`;
}

function civilOfText(text: string): string {
  const civil = `regexp_extract(${text}, ${quoteText(TIMESTAMP_TEXT)}, 1)`;
  return `CAST(replace(${civil}, 't', 'T') AS TIMESTAMP)`;
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
  offset: (minutes: string) => string,
  named: (zone: string) => string,
): string {
  const part = (group: number) => `regexp_extract(${name}, '${OFFSET_SQL}', ${group})`;
  const minutes = `(CASE ${part(1)} WHEN '-' THEN -1 ELSE 1 END * (${part(2)}::INTEGER * 60 + coalesce(try_cast(${part(3)} AS INTEGER), 0)))`;
  return `CASE WHEN regexp_matches(${name}, '${OFFSET_SQL}') THEN ${offset(minutes)} ELSE ${named(`bq_zone(${name})`)} END`;
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
