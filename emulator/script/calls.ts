import { invalidQuery, refused } from "../errors.ts";
import type { RoutineArgument } from "../sql/catalog.ts";
import { assign } from "../sql/coerce.ts";
import {
  alreadyExists,
  assertNoTransaction,
  notFound,
  objectName,
  requireDataset,
} from "../sql/statements/names.ts";
import type { RoutineEntry } from "../warehouse/session.ts";
import { runBody } from "./interpreter.ts";
import { contextOf, type Machine } from "./machine.ts";
import { parseProcedureBody } from "./parse.ts";
import { assignmentSql, declareVariable, findVariable, type VariableScope } from "./scope.ts";
import type { Argument, CreateProcedure, Node } from "./tree.ts";
import { assignVariable, compileValue } from "./values.ts";

/** BigQuery's limit of nested calls. */
export const MAX_CALLS = 50;

/** CALL p(…). Variables of the caller are not visible inside; OUT and INOUT variables get their values at its end. */
export async function callProcedure(
  { procedure, args }: Extract<Node, { kind: "call" }>,
  machine: Machine,
): Promise<void> {
  if (procedure[0]?.toUpperCase() === "BQ") return callSystemProcedure(procedure);
  const { session, calls } = machine;
  const { env } = contextOf(machine);
  const name = objectName(procedure, env, "Routine");
  const entry = session.catalogue.routine(name);
  if (entry?.kind !== "procedure") throw notFound("Routine", name, session);
  if (args.length !== entry.args.length) {
    throw invalidQuery(
      `Procedure ${name.name} takes ${entry.args.length} arguments, got ${args.length}`,
    );
  }
  if (calls >= MAX_CALLS)
    throw invalidQuery(`Calls are nested deeper than ${MAX_CALLS} procedures`);
  const scope: VariableScope = { variables: new Map(), depth: machine.scope.depth + 1 };
  const { handled: _, ...outside } = machine;
  const inside: Machine = { ...outside, scope, parameters: new Map(), calls: calls + 1 };
  for (const [i, argument] of entry.args.entries()) {
    await passIn(argument, args[i], machine, inside);
  }
  await runBody(parseProcedureBody({ text: entry.body, place: { line: 1, column: 1 } }), inside);
  for (const [i, argument] of entry.args.entries()) {
    await passOut(argument, args[i], machine, inside);
  }
}

/** Views are computed when they are read: there is nothing to refresh. */
function callSystemProcedure(procedure: readonly string[]): void {
  const name = procedure.join(".").toUpperCase();
  if (name !== "BQ.REFRESH_MATERIALIZED_VIEW") throw refused(`procedure ${name}`);
}

async function passIn(
  { name, type, mode }: RoutineArgument,
  given: Argument | undefined,
  machine: Machine,
  inside: Machine,
): Promise<void> {
  if (!given) return;
  if (mode !== "IN" && mode !== undefined) variableName(given, machine);
  const value = await compileValue(given.value, machine);
  const declared = type ?? value.type;
  const key = name.toLowerCase();
  declareVariable(inside.scope, key, declared);
  const sql =
    mode === "OUT" ? "NULL" : assign(value, declared, `argument ${name}`, given.source.place).sql;
  await machine.session.run(assignmentSql(inside.scope, key, sql));
}

async function passOut(
  { name, mode }: RoutineArgument,
  given: Argument | undefined,
  machine: Machine,
  inside: Machine,
): Promise<void> {
  const value = findVariable(inside.scope, name.toLowerCase());
  if (!given || !value || mode === "IN" || mode === undefined) return;
  await assignVariable(variableName(given, machine), value, machine);
}

function variableName({ source }: Argument, { scope }: Machine): string {
  const name = source.text.replaceAll("`", "").toLowerCase();
  if (findVariable(scope, name)) return name;
  throw invalidQuery(
    `An OUT or INOUT argument must be a variable, not ${source.text}`,
    source.place,
  );
}

/** CREATE [OR REPLACE] PROCEDURE: its syntax has been checked, its names are checked when it runs. */
export async function createProcedure(create: CreateProcedure, machine: Machine): Promise<void> {
  const { session } = machine;
  const context = contextOf(machine);
  assertNoTransaction(context, "CREATE_PROCEDURE");
  const name = objectName(create.name, context.env, "Routine");
  requireDataset(name, session);
  try {
    await session.lock([name]);
    const existing = session.catalogue.routine(name);
    if (existing && create.mode === "if_not_exists") return;
    if (existing && create.mode === "create") throw alreadyExists("Routine", name);
    await session.atomic(() => session.catalogue.putRoutine(entryOf(create, name)));
  } finally {
    session.releaseLocks();
  }
}

function entryOf(
  { args, body, description }: CreateProcedure,
  name: RoutineEntry["name"],
): RoutineEntry {
  const now = Date.now();
  return {
    name,
    kind: "procedure",
    args,
    body: body.text,
    ...(description === undefined ? {} : { description }),
    createdAt: now,
    modifiedAt: now,
  };
}
