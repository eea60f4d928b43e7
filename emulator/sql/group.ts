import { invalidQuery } from "../errors.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { fromStart, type Output } from "./output.ts";
import { ordinal } from "./query.ts";
import type { Expr, GroupItem, Select } from "./syntax/ast.ts";
import { duckdbType, formatType } from "./types.ts";
import { containsAggregate, containsWindow } from "./walk.ts";

export interface Grouping {
  /** DuckDB's GROUP BY clause; absent when all rows are one group. */
  readonly sql?: string;
  /** The keys by their SQL: what can be read behind the grouping. */
  readonly keys: ReadonlyMap<string, Typed>;
}

/** How a SELECT that aggregates groups its rows. */
export function groupingOf(select: Select, outputs: readonly Output[], plain: Context): Grouping {
  const { groupBy } = select;
  if (!groupBy) return { keys: new Map() };
  const context: Context = { ...plain, clause: "GROUP BY clause" };
  const keys = new Map<string, Typed>();
  const keyOf = (expr: Expr) =>
    addKey(
      fromStart(context, () => keyValue(expr, outputs, context)),
      expr,
      keys,
    );
  if (groupBy.kind === "all") {
    const parts = outputs.filter(isPlain).map((output) =>
      addKey(
        fromStart(context, () => output.compile(context)),
        output.expr,
        keys,
      ),
    );
    return parts.length > 0 ? { sql: `GROUP BY ${parts.join(", ")}`, keys } : { keys };
  }
  const parts = groupBy.items.map((item) => groupItemSql(item, keyOf));
  return { sql: `GROUP BY ${parts.join(", ")}`, keys };
}

function isPlain(output: Output): boolean {
  return !output.expr || (!containsAggregate(output.expr) && !containsWindow(output.expr));
}

function groupItemSql(item: GroupItem, keyOf: (expr: Expr) => string): string {
  const setSql = (set: readonly Expr[]) => `(${set.map(keyOf).join(", ")})`;
  switch (item.kind) {
    case "expression":
      return keyOf(item.value);
    case "sets":
      return `${item.how} (${item.items.map(setSql).join(", ")})`;
    case "grouping_sets":
      return `GROUPING SETS (${item.items.map(setSql).join(", ")})`;
  }
}

/** A key by its number in the SELECT list, by alias, or as an expression of the columns. */
function keyValue(expr: Expr, outputs: readonly Output[], context: Context): Typed {
  const position = ordinal(expr, outputs.length, "GROUP BY");
  const output = position === undefined ? aliasOf(expr, outputs) : outputs[position - 1];
  if (!output) return compileExpr(expr, context);
  if (output.expr && (containsAggregate(output.expr) || containsWindow(output.expr))) {
    throw invalidQuery(
      "GROUP BY expression references an aggregate or analytic function",
      expr.place,
    );
  }
  return output.compile(context);
}

/** An alias of the SELECT list goes before a column of the same name. */
function aliasOf(expr: Expr, outputs: readonly Output[]): Output | undefined {
  if (expr.kind !== "name" || expr.parts.length !== 1) return undefined;
  const name = expr.parts[0]?.text.toLowerCase();
  return outputs.find((output) => output.expr && output.name?.toLowerCase() === name);
}

function addKey(value: Typed, expr: Expr | undefined, keys: Map<string, Typed>): string {
  if (value.type.kind === "JSON") {
    throw invalidQuery(
      `Grouping by expressions of type ${formatType(value.type)} is not allowed`,
      expr?.place,
    );
  }
  keys.set(value.sql, { sql: value.sql, type: value.type });
  // A bare constant would be a position for DuckDB.
  return value.literal === undefined
    ? value.sql
    : `CAST(${value.sql} AS ${duckdbType(value.type)})`;
}
