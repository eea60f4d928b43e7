import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type RunOptions, type RunResult, runScript } from "../../../emulator/script/run.ts";
import type { Session } from "../../../emulator/warehouse/session.ts";
import { openWarehouse, type Warehouse } from "../../../emulator/warehouse/warehouse.ts";

export const PROJECT = "shop";

export interface TestWarehouse {
  /** Runs a request on a session of its own, as a job does. */
  run(sql: string, options?: RunOptions): Promise<RunResult>;
  /** Runs a request and returns the rows of its result: numbers for INT64, texts for what JavaScript has no type for. */
  rows(sql: string, options?: RunOptions): Promise<unknown[][]>;
  openSession(): Promise<Session>;
}

/** A warehouse of one test file, with an empty dataset `d`. */
export function testWarehouse(): TestWarehouse {
  let warehouse: Warehouse | undefined;
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "filo-script-"));
    warehouse = await openWarehouse(folder, PROJECT, { threads: 1 });
    await withSession((session) => runScript("create schema d", session, {}));
  });
  afterAll(async () => {
    await warehouse?.close();
    await rm(folder, { recursive: true });
  });

  async function openSession(): Promise<Session> {
    if (!warehouse) throw new Error("the warehouse is not open yet");
    return warehouse.openSession();
  }
  async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await openSession();
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
  return {
    openSession,
    run: (sql, options = {}) => withSession((session) => runScript(sql, session, options)),
    rows: (sql, options = {}) =>
      withSession(async (session) => {
        const { result } = await runScript(sql, session, options);
        if (!result) return [];
        const rows = await session.rows(`SELECT * FROM ${result.table}`);
        return rows.map((row) => row.map(plain));
      }),
  };
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if ("items" in value && Array.isArray(value.items)) return value.items.map(plain);
  return String(value);
}
