import { invalidQuery } from "../errors.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import type { OrderItem } from "./syntax/ast.ts";
import { formatType } from "./types.ts";

/** A compiled item of ORDER BY. */
export interface SortKey {
  readonly value: Typed;
  readonly descending: boolean;
  readonly nulls?: "FIRST" | "LAST";
}

export function sortKeys(items: readonly OrderItem[], context: Context): readonly SortKey[] {
  return items.map(({ value: expr, ...how }) => {
    const value = compileExpr(expr, context);
    if (["ARRAY", "STRUCT", "JSON"].includes(value.type.kind)) {
      throw invalidQuery(
        `ORDER BY does not support expressions of type ${formatType(value.type)}`,
        expr.place,
      );
    }
    return { value, ...how };
  });
}

/** ` ORDER BY …` for inside an aggregate or a window, or nothing. */
export function orderSql(keys: readonly SortKey[]): string {
  if (keys.length === 0) return "";
  // A bare constant would be a position for DuckDB.
  const sql = (value: Typed) => (value.literal === undefined ? value.sql : `(${value.sql})`);
  return ` ORDER BY ${keys.map((key) => `${sql(key.value)}${direction(key)}`).join(", ")}`;
}

/** The direction of a sort key; where NULLs go by default is a setting of the connection. */
export function direction(item: Pick<SortKey, "descending" | "nulls">): string {
  return `${item.descending ? " DESC" : ""}${item.nulls ? ` NULLS ${item.nulls}` : ""}`;
}
