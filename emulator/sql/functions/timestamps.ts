import { cast, datetimeText } from "../cast.ts";
import { DATETIME, INT64, quoteText, STRING, TIME, TIMESTAMP } from "../types.ts";
import { once, raise, raiseText } from "./body.ts";
import { inRange } from "./dateparts.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { formatValue, parseTo } from "./formats.ts";
import {
  instant,
  localTime,
  localTimeOfText,
  localValue,
  TIMESTAMP_TEXT,
  writtenTime,
  zoneAt,
} from "./zones.ts";

/** TIMESTAMP(text, zone): the text must not have a zone of its own. Without a zone it is CAST. */
function timestampOfText(call: Call, text: Typed, zone: Typed | undefined): string {
  if (!zone) {
    return once([text.sql], (s) => cast({ sql: s, type: STRING }, TIMESTAMP, false).sql);
  }
  return once([text.sql], (s) => {
    const isText = `regexp_full_match(${s}, ${quoteText(TIMESTAMP_TEXT)})`;
    const local = `CASE WHEN ${isText} THEN ${localTimeOfText(s)} END`;
    const failure = raiseText(`'Invalid timestamp: ' || ${s}`, DATETIME);
    const checked = `CASE WHEN ${s} IS NOT NULL THEN coalesce(${local}, ${failure}) END`;
    return once([instant(checked, zone, call.place)], (t) => inRange(t, "TIMESTAMP", call.name));
  });
}

function timestamp(call: Call): Typed {
  const value = call.arg(0);
  const zone = zoneAt(call, 1);
  switch (value.type.kind) {
    case "TIMESTAMP":
      return zone ? call.noMatch() : value;
    case "STRING":
      return { sql: timestampOfText(call, value, zone), type: TIMESTAMP };
    case "UNKNOWN":
      return call.arg(0, "TIMESTAMP");
    default: {
      const local = call.arg(0, "DATETIME").sql;
      return { sql: instant(local, zone, call.place), type: TIMESTAMP };
    }
  }
}

function datetime(call: Call): Typed {
  if (call.count > 2) {
    if (call.count !== 6) return call.noMatch();
    const parts = [0, 1, 2, 3, 4, 5].map((i) => call.arg(i, "INT64").sql);
    const sql = once(parts, (y, mo, d, h, mi, s) => {
      const failure = raise("Input calculates to invalid datetime", DATETIME);
      const missing = [y, mo, d, h, mi, s].map((part) => `${part} IS NULL`).join(" OR ");
      return `CASE WHEN ${missing} THEN NULL WHEN ${y} NOT BETWEEN 1 AND 9999 OR ${notOnClock(h, mi, s)} THEN ${failure} ELSE make_timestamp(${y}, ${mo}, ${d}, ${h}, ${mi}, ${s}::DOUBLE) END`;
    });
    return { sql, type: DATETIME };
  }
  const kind = call.arg(0).type.kind;
  if (kind === "DATE" && call.count === 2) {
    return { sql: `(${call.arg(0).sql} + ${call.arg(1, "TIME").sql})`, type: DATETIME };
  }
  if (kind === "TIMESTAMP" || call.count === 2) {
    const value = call.arg(0, "TIMESTAMP").sql;
    return { sql: localValue(value, zoneAt(call, 1), call.place), type: DATETIME };
  }
  return { sql: call.arg(0, "DATETIME").sql, type: DATETIME };
}

/** True for an hour 24, which DuckDB takes; a second can be 60. */
function notOnClock(hour: string, minute: string, second: string): string {
  return `${hour} NOT BETWEEN 0 AND 23 OR ${minute} NOT BETWEEN 0 AND 59 OR ${second} NOT BETWEEN 0 AND 60`;
}

function time(call: Call): Typed {
  if (call.count === 3) {
    const parts = [0, 1, 2].map((i) => call.arg(i, "INT64").sql);
    const sql = once(parts, (h, m, s) => {
      const failure = raise("Input calculates to invalid time", TIME);
      // The second 60 is the first of the next minute, and of the next day the first again.
      const last = `make_time(${h}, ${m}, 59) + INTERVAL 1 SECOND`;
      const missing = `${h} IS NULL OR ${m} IS NULL OR ${s} IS NULL`;
      return `CASE WHEN ${missing} THEN NULL WHEN ${notOnClock(h, m, s)} THEN ${failure} WHEN ${s} = 60 THEN ${last} ELSE make_time(${h}, ${m}, ${s}::DOUBLE) END`;
    });
    return { sql, type: TIME };
  }
  const kind = call.arg(0).type.kind;
  if (kind === "DATETIME") return { sql: `(${call.arg(0).sql})::TIME`, type: TIME };
  if (kind === "TIMESTAMP" || call.count === 2) {
    const local = localTime(call.arg(0, "TIMESTAMP").sql, zoneAt(call, 1), call.place);
    return { sql: `(${local})::TIME`, type: TIME };
  }
  return { sql: call.arg(0, "TIME").sql, type: TIME };
}

/** STRING(value[, zone]) of dates and times; that of JSON is in json.ts. */
export function stringOfTime(call: Call): Typed {
  const value = call.arg(0);
  const zone = zoneAt(call, 1);
  if (!zone) return cast(value, STRING, false, call.place);
  const sql = once([call.arg(0, "TIMESTAMP").sql], (t) =>
    once([writtenTime(t, zone, call.place)], (c) => {
      const minutes = `((epoch_us(${c}) - epoch_us(${t})) // 60000000)`;
      const sign = `CASE WHEN ${minutes} < 0 THEN '-' ELSE '+' END`;
      const hours = `lpad((abs(${minutes}) // 60)::VARCHAR, 2, '0')`;
      const rest = `CASE WHEN ${minutes} % 60 = 0 THEN '' ELSE ':' || lpad((abs(${minutes}) % 60)::VARCHAR, 2, '0') END`;
      // DuckDB writes the year 0, where a zone can lead, as one before Christ.
      const text = `CASE WHEN year(${c}) < 1 THEN '0000' || substr(${datetimeText(`${c} + to_years(4)`)}, 5) ELSE ${datetimeText(c)} END`;
      return `${text} || ${sign} || ${hours} || ${rest}`;
    }),
  );
  return { sql, type: STRING };
}

const MICROSECONDS = { SECONDS: 1_000_000, MILLIS: 1_000, MICROS: 1 } as const;
type Unit = keyof typeof MICROSECONDS;

function toUnix(unit: Unit): FunctionDef {
  return {
    name: `UNIX_${unit}`,
    signature: `UNIX_${unit}(timestamp)`,
    args: [1, 1],
    compile: (call) => {
      const microseconds = `epoch_us(${call.arg(0, "TIMESTAMP").sql})`;
      const size = MICROSECONDS[unit];
      // Towards the past; DuckDB's // rounds towards zero. A DOUBLE would not hold all microseconds.
      const floor = (us: string) =>
        `((${us} - ((${us} % ${size}) + ${size}) % ${size}) // ${size})`;
      return { sql: size === 1 ? microseconds : once([microseconds], floor), type: INT64 };
    },
  };
}

function fromUnix(unit: Unit): FunctionDef {
  const name = `TIMESTAMP_${unit}`;
  return {
    name,
    signature: `${name}(${unit.toLowerCase()})`,
    args: [1, 1],
    compile: (call) => {
      const size = MICROSECONDS[unit];
      const sql = once([call.arg(0, "INT64").sql], (n) => {
        const failure = raise(
          "The number cannot be converted into a TIMESTAMP: out of range",
          TIMESTAMP,
        );
        const inside = `${n} BETWEEN -62135596800000000 // ${size} AND 253402300799999999 // ${size}`;
        return `CASE WHEN NOT (${inside}) THEN ${failure} ELSE make_timestamptz(${n} * ${size}) END`;
      });
      return { sql, type: TIMESTAMP };
    },
  };
}

function now(name: string, of: (call: Call) => Typed): FunctionDef {
  return {
    name,
    signature: `${name}(${name === "CURRENT_TIMESTAMP" ? "" : "[zone]"})`,
    args: [0, 1],
    compile: of,
  };
}

function format(type: "DATETIME" | "TIME" | "TIMESTAMP"): FunctionDef {
  const zone = type === "TIMESTAMP" ? "[, zone]" : "";
  return {
    name: `FORMAT_${type}`,
    signature: `FORMAT_${type}(format, ${type.toLowerCase()}${zone})`,
    args: [2, zone ? 3 : 2],
    compile: (call) => ({ sql: formatValue(call, type), type: STRING }),
  };
}

function parse(type: "DATETIME" | "TIME" | "TIMESTAMP"): FunctionDef {
  const zone = type === "TIMESTAMP" ? "[, zone]" : "";
  return {
    name: `PARSE_${type}`,
    signature: `PARSE_${type}(format, text${zone})`,
    args: [2, zone ? 3 : 2],
    compile: (call) => ({ sql: parseTo(call, type), type: { kind: type } }),
  };
}

export const timestamps: readonly FunctionDef[] = [
  define("TIMESTAMP", "value[, zone]", [1, 2], timestamp),
  {
    name: "DATETIME",
    signature:
      "DATETIME(year, month, day, hour, minute, second), DATETIME(date, time), DATETIME(value[, zone])",
    args: [1, 6],
    compile: datetime,
  },
  {
    name: "TIME",
    signature: "TIME(hour, minute, second), TIME(value[, zone])",
    args: [1, 3],
    compile: time,
  },
  now("CURRENT_TIMESTAMP", (call) =>
    call.count > 0 ? call.noMatch() : { sql: "now()", type: TIMESTAMP },
  ),
  now("CURRENT_DATETIME", (call) => ({
    sql: localTime("now()", zoneAt(call, 0), call.place),
    type: DATETIME,
  })),
  now("CURRENT_TIME", (call) => ({
    sql: `(${localTime("now()", zoneAt(call, 0), call.place)})::TIME`,
    type: TIME,
  })),
  toUnix("SECONDS"),
  toUnix("MILLIS"),
  toUnix("MICROS"),
  fromUnix("SECONDS"),
  fromUnix("MILLIS"),
  fromUnix("MICROS"),
  format("DATETIME"),
  format("TIME"),
  format("TIMESTAMP"),
  parse("DATETIME"),
  parse("TIME"),
  parse("TIMESTAMP"),
];
