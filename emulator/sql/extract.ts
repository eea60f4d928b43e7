import { invalidQuery, type Place } from "../errors.ts";
import { castFromText } from "./cast.ts";
import { raise } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { localTime, localValue } from "./functions/zones.ts";
import type { DatePartName } from "./syntax/ast.ts";
import { DATE, formatType, INT64, INTERVAL, type SqlType, TIME, TIMESTAMP } from "./types.ts";

const WEEKDAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];

/** DuckDB SQL of a part of a DATE or DATETIME. */
const DATE_PARTS: Readonly<Record<string, (d: string) => string>> = {
  YEAR: (d) => `year(${d})`,
  QUARTER: (d) => `quarter(${d})`,
  MONTH: (d) => `month(${d})`,
  DAY: (d) => `day(${d})`,
  DAYOFWEEK: (d) => `(dayofweek(${d}) + 1)`,
  DAYOFYEAR: (d) => `dayofyear(${d})`,
  ISOWEEK: (d) => `weekofyear(${d})`,
  ISOYEAR: (d) => `isoyear(${d})`,
};
/** DuckDB SQL of a part of a TIME or DATETIME. */
const TIME_PARTS: Readonly<Record<string, (t: string) => string>> = {
  HOUR: (t) => `hour(${t})`,
  MINUTE: (t) => `minute(${t})`,
  SECOND: (t) => `second(${t})`,
  MILLISECOND: (t) => `(millisecond(${t}) % 1000)`,
  MICROSECOND: (t) => `(microsecond(${t}) % 1000000)`,
};
const INTERVAL_PARTS: Readonly<Record<string, (i: string) => string>> = {
  YEAR: (i) => `datepart('year', ${i})`,
  MONTH: (i) => `datepart('month', ${i})`,
  DAY: (i) => `datepart('day', ${i})`,
  ...TIME_PARTS,
};

/** EXTRACT(part FROM value [AT TIME ZONE zone]). */
export function compileExtract(
  part: DatePartName,
  value: Typed,
  zone: Typed | undefined,
  place?: Place,
): Typed {
  const from = value.type.kind === "UNKNOWN" ? castFromText(value, TIMESTAMP, false, place) : value;
  if (zone && from.type.kind !== "TIMESTAMP") {
    throw invalidQuery(
      "EXTRACT does not support AT TIME ZONE with a value that is not a TIMESTAMP",
      place,
    );
  }
  switch (from.type.kind) {
    case "TIMESTAMP":
      return ofTimestamp(part, from, zone, place);
    case "DATETIME":
      return ofDatetime(part, from.sql, from.type, place);
    case "DATE":
      return integer(
        weekPart(part, from.sql) ?? DATE_PARTS[part.unit]?.(from.sql),
        part,
        from.type,
        place,
      );
    case "TIME":
      return integer(TIME_PARTS[part.unit]?.(from.sql), part, from.type, place);
    case "INTERVAL":
      return integer(
        INTERVAL_PARTS[part.unit]?.(from.sql) ?? notInInterval(part, from),
        part,
        INTERVAL,
        place,
      );
    default:
      throw invalidQuery(
        `No matching signature for EXTRACT for argument type: ${formatType(from.type)}`,
        place,
      );
  }
}

/** A DATE or DATETIME must be in the years that BigQuery has, which a number need not. */
function ofTimestamp(
  part: DatePartName,
  from: Typed,
  zone: Typed | undefined,
  place?: Place,
): Typed {
  const isValue = part.unit === "DATE" || part.unit === "DATETIME";
  const local = (isValue ? localValue : localTime)(from.sql, zone, place);
  return ofDatetime(part, local, from.type, place);
}

function ofDatetime(part: DatePartName, local: string, type: SqlType, place?: Place): Typed {
  if (part.unit === "DATE") return { sql: `${local}::DATE`, type: DATE };
  if (part.unit === "TIME") return { sql: `${local}::TIME`, type: TIME };
  if (part.unit === "DATETIME" && type.kind === "TIMESTAMP")
    return { sql: local, type: { kind: "DATETIME" } };
  const convert = DATE_PARTS[part.unit] ?? TIME_PARTS[part.unit];
  return integer(weekPart(part, local) ?? convert?.(local), part, type, place);
}

/** A part that only dates have is an error when it is asked for, not before. */
function notInInterval({ unit }: DatePartName, interval: Typed): string | undefined {
  if (!(unit in DATE_PARTS) && unit !== "WEEK") return undefined;
  const failure = raise(`EXTRACT from INTERVAL does not support the ${unit} date part`, INT64);
  return `(CASE WHEN ${interval.sql} IS NOT NULL THEN ${failure} END)`;
}

function integer(sql: string | undefined, part: DatePartName, from: SqlType, place?: Place): Typed {
  if (!sql) {
    throw invalidQuery(
      `EXTRACT from ${formatType(from)} does not support the ${part.unit} date part`,
      place,
    );
  }
  return { sql: `${sql}::BIGINT`, type: INT64 };
}

/** Weeks of the year that begin on a weekday (Sunday unless named): days before the first one are in week 0. */
function weekPart({ unit, weekday }: DatePartName, d: string): string | undefined {
  if (unit !== "WEEK") return undefined;
  const start = WEEKDAYS.indexOf(weekday ?? "SUNDAY");
  if (start < 0) return undefined;
  return `((dayofyear(${d}) + 6 - (dayofweek(${d}) + ${7 - start}) % 7) // 7)`;
}
