import type { DuckDBConnection } from "@duckdb/node-api";
import type { LimitFunction } from "p-limit";
import type { ObjectName } from "../sql/catalog.ts";
import { quoteName } from "../sql/types.ts";
import { callsJavaScript, type JavaScript, javascriptName } from "../udf/javascript.ts";
import { CATALOGUE_SCHEMA, type CatalogueStore, type CatalogueView } from "./catalogue.ts";
import { datasetLock } from "./datasets.ts";
import { type Database, WAREHOUSE_DATABASE } from "./duckdb.ts";
import { fromDuckDB, stopped } from "./errors.ts";
import type { Locks } from "./locks.ts";
import type { Results } from "./results.ts";
import type { Session } from "./session.ts";

/** A session with what only its owner may do: stop it from outside. */
export interface OwnedSession extends Session {
  /** Interrupts the running statement and ends a wait for locks. */
  cancel(): void;
}

export interface SessionParts {
  readonly database: Database;
  readonly catalogue: CatalogueStore;
  readonly locks: Locks;
  readonly results: Results;
  /** How many statements run at a time; the others wait, as for slots in BigQuery. */
  readonly slots: LimitFunction;
  /** The same of statements that call JavaScript functions. */
  readonly javascriptSlots: LimitFunction;
  /** One at a time takes its snapshot or commits: the catalogue and DuckDB then agree on what a transaction sees. */
  readonly snapshots: LimitFunction;
  readonly javascript: JavaScript;
  /** Names of the JavaScript functions that the database knows. */
  readonly functions: Set<string>;
}

/** DuckDB's quoted name of a permanent table: the schema is the dataset. */
export function tableSql(name: ObjectName): string {
  return [WAREHOUSE_DATABASE, name.dataset, name.name].map(quoteName).join(".");
}

/** How often a cancelled session's statement is interrupted until it ends. */
const INTERRUPT_MS = 100;

function lockName({ project, dataset, name }: ObjectName): string {
  return `${project}.${dataset}.${name}`;
}

/** Opens a DuckDB connection as a session of `project`. */
export async function openSession(parts: SessionParts, project: string): Promise<OwnedSession> {
  const connection = await parts.database.connect();
  const catalogue = parts.catalogue.view(connection);
  const evaluation = parts.javascript.open();
  const owner = {};
  let cancelled = false;
  /** Statements that DuckDB has and has not answered. */
  let running = 0;
  let interruptions: NodeJS.Timeout | undefined;
  /** Ends the wait for a slot. */
  let leaveQueue = () => {};

  function guarded<T>(sql: string, work: () => Promise<T>): Promise<T> {
    // Nothing ends a wait for a slot that begins after the end was asked for.
    if (cancelled) return Promise.reject(stopped());
    const slots = callsJavaScript(sql) ? parts.javascriptSlots : parts.slots;
    return new Promise<T>((done, fail) => {
      leaveQueue = () => fail(stopped());
      const ended = slots(() => {
        leaveQueue = () => {};
        if (cancelled) throw stopped();
        running += 1;
        return evaluation
          .run(work)
          .catch((error) => Promise.reject(fromDuckDB(error)))
          .finally(() => {
            running -= 1;
          });
      });
      ended.then(done, fail);
    });
  }

  const transaction = createTransaction(connection, catalogue, parts.snapshots);
  return {
    project,
    catalogue,
    run: (sql) =>
      guarded(sql, async () => ({ rowsChanged: (await connection.run(sql)).rowsChanged })),
    rows: (sql) => guarded(sql, async () => (await connection.runAndReadAll(sql)).getRows()),
    store: (sql, columns) => guarded(sql, () => parts.results.store(connection, sql, columns)),
    discard: (result) => parts.results.drop(result),
    tableSql,
    async lock(names) {
      // Nothing ends a wait that begins after the end was asked for.
      if (cancelled) throw stopped();
      await parts.locks.acquire(
        owner,
        names.map(lockName),
        names.map(({ project, dataset }) => lockName(datasetLock(project, dataset))),
      );
    },
    releaseLocks: () => parts.locks.release(owner),
    ...transaction,
    get inTransaction() {
      return transaction.isOpen();
    },
    temporary: { tables: new Map(), functions: new Map(), variables: new Map() },
    async registerJavaScript(fn) {
      const name = javascriptName(fn);
      if (!parts.functions.has(name)) parts.javascript.register(connection, fn);
      // What an open transaction registers is gone if it rolls back.
      if (!transaction.isOpen()) parts.functions.add(name);
    },
    javascriptCall: (fn, args) => evaluation.callSql(fn, args),
    get cancelled() {
      return cancelled;
    },
    cancel() {
      cancelled = true;
      leaveQueue();
      parts.locks.abandon(owner);
      evaluation.stop(stopped());
      const interrupt = () => {
        if (running > 0) connection.interrupt();
      };
      interrupt();
      // DuckDB forgets an interruption that comes before the statement has begun.
      interruptions ??= setInterval(interrupt, INTERRUPT_MS).unref();
    },
    async close() {
      if (transaction.isOpen()) await transaction.rollback();
      clearInterval(interruptions);
      parts.locks.release(owner);
      evaluation.close();
      connection.closeSync();
    },
  };
}

/** DuckDB takes its snapshot of a database when a transaction first looks at it. */
const LOOK = `SELECT 1 FROM ${WAREHOUSE_DATABASE}.${CATALOGUE_SCHEMA}.entries LIMIT 0`;

function createTransaction(
  connection: DuckDBConnection,
  catalogue: CatalogueView,
  snapshots: LimitFunction,
) {
  let open = false;

  function begin(): Promise<void> {
    return snapshots(async () => {
      await connection.run(`BEGIN TRANSACTION; ${LOOK}`);
      open = true;
      catalogue.began();
    });
  }
  function commit(): Promise<void> {
    open = false;
    return snapshots(async () => {
      try {
        await connection.run("COMMIT");
        catalogue.committed();
      } catch (error) {
        // DuckDB has rolled a transaction back that it could not commit.
        catalogue.rolledBack();
        throw fromDuckDB(error);
      }
    });
  }
  async function rollback(): Promise<void> {
    open = false;
    catalogue.rolledBack();
    await connection.run("ROLLBACK");
  }
  async function atomic<T>(work: () => Promise<T>): Promise<T> {
    if (open) return work();
    await begin();
    let value: T;
    try {
      value = await work();
    } catch (error) {
      await rollback();
      throw error;
    }
    await commit();
    return value;
  }
  return { begin, commit, rollback, atomic, isOpen: () => open };
}
