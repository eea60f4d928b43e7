import { refused } from "../errors.ts";
import { type AggregateCall, type AggregateDef, invoke } from "./aggregate-call.ts";
import { bigArithmetic } from "./bignumeric.ts";
import {
  compileArrayAgg,
  compileArrayConcat,
  compileQuantiles,
  compileStringAgg,
  compileTopCount,
  compileTopSum,
} from "./collect.ts";
import { finiteAggregate } from "./float.ts";
import type { Typed } from "./functions/define.ts";
import { sumOfIntervals } from "./functions/intervals.ts";
import { quotient } from "./numeric.ts";
import { sketchAggregates } from "./sketches.ts";
import { duckdbType, FLOAT64, INT64, NUMERIC, type SqlType } from "./types.ts";

function castTo(sql: string, type: SqlType): Typed {
  return { sql: `CAST(${sql} AS ${duckdbType(type)})`, type };
}

/** The first argument as the widest of INT64, NUMERIC and FLOAT64 that it is. */
function numberArg(call: AggregateCall): Typed {
  const value = call.arg(0);
  if (["INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64", "INTERVAL"].includes(value.type.kind))
    return value;
  return value.type.kind === "UNKNOWN" ? call.arg(0, "INT64") : call.noMatch();
}

/** A statistic over FLOAT64. */
function statistic(name: string, fn: string, count: 1 | 2): AggregateDef {
  const signature = count === 1 ? `${name}([DISTINCT] x)` : `${name}(x, y)`;
  return {
    name,
    signature,
    args: [count, count],
    compile: (call) => {
      const args = call.args.map((_arg, i) => call.arg(i, "FLOAT64").sql);
      return { sql: invoke(call, fn, args), type: FLOAT64 };
    },
  };
}

/** An aggregate whose result has the type of its argument. */
function sameTyped(
  name: string,
  fn: string,
  signature: string,
  kinds?: readonly SqlType["kind"][],
  wrap = (sql: string, _call: AggregateCall, _value: Typed) => sql,
): AggregateDef {
  return {
    name,
    signature,
    args: [1, 1],
    compile: (call) => {
      const value = call.arg(0);
      if (kinds && !kinds.includes(value.type.kind)) {
        const kind = kinds[0];
        const coerced = kind && call.arg(0, kind);
        return coerced
          ? { sql: invoke(call, fn, [coerced.sql]), type: coerced.type }
          : call.noMatch();
      }
      if (["ARRAY", "STRUCT", "JSON"].includes(value.type.kind)) call.noMatch();
      return { sql: wrap(invoke(call, fn, [value.sql]), call, value), type: value.type };
    },
  };
}

/** MIN of FLOAT64 is NaN as soon as one value is; for DuckDB NaN is the largest. */
function nanFirst(min: string, call: AggregateCall, value: Typed): string {
  if (value.type.kind !== "FLOAT64") return min;
  return `(CASE WHEN isnan(${invoke(call, "max", [value.sql])}) THEN 'nan'::DOUBLE ELSE ${min} END)`;
}

/** MAX_BY, MIN_BY and ANY_VALUE … HAVING: the value of the row where the other is largest or smallest. */
function valueAt(call: AggregateCall, value: Typed, which: "MAX" | "MIN", by: Typed): Typed {
  const fn = which === "MAX" ? "arg_max_null" : "arg_min_null";
  return { sql: invoke(call, fn, [value.sql, by.sql]), type: value.type };
}

function byDefinition(name: string, which: "MAX" | "MIN"): AggregateDef {
  return {
    name,
    signature: `${name}(x, y)`,
    args: [2, 2],
    distinct: false,
    compile: (call) => valueAt(call, call.arg(0), which, call.arg(1)),
  };
}

function compileSum(call: AggregateCall): Typed {
  const value = numberArg(call);
  const sql = invoke(call, "sum", [value.sql]);
  // DuckDB sums integers in 128 bits; the cast makes an overflow an error again.
  switch (value.type.kind) {
    case "FLOAT64":
      return { sql: finiteAggregate("SUM", sql), type: FLOAT64 };
    case "INTERVAL":
      return {
        sql: sumOfIntervals(value.sql, (part) => invoke(call, "sum", [part])),
        type: value.type,
      };
    case "INT64":
    case "UNKNOWN":
      return castTo(sql, value.type);
    case "BIGNUMERIC":
      return bigArithmetic("sum", sql, "0");
    default:
      // DuckDB looks for an overflow of 38 digits where it adds two decimals, not where it sums them.
      return castTo(`(${sql} + 0::${duckdbType(value.type)})`, value.type);
  }
}

function compileAvg(call: AggregateCall): Typed {
  const value = numberArg(call);
  if (value.type.kind === "NUMERIC") {
    const total = `CAST(${invoke(call, "sum", [value.sql])} AS DECIMAL(38,9))`;
    const count = `nullif(${invoke({ ...call, orderBy: [] }, "count", [value.sql])}, 0)::DECIMAL(38,9)`;
    return { sql: quotient(total, count), type: NUMERIC };
  }
  if (value.type.kind === "BIGNUMERIC") {
    const total = invoke(call, "sum", [value.sql]);
    const count = `nullif(${invoke({ ...call, orderBy: [] }, "count", [value.sql])}, 0)`;
    return bigArithmetic("quotient", total, count);
  }
  if (value.type.kind === "INTERVAL") throw refused("AVG of INTERVAL", call.expr.place);
  return { sql: finiteAggregate("AVG", invoke(call, "avg", [value.sql])), type: FLOAT64 };
}

function compileCount(call: AggregateCall): Typed {
  if (call.expr.star) return { sql: invoke(call, "count", ["*"]), type: INT64 };
  const value = call.arg(0);
  if (call.distinct && value.type.kind === "JSON") call.noMatch();
  return { sql: invoke(call, "count", [value.sql]), type: INT64 };
}

const LIST_MODIFIERS = ["NULLS", "ORDER BY", "LIMIT"] as const;

/** NULL of fewer than two pairs, NaN of pairs that are all alike; for DuckDB it is NaN of either. */
function compileCorr(call: AggregateCall): Typed {
  const pair = [call.arg(0, "FLOAT64").sql, call.arg(1, "FLOAT64").sql];
  const sql = `CASE WHEN ${invoke(call, "regr_count", pair)} > 1 THEN ${invoke(call, "corr", pair)} END`;
  return { sql: `(${sql})`, type: FLOAT64 };
}

export const aggregates: readonly AggregateDef[] = [
  {
    name: "COUNT",
    signature: "COUNT(*), COUNT([DISTINCT] x)",
    args: [0, 1],
    compile: compileCount,
  },
  {
    name: "COUNTIF",
    signature: "COUNTIF([DISTINCT] condition)",
    args: [1, 1],
    compile: (call) => {
      const condition = call.arg(0, "BOOL").sql;
      // Of its distinct values one is true at most.
      const counted = call.distinct ? condition : "*";
      return { sql: invoke(call, "count", [counted], condition), type: INT64 };
    },
  },
  { name: "SUM", signature: "SUM([DISTINCT] x)", args: [1, 1], compile: compileSum },
  { name: "AVG", signature: "AVG([DISTINCT] x)", args: [1, 1], compile: compileAvg },
  sameTyped("MIN", "min", "MIN(x)", undefined, nanFirst),
  sameTyped("MAX", "max", "MAX(x)"),
  {
    name: "ANY_VALUE",
    signature: "ANY_VALUE(x [HAVING MAX|MIN y])",
    args: [1, 1],
    takes: ["HAVING"],
    distinct: false,
    compile: (call) => {
      const value = call.arg(0);
      if (call.having) return valueAt(call, value, call.having.which, call.having.by);
      return { sql: invoke(call, "any_value", [value.sql]), type: value.type };
    },
  },
  byDefinition("MAX_BY", "MAX"),
  byDefinition("MIN_BY", "MIN"),
  sameTyped("LOGICAL_AND", "bool_and", "LOGICAL_AND(x)", ["BOOL"]),
  sameTyped("LOGICAL_OR", "bool_or", "LOGICAL_OR(x)", ["BOOL"]),
  sameTyped("BIT_AND", "bit_and", "BIT_AND(x)", ["INT64"]),
  sameTyped("BIT_OR", "bit_or", "BIT_OR(x)", ["INT64"]),
  sameTyped("BIT_XOR", "bit_xor", "BIT_XOR([DISTINCT] x)", ["INT64"]),
  {
    name: "ARRAY_AGG",
    signature: "ARRAY_AGG([DISTINCT] x [IGNORE NULLS] [ORDER BY y] [LIMIT n])",
    args: [1, 1],
    takes: LIST_MODIFIERS,
    compile: compileArrayAgg,
  },
  {
    name: "STRING_AGG",
    signature: "STRING_AGG([DISTINCT] x [, separator] [ORDER BY y] [LIMIT n])",
    args: [1, 2],
    takes: ["ORDER BY", "LIMIT"],
    compile: compileStringAgg,
  },
  {
    name: "ARRAY_CONCAT_AGG",
    signature: "ARRAY_CONCAT_AGG(x [ORDER BY y] [LIMIT n])",
    args: [1, 1],
    takes: ["ORDER BY", "LIMIT"],
    distinct: false,
    compile: compileArrayConcat,
  },
  {
    name: "APPROX_COUNT_DISTINCT",
    signature: "APPROX_COUNT_DISTINCT(x), counted exactly",
    args: [1, 1],
    distinct: false,
    compile: (call) => ({
      sql: invoke({ ...call, distinct: "DISTINCT " }, "count", [call.arg(0).sql]),
      type: INT64,
    }),
  },
  {
    name: "APPROX_QUANTILES",
    signature: "APPROX_QUANTILES([DISTINCT] x, n [IGNORE NULLS]), computed exactly",
    args: [2, 2],
    takes: ["NULLS"],
    compile: compileQuantiles,
  },
  {
    name: "APPROX_TOP_COUNT",
    signature: "APPROX_TOP_COUNT(x, n), counted exactly",
    args: [2, 2],
    distinct: false,
    compile: compileTopCount,
  },
  {
    name: "APPROX_TOP_SUM",
    signature: "APPROX_TOP_SUM(x, weight, n), summed exactly",
    args: [3, 3],
    distinct: false,
    compile: compileTopSum,
  },
  ...sketchAggregates,
  { name: "CORR", signature: "CORR(x, y)", args: [2, 2], compile: compileCorr },
  statistic("COVAR_POP", "covar_pop", 2),
  statistic("COVAR_SAMP", "covar_samp", 2),
  statistic("STDDEV", "stddev_samp", 1),
  statistic("STDDEV_SAMP", "stddev_samp", 1),
  statistic("STDDEV_POP", "stddev_pop", 1),
  statistic("VARIANCE", "var_samp", 1),
  statistic("VAR_SAMP", "var_samp", 1),
  statistic("VAR_POP", "var_pop", 1),
];

export const aggregateFunctions: ReadonlyMap<string, AggregateDef> = new Map(
  aggregates.map((definition) => [definition.name, definition]),
);
