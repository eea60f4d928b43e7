import { invalidQuery } from "../errors.ts";
import type { Variable } from "../sql/catalog.ts";
import { assign } from "../sql/coerce.ts";
import { type CompiledQuery, compileExpressionNode } from "../sql/compile.ts";
import type { Typed } from "../sql/functions/define.ts";
import { placeOf } from "../sql/syntax/node.ts";
import {
  BOOL,
  INT64,
  quoteName,
  type SqlType,
  STRING,
  type StructType,
  structFieldNames,
  structOf,
} from "../sql/types.ts";
import { contextOf, type Machine } from "./machine.ts";
import { assignmentSql, declareVariable, findVariable } from "./scope.ts";
import { setSystemVariable } from "./system-variables.ts";
import type { Expression, Target } from "./tree.ts";

/** Compiles an expression of the script itself, ready to run. */
export async function compileValue(expression: Expression, machine: Machine): Promise<Typed> {
  const { env, prepare } = contextOf(machine);
  const value = compileExpressionNode(expression, env);
  await prepare();
  return value;
}

/** Computes a STRING. */
export async function readText(expression: Expression, machine: Machine): Promise<string | null> {
  const value = await compileValue(expression, machine);
  return read(assign(value, STRING, "this expression", placeOf(expression)), machine) as Promise<
    string | null
  >;
}

/** Computes a condition: NULL counts as false. */
export async function holds(expression: Expression, machine: Machine): Promise<boolean> {
  const value = await compileValue(expression, machine);
  if (value.type.kind !== "BOOL" && value.type.kind !== "UNKNOWN") {
    throw invalidQuery(
      `Expected a condition of type BOOL but got ${value.type.kind}`,
      placeOf(expression),
    );
  }
  return (await read(assign(value, BOOL, "the condition"), machine)) === true;
}

async function read({ sql }: Typed, { session }: Machine): Promise<unknown> {
  const [row] = await session.rows(`SELECT ${sql}`);
  return row?.[0];
}

/** Declares variables of one type with one value. */
export async function declare(
  names: readonly string[],
  declared: SqlType | undefined,
  expression: Expression | undefined,
  machine: Machine,
): Promise<void> {
  const value = expression && (await compileValue(expression, machine));
  const type = declared ?? knownType(value?.type);
  const typed = value && assign(value, type, `variable ${names.join(", ")}`, placeOf(expression));
  let sql = typed?.sql ?? "NULL";
  for (const name of names) {
    const variable = declareVariable(machine.scope, name, type);
    await machine.session.run(assignmentSql(machine.scope, name, sql));
    sql = variable.sql;
  }
}

function knownType(type: SqlType | undefined): SqlType {
  return !type || type.kind === "UNKNOWN" ? INT64 : type;
}

/** Assigns a value to a variable, coerced to its type. */
export async function assignVariable(name: string, value: Typed, machine: Machine): Promise<void> {
  const variable = findVariable(machine.scope, name);
  if (!variable) throw invalidQuery(`Undeclared variable: ${name}`);
  const { sql } = assign(value, variable.type, `variable ${name}`);
  await machine.session.run(assignmentSql(machine.scope, name, sql));
}

/** SET: all values are computed before the first is assigned. */
export async function assignTargets(
  targets: readonly Target[],
  values: readonly Expression[],
  machine: Machine,
): Promise<void> {
  const [target] = targets;
  const [value] = values;
  if (target && value && targets.length === 1) {
    if (target.system)
      setSystemVariable(machine.state, target.name, await readText(value, machine));
    else await assignVariable(target.name, await compileValue(value, machine), machine);
    return;
  }
  const fields =
    value && values.length === 1 ? await structFields(value, machine) : await kept(values, machine);
  if (fields.length !== targets.length) {
    throw invalidQuery(
      `Number of variables (${targets.length}) does not match the number of fields (${fields.length})`,
      placeOf(values),
    );
  }
  for (const [i, field] of fields.entries()) {
    const { name, system } = targets[i] ?? {};
    if (!name || system) throw invalidQuery("A system variable cannot be set together with others");
    await assignVariable(name, field, machine);
  }
}

/** Keeps values in variables of their own, so that later assignments do not change them. */
async function kept(values: readonly Expression[], machine: Machine): Promise<readonly Variable[]> {
  const inner = innerScope(machine);
  const result: Variable[] = [];
  for (const [i, value] of values.entries()) {
    result.push(await keep(`#${i}`, await compileValue(value, machine), inner));
  }
  return result;
}

/** Keeps a value in a new variable of the machine's scope. The name must not be one that a script can write. */
export async function keep(name: string, value: Typed, machine: Machine): Promise<Variable> {
  const type = knownType(value.type);
  const variable = declareVariable(machine.scope, name, type);
  const { sql } = assign(value, type, name);
  await machine.session.run(assignmentSql(machine.scope, name, sql));
  return variable;
}

/** The machine in a scope below its own. */
export function innerScope(machine: Machine): Machine {
  const { scope } = machine;
  return { ...machine, scope: { variables: new Map(), parent: scope, depth: scope.depth + 1 } };
}

async function structFields(expression: Expression, machine: Machine): Promise<readonly Typed[]> {
  const value = await compileValue(expression, machine);
  if (value.type.kind !== "STRUCT") {
    throw invalidQuery(
      `Several variables are set from a STRUCT, but the value has type ${value.type.kind}`,
      placeOf(expression),
    );
  }
  return fieldsOf(await keep("#struct", value, innerScope(machine)));
}

/** The fields of a kept struct. */
function fieldsOf({ sql, type }: Variable): readonly Typed[] {
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  return type.fields.map((field, i) => ({
    sql: `(${sql}.${quoteName(names[i] ?? "")})`,
    type: field.type,
  }));
}

/** The row of a query as a struct: its type, and the DuckDB query that gives it. */
export function rowStruct({ sql, columns }: CompiledQuery): { type: StructType; sql: string } {
  const type = structOf(
    columns.map((column) => ({ name: column.name, type: knownType(column.type) })),
  );
  const names = structFieldNames(type);
  const fields = columns.map(
    ({ name }, i) => `${quoteName(names[i] ?? "")} := q.${quoteName(name)}`,
  );
  return { type, sql: `SELECT struct_pack(${fields.join(", ")}) AS r FROM (${sql}) AS q` };
}

/** The columns of a query's only row, NULLs when it has none. DuckDB fails when it has several. */
export async function singleRow(query: CompiledQuery, machine: Machine): Promise<readonly Typed[]> {
  const row = rowStruct(query);
  return fieldsOf(await keep("#row", { sql: `(${row.sql})`, type: row.type }, innerScope(machine)));
}
