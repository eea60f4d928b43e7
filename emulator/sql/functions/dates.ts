import { DATE, INT64, STRING } from "../types.ts";
import { once, raise } from "./body.ts";
import { inRange } from "./dateparts.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { formatValue, parseTo } from "./formats.ts";
import { localTime, localValue, zoneAt } from "./zones.ts";

function date(call: Call): Typed {
  if (call.count === 3) {
    const parts = [0, 1, 2].map((i) => call.arg(i, "INT64").sql);
    const sql = once(parts, (y, m, d) => {
      const failure = raise("Input calculates to invalid date", DATE);
      return `CASE WHEN ${m} IS NULL OR ${d} IS NULL THEN NULL WHEN ${y} NOT BETWEEN 1 AND 9999 THEN ${failure} ELSE make_date(${y}, ${m}, ${d}) END`;
    });
    return { sql, type: DATE };
  }
  const kind = call.arg(0).type.kind;
  if (kind === "TIMESTAMP" || call.count === 2) {
    const value = call.arg(0, "TIMESTAMP").sql;
    return { sql: `(${localValue(value, zoneAt(call, 1), call.place)})::DATE`, type: DATE };
  }
  if (kind === "DATETIME") return { sql: `(${call.arg(0).sql})::DATE`, type: DATE };
  return { sql: call.arg(0, "DATE").sql, type: DATE };
}

export const dates: readonly FunctionDef[] = [
  {
    name: "DATE",
    signature: "DATE(year, month, day), DATE(value[, zone])",
    args: [1, 3],
    compile: date,
  },
  define("CURRENT_DATE", "[zone]", [0, 1], (call) => ({
    sql: `(${localTime("now()", zoneAt(call, 0), call.place)})::DATE`,
    type: DATE,
  })),
  define("UNIX_DATE", "date", [1, 1], (call) => ({
    sql: `(${call.arg(0, "DATE").sql} - DATE '1970-01-01')`,
    type: INT64,
  })),
  define("DATE_FROM_UNIX_DATE", "days", [1, 1], (call) => ({
    sql: once([call.arg(0, "INT64").sql], (n) =>
      inRange(`(DATE '1970-01-01' + ${n}::INTEGER)`, "DATE", "DATE_FROM_UNIX_DATE"),
    ),
    type: DATE,
  })),
  define("FORMAT_DATE", "format, date", [2, 2], (call) => {
    const kind = call.arg(1).type.kind;
    if (kind === "TIMESTAMP" || kind === "DATETIME")
      return { sql: formatValue(call, kind), type: STRING };
    return { sql: formatValue(call, "DATE"), type: STRING };
  }),
  define("PARSE_DATE", "format, text", [2, 2], (call) => ({
    sql: parseTo(call, "DATE"),
    type: DATE,
  })),
];
