import type { Place } from "../errors.ts";
import type { Environment } from "./catalog.ts";
import type { Typed } from "./functions/define.ts";
import type { Scope } from "./scope.ts";
import type { Node } from "./syntax/node.ts";
import { parseExpression, parseStatement } from "./syntax/parse.ts";
import type { Column } from "./types.ts";

/** A query as DuckDB runs it. Its columns come in the order, under the names and with the types of `columns`. */
export interface CompiledQuery {
  readonly sql: string;
  /** Names as BigQuery answers them: unnamed columns `f0_`, …; the second column of a name ends with `_1`. */
  readonly columns: readonly Column[];
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

/** Like `compileQuery`, for the query inside another statement: `as_select` of CREATE TABLE, `query` of INSERT. */
export function compileQueryNode(node: Node, env: Environment, scope?: Scope): CompiledQuery {
  throw new Error("in the making");
}

/** Like `compileExpression`, for an expression inside another statement: SET of UPDATE, WHERE of DELETE, ON of MERGE. */
export function compileExpressionNode(node: Node, env: Environment, scope?: Scope): Typed {
  throw new Error("in the making");
}
