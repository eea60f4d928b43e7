import { invalidQuery, refused } from "../errors.ts";
import { coerce, unify } from "./coerce.ts";
import type { CompiledRelation, Context, Cte, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { orderAround } from "./order.ts";
import { isUnsettled } from "./output.ts";
import { EMPTY_SCOPE } from "./scope.ts";
import { compileSelect } from "./select.ts";
import type { Expr, Query, QueryBody, SetOperation } from "./syntax/ast.ts";
import { formatType, INT64, quoteName, type SqlType } from "./types.ts";

/** Compiles a query; the scope of the context is that of the enclosing query. */
export function compileQueryIn(query: Query, outer: Context): CompiledRelation {
  const { statement, scope } = outer;
  const { ctes, sql: withSql } = compileWith(query, outer);
  const context: Context = { statement, scope, ctes };
  const limit = limitSql(query, context);
  if (query.body.kind === "select") {
    const relation = compileSelect(query.body, query.orderBy, context);
    return { ...relation, sql: `${withSql}${relation.sql}${limit}` };
  }
  const body = compileBody(query.body, context);
  if (query.orderBy.length === 0 && limit === "") return { ...body, sql: `${withSql}${body.sql}` };
  const ordered = orderAround(body.sql, body.columns, query.orderBy, context);
  return { ...body, sql: `${withSql}${ordered}${limit}` };
}

function compileBody(body: QueryBody, context: Context): CompiledRelation {
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
export function ordinal(expr: Expr, count: number): number | undefined {
  if (expr.kind !== "literal" || expr.literal.of !== "NUMBER" || !/^\d+$/.test(expr.literal.text))
    return undefined;
  const position = Number(expr.literal.text);
  if (position < 1 || position > count) {
    throw invalidQuery(
      `Column number is out of range: ${position}; must be between 1 and ${count}`,
      expr.place,
    );
  }
  return position;
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
    const context: Context = { statement: outer.statement, scope: outer.scope, ctes };
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

/** Does a query name a table anywhere in it? */
function mentions(value: unknown, table: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, table));
  if (typeof value !== "object" || value === null) return false;
  if ("kind" in value && value.kind === "table" && "path" in value && Array.isArray(value.path)) {
    return value.path.length === 1 && String(value.path[0]).toLowerCase() === table;
  }
  return Object.values(value).some((item) => mentions(item, table));
}

/** `base UNION ALL step`, where the step reads the rows of the step before. */
function compileRecursive(
  query: Query,
  name: string,
  sql: string,
  context: Context,
): CompiledRelation {
  const { body } = query;
  if (body.kind !== "set" || !body.operator.startsWith("UNION") || mentions(body.left, name)) {
    throw refused("a recursive query that is not base UNION ALL step", query.place);
  }
  if (query.orderBy.length > 0 || query.limit || query.ctes.length > 0) {
    throw refused("ORDER BY, LIMIT or WITH in a recursive query", query.place);
  }
  const base = compileBody(body.left, context);
  const self: Cte = { name, sql, columns: base.columns, isValueTable: base.isValueTable };
  const step = compileBody(body.right, { ...context, ctes: [...context.ctes, self] });
  return combine(body, [base, step], context);
}

/** `a UNION ALL b UNION ALL c` is one operation of three: their columns agree on types all together. */
function compileSetOperation(body: SetOperation, context: Context): CompiledRelation {
  const operands = operandsOf(body, body.operator);
  return combine(
    body,
    operands.map((operand) => compileBody(operand, context)),
    context,
  );
}

function operandsOf(body: QueryBody, operator: SetOperation["operator"]): readonly QueryBody[] {
  if (body.kind !== "set" || body.operator !== operator) return [body];
  return [...operandsOf(body.left, operator), body.right];
}

const SET_SQL = {
  "UNION ALL": "UNION ALL",
  "UNION DISTINCT": "UNION",
  "INTERSECT DISTINCT": "INTERSECT",
  "EXCEPT DISTINCT": "EXCEPT",
} as const;

/** Columns meet by position, under the names of the first operand and with the types that all have in common. */
function combine(
  body: SetOperation,
  operands: readonly CompiledRelation[],
  context: Context,
): CompiledRelation {
  const [first] = operands;
  if (!first) throw refused("this set operation", body.place);
  const columns = first.columns.map((column, i) => {
    return commonColumn(
      column,
      i,
      operands.map((operand) => operand.columns[i] ?? column),
      body,
    );
  });
  const other = operands.find((operand) => operand.columns.length !== columns.length);
  if (other) {
    throw invalidQuery(
      `Queries in ${body.operator} have mismatched column count; query 1 has ${columns.length} columns, another has ${other.columns.length}`,
      body.place,
    );
  }
  return {
    sql: operands
      .map((operand) => withTypes(operand, columns, context))
      .join(` ${SET_SQL[body.operator]} `),
    columns,
    isValueTable: operands.every((operand) => operand.isValueTable),
  };
}

function commonColumn(
  column: OutputColumn,
  index: number,
  all: readonly OutputColumn[],
  body: SetOperation,
): OutputColumn {
  const common = unify(all.map((one) => asValue(one)));
  if (!common) {
    const types = all.map((one) => formatType(one.type)).join(", ");
    throw invalidQuery(
      `Column ${index + 1} in ${body.operator} has incompatible types: ${types}`,
      body.place,
    );
  }
  const { written: _written, ...rest } = column;
  if (isUnsettled(common.type)) return column;
  return { ...rest, type: common.type };
}

/** A column as a value of which the type matters: a literal can still become a literal of another type. */
export function asValue(column: OutputColumn, sql = ""): Typed {
  return column.written ? { ...column.written, sql } : { sql, type: column.type };
}

function withTypes(
  side: CompiledRelation,
  columns: readonly OutputColumn[],
  context: Context,
): string {
  const isSame = side.columns.every((column, i) =>
    sameRepresentation(column.type, columns[i]?.type ?? column.type),
  );
  if (isSame) return `(${side.sql})`;
  const alias = context.statement.alias();
  const items = side.columns.map((column, i) => {
    const target = columns[i] ?? column;
    const sql = `${alias}.${quoteName(column.physical)}`;
    const value = coerce(asValue(column, sql), target.type);
    return `${value?.sql ?? sql} AS ${quoteName(target.physical)}`;
  });
  return `(SELECT ${items.join(", ")} FROM (${side.sql}) AS ${alias})`;
}

function sameRepresentation(a: SqlType, b: SqlType): boolean {
  return formatType(a) === formatType(b);
}
