import { invalidQuery, refused } from "../errors.ts";
import { type AggregateCall, invoke } from "./aggregate-call.ts";
import { once } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { sortKeySql } from "./sort.ts";
import { arrayOf, BYTES, duckdbType, INT64, STRING, structOf } from "./types.ts";

/** Rows that an IGNORE NULLS leaves out. */
function nullFilter(call: AggregateCall, value: Typed): readonly string[] {
  return call.expr.nulls === "IGNORE" ? [`${value.sql} IS NOT NULL`] : [];
}

export function compileArrayAgg(call: AggregateCall): Typed {
  const value = call.arg(0);
  if (value.type.kind === "ARRAY") call.noMatch();
  const filters = nullFilter(call, value);
  const type = arrayOf(value.type);
  return {
    sql: firstRows(call, value.sql, filters) ?? limitedList(call, value.sql, filters),
    type,
  };
}

/** A longer LIMIT than this is better taken from a sorted list. */
const MOST_KEPT = 100;

/** A list of all rows of a group can be large: of a sorted one with a small LIMIT, only the first are kept. */
function firstRows(
  call: AggregateCall,
  value: string,
  filters: readonly string[],
): string | undefined {
  const count = call.limit?.literal;
  if (call.orderBy.length === 0 || call.distinct || typeof count !== "number") return undefined;
  if (count < 1 || count > MOST_KEPT) return undefined;
  const args = [`{'x': ${value}}`, sortKeySql(call.orderBy), String(count)];
  const rows = invoke({ ...call, orderBy: [] }, "arg_min", args, ...filters);
  return `list_transform(${rows}, lambda _e: _e.x)`;
}

function limitedList(call: AggregateCall, value: string, filters: readonly string[]): string {
  return limited(call, sortedList(call, value, filters));
}

/** DuckDB sorts a list of keys and values many times faster than it aggregates in an order. */
function sortedList(call: AggregateCall, value: string, filters: readonly string[]): string {
  if (call.orderBy.length === 0 || call.distinct) return invoke(call, "list", [value], ...filters);
  const pairs = `{'k': ${sortKeySql(call.orderBy)}, 'x': ${value}}`;
  const list = invoke({ ...call, orderBy: [] }, "list", [pairs], ...filters);
  return `list_transform(list_sort(${list}, 'ASC', 'NULLS FIRST'), lambda _e: _e.x)`;
}

function limited(call: AggregateCall, list: string): string {
  if (call.limit === undefined) return list;
  // Of no rows an aggregate is NULL, also when it is its own LIMIT that leaves none.
  return call.limit.literal === 0
    ? `CASE WHEN false THEN ${list} END`
    : `(${list})[1:${call.limit.sql}]`;
}

export function compileStringAgg(call: AggregateCall): Typed {
  const value = call.arg(0);
  if (value.type.kind === "BYTES") return bytesAgg(call, value);
  const text = call.arg(0, "STRING");
  const separator = call.args.length > 1 ? separatorOf(call, "STRING") : "','";
  if (call.limit === undefined && (call.orderBy.length === 0 || call.distinct))
    return { sql: invoke(call, "string_agg", [text.sql, separator]), type: STRING };
  const list = limitedList(call, text.sql, [`${text.sql} IS NOT NULL`]);
  return { sql: `array_to_string(${list}, ${separator})`, type: STRING };
}

function separatorOf(call: AggregateCall, type: "STRING" | "BYTES"): string {
  const { sql, literal } = call.arg(1, type);
  if (literal !== null) return sql;
  throw invalidQuery("Argument 2 to STRING_AGG must be non-NULL", call.expr.place);
}

/** DuckDB joins texts only, so BYTES are joined as hexadecimal digits. */
function bytesAgg(call: AggregateCall, value: Typed): Typed {
  const separator = call.args.length > 1 ? `hex(${separatorOf(call, "BYTES")})` : "'2C'";
  const list = limitedList(call, `hex(${value.sql})`, [`${value.sql} IS NOT NULL`]);
  return { sql: `unhex(array_to_string(${list}, ${separator}))`, type: BYTES };
}

export function compileArrayConcat(call: AggregateCall): Typed {
  const value = call.arg(0);
  if (value.type.kind !== "ARRAY") call.noMatch();
  const lists = limitedList(call, value.sql, [`${value.sql} IS NOT NULL`]);
  return { sql: `flatten(${lists})`, type: value.type };
}

export function compileQuantiles(call: AggregateCall): Typed {
  const value = call.arg(0);
  const count = call.arg(1).literal;
  if (typeof count !== "number" || count < 1 || count > 1000) {
    throw invalidQuery(
      "Argument 2 to APPROX_QUANTILES must be a positive integer literal",
      call.expr.place,
    );
  }
  if (call.expr.nulls === "RESPECT")
    throw refused("APPROX_QUANTILES with RESPECT NULLS", call.expr.place);
  const fractions = Array.from({ length: count + 1 }, (_unused, i) => i / count);
  const sql = invoke(call, "quantile_disc", [value.sql, `[${fractions.join(", ")}]`]);
  return { sql, type: arrayOf(value.type) };
}

export function compileTopCount(call: AggregateCall): Typed {
  const value = call.arg(0);
  const count = call.arg(1).literal;
  if (typeof count !== "number")
    throw invalidQuery("Argument 2 to APPROX_TOP_COUNT must be a literal", call.expr.place);
  const type = structOf([
    { name: "value", type: value.type },
    { name: "count", type: INT64 },
  ]);
  const counts = `list_transform(map_entries(${invoke(call, "histogram", [value.sql])}), lambda e: {'count': e.value::BIGINT, 'value': e.key})`;
  const nulls = `CASE WHEN ${invoke(call, "count", ["*"])} > ${invoke(call, "count", [value.sql])} THEN [{'count': ${invoke(call, "count", ["*"])} - ${invoke(call, "count", [value.sql])}, 'value': CAST(NULL AS ${duckdbType(value.type)})}] END`;
  const sorted = `list_sort(list_concat(${counts}, ${nulls}), 'DESC', 'NULLS LAST')`;
  return {
    sql: `list_transform((${sorted})[1:${count}], lambda e: {'value': e.value, 'count': e.count})`,
    type: arrayOf(type),
  };
}

/** The rows are sorted by value, so that each value's weights stand together. */
export function compileTopSum(call: AggregateCall): Typed {
  const value = call.arg(0);
  const weight = call.arg(1).type.kind === "UNKNOWN" ? call.arg(1, "INT64") : call.arg(1);
  const count = call.arg(2).literal;
  if (typeof count !== "number")
    throw invalidQuery("Argument 3 to APPROX_TOP_SUM must be a literal", call.expr.place);
  if (!["INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64"].includes(weight.type.kind)) call.noMatch();
  const type = structOf([
    { name: "value", type: value.type },
    { name: "sum", type: weight.type },
  ]);
  const rows = `list_sort(${invoke(call, "list", [`{'v': ${value.sql}, 'w': ${weight.sql}}`])})`;
  const starts = (r: string) =>
    `list_filter(range(1, len(${r}) + 1), lambda _i: _i = 1 OR ${r}[_i]['v'] IS DISTINCT FROM ${r}[_i - 1]['v'])`;
  const sql = once([rows], (r) =>
    once([starts(r)], (s) => {
      const end = `CASE WHEN _j < len(${s}) THEN ${s}[_j + 1] - 1 ELSE len(${r}) END`;
      const weights = `list_transform(${r}[${s}[_j]:${end}], lambda _e: _e['w'])`;
      const sums = `list_transform(range(1, len(${s}) + 1), lambda _j: {'s': list_sum(${weights})::${duckdbType(weight.type)}, 'v': ${r}[${s}[_j]]['v']})`;
      // NULL sums come last.
      const keyed = `list_transform(${sums}, lambda _e: {'k': _e['s'] IS NOT NULL, 's': _e['s'], 'v': _e['v']})`;
      return `list_transform(list_sort(${keyed}, 'DESC')[1:${count}], lambda _e: {'value': _e['v'], 'sum': _e['s']})`;
    }),
  );
  return { sql, type: arrayOf(type) };
}
