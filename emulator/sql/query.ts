import { invalidQuery } from "../errors.ts";
import { coerce } from "./coerce.ts";
import type { CompiledRelation, Context, Cte, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { orderAround } from "./order.ts";
import { compileRecursive, mentions } from "./recursive.ts";
import { EMPTY_SCOPE, type Scope } from "./scope.ts";
import { compileSelect } from "./select.ts";
import { compileSetOperation } from "./set-operation.ts";
import type { Expr, Query, QueryBody } from "./syntax/ast.ts";
import { INT64 } from "./types.ts";

/** Compiles a query; the scope of the context is that of the enclosing query. */
export function compileQueryIn(query: Query, outer: Context): CompiledRelation {
  const { statement, scope } = outer;
  const { ctes, sql: withSql } = compileWith(query, outer);
  const context: Context = { statement, scope, ctes };
  const limit = limitSql(query, context);
  // A condition outside cannot be moved behind a LIMIT.
  const columnsOf = (relation: CompiledRelation) =>
    limit === "" ? relation.columns : withoutPartitions(relation.columns);
  if (query.body.kind === "select") {
    const relation = compileSelect(query.body, query.orderBy, context);
    const columns = columnsOf(relation);
    return { ...relation, columns, sql: `${withSql}${relation.sql}${limit}` };
  }
  const compiled = compileBody(query.body, context);
  const body = { ...compiled, columns: columnsOf(compiled) };
  if (query.orderBy.length === 0 && limit === "") return { ...body, sql: `${withSql}${body.sql}` };
  const ordered = orderAround(body.sql, body.columns, query.orderBy, context);
  return { ...body, sql: `${withSql}${ordered}${limit}` };
}

/** Columns of which no condition outside can pick partitions. */
export function withoutPartitions(columns: readonly OutputColumn[]): readonly OutputColumn[] {
  return columns.map(({ partitions: _, ...column }) => column);
}

export function compileBody(body: QueryBody, context: Context): CompiledRelation {
  switch (body.kind) {
    case "select":
      return compileSelect(body, [], context);
    case "query": {
      const relation = compileQueryIn(body, context);
      return { ...relation, sql: `(${relation.sql})` };
    }
    case "set":
      return compileSetOperation(body, context);
  }
}

/** The position that an integer in ORDER BY or GROUP BY means, from 1; undefined for other expressions. */
export function ordinal(
  expr: Expr,
  count: number,
  clause: "ORDER BY" | "GROUP BY",
): number | undefined {
  if (expr.kind !== "literal" || expr.literal.of !== "NUMBER" || !/^\d+$/.test(expr.literal.text)) {
    refuseLiteral(expr, clause);
    return undefined;
  }
  const position = Number(expr.literal.text);
  if (position < 1 || position > count) {
    throw invalidQuery(
      `Column number is out of range: ${position}; must be between 1 and ${count}`,
      expr.place,
    );
  }
  return position;
}

const BARE_LITERALS = ["NULL", "BOOL", "NUMBER", "HEX", "STRING", "BYTES"];

/** GoogleSQL takes a bare literal for a mistake here; not so DATE '…' and its like. */
export function refuseLiteral(expr: Expr, clause: "ORDER BY" | "GROUP BY"): void {
  const isNegative = expr.kind === "operation" && expr.operator === "NEGATE";
  const bare = isNegative ? expr.operands[0] : expr;
  if (bare?.kind === "literal" && BARE_LITERALS.includes(bare.literal.of))
    throw invalidQuery(`Cannot ${clause} literal values`, expr.place);
}

function limitSql(query: Query, context: Context): string {
  const part = (keyword: string, expr: Expr | undefined) => {
    if (!expr) return "";
    if (expr.kind !== "literal" && expr.kind !== "parameter" && expr.kind !== "name") {
      throw invalidQuery(`${keyword} expects an integer literal or parameter`, expr.place);
    }
    const value = coerce(compileExpr(expr, { ...context, scope: EMPTY_SCOPE }), INT64);
    if (!value || value.literal === null)
      throw invalidQuery(`${keyword} expects an integer literal or parameter`, expr.place);
    return ` ${keyword} ${value.sql}`;
  };
  return `${part("LIMIT", query.limit)}${part("OFFSET", query.offset)}`;
}

/** What a WITH query sees of the enclosing ones: no row of theirs, but the arguments of a function. */
function argumentsOf(scope: Scope | undefined): Scope {
  if (!scope) return EMPTY_SCOPE;
  return scope.args ? { ...EMPTY_SCOPE, args: scope.args } : argumentsOf(scope.parent);
}

function compileWith(
  query: Query,
  outer: Context,
): { readonly ctes: readonly Cte[]; readonly sql: string } {
  const ctes: Cte[] = [...outer.ctes];
  const parts: string[] = [];
  let isRecursive = false;
  for (const { name, query: body } of query.ctes) {
    const key = name.text.toLowerCase();
    if (query.ctes.filter((other) => other.name.text.toLowerCase() === key).length > 1) {
      throw invalidQuery(`Duplicate alias ${name.text} for WITH subquery`, name.place);
    }
    const scope = argumentsOf(outer.scope);
    const context: Context = { statement: outer.statement, scope, ctes };
    const sql = outer.statement.alias();
    const recursive = query.recursive && mentions(body, key);
    const relation = recursive
      ? compileRecursive(body, key, sql, context)
      : compileQueryIn(body, context);
    isRecursive ||= recursive;
    ctes.push({ name: key, sql, columns: relation.columns, isValueTable: relation.isValueTable });
    parts.push(`${sql} AS (${relation.sql})`);
  }
  if (parts.length === 0) return { ctes, sql: "" };
  return { ctes, sql: `WITH ${isRecursive ? "RECURSIVE " : ""}${parts.join(", ")} ` };
}
