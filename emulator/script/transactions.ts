import { invalidQuery, refused } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { objectName, temporaryName } from "../sql/statements/names.ts";
import type { Path } from "../sql/statements/reader.ts";
import { contextOf, type Machine } from "./machine.ts";
import { replay } from "./replay.ts";
import type { Body, Node } from "./tree.ts";

/**
 * BEGIN TRANSACTION. Locks at once what the statements up to its end write: DuckDB's snapshot is then newer than every
 * change that those locks waited for, and two transactions cannot each wait for a table of the other.
 */
export async function begin(machine: Machine, following: Body): Promise<void> {
  const { session, state } = machine;
  if (session.inTransaction)
    throw invalidQuery("A transaction is open already; transactions do not nest");
  const end = following.findIndex(({ kind }) => kind === "commit" || kind === "rollback");
  const inside = end < 0 ? following : following.slice(0, end);
  await session.lock(inside.flatMap(writtenPaths).flatMap((path) => permanentName(path, machine)));
  state.tablesBefore = new Map(session.temporary.tables);
  state.changes = [];
  await session.begin();
}

export async function commit({ session }: Machine): Promise<void> {
  if (!session.inTransaction) throw invalidQuery("There is no open transaction to commit");
  try {
    await session.commit();
  } finally {
    session.releaseLocks();
  }
}

export async function rollback({ session, state }: Machine): Promise<void> {
  if (!session.inTransaction) throw invalidQuery("There is no open transaction to roll back");
  await rollbackOpen({ session, state });
}

/** Rolls back whatever is open: at the end of a request, or when a transaction cannot go on. */
export async function rollbackOpen({
  session,
  state,
}: Pick<Machine, "session" | "state">): Promise<void> {
  if (session.inTransaction) {
    await session.rollback();
    session.temporary.tables.clear();
    for (const [name, table] of state.tablesBefore ?? []) session.temporary.tables.set(name, table);
  }
  session.releaseLocks();
}

/**
 * The handler of an error caught inside a transaction. BigQuery's transaction goes on, DuckDB's does not when the
 * error came from running a statement. What can be done again is done again (replay.ts). Going on as if nothing had happened would lose the transaction's rows at
 * COMMIT, so that is refused; a handler that rolls back before it looks at any table does the same in both.
 */
export async function handlerInTransaction(handler: Body, machine: Machine): Promise<Body> {
  const { session, handled } = machine;
  if (!session.inTransaction || (await isAlive(machine)) || (await replay(machine))) return handler;
  await rollbackOpen(machine);
  const end = handler.findIndex(({ kind }) => kind === "rollback");
  if (end >= 0 && handler.slice(0, end).every(readsNoTable)) {
    return handler.filter((_, i) => i !== end);
  }
  throw refused(
    `a transaction that goes on after an error (${handled?.error.message ?? "unknown"}); it is rolled back`,
    handled?.statement.place,
    "ROLLBACK TRANSACTION at the beginning of the handler",
  );
}

function isAlive({ session }: Machine): Promise<boolean> {
  return session.rows("SELECT 1").then(
    () => true,
    () => false,
  );
}

function readsNoTable({ kind, source }: Node): boolean {
  return ["statement", "set"].includes(kind) && /^(select|set)\b(?!.*\bfrom\b)/is.test(source.text);
}

function writtenPaths(node: Node): readonly Path[] {
  switch (node.kind) {
    case "statement":
      return node.statement.writes;
    case "if":
      return [...node.branches.flatMap(({ body }) => body), ...node.otherwise].flatMap(
        writtenPaths,
      );
    case "block":
      return [...node.body, ...(node.handler ?? [])].flatMap(writtenPaths);
    case "loop":
    case "while":
    case "repeat":
    case "for":
      return node.body.flatMap(writtenPaths);
    default:
      return [];
  }
}

/** A permanent object's name; nothing for a temporary table or a name that the statement itself will complain about. */
function permanentName(path: Path, machine: Machine): readonly ObjectName[] {
  const { env } = contextOf(machine);
  if (temporaryName(path, machine.session) !== undefined) return [];
  if (path.length === 1 && env.defaultDataset === undefined) return [];
  if (path.length > 3 || (path.length === 3 && path[0] !== env.project)) return [];
  return [objectName(path, env)];
}
