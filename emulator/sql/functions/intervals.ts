import { INTERVAL } from "../types.ts";
import { once } from "./body.ts";
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

function intervalOf({ months, days, micros }: Parts): string {
  return `(to_months((${months})::INTEGER) + to_days((${days})::INTEGER) + to_microseconds(${micros}))`;
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
      months: `${year} * 12 + ${month}`,
      days: day ?? "0",
      micros: `(${hour} * 3600::BIGINT + ${minute} * 60::BIGINT + ${second}) * 1000000`,
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
