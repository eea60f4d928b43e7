import type { Place } from "../errors.ts";
import type { Environment } from "./catalog.ts";
import { type CompiledRelation, type Context, newContext } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { isUnsettled, resultNames } from "./output.ts";
import { type PartitionRead, requireFilters } from "./partition-filter.ts";
import { compileQueryIn } from "./query.ts";
import { fieldColumns, type Scope } from "./scope.ts";
import { toExpr } from "./syntax/expression.ts";
import type { Node } from "./syntax/node.ts";
import { parseExpression, parseStatement } from "./syntax/parse.ts";
import { toQuery } from "./syntax/query.ts";
import { type Column, quoteName } from "./types.ts";

/** A query as DuckDB runs it. Its columns come in the order, under the names and with the types of `columns`. */
export interface CompiledQuery {
  readonly sql: string;
  /** Names as BigQuery answers them: unnamed columns `f0_`, …; the second column of a name ends with `_1`. */
  readonly columns: readonly Column[];
  /** A name that two columns have, apart from case: no table can have such columns. */
  readonly duplicateName?: string;
  /** The tables and views that the query names, each as the query writes it, split at the dots; those inside views included. */
  readonly reads: readonly (readonly string[])[];
}

/**
 * Compiles one GoogleSQL query to DuckDB SQL.
 * @param origin the place of the text's first character, for a statement cut out of a script
 * @throws BigQueryError with the place: syntax, names, types, or the refusal of an unsupported construct
 */
export function compileQuery(text: string, env: Environment, origin?: Place): CompiledQuery {
  return compileQueryNode(parseStatement(text, origin), env);
}

/** Compiles one GoogleSQL expression; `scope` has the columns it can see. */
export function compileExpression(text: string, env: Environment, scope?: Scope): Typed {
  return compileExpressionNode(parseExpression(text), env, scope);
}

/** Like `compileQuery`, for a query that is parsed already. */
export function compileQueryNode(node: Node, env: Environment, scope?: Scope): CompiledQuery {
  const { unfiltered, ...query } = compileRows(node, env, scope);
  requireFilters(unfiltered);
  return query;
}

/** A compiled query, and its reads of tables that want a condition on their partitions and have none. */
export interface CompiledRows extends CompiledQuery {
  readonly unfiltered: readonly PartitionRead[];
}

/** Like `compileQueryNode`, for who looks after the filters of the tables himself. */
export function compileRows(node: Node, env: Environment, scope?: Scope): CompiledRows {
  const context = newContext(env, scope);
  const relation = compileQueryIn(toQuery(node), context);
  const { reads, partitionReads } = context.statement;
  const unfiltered = partitionReads.filter(({ filtered }) => !filtered);
  return { ...finished(relation, context), reads, unfiltered };
}

/** Like `compileExpression`, for an expression that is parsed already. */
export function compileExpressionNode(node: Node, env: Environment, scope?: Scope): Typed {
  const context = newContext(env, scope);
  const value = compileExpr(toExpr(node), context);
  requireFilters(context.statement.partitionReads);
  return value;
}

/** The rows of a value table of structs are answered as columns, other values as one unnamed column. */
function finished(relation: CompiledRelation, context: Context): Omit<CompiledQuery, "reads"> {
  const [only] = relation.columns;
  if (!relation.isValueTable || !only) {
    const columns = relation.columns.map((column) => ({
      name: column.physical,
      // A bare NULL and an empty array can still be inserted into a column of another type.
      type: column.written && isUnsettled(column.written.type) ? column.written.type : column.type,
    }));
    return { sql: relation.sql, columns, ...duplicateOf(relation.columns) };
  }
  const alias = context.statement.alias();
  const value = { sql: `${alias}.${quoteName(only.physical)}`, type: only.type };
  const fields =
    only.type.kind === "STRUCT"
      ? fieldColumns(value)
      : [{ name: "", type: only.type, sql: value.sql }];
  const names = resultNames(fields.map((field) => field.name));
  const items = fields.map((field, i) => `${field.sql} AS ${quoteName(names[i] ?? "")}`);
  return {
    sql: `SELECT ${items.join(", ")} FROM (${relation.sql}) AS ${alias}`,
    columns: fields.map((field, i) => ({ name: names[i] ?? "", type: field.type })),
    ...duplicateOf(fields),
  };
}

function duplicateOf(
  columns: readonly { readonly name?: string }[],
): Pick<CompiledQuery, "duplicateName"> {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    if (!name) continue;
    const first = seen.get(name.toLowerCase());
    if (first !== undefined) return { duplicateName: first };
    seen.set(name.toLowerCase(), name);
  }
  return {};
}
