import { invalidQuery } from "../../errors.ts";
import { boundOf, keptBound, rangeBetween, rangeOfBounds } from "../range.ts";
import { arrayOf, BOOL, duckdbType, type RangeType, rangeOf } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/range-functions */

interface Range {
  readonly sql: string;
  readonly type: RangeType;
}

function rangeAt(call: Call, i: number): Range {
  const { sql, type } = call.arg(i);
  if (type.kind === "RANGE") return { sql, type };
  if (type.kind === "UNKNOWN") {
    throw invalidQuery(
      `A literal NULL argument cannot be accepted in place of RANGE. Add a CAST to specify the type like CAST(NULL AS RANGE<DATE>)`,
      call.place,
    );
  }
  return call.noMatch();
}

function twoRanges(call: Call): readonly [Range, Range] {
  const [a, b] = [rangeAt(call, 0), rangeAt(call, 1)];
  return a.type.element.kind === b.type.element.kind ? [a, b] : call.noMatch();
}

function range(call: Call): Typed {
  const [start, end] = [call.arg(0), call.arg(1)];
  const [given] = [start, end].filter((bound) => bound.type.kind !== "UNKNOWN");
  if (!given) throw invalidQuery("at least one of RANGE() arguments must be typed", call.place);
  const type = rangeOf(given.type);
  if (!type) return call.noMatch();
  const bounds = [start, end].map((bound) => {
    if (bound.type.kind === "UNKNOWN") return `CAST(NULL AS ${duckdbType(type.element)})`;
    if (bound.type.kind === type.element.kind) return bound.sql;
    throw invalidQuery("RANGE() arguments must be of the same type", call.place);
  });
  return { sql: rangeBetween(bounds[0] ?? "", bounds[1] ?? "", type, false), type };
}

function bound(name: string, which: "start" | "end"): FunctionDef {
  return define(name, "range", [1, 1], (call) => {
    const { sql, type } = rangeAt(call, 0);
    return boundOf(sql, which, type);
  });
}

function contains(call: Call): Typed {
  const outer = rangeAt(call, 0);
  if (call.arg(1).type.kind === "RANGE") {
    const [, inner] = twoRanges(call);
    const sql = once([outer.sql, inner.sql], (o, i) => {
      const starts = `${keptBound(o, "start")} <= ${keptBound(i, "start")}`;
      return `(${starts} AND ${keptBound(i, "end")} <= ${keptBound(o, "end")})`;
    });
    return { sql, type: BOOL };
  }
  const sql = once([outer.sql, call.arg(1, outer.type.element.kind).sql], (r, x) => {
    return `(${keptBound(r, "start")} <= ${x} AND ${x} < ${keptBound(r, "end")})`;
  });
  return { sql, type: BOOL };
}

function overlap(a: string, b: string): string {
  return `(${keptBound(a, "start")} < ${keptBound(b, "end")} AND ${keptBound(b, "start")} < ${keptBound(a, "end")})`;
}

function overlaps(call: Call): Typed {
  const [a, b] = twoRanges(call);
  return { sql: once([a.sql, b.sql], overlap), type: BOOL };
}

function intersect(call: Call): Typed {
  const [a, b] = twoRanges(call);
  const sql = once([a.sql, b.sql], (x, y) => {
    const start = `greatest(${keptBound(x, "start")}, ${keptBound(y, "start")})`;
    const end = `least(${keptBound(x, "end")}, ${keptBound(y, "end")})`;
    const failure = raise(
      "Provided RANGE inputs do not overlap. Please check RANGE_OVERLAPS before calling RANGE_INTERSECT",
      a.type,
    );
    return `CASE WHEN ${x} IS NULL OR ${y} IS NULL THEN NULL WHEN ${overlap(x, y)} THEN ${rangeOfBounds(start, end)} ELSE ${failure} END`;
  });
  return { sql, type: a.type };
}

/** GENERATE_RANGE_ARRAY: part i starts i steps behind the range's start, so that months keep their last days. */
function split(call: Call): Typed {
  const { sql: whole, type } = rangeAt(call, 0);
  const withRest = call.count > 2 ? call.arg(2, "BOOL").sql : "true";
  const list = arrayOf(type);
  const args = [whole, call.arg(1, "INTERVAL").sql, withRest];
  const sql = once(args, (r, step, partial) => {
    const missing = [r, step, partial].map((x) => `${x} IS NULL`).join(" OR ");
    const problems = stepProblems(step, type).map(
      ([is, text]) => `WHEN ${is} THEN ${raise(`GENERATE_RANGE_ARRAY: ${text}`, list)}`,
    );
    const endless = `NOT isfinite(${keptBound(r, "start")}) OR NOT isfinite(${keptBound(r, "end")})`;
    const unboundedError = raise("input RANGE cannot have UNBOUNDED endpoints", list);
    return `CASE WHEN ${missing} THEN NULL WHEN ${endless} THEN ${unboundedError} ${problems.join(" ")} ELSE ${parts(r, step, partial, type)} END`;
  });
  return { sql, type: list };
}

const months = (i: string) => `(datepart('year', ${i}) * 12 + datepart('month', ${i}))`;
const days = (i: string) => `datepart('day', ${i})`;
const micros = (i: string) =>
  `(epoch_us(${i}) - epoch_us(to_months(${months(i)}::INTEGER)) - epoch_us(to_days(${days(i)}::INTEGER)))`;

/** What a step must not be, by what it is: conditions with their messages. */
function stepProblems(step: string, type: RangeType): readonly (readonly [string, string])[] {
  const all = [months(step), days(step), micros(step)];
  const used = all.map((part) => `(${part} <> 0)::INTEGER`).join(" + ");
  const { kind } = type.element;
  return [
    [`${used} = 0`, "step cannot be 0"],
    [all.map((part) => `${part} < 0`).join(" OR "), "step cannot be negative"],
    ...(kind === "DATE"
      ? ([
          [`${micros(step)} <> 0`, "step with non-zero (H:M:S[.F]) part is not supported"],
        ] as const)
      : []),
    ...(kind === "TIMESTAMP"
      ? ([
          [`${months(step)} <> 0`, "step with non-zero MONTH or YEAR part is not supported"],
        ] as const)
      : []),
    [`${used} > 1`, "step should have one of the Y-M, DAY and H:M:S parts only"],
  ];
}

function parts(range: string, step: string, partial: string, type: RangeType): string {
  const bound = duckdbType(type.element);
  // The session's zone is UTC, so a day is 24 hours for a TIMESTAMP too.
  const behind = (n: string) => `(${keptBound(range, "start")} + ${step} * ${n})::${bound}`;
  const end = keptBound(range, "end");
  const span = `(epoch_us(${end}::TIMESTAMP) - epoch_us(${keptBound(range, "start")}::TIMESTAMP))`;
  const most = `CASE WHEN ${months(step)} > 0 THEN datediff('month', ${keptBound(range, "start")}, ${end}) // ${months(step)} ELSE ${span} // greatest(epoch_us(${step}), 1) END`;
  const all = `list_transform(range(0, ${most} + 1), lambda _i: {'from': ${behind("_i")}, 'to': ${behind("(_i + 1)")}})`;
  const inside = `list_filter(${all}, lambda _p: _p['from'] < ${end} AND (${partial} OR _p['to'] <= ${end}))`;
  const part = rangeOfBounds("_p['from']", `least(_p['to'], ${end})`);
  return `list_transform(${inside}, lambda _p: ${part})`;
}

export const ranges: readonly FunctionDef[] = [
  define("RANGE", "start, end", [2, 2], range),
  bound("RANGE_START", "start"),
  bound("RANGE_END", "end"),
  define("RANGE_CONTAINS", "range, range_or_value", [2, 2], contains),
  define("RANGE_OVERLAPS", "range, range", [2, 2], overlaps),
  define("RANGE_INTERSECT", "range, range", [2, 2], intersect),
  define("GENERATE_RANGE_ARRAY", "range, interval[, include_last_partial]", [2, 3], split),
];
