import { invalidQuery, refused } from "../errors.ts";
import type { Context, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { type Result, wholeKey } from "./output.ts";
import { ordinal } from "./query.ts";
import type { ColumnRef, Scope } from "./scope.ts";
import { sortSql } from "./sort.ts";
import type { Expr, OrderItem, Select } from "./syntax/ast.ts";
import { formatType, quoteName } from "./types.ts";

/** A SELECT whose rows are to be sorted. */
export interface Ordering {
  readonly select: Select;
  readonly orderBy: readonly OrderItem[];
  readonly results: readonly Result[];
  readonly columns: readonly OutputColumn[];
  /** Sees the aliases of the SELECT list before the columns. */
  readonly context: Context;
}

/** The statement with its ORDER BY. */
export function withOrder(sql: string, ordering: Ordering): string {
  const { orderBy, select } = ordering;
  if (orderBy.length === 0) return sql;
  if (select.distinct) return orderDistinct(sql, ordering);
  return `${sql} ORDER BY ${sortKeys(orderBy, (item) => orderKey(item.value, ordering))}`;
}

function sortKeys(
  orderBy: readonly OrderItem[],
  keyOf: (item: OrderItem, i: number) => Key,
): string {
  const sql = (item: OrderItem, i: number) => {
    const { value, key } = keyOf(item, i);
    return sortSql(value, key, item);
  };
  return orderBy.map(sql).join(", ");
}

/** A value to sort by, and how it is written: the number of its column where there is one. */
interface Key {
  readonly value: Typed;
  readonly key: string;
}

/** Behind DISTINCT only the output is left to sort by, so expressions need a query around it. */
function orderDistinct(sql: string, ordering: Ordering): string {
  const { orderBy, select, columns, context } = ordering;
  if (select.as) throw refused("SELECT DISTINCT AS STRUCT or VALUE with ORDER BY", select.place);
  const keys = orderBy.flatMap((item) => {
    const position = namedPosition(item.value, ordering);
    const value = position === undefined ? undefined : ordering.results[position - 1]?.value;
    // A FLOAT64 is more than one key, so it needs an expression.
    return value && value.type.kind !== "FLOAT64" ? [{ value, key: String(position) }] : [];
  });
  if (keys.length === orderBy.length) {
    const written = keys.map(({ value, key }, i) => {
      const item = orderBy[i];
      return item ? sortSql(value, key, item) : key;
    });
    return `${sql} ORDER BY ${written.join(", ")}`;
  }
  return orderAround(sql, columns, orderBy, { statement: context.statement, ctes: context.ctes });
}

/** A query around the statement that sorts by its output columns and expressions of them. */
export function orderAround(
  sql: string,
  columns: readonly OutputColumn[],
  orderBy: readonly OrderItem[],
  context: Omit<Context, "scope"> & { readonly scope?: Scope },
): string {
  const alias = context.statement.alias();
  const select = `SELECT * FROM (${sql}) AS ${alias}`;
  if (orderBy.length === 0) return select;
  const refs = columns.map((column): ColumnRef => {
    return {
      name: column.name ?? "",
      type: column.type,
      sql: `${alias}.${quoteName(column.physical)}`,
    };
  });
  const parent = context.scope ? { parent: context.scope } : {};
  const inside: Context = { ...context, scope: { tables: [], columns: refs, ...parent } };
  const keys = sortKeys(orderBy, ({ value: expr }) => {
    const position = ordinal(expr, refs.length, "ORDER BY");
    const key = position === undefined ? compileExpr(expr, inside) : refs[position - 1];
    if (!key) throw invalidQuery("ORDER BY has no such column", expr.place);
    return { value: key, key: sortable(key, expr) };
  });
  return `${select} ORDER BY ${keys}`;
}

function orderKey(expr: Expr, ordering: Ordering): Key {
  const { results, select, context } = ordering;
  const position = namedPosition(expr, ordering);
  const key = position === undefined ? undefined : results[position - 1]?.value;
  const value = key ?? wholeKey(expr, context) ?? compileExpr(expr, context);
  const sql = sortable(value, expr);
  // By its number where it is an output column, so that DuckDB computes it once.
  const same = select.as ? -1 : results.findIndex((result) => result.value.sql === sql);
  if (position !== undefined && !select.as) return { value, key: String(position) };
  if (same >= 0) return { value, key: String(same + 1) };
  // A bare constant would be a number of a column.
  return { value, key: value.literal === undefined ? sql : `(${sql})` };
}

function sortable(value: Typed, expr: Expr): string {
  if (!["ARRAY", "STRUCT", "JSON"].includes(value.type.kind)) return value.sql;
  throw invalidQuery(
    `ORDER BY does not support expressions of type ${formatType(value.type)}`,
    expr.place,
  );
}

/** The output column that a number or an alias in ORDER BY means, from 1. */
function namedPosition(expr: Expr, { results }: Ordering): number | undefined {
  return ordinal(expr, results.length, "ORDER BY") ?? aliasPosition(expr, results);
}

function aliasPosition(expr: Expr, results: readonly Result[]): number | undefined {
  const [only, second] = expr.kind === "name" ? expr.parts : [];
  if (!only || second) return undefined;
  const found = results.flatMap(({ name }, i) =>
    name?.toLowerCase() === only.text.toLowerCase() ? [i + 1] : [],
  );
  if (found.length > 1) throw invalidQuery(`Column name ${only.text} is ambiguous`, only.place);
  return found[0];
}
