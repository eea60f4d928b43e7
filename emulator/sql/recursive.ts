import { refused } from "../errors.ts";
import type { CompiledRelation, Context, Cte } from "./context.ts";
import { compileBody, withoutPartitions } from "./query.ts";
import { align, combine } from "./set-operation.ts";
import type { Query } from "./syntax/ast.ts";
import { quoteName } from "./types.ts";

/** Does a query name a table anywhere in it? */
export function mentions(value: unknown, table: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, table));
  if (typeof value !== "object" || value === null) return false;
  if ("kind" in value && value.kind === "table" && "path" in value && Array.isArray(value.path)) {
    return value.path.length === 1 && String(value.path[0]).toLowerCase() === table;
  }
  return Object.values(value).some((item) => mentions(item, table));
}

/** `base UNION ALL step`, where the step reads the rows of the step before. */
export function compileRecursive(
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
  const compiled = compileBody(body.left, context);
  const base = { ...compiled, columns: withoutPartitions(compiled.columns) };
  const self: Cte = { name, sql, columns: base.columns, isValueTable: base.isValueTable };
  const step = compileBody(body.right, { ...context, ctes: [...context.ctes, self] });
  if (body.operator !== "UNION ALL") return combine(body, [base, step], context);
  const { columns, isValueTable, operands } = align(body, [base, step], context);
  const [first, next] = operands;
  const counted = `SELECT *, 1 AS ${ITERATION} FROM ${first} UNION ALL SELECT *, ${nextIteration(sql)} FROM ${next}`;
  return { columns, isValueTable, sql: counted };
}

/** A column of recursive queries that no query can name. */
const ITERATION = quoteName("#iteration");
/** https://cloud.google.com/bigquery/quotas#query_jobs: the base is the first. */
const MAX_ITERATIONS = 500;

function nextIteration(table: string): string {
  const message = `A recursive CTE has reached the maximum number of iterations: ${MAX_ITERATIONS}`;
  // The error is outside of the subquery: it is raised for a row, not for an iteration without rows.
  const last = `(SELECT max(${ITERATION}) FROM ${table})`;
  return `CASE WHEN ${last} < ${MAX_ITERATIONS} THEN ${last} + 1 ELSE error('${message}') END`;
}
