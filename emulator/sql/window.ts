import { invalidQuery, refused } from "../errors.ts";
import { aggregateOver } from "./aggregate.ts";
import { aggregateFunctions } from "./aggregates.ts";
import { coerce, nullOf } from "./coerce.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { orderSql, type SortKey, sortKeys } from "./sort.ts";
import type { Call, Expr, Frame, FrameBound, Window } from "./syntax/ast.ts";
import { FLOAT64, formatType, INT64, type SqlType } from "./types.ts";

/** One entry of the list of supported window functions that are no aggregates. */
export interface WindowDef {
  readonly name: string;
  readonly signature: string;
  readonly args: readonly [number, number];
  readonly needsOrder: boolean;
  readonly takesFrame?: boolean;
  readonly takesNulls?: boolean;
  readonly compile: (call: WindowCall) => Typed;
}

interface WindowCall {
  readonly expr: Call;
  readonly args: readonly Typed[];
  /** ` IGNORE NULLS` or nothing, for the end of an argument list. */
  readonly nulls: string;
  readonly over: string;
  as(i: number, type: SqlType): Typed;
  /** Like `as`, for an argument that must be a literal or a parameter. */
  constant(i: number, type: SqlType): Typed;
}

function numbering(name: string, needsOrder: boolean, type: SqlType): WindowDef {
  return {
    name,
    signature: `${name}()`,
    args: [0, 0],
    needsOrder,
    compile: ({ over }) => ({ sql: `${name.toLowerCase()}()${over}`, type }),
  };
}

function edgeValue(name: string): WindowDef {
  return {
    name,
    signature: `${name}(x [IGNORE NULLS])`,
    args: [1, 1],
    needsOrder: true,
    takesFrame: true,
    takesNulls: true,
    compile: ({ args: [value], nulls, over }) => ({
      sql: `${name.toLowerCase()}(${value?.sql}${nulls})${over}`,
      type: value?.type ?? INT64,
    }),
  };
}

function neighbour(name: string): WindowDef {
  return {
    name,
    signature: `${name}(x [, offset [, default]])`,
    args: [1, 3],
    needsOrder: true,
    takesNulls: true,
    compile: ({ args, as, constant, nulls, over }) => {
      const type = args[0]?.type ?? INT64;
      const rest = [
        ...(args.length > 1 ? [constant(1, INT64).sql] : []),
        ...(args.length > 2 ? [as(2, type).sql] : []),
      ];
      return {
        sql: `${name.toLowerCase()}(${[args[0]?.sql, ...rest].join(", ")}${nulls})${over}`,
        type,
      };
    },
  };
}

function percentile(name: string, fn: string, resultOf: (type: SqlType) => SqlType): WindowDef {
  return {
    name,
    signature: `${name}(x, fraction)`,
    args: [2, 2],
    needsOrder: false,
    takesNulls: true,
    compile: ({ expr, args: [value], as, constant, over }) => {
      if (expr.nulls === "RESPECT") throw refused(`${name} with RESPECT NULLS`, expr.place);
      const type = resultOf(value?.type ?? FLOAT64);
      const number = type.kind === "FLOAT64" ? as(0, FLOAT64) : value;
      return { sql: `${fn}(${number?.sql}, ${constant(1, FLOAT64).sql})${over}`, type };
    },
  };
}

export const windowFunctions: readonly WindowDef[] = [
  numbering("ROW_NUMBER", false, INT64),
  numbering("RANK", true, INT64),
  numbering("DENSE_RANK", true, INT64),
  numbering("PERCENT_RANK", true, FLOAT64),
  numbering("CUME_DIST", true, FLOAT64),
  {
    name: "NTILE",
    signature: "NTILE(n)",
    args: [1, 1],
    needsOrder: true,
    compile: ({ constant, over }) => ({
      sql: `ntile(${constant(0, INT64).sql})${over}`,
      type: INT64,
    }),
  },
  edgeValue("FIRST_VALUE"),
  edgeValue("LAST_VALUE"),
  {
    name: "NTH_VALUE",
    signature: "NTH_VALUE(x, n [IGNORE NULLS])",
    args: [2, 2],
    needsOrder: true,
    takesFrame: true,
    takesNulls: true,
    compile: ({ args: [value], constant, nulls, over }) => ({
      sql: `nth_value(${value?.sql}, ${constant(1, INT64).sql}${nulls})${over}`,
      type: value?.type ?? INT64,
    }),
  },
  neighbour("LAG"),
  neighbour("LEAD"),
  percentile("PERCENTILE_CONT", "quantile_cont", () => FLOAT64),
  percentile("PERCENTILE_DISC", "quantile_disc", (type) => type),
];

const definitions: ReadonlyMap<string, WindowDef> = new Map(
  windowFunctions.map((definition) => [definition.name, definition]),
);

/** Compiles `function OVER window`. */
export function compileWindow(expr: Call, written: Window, context: Context): Typed {
  if (!context.windows) {
    const where = context.clause ? ` in ${context.clause}` : "";
    throw invalidQuery(`Analytic function not allowed${where}`, expr.place);
  }
  const window = resolveWindow(written, context.windows);
  // A window inside a window's arguments is an error; aggregates inside are those of the grouping.
  const { windows: _windows, ...inside } = { ...context, clause: "an analytic function" };
  const over = overSql(window, inside);
  const aggregate = aggregateFunctions.get(expr.name);
  if (aggregate) return aggregateOver(aggregate, expr, inside, over);
  const definition = definitions.get(expr.name);
  if (!definition) throw refused(`function ${expr.name} with OVER`, expr.place);
  return compileDefined(definition, expr, window, over, inside);
}

function compileDefined(
  definition: WindowDef,
  expr: Call,
  window: Window,
  over: string,
  context: Context,
): Typed {
  if (definition.needsOrder && window.orderBy.length === 0) {
    throw invalidQuery(
      `Window ORDER BY is required for analytic function ${expr.name}`,
      expr.place,
    );
  }
  if (window.frame && !definition.takesFrame) {
    throw invalidQuery(
      `Window framing clause is not allowed for analytic function ${expr.name}`,
      expr.place,
    );
  }
  if (
    expr.distinct ||
    expr.orderBy.length > 0 ||
    expr.limit ||
    expr.having ||
    expr.safe ||
    expr.star
  ) {
    throw refused(`this form of ${expr.name}`, expr.place);
  }
  if (expr.nulls && !definition.takesNulls)
    throw invalidQuery(`${expr.nulls} NULLS is not allowed for ${expr.name}`, expr.place);
  const args = expr.args.map((argument) => {
    const value = compileExpr(argument, context);
    return value.type.kind === "UNKNOWN" ? nullOf(INT64) : value;
  });
  const noMatch = (): never => {
    const types = args.map((value) => formatType(value.type)).join(", ");
    throw invalidQuery(
      `No matching signature for analytic function ${expr.name} for argument types: ${types}`,
      expr.place,
    );
  };
  const [fewest, most] = definition.args;
  if (args.length < fewest || args.length > most) noMatch();
  const as = (i: number, type: SqlType): Typed => {
    const value = args[i] ?? noMatch();
    return coerce(value.literal === null ? nullOf(type) : value, type) ?? noMatch();
  };
  return definition.compile({
    expr,
    args,
    nulls: expr.nulls === "IGNORE" ? " IGNORE NULLS" : "",
    over,
    as,
    constant: (i, type) => {
      const value = args[i];
      if (value?.literal !== undefined || value?.coercible) return as(i, type);
      throw invalidQuery(
        `Argument ${i + 1} to ${expr.name} must be a literal or query parameter`,
        expr.place,
      );
    },
  });
}

/** A window with the parts of the named window that it starts from. */
function resolveWindow(window: Window, named: ReadonlyMap<string, Window>): Window {
  if (!window.name) return window;
  const found = named.get(window.name.text.toLowerCase());
  if (!found)
    throw invalidQuery(`Unrecognized window alias ${window.name.text}`, window.name.place);
  const base = resolveWindow(found, named);
  return {
    partitionBy: base.partitionBy.length > 0 ? base.partitionBy : window.partitionBy,
    orderBy: window.orderBy.length > 0 ? window.orderBy : base.orderBy,
    ...(window.frame ? { frame: window.frame } : base.frame ? { frame: base.frame } : {}),
    place: window.place,
  };
}

function overSql(window: Window, context: Context): string {
  const partition = window.partitionBy.map((key) => partitionKey(key, context));
  const order = sortKeys(window.orderBy, context);
  if (
    [...partition, ...order.map(({ value }) => value.sql)].some((key) => key.includes(" OVER ("))
  ) {
    // DuckDB takes it for an analytic function of this window.
    throw refused("an analytic function of a subquery inside OVER", window.place, "WITH");
  }
  refuseFloatRange(window, order);
  const parts = [
    ...(partition.length > 0 ? [`PARTITION BY ${partition.join(", ")}`] : []),
    ...(window.orderBy.length > 0 ? [orderSql(order).trim()] : []),
    ...(window.frame ? [frameSql(window.frame, context)] : []),
  ];
  return ` OVER (${parts.join(" ")})`;
}

/** DuckDB takes one sort key for distances, and a FLOAT64 is two of them for its NaN (see sortSql). */
function refuseFloatRange({ frame, place }: Window, order: readonly SortKey[]): void {
  const bounds = [frame?.start, frame?.end];
  const hasDistance = bounds.some((bound) => bound !== undefined && "offset" in bound);
  if (frame?.unit !== "RANGE" || !hasDistance || order[0]?.value.type.kind !== "FLOAT64") return;
  throw refused("RANGE with a distance over FLOAT64", place, "ORDER BY CAST(… AS NUMERIC)");
}

/** NaN is not equal to itself, so rows are not put together by FLOAT64; nor by JSON, which cannot be compared. */
function partitionKey(key: Expr, context: Context): string {
  const { sql, type } = compileExpr(key, context);
  if (type.kind === "FLOAT64" || type.kind === "JSON") {
    throw invalidQuery(
      `Partitioning by expressions of type ${type.kind} is not allowed`,
      key.place,
    );
  }
  return sql;
}

function frameSql(frame: Frame, context: Context): string {
  const start = boundSql(frame.start, context);
  if (!frame.end) return `${frame.unit} BETWEEN ${start} AND CURRENT ROW`;
  return `${frame.unit} BETWEEN ${start} AND ${boundSql(frame.end, context)}`;
}

function boundSql(bound: FrameBound, context: Context): string {
  return "offset" in bound ? `${compileExpr(bound.offset, context).sql} ${bound.kind}` : bound.kind;
}
