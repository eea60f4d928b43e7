import type { Typed } from "./functions/define.ts";
import { orderSql, type SortKey } from "./sort.ts";
import type { Call } from "./syntax/ast.ts";
import type { SqlType } from "./types.ts";

/** One aggregate call while it is translated: its arguments are typed, its modifiers are DuckDB text. */
export interface AggregateCall {
  readonly expr: Call;
  readonly args: readonly Typed[];
  /** `DISTINCT ` or nothing, for the front of an argument list. */
  readonly distinct: string;
  readonly orderBy: readonly SortKey[];
  /** Conditions of FILTER (WHERE …) besides those of the function itself. */
  readonly filters: readonly string[];
  /** ` OVER (…)` or nothing. */
  readonly over: string;
  /** What ANY_VALUE(x HAVING MAX y) compares. */
  readonly having?: { readonly which: "MAX" | "MIN"; readonly by: Typed };
  readonly limit?: Typed;
  arg(i: number, as?: SqlType["kind"]): Typed;
  noMatch(): never;
}

/** One entry of the list of supported aggregate functions; each can also be a window function unless it says no. */
export interface AggregateDef {
  readonly name: string;
  readonly signature: string;
  readonly args: readonly [number, number?];
  /** Modifiers that it takes besides DISTINCT: `IGNORE NULLS`, `ORDER BY`, `LIMIT`, `HAVING`. */
  readonly takes?: readonly ("NULLS" | "ORDER BY" | "LIMIT" | "HAVING")[];
  readonly distinct?: false;
  readonly compile: (call: AggregateCall) => Typed;
}

/** `fn(DISTINCT args ORDER BY …) FILTER (WHERE …) OVER (…)`. */
export function invoke(
  call: AggregateCall,
  fn: string,
  args: readonly string[],
  ...filters: readonly string[]
): string {
  const conditions = [...filters, ...call.filters];
  const filter = conditions.length > 0 ? ` FILTER (WHERE ${conditions.join(" AND ")})` : "";
  return `${fn}(${call.distinct}${args.join(", ")}${orderSql(call.orderBy)})${filter}${call.over}`;
}
