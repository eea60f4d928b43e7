import { invalidQuery, refused } from "../errors.ts";
import type { AggregateDef } from "./aggregate-call.ts";
import { aggregateFunctions } from "./aggregates.ts";
import { coerce } from "./coerce.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { refuseLiteral } from "./query.ts";
import { sortKeys } from "./sort.ts";
import type { Call } from "./syntax/ast.ts";
import { BOOL, formatType, INT64, type SqlType } from "./types.ts";
import { GROUPING } from "./walk.ts";

/** Compiles an aggregate call; undefined when the function is none. */
export function compileAggregate(expr: Call, context: Context): Typed | undefined {
  if (expr.name === GROUPING) return compileGrouping(expr, context);
  const definition = aggregateFunctions.get(expr.name);
  if (!definition) return undefined;
  const { aggregateScope, ...rest } = context;
  if (!aggregateScope) {
    const where = context.clause ? ` in ${context.clause}` : "";
    throw invalidQuery(`Aggregate function ${expr.name} not allowed${where}`, expr.place);
  }
  const { windows: _windows, ...inside } = {
    ...rest,
    scope: aggregateScope,
    clause: `the argument of ${expr.name}`,
  };
  return aggregateOver(definition, expr, inside, "");
}

/** Compiles the call of an aggregate function. `context` is that of its arguments, `over` DuckDB's OVER clause. */
export function aggregateOver(
  definition: AggregateDef,
  expr: Call,
  context: Context,
  over: string,
  filters: readonly string[] = [],
): Typed {
  checkModifiers(definition, expr, over);
  const args = expr.args.map((argument) => compileExpr(argument, context));
  const noMatch = (): never => {
    const types = args.map((value) => formatType(value.type)).join(", ");
    throw invalidQuery(
      `No matching signature for aggregate function ${expr.name} for argument types: ${types}. Supported signature: ${definition.signature}`,
      expr.place,
    );
  };
  const [fewest, most] = definition.args;
  if (
    args.length < fewest ||
    (most !== undefined && args.length > most) ||
    (expr.star && expr.name !== "COUNT")
  )
    noMatch();
  if (args.length === 0 && expr.name === "COUNT" && !expr.star) noMatch();
  if (expr.safe) throw refused(`SAFE.${expr.name}`, expr.place);
  for (const { value } of expr.orderBy) refuseLiteral(value, "ORDER BY");
  const limit = expr.limit && coerce(compileExpr(expr.limit, context), INT64);
  return definition.compile({
    expr,
    args,
    distinct: expr.distinct ? "DISTINCT " : "",
    orderBy: sortKeys(expr.orderBy, context),
    filters,
    over,
    ...(expr.having
      ? { having: { which: expr.having.which, by: compileExpr(expr.having.by, context) } }
      : {}),
    ...(limit === undefined ? {} : { limit }),
    arg: (i, as) => {
      const value = args[i] ?? noMatch();
      return as === undefined
        ? value
        : (coerce(value, as === "BOOL" ? BOOL : ({ kind: as } as SqlType)) ?? noMatch());
    },
    noMatch,
  });
}

function checkModifiers(definition: AggregateDef, expr: Call, over: string): void {
  const takes = definition.takes ?? [];
  const used: readonly (readonly [boolean, string])[] = [
    [expr.distinct && definition.distinct === false, "DISTINCT"],
    [expr.nulls !== undefined && !takes.includes("NULLS"), "IGNORE NULLS or RESPECT NULLS"],
    [
      expr.orderBy.length > 0 && (!takes.includes("ORDER BY") || over !== ""),
      "ORDER BY in the arguments",
    ],
    [
      expr.limit !== undefined && (!takes.includes("LIMIT") || over !== ""),
      "LIMIT in the arguments",
    ],
    [expr.having !== undefined && !takes.includes("HAVING"), "HAVING in the arguments"],
  ];
  if (expr.distinct && expr.over && expr.over.orderBy.length > 0) {
    throw invalidQuery("Window ORDER BY is not allowed if DISTINCT is specified", expr.place);
  }
  const wrong = used.find(([isUsed]) => isUsed);
  if (wrong) throw refused(`${expr.name} with ${wrong[1]}${over ? " and OVER" : ""}`, expr.place);
}

function compileGrouping(expr: Call, context: Context): Typed {
  const [argument] = expr.args;
  const keys = context.scope.groupedBy ?? context.scope.parent?.groupedBy;
  if (!argument || expr.args.length !== 1 || !keys || !context.aggregateScope) {
    throw invalidQuery("GROUPING needs one grouping expression as its argument", expr.place);
  }
  const { aggregateScope: scope, ...rest } = context;
  const { sql } = compileExpr(argument, { ...rest, scope });
  if (!keys.has(sql))
    throw invalidQuery("GROUPING must have a grouping expression as its argument", expr.place);
  return { sql: `GROUPING(${sql})::BIGINT`, type: INT64 };
}
