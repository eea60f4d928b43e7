import { invalidQuery } from "../errors.ts";
import { plainValue } from "./call.ts";
import type { Routine, RoutineArgument } from "./catalog.ts";
import { coerce } from "./coerce.ts";
import type { CompiledRelation, Context, Cte, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { closedEnvironment } from "./from.ts";
import type { Typed } from "./functions/define.ts";
import { compileQueryIn } from "./query.ts";
import type { Call, Expr } from "./syntax/ast.ts";
import { parseStatement } from "./syntax/parse.ts";
import { toQuery } from "./syntax/query.ts";
import { type Column, formatType, quoteName } from "./types.ts";

type TableFunction = Extract<Routine, { kind: "table_function" }>;

/** The rows of `f(…)` in FROM: the query of the function, in which its arguments are constants and tables. */
export function callTableFunction(call: Call, context: Context): CompiledRelation {
  const name = call.path.join(".");
  const routine = context.statement.env.routine(call.path);
  if (routine?.kind !== "table_function")
    throw invalidQuery(`Table-valued function not found: ${name}`, call.place);
  if (routine.args.length !== call.args.length) {
    throw invalidQuery(
      `Number of arguments does not match for table function ${name}; expected ${routine.args.length}, found ${call.args.length}`,
      call.place,
    );
  }
  const args = new Map<string, Typed>();
  const ctes: Cte[] = [];
  for (const [i, argument] of routine.args.entries()) {
    const given = call.args[i];
    if (!given) continue;
    if (argument.table) ctes.push(tableArgument(argument, argument.table, given, context));
    else args.set(argument.name.toLowerCase(), scalarArgument(argument, given, name, context));
  }
  const env = closedEnvironment(context.statement.env);
  return compileBody(routine, name, {
    statement: { ...context.statement, env },
    scope: { tables: [], columns: [], args },
    ctes,
  });
}

function compileBody(
  { body, columns }: TableFunction,
  name: string,
  context: Context,
): CompiledRelation {
  const relation = compileQueryIn(toQuery(parseStatement(body)), context);
  return columns
    ? inColumns(relation, columns, `Table function ${name} returns`, context)
    : relation;
}

function scalarArgument(
  { name, type }: RoutineArgument,
  given: Expr,
  routine: string,
  context: Context,
): Typed {
  const value = compileExpr(given, context);
  const coerced = type ? coerce(value, type) : value;
  if (coerced) return plainValue(coerced);
  throw invalidQuery(
    `No matching signature for table function ${routine}: argument ${name} cannot be of type ${formatType(value.type)}`,
    given.place,
  );
}

/** `TABLE t` or a subquery, whose columns meet those of the declaration by name. */
function tableArgument(
  { name }: RoutineArgument,
  declared: readonly Column[],
  given: Expr,
  context: Context,
): Cte {
  if (given.kind !== "subquery")
    throw invalidQuery(`Argument ${name} must be a table: TABLE t, or (SELECT …)`, given.place);
  const relation = compileQueryIn(given.query, context);
  const { sql, columns } = inColumns(
    byName(relation, declared),
    declared,
    `Argument ${name} has`,
    context,
  );
  return { name: name.toLowerCase(), sql: `(${sql})`, columns, isValueTable: false };
}

function byName(relation: CompiledRelation, declared: readonly Column[]): CompiledRelation {
  const columns = declared.flatMap(({ name }) =>
    relation.columns.filter((column) => column.name?.toLowerCase() === name.toLowerCase()),
  );
  return { ...relation, columns };
}

/** The columns of a relation under the names and with the types of a declaration, by position. */
function inColumns(
  relation: CompiledRelation,
  declared: readonly Column[],
  what: string,
  context: Context,
): CompiledRelation {
  const alias = context.statement.alias();
  const items = declared.map(({ name, type }, i) => {
    const column = relation.columns[i];
    const value =
      column && coerce({ sql: `${alias}.${quoteName(column.physical)}`, type: column.type }, type);
    if (value) return `${value.sql} AS ${quoteName(name)}`;
    const found = column ? formatType(column.type) : "no such column";
    throw invalidQuery(`${what} ${found} for column ${name} of type ${formatType(type)}`);
  });
  return {
    sql: `SELECT ${items.join(", ")} FROM (${relation.sql}) AS ${alias}`,
    columns: declared.map(({ name, type }): OutputColumn => ({ name, type, physical: name })),
    isValueTable: false,
  };
}
