import { join } from "node:path";
import pLimit from "p-limit";
import { registerNatives } from "../sql/functions/natives.ts";
import { createJavaScript } from "../udf/javascript.ts";
import { createWorkers, DEFAULT_LIMITS, type WorkerLimits } from "../udf/workers.ts";
import { openCatalogue } from "./catalogue.ts";
import { type Database, type DatabaseOptions, openDatabase } from "./duckdb.ts";
import { createLocks } from "./locks.ts";
import { type OwnedSession, openSession } from "./open-session.ts";
import { type PageRequest, type Row, readPage } from "./pages.ts";
import { openResults } from "./results.ts";
import type { Catalogue, StoredResult } from "./session.ts";

export interface WarehouseOptions extends DatabaseOptions {
  /** What JavaScript functions may take; `DEFAULT_LIMITS` where nothing is said. */
  readonly javascript?: Partial<WorkerLimits>;
}

/** All of one data folder: sessions on it, pages of its tables and results. */
export interface Warehouse {
  /** What is committed; changes go through a session's own catalogue. */
  readonly catalogue: Catalogue;
  openSession(): Promise<OwnedSession>;
  readPage(request: PageRequest): Promise<readonly Row[]>;
  dropResult(result: StoredResult): Promise<void>;
  close(): Promise<void>;
}

/**
 * DuckDB gives each statement all cores, so more at a time end no sooner and share the memory: what one alone
 * sorts in memory, six together cannot. Two, so that a question need not wait for a long model.
 */
const SLOTS = 2;

/**
 * A statement that waits for a JavaScript function does next to nothing in DuckDB, and may wait for minutes: such
 * statements take no slot of the others. All of them
 * together are four, as many as Node.js has threads for.
 */
const JAVASCRIPT_SLOTS = 2;

/** Opens the warehouse of a folder for one project. The folder must have no other owner: see owner.ts. */
export async function openWarehouse(
  dataDir: string,
  project: string,
  options: WarehouseOptions = {},
): Promise<Warehouse> {
  const database: Database = await openDatabase(dataDir, options);
  const connection = await database.connect();
  registerNatives(connection);
  const catalogue = await openCatalogue(connection);
  const workers = createWorkers({ ...DEFAULT_LIMITS, ...options.javascript });
  const results = await openResults(join(dataDir, "results"));
  const parts = {
    database,
    catalogue,
    results,
    locks: createLocks(),
    slots: pLimit(SLOTS),
    javascriptSlots: pLimit(JAVASCRIPT_SLOTS),
    snapshots: pLimit(1),
    javascript: createJavaScript(connection, workers),
    functions: new Set<string>(),
  };
  return {
    catalogue: catalogue.view(connection),
    openSession: () => openSession(parts, project),
    readPage: (request) => readPage(database, request),
    dropResult: (result) => results.drop(result),
    async close() {
      await workers.close();
      // Saves the next start the replay of the write-ahead log; whatever hinders it, nothing is lost.
      await connection.run("CHECKPOINT").catch(() => undefined);
      connection.closeSync();
      database.close();
      await results.clear();
    },
  };
}

/** Opens a session for one piece of work. */
export async function withSession<T>(
  warehouse: Warehouse,
  work: (session: OwnedSession) => Promise<T>,
): Promise<T> {
  const session = await warehouse.openSession();
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
