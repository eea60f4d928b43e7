import { INTERVAL } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

/** The three numbers of a DuckDB INTERVAL: months, days, microseconds. */
interface Parts {
  readonly months: string;
  readonly days: string;
  readonly micros: string;
}

const DAY = "86400000000::BIGINT";

function partsOf(interval: string): Parts {
  const months = `(datepart('year', ${interval}) * 12 + datepart('month', ${interval}))`;
  const days = `datepart('day', ${interval})`;
  const others = `epoch_us(to_months(${months}::INTEGER)) + epoch_us(to_days(${days}::INTEGER))`;
  return { months, days, micros: `(epoch_us(${interval}) - (${others}))` };
}

/** 10,000 years in each of the three parts. */
const MOST: Parts = { months: "120000", days: "3660000", micros: "316224000000000000" };

/** NULL where a part is; fails where a part is out of BigQuery's range. */
function intervalOf(parts: Parts): string {
  return once([parts.months, parts.days, parts.micros], (months, days, micros) => {
    const within = (part: string, most: string) => `${part} NOT BETWEEN -${most} AND ${most}`;
    const outside = `${within(months, MOST.months)} OR ${within(days, MOST.days)} OR ${within(micros, MOST.micros)}`;
    const missing = `${months} IS NULL OR ${days} IS NULL OR ${micros} IS NULL`;
    const value = `to_months(${months}::INTEGER) + to_days(${days}::INTEGER) + to_microseconds(${micros}::BIGINT)`;
    return `CASE WHEN ${missing} THEN NULL WHEN ${outside} THEN ${raise("Interval field is out of range", INTERVAL)} ELSE ${value} END`;
  });
}

/** An INTERVAL that DuckDB computed, which has more range. */
export function intervalInRange(interval: string): string {
  return once([interval], (i) => {
    const { months, days, micros } = partsOf(i);
    const within = (part: string, most: string) => `${part} BETWEEN -${most} AND ${most}`;
    const inside = `${within(months, MOST.months)} AND ${within(days, MOST.days)} AND ${within(micros, MOST.micros)}`;
    return `CASE WHEN ${inside} THEN ${i} WHEN ${i} IS NOT NULL THEN ${raise("Interval field is out of range", INTERVAL)} END`;
  });
}

/** SUM of INTERVALs, which DuckDB does not add up: part by part. */
export function sumOfIntervals(interval: string, sum: (part: string) => string): string {
  const part = (name: keyof Parts) => sum(once([interval], (i) => partsOf(i)[name]));
  return intervalOf({ months: part("months"), days: part("days"), micros: part("micros") });
}

/** Days of 24 hours and months of 30 days, each part with the sign of the whole; // and % go towards zero. */
const JUSTIFY: Readonly<Record<string, (parts: Parts) => Parts>> = {
  JUSTIFY_HOURS: ({ months, days, micros }) => {
    const all = `(${days} * ${DAY} + ${micros})`;
    return { months, days: `${all} // ${DAY}`, micros: `${all} % ${DAY}` };
  },
  JUSTIFY_DAYS: ({ months, days, micros }) => {
    const all = `(${months} * 30 + ${days})`;
    return { months: `${all} // 30`, days: `${all} % 30`, micros };
  },
  JUSTIFY_INTERVAL: ({ months, days, micros }) => {
    const all = `((${months} * 30 + ${days}) * ${DAY} + ${micros})`;
    return {
      months: `${all} // (30 * ${DAY})`,
      days: `${all} // ${DAY} % 30`,
      micros: `${all} % ${DAY}`,
    };
  },
};

function justify(name: "JUSTIFY_HOURS" | "JUSTIFY_DAYS" | "JUSTIFY_INTERVAL"): FunctionDef {
  const compile = (call: Call): Typed => {
    const change = JUSTIFY[name];
    if (!change) return call.noMatch();
    const sql = once([call.arg(0, "INTERVAL").sql], (i) => intervalOf(change(partsOf(i))));
    return { sql, type: INTERVAL };
  };
  return { name, signature: `${name}(interval)`, args: [1, 1], compile };
}

const PARTS = ["year", "month", "day", "hour", "minute", "second"];

function makeInterval(call: Call): Typed {
  const amounts = PARTS.map((part, i) => {
    const value = call.count > i ? call.arg(i, "INT64") : call.named(part, "INT64");
    return value?.sql ?? "0";
  });
  const sql = once(amounts, (year, month, day, hour, minute, second) =>
    intervalOf({
      // In 128 bits: the parts overflow 64 long before their range is checked.
      months: `${year}::HUGEINT * 12 + ${month}`,
      days: `${day}::HUGEINT`,
      micros: `(${hour}::HUGEINT * 3600 + ${minute}::HUGEINT * 60 + ${second}) * 1000000`,
    }),
  );
  return { sql, type: INTERVAL };
}

export const intervals: readonly FunctionDef[] = [
  define(
    "MAKE_INTERVAL",
    "[year[, month[, day[, hour[, minute[, second]]]]]]",
    [0, 6],
    makeInterval,
    PARTS,
  ),
  justify("JUSTIFY_HOURS"),
  justify("JUSTIFY_DAYS"),
  justify("JUSTIFY_INTERVAL"),
];
