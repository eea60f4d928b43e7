import { invalidQuery, type Place, refused } from "../errors.ts";
import { coerce } from "./coerce.ts";
import type { Typed } from "./functions/define.ts";
import { intervalInRange } from "./functions/intervals.ts";
import { INT64, INTERVAL } from "./types.ts";

const UNITS: Readonly<Record<string, (n: string) => string>> = {
  YEAR: (n) => `to_months((${n} * 12)::INTEGER)`,
  QUARTER: (n) => `to_months((${n} * 3)::INTEGER)`,
  MONTH: (n) => `to_months(${n}::INTEGER)`,
  WEEK: (n) => `to_days((${n} * 7)::INTEGER)`,
  DAY: (n) => `to_days(${n}::INTEGER)`,
  HOUR: (n) => `to_hours(${n})`,
  MINUTE: (n) => `to_minutes(${n})`,
  SECOND: (n) => `to_seconds(${n})`,
  MILLISECOND: (n) => `to_microseconds(${n} * 1000)`,
  MICROSECOND: (n) => `to_microseconds(${n})`,
};

/** INTERVAL value unit [TO unit]. Throws for a unit or a literal that is not one. */
export function compileInterval(
  value: Typed,
  from: string,
  to: string | undefined,
  place?: Place,
): Typed {
  if (to) return compileRange(value, from, to, place);
  const unit = UNITS[from];
  if (!unit) throw invalidQuery(`A valid date part name is required but found ${from}`, place);
  if (typeof value.literal === "string") return compileRange(value, from, from, place);
  const amount = coerce(value, INT64);
  if (!amount) throw invalidQuery(`Invalid INTERVAL value: expected INT64`, place);
  // Small literals are in the range of every part.
  const isSmall = typeof amount.literal === "number" && Math.abs(amount.literal) <= 10_000;
  return { sql: isSmall ? unit(amount.sql) : intervalInRange(unit(amount.sql)), type: INTERVAL };
}

const RANGE_PARTS = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
/** What stands between a part and the next in `INTERVAL '1-2 3 4:5:6' YEAR TO SECOND`. */
const SEPARATORS: Readonly<Record<string, string>> = {
  MONTH: "-",
  DAY: " ",
  HOUR: " ",
  MINUTE: ":",
  SECOND: ":",
};

function compileRange(value: Typed, from: string, to: string, place?: Place): Typed {
  const first = RANGE_PARTS.indexOf(from);
  const last = RANGE_PARTS.indexOf(to);
  if (first < 0 || last < first) throw refused(`INTERVAL literal of ${from} TO ${to}`, place);
  if (typeof value.literal !== "string")
    throw refused("INTERVAL … TO … of anything but a literal", place);
  const parts = RANGE_PARTS.slice(first, last + 1);
  const amounts = readAmounts(value.literal, parts);
  if (!amounts) throw invalidQuery(`Invalid INTERVAL value '${value.literal}'`, place);
  const months = (amounts.YEAR ?? 0) * 12 + (amounts.MONTH ?? 0);
  const seconds = (amounts.HOUR ?? 0) * 3600 + (amounts.MINUTE ?? 0) * 60 + (amounts.SECOND ?? 0);
  const micros = Math.round(seconds * 1e6);
  return {
    sql: `(to_months(${months}) + to_days(${amounts.DAY ?? 0}) + to_microseconds(${micros}))`,
    type: INTERVAL,
  };
}

/** The sign of the year-month part, of the day and of the time counts for the whole of each. */
function readAmounts(
  literal: string,
  parts: readonly string[],
): Partial<Record<string, number>> | undefined {
  const startsGroup = (part: string, i: number) => i === 0 || part === "DAY" || part === "HOUR";
  const pattern = parts.map((part, i) => {
    const separator = i === 0 ? "" : SEPARATORS[part];
    const digits = part === "SECOND" ? "\\d+(?:\\.\\d{1,6})?" : "\\d+";
    return `${separator}${startsGroup(part, i) ? "([+-]?)" : "()"}(${digits})`;
  });
  const match = new RegExp(`^${pattern.join("")}$`).exec(literal.trim());
  if (!match) return undefined;
  const amounts: Partial<Record<string, number>> = {};
  let sign = 1;
  parts.forEach((part, i) => {
    if (startsGroup(part, i)) sign = match[2 * i + 1] === "-" ? -1 : 1;
    amounts[part] = sign * Number(match[2 * i + 2]);
  });
  return amounts;
}
