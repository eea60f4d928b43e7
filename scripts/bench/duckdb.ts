import { fork } from "node:child_process";
import { join } from "node:path";

/** What the DuckDB process is asked; see duckdb-process.ts. */
export interface Request {
  readonly id: number;
  readonly call: "run" | "rows" | "translate";
  readonly text: string;
}

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** DuckDB in a process of its own, on a warehouse of its own, opened exactly as the emulator opens its. */
export interface DuckDB {
  readonly pid: number;
  /** Runs a statement; returns how long DuckDB took, in ms. */
  run(sql: string): Promise<number>;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** The emulator's translation of a GoogleSQL query, whose functions can then be called. */
  translate(googleSql: string): Promise<string>;
  close(): Promise<void>;
}

export async function startDuckDB(dataDir: string): Promise<DuckDB> {
  const child = fork(join(import.meta.dirname, "duckdb-process.ts"), [dataDir], {
    execArgv: ["--import", "tsx"],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.on("message", (reply: Reply) => waiting.get(reply.id)?.(reply));
  void ended.then(() => {
    for (const [id, settle] of waiting) settle({ id, error: "the DuckDB process has ended" });
  });
  let last = 0;

  async function ask(call: Request["call"], text: string): Promise<unknown> {
    const id = ++last;
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, call, text } satisfies Request);
    });
    waiting.delete(id);
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.value;
  }

  return {
    pid: child.pid ?? 0,
    run: async (sql) => Number(await ask("run", sql)),
    rows: async (sql) => (await ask("rows", sql)) as readonly (readonly unknown[])[],
    translate: async (googleSql) => String(await ask("translate", googleSql)),
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
