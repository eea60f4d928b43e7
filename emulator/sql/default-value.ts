import { invalidQuery, type Place } from "../errors.ts";
import type { Environment } from "./catalog.ts";
import { assign } from "./coerce.ts";
import { compileExpressionNode } from "./compile.ts";
import type { Expr } from "./syntax/ast.ts";
import { toExpr } from "./syntax/expression.ts";
import { parseExpression } from "./syntax/parse.ts";
import type { Column, SqlType } from "./types.ts";
import { childrenOf } from "./walk.ts";

export type DefaultValue = NonNullable<Column["defaultValue"]>;

/** What a default value can be made of besides literals: https://cloud.google.com/bigquery/docs/default-values */
const FUNCTIONS = new Set([
  ...["CURRENT_DATE", "CURRENT_DATETIME", "CURRENT_TIME", "CURRENT_TIMESTAMP"],
  ...["GENERATE_UUID", "RAND", "SESSION_USER"],
]);

/**
 * Compiles the default value of a column of a type, where no table, variable or function of a user is in sight.
 * @throws BigQueryError for what BigQuery takes for no default value
 */
export function compileDefault(text: string, type: SqlType, place?: Place): DefaultValue {
  const node = parseExpression(text, place);
  assertConstant(toExpr(node), place);
  const value = compileExpressionNode(node, NOTHING);
  return { expression: text, sql: assign(value, type, "the default value", place).sql };
}

function assertConstant(expr: Expr, place: Place | undefined): void {
  if (expr.kind === "subquery") throw invalidQuery("A default value cannot be a subquery", place);
  if (expr.kind === "call" && !FUNCTIONS.has(expr.name)) {
    throw invalidQuery(`A default value cannot call the function ${expr.name}`, place);
  }
  for (const child of childrenOf(expr)) assertConstant(child, place);
}

const NOTHING: Environment = {
  project: "",
  relation: () => undefined,
  routine: () => undefined,
  variable: () => undefined,
  parameter: () => undefined,
  systemVariable: () => undefined,
};
