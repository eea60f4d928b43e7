import { refused } from "../../errors.ts";
import { arrayOf, duckdbType, INT64, type ScalarType } from "../types.ts";
import { once, raise } from "./body.ts";
import {
  addToDate,
  addToDatetime,
  addToTimestamp,
  diffDates,
  diffDatetimes,
  diffTimestamps,
  inRange,
  isClockPart,
  lastDay,
  monthsIn,
  stepInterval,
  timeKind,
  truncateDate,
  truncateDatetime,
} from "./dateparts.ts";
import { type Call, type DatePart, define, type FunctionDef, type Typed } from "./define.ts";
import { instant, localTime, zoneAt } from "./zones.ts";

/** Functions that move, cut, count or list along the calendar, for DATE, DATETIME, TIMESTAMP and TIME. */

const DAY: DatePart = { unit: "DAY" };

function add(call: Call): Typed {
  const kind = timeKind(call, 0);
  const value = call.arg(0, kind).sql;
  const sign = call.name.endsWith("_ADD") ? "+" : "-";
  const addTo = { DATE: addToDate, DATETIME: addToDatetime, TIMESTAMP: addToTimestamp }[kind];
  return { sql: addTo(call, value, call.interval(1), sign), type: { kind } };
}

function diff(call: Call): Typed {
  const kind = timeKind(call, 0, 1);
  const part = call.part(2);
  const between = { DATE: diffDates, DATETIME: diffDatetimes, TIMESTAMP: diffTimestamps }[kind];
  const sql = once([call.arg(0, kind).sql, call.arg(1, kind).sql], (end, start) =>
    between(call, end, start, part),
  );
  return { sql, type: INT64 };
}

function truncate(call: Call): Typed {
  const kind = timeKind(call, 0);
  const value = call.arg(0, kind).sql;
  const part = call.part(1);
  if (kind === "TIMESTAMP") return { sql: truncateTimestamp(call, value, part), type: { kind } };
  if (call.count > 2) return call.noMatch();
  const cut = kind === "DATE" ? truncateDate : truncateDatetime;
  return { sql: cut(call, value, part), type: { kind } };
}

/** Parts from DAY on are cut in the zone's local time; shorter ones on the line of instants, so that no fold matters. */
function truncateTimestamp(call: Call, value: string, part: DatePart): string {
  const zone = zoneAt(call, 2);
  if (!isClockPart(part.unit)) {
    const local = localTime(value, zone, call.place);
    return instant(truncateDatetime(call, local, part), zone, call.place);
  }
  return once([value], (t) => {
    const local = localTime(t, zone, call.place);
    const start = once([local], (c) => `${t} - (${c} - ${truncateDatetime(call, c, part)})`);
    return once([start], (s) => inRange(s, "TIMESTAMP", call.name));
  });
}

function family(type: "DATE" | "DATETIME" | "TIMESTAMP"): readonly FunctionDef[] {
  const value = type.toLowerCase();
  const zone = type === "TIMESTAMP" ? "[, zone]" : "";
  return [
    {
      name: `${type}_ADD`,
      signature: `${type}_ADD(${value}, INTERVAL n part)`,
      args: [2, 2],
      compile: add,
    },
    {
      name: `${type}_SUB`,
      signature: `${type}_SUB(${value}, INTERVAL n part)`,
      args: [2, 2],
      compile: add,
    },
    {
      name: `${type}_DIFF`,
      signature: `${type}_DIFF(end, start, part)`,
      args: [3, 3],
      compile: diff,
    },
    {
      name: `${type}_TRUNC`,
      signature: `${type}_TRUNC(${value}, part${zone})`,
      args: [2, 3],
      compile: truncate,
    },
  ];
}

const OF_DAY: Readonly<Record<string, number>> = {
  HOUR: 24,
  MINUTE: 1440,
  SECOND: 86_400,
  MILLISECOND: 86_400_000,
  MICROSECOND: 86_400_000_000,
};

/** TIME arithmetic goes round at midnight; DuckDB's does too, but its intervals are shorter. */
function addToTime(call: Call): Typed {
  const { amount, unit } = call.interval(1);
  if (!isClockPart(unit)) return call.noMatch();
  const sign = call.name.endsWith("_ADD") ? "+" : "-";
  const sql = once(
    [call.arg(0, "TIME").sql, amount.sql],
    (t, n) => `${t} ${sign} ${stepInterval(call, `(${n} % ${OF_DAY[unit]})`, unit)}`,
  );
  return { sql, type: { kind: "TIME" } };
}

function diffTimes(call: Call): Typed {
  const { unit } = call.part(2);
  if (!isClockPart(unit)) return call.noMatch();
  const [end, start] = [0, 1].map((i) => `(DATE '1970-01-01' + ${call.arg(i, "TIME").sql})`);
  return { sql: diffDatetimes(call, end ?? "", start ?? "", { unit }), type: INT64 };
}

function truncateTime(call: Call): Typed {
  const { unit } = call.part(1);
  if (!isClockPart(unit)) return call.noMatch();
  const sql = truncateDatetime(call, `(DATE '1970-01-01' + ${call.arg(0, "TIME").sql})`, { unit });
  return { sql: `(${sql})::TIME`, type: { kind: "TIME" } };
}

/** GENERATE_DATE_ARRAY and GENERATE_TIMESTAMP_ARRAY: each element is the one before plus the step. */
function generate(
  call: Call,
  kind: "DATE" | "TIMESTAMP",
  step: { amount: string; unit: string },
): Typed {
  const type: ScalarType = { kind };
  if (kind === "TIMESTAMP" && (monthsIn(step.unit) !== undefined || step.unit === "WEEK"))
    call.noMatch();
  const sql = once(
    [call.arg(0, kind).sql, call.arg(1, kind).sql, step.amount],
    (first, last, n) => {
      const interval = stepInterval(call, n, step.unit);
      const list = `generate_series(${first}, ${last}, ${interval})`;
      const typed = kind === "DATE" ? `${list}::DATE[]` : list;
      return `CASE WHEN ${n} = 0 THEN ${raise("Sequence step cannot be 0.", arrayOf(type))} ELSE ${typed} END`;
    },
  );
  return { sql, type: arrayOf(type) };
}

/** DATE_BUCKET and its like: the start of the bucket of a fixed width that the value is in. */
function bucket(type: "DATE" | "DATETIME" | "TIMESTAMP"): FunctionDef {
  const name = `${type}_BUCKET`;
  const compile = (call: Call): Typed => {
    const { amount, unit } = call.interval(1);
    if (monthsIn(unit) !== undefined) throw refused(`${name} by ${unit}`, call.place);
    if (type === "DATE" && isClockPart(unit)) return call.noMatch();
    const origin = call.count > 2 ? call.arg(2, type).sql : ORIGINS[type];
    const sql = once([call.arg(0, type).sql, amount.sql, origin], (x, n, o) => {
      const failure = raise(`${name}: the width must be greater than 0`, { kind: type });
      const width = `epoch_us(${stepInterval(call, n, unit)})`;
      const since =
        type === "DATE"
          ? `(${x} - ${o}) * 86400000000::BIGINT`
          : `(epoch_us(${x}) - epoch_us(${o}))`;
      const start = `${o} + to_microseconds(${since} - ((${since} % ${width}) + ${width}) % ${width})`;
      return `CASE WHEN ${n} < 1 THEN ${failure} ELSE (${start})::${duckdbType({ kind: type })} END`;
    });
    return { sql, type: { kind: type } };
  };
  const signature = `${name}(${type.toLowerCase()}, INTERVAL n part[, origin])`;
  return { name, signature, args: [2, 3], compile };
}

const ORIGINS = {
  DATE: "DATE '1950-01-01'",
  DATETIME: "TIMESTAMP '1950-01-01 00:00:00'",
  TIMESTAMP: "TIMESTAMPTZ '1950-01-01 00:00:00+00'",
} as const;

export const spans: readonly FunctionDef[] = [
  bucket("DATE"),
  bucket("DATETIME"),
  bucket("TIMESTAMP"),
  ...family("DATE"),
  ...family("DATETIME"),
  ...family("TIMESTAMP"),
  define("TIME_ADD", "time, INTERVAL n part", [2, 2], addToTime),
  define("TIME_SUB", "time, INTERVAL n part", [2, 2], addToTime),
  define("TIME_DIFF", "end, start, part", [3, 3], diffTimes),
  define("TIME_TRUNC", "time, part", [2, 2], truncateTime),
  define("LAST_DAY", "date[, part]", [1, 2], (call) => {
    const value = call.arg(0, timeKind(call, 0) === "DATETIME" ? "DATETIME" : "DATE");
    const date = value.type.kind === "DATETIME" ? `${value.sql}::DATE` : value.sql;
    const part = call.count > 1 ? call.part(1) : { unit: "MONTH" };
    return { sql: lastDay(call, date, part), type: { kind: "DATE" } };
  }),
  define("GENERATE_DATE_ARRAY", "first, last[, INTERVAL n part]", [2, 3], (call) => {
    if (call.count < 3) return generate(call, "DATE", { amount: "1", unit: DAY.unit });
    const step = call.interval(2);
    if (isClockPart(step.unit)) return call.noMatch();
    return generate(call, "DATE", { amount: step.amount.sql, unit: step.unit });
  }),
  define("GENERATE_TIMESTAMP_ARRAY", "first, last, INTERVAL n part", [3, 3], (call) => {
    const step = call.interval(2);
    return generate(call, "TIMESTAMP", { amount: step.amount.sql, unit: step.unit });
  }),
];
