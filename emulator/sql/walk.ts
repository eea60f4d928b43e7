import { aggregateFunctions } from "./aggregates.ts";
import type { Expr } from "./syntax/ast.ts";

/** GROUPING(x) is read behind GROUP BY like an aggregate, but its argument is a key. */
export const GROUPING = "GROUPING";

/** True when the expression has an aggregate of its own query in it: one without OVER, not inside a subquery. */
export function containsAggregate(expr: Expr): boolean {
  if (expr.kind === "call") {
    const isOwn = aggregateFunctions.has(expr.name) || expr.name === GROUPING;
    if (isOwn && !expr.over) return true;
  }
  return childrenOf(expr).some(containsAggregate);
}

/** True when the expression has a window function of its own query in it. */
export function containsWindow(expr: Expr): boolean {
  return (expr.kind === "call" && expr.over !== undefined) || childrenOf(expr).some(containsWindow);
}

/** True when the expression has a subquery in it. */
export function containsSubquery(expr: Expr): boolean {
  const isOne = expr.kind === "subquery" || (expr.kind === "in" && expr.query !== undefined);
  return isOne || childrenOf(expr).some(containsSubquery);
}

/** The expressions directly inside one, subqueries left out. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "literal":
    case "name":
    case "parameter":
    case "subquery":
      return [];
    case "paren":
      return [expr.inner];
    case "field":
      return [expr.base];
    case "subscript":
      return [expr.base, expr.index];
    case "operation":
      return expr.operands;
    case "between":
      return [expr.value, expr.low, expr.high];
    case "in":
      return [expr.value, ...(expr.list ?? []), ...(expr.array ? [expr.array] : [])];
    case "like":
      return [expr.value, ...expr.patterns];
    case "is":
    case "cast":
    case "interval":
    case "named_argument":
      return [expr.value];
    case "extract":
      return expr.zone ? [expr.value, expr.zone] : [expr.value];
    case "case":
      return [
        ...(expr.operand ? [expr.operand] : []),
        ...expr.whens.flatMap((when) => [when.condition, when.result]),
        ...(expr.otherwise ? [expr.otherwise] : []),
      ];
    case "struct":
      return expr.fields.map((field) => field.value);
    case "array":
      return expr.elements;
    case "call":
      return [
        ...expr.args,
        ...expr.orderBy.map((item) => item.value),
        ...(expr.having ? [expr.having.by] : []),
        ...(expr.over
          ? [...expr.over.partitionBy, ...expr.over.orderBy.map((item) => item.value)]
          : []),
      ];
  }
}
