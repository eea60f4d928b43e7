import { BigQueryError, invalidQuery } from "../errors.ts";
import type { Statement } from "../sql/statements/statement.ts";
import { stopped } from "../warehouse/errors.ts";
import { callProcedure, createProcedure } from "./calls.ts";
import { executeImmediate } from "./execute.ts";
import { contextOf, type Failure, type Machine } from "./machine.ts";
import { noteChange } from "./replay.ts";
import { assignmentSql, declareVariable } from "./scope.ts";
import { begin, commit, handlerInTransaction, rollback } from "./transactions.ts";
import type { Body, Expression, Loop, Node } from "./tree.ts";
import { assignTargets, declare, holds, innerScope, readText, rowStruct } from "./values.ts";

/** How a body ended: undefined at its last statement. */
export type Ending =
  | { readonly kind: "break" | "continue" | "return"; readonly label?: string }
  | undefined;

/** Runs statements in order. An error that nobody handles leaves as it is; `state.failure` says where it came from. */
export async function runBody(body: Body, machine: Machine): Promise<Ending> {
  for (const [i, node] of body.entries()) {
    const ending = await runNode(node, body.slice(i + 1), machine);
    if (ending) return ending;
  }
  return undefined;
}

async function runNode(node: Node, following: Body, machine: Machine): Promise<Ending> {
  const { session, state } = machine;
  if (session.cancelled) throw stopped();
  try {
    return await dispatch(node, following, machine);
  } catch (error) {
    if (error instanceof BigQueryError && state.failure?.error !== error) {
      state.failure = { error, statement: node.source };
    }
    throw error;
  }
}

async function dispatch(node: Node, following: Body, machine: Machine): Promise<Ending> {
  switch (node.kind) {
    case "statement":
      await runStatement(node.statement, machine);
      return undefined;
    case "declare":
      await declare(node.names, node.type, node.value, machine);
      return undefined;
    case "set":
      await assignTargets(node.targets, node.values, machine);
      return undefined;
    case "if":
      return runIf(node, machine);
    case "block":
      return leaving(node.label, await runBlock(node, machine));
    case "loop":
    case "while":
    case "repeat":
    case "for":
      return leaving(node.label, await runLoop(node, machine));
    case "break":
    case "continue":
      return { kind: node.kind, ...(node.label ? { label: node.label } : {}) };
    case "return":
      return { kind: "return" };
    case "raise":
      return raise(node.message, machine);
    case "assert":
      if (await holds(node.condition, machine)) return undefined;
      throw invalidQuery(node.message ?? "Assertion failed");
    case "execute":
      await executeImmediate(node, machine);
      return undefined;
    case "call":
      await callProcedure(node, machine);
      return undefined;
    case "create_procedure":
      await createProcedure(node, machine);
      return undefined;
    case "begin":
      await begin(machine, following);
      return undefined;
    case "commit":
      await commit(machine);
      return undefined;
    case "rollback":
      await rollback(machine);
      return undefined;
  }
}

/** Runs one SQL statement and keeps what it answers. */
export async function runStatement(statement: Statement, machine: Machine): Promise<void> {
  const { session, state } = machine;
  try {
    const outcome = await statement.run(contextOf(machine));
    noteChange(statement, machine);
    if (state.last?.result) await session.discard(state.last.result);
    state.last = outcome;
    if (outcome.dml) {
      state.rowCount = outcome.dml.inserted + outcome.dml.updated + outcome.dml.deleted;
    }
  } finally {
    if (!session.inTransaction) session.releaseLocks();
  }
}

async function runIf(node: Extract<Node, { kind: "if" }>, machine: Machine): Promise<Ending> {
  for (const { condition, body } of node.branches) {
    if (await holds(condition, machine)) return runBody(body, machine);
  }
  return runBody(node.otherwise, machine);
}

async function runBlock(
  { body, handler }: Extract<Node, { kind: "block" }>,
  machine: Machine,
): Promise<Ending> {
  if (!handler) return runBody(body, innerScope(machine));
  try {
    return await runBody(body, innerScope(machine));
  } catch (error) {
    const handling = { ...machine, handled: caught(error, machine) };
    return runBody(await handlerInTransaction(handler, handling), handling);
  }
}

/**
 * The failure that a handler sees. What BigQuery would have run but the emulator refuses, and a cancelled job,
 * are no errors of the script: no handler may hide them.
 */
function caught(error: unknown, { state, session }: Machine): Failure {
  const isScriptError = error instanceof BigQueryError && error.reason !== "notImplemented";
  if (!isScriptError || session.cancelled || state.failure?.error !== error) throw error;
  return state.failure;
}

async function raise(message: Expression | undefined, machine: Machine): Promise<never> {
  if (message) throw invalidQuery((await readText(message, machine)) ?? "NULL");
  throw machine.handled?.error ?? invalidQuery("There is no error to raise again");
}

/** A jump that addresses this construct by its label ends here. */
function leaving(label: string | undefined, ending: Ending): Ending {
  return ending?.label !== undefined && ending.label === label ? undefined : ending;
}

async function runLoop(loop: Loop, machine: Machine): Promise<Ending> {
  if (loop.kind === "for") return runFor(loop, machine);
  for (;;) {
    if (loop.kind === "while" && !(await holds(loop.condition, machine))) return undefined;
    const turn = endOfTurn(loop, await runBody(loop.body, machine));
    if (turn.leaves) return turn.ending;
    if (loop.kind === "repeat" && (await holds(loop.until, machine))) return undefined;
  }
}

/** What the end of a loop's body means for the loop. */
function endOfTurn({ label }: Loop, ending: Ending): { leaves: boolean; ending: Ending } {
  const isOurs = ending?.label === undefined || ending.label === label;
  if (!ending || (ending.kind === "continue" && isOurs))
    return { leaves: false, ending: undefined };
  return { leaves: true, ending: ending.kind === "break" && isOurs ? undefined : ending };
}

/** The query runs once; its rows wait in a temporary table. */
async function runFor(loop: Extract<Loop, { kind: "for" }>, machine: Machine): Promise<Ending> {
  const { session } = machine;
  const inner = innerScope(machine);
  const context = contextOf(machine);
  const row = rowStruct(loop.query.compile(context));
  const table = `temp.main."_for_${inner.scope.depth}"`;
  await context.prepare();
  await session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${row.sql}`);
  // Row numbers of a table made in an open transaction do not begin at 0.
  const [[count, first] = []] = await session.rows(
    `SELECT count(*), coalesce(min(rowid), 0) FROM ${table}`,
  );
  // The table of the rows would be gone.
  if (session.inTransaction) machine.state.changes = undefined;
  const name = loop.variable.toLowerCase();
  declareVariable(inner.scope, name, row.type);
  let result: Ending;
  for (let i = 0; i < Number(count); i++) {
    const value = `(SELECT r FROM ${table} WHERE rowid = ${first} + ${i})`;
    await session.run(assignmentSql(inner.scope, name, value));
    const turn = endOfTurn(loop, await runBody(loop.body, inner));
    if (!turn.leaves) continue;
    result = turn.ending;
    break;
  }
  await session.run(`DROP TABLE IF EXISTS ${table}`);
  return result;
}
