import { invalidQuery } from "../errors.ts";
import type { Variable } from "../sql/catalog.ts";
import { duckdbType, quoteName, quoteText, type SqlType } from "../sql/types.ts";

/** Variables of a block; a procedure's scope has no parent. */
export interface VariableScope {
  readonly variables: Map<string, Variable>;
  readonly parent?: VariableScope;
  /** Of blocks and calls: variables that live at the same time have different DuckDB names. */
  readonly depth: number;
}

export function findVariable(scope: VariableScope, name: string): Variable | undefined {
  return scope.variables.get(name) ?? (scope.parent && findVariable(scope.parent, name));
}

/** The DuckDB variable that holds a script variable. */
function duckdbName(scope: VariableScope, name: string): string {
  return `v${scope.depth}_${name}`;
}

/** Adds a variable to the innermost scope. Throws when a visible one has the name. */
export function declareVariable(scope: VariableScope, name: string, type: SqlType): Variable {
  if (findVariable(scope, name)) {
    throw invalidQuery(`Variable '${name}' redeclaration is not allowed`);
  }
  const sql = `getvariable(${quoteText(duckdbName(scope, name))})::${duckdbType(type)}`;
  const variable = { type, sql: `(${sql})` };
  scope.variables.set(name, variable);
  return variable;
}

/** DuckDB's assignment to the variable that the name means in this scope. */
export function assignmentSql(scope: VariableScope, name: string, value: string): string {
  let owner: VariableScope | undefined = scope;
  while (owner && !owner.variables.has(name)) owner = owner.parent;
  const variable = owner?.variables.get(name);
  if (!owner || !variable) throw invalidQuery(`Undeclared variable: ${name}`);
  const target = quoteName(duckdbName(owner, name));
  return `SET VARIABLE ${target} = (SELECT (${value})::${duckdbType(variable.type)})`;
}
