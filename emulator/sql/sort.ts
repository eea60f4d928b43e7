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
  return ` ORDER BY ${keys.map((key) => sortSql(key.value, sql(key.value), key)).join(", ")}`;
}

/**
 * DuckDB's sort key: two of them for FLOAT64, since NaN comes before all other numbers and for DuckDB behind them; and
 * not the value itself, since DuckDB gives back a value out of its sort key, which has no -0.0.
 */
export function sortSql(
  value: Typed,
  key: string,
  how: Pick<SortKey, "descending" | "nulls">,
): string {
  const end = direction(how);
  if (value.type.kind !== "FLOAT64" || value.literal !== undefined) return `${key}${end}`;
  // RAND() is another number each time it is read, so it must be the column.
  const number = value.sql.includes("random()") ? key : `(${value.sql} + 0)`;
  return `NOT isnan(${value.sql})${end}, ${number}${end}`;
}

/** The direction of a sort key; where NULLs go by default is a setting of the connection. */
function direction(item: Pick<SortKey, "descending" | "nulls">): string {
  return `${item.descending ? " DESC" : ""}${item.nulls ? ` NULLS ${item.nulls}` : ""}`;
}

/** DuckDB SQL of one value that sorts, ascending, as the keys do together. */
export function sortKeySql(keys: readonly SortKey[]): string {
  const parts = keys.flatMap(({ value, descending, nulls = descending ? "LAST" : "FIRST" }) => {
    const how = `'${descending ? "DESC" : "ASC"} NULLS ${nulls}'`;
    const key = `${value.sql}, ${how}`;
    return value.type.kind === "FLOAT64" ? [`NOT isnan(${value.sql}), ${how}`, key] : [key];
  });
  return `create_sort_key(${parts.join(", ")})`;
}
