import { copyFileSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ADDRESS_FILE, type Address } from "../../emulator/owner.ts";
import type { FiloConfig } from "../config.ts";
import { openWarehouse } from "../warehouse.ts";
import { type DuckDB, startDuckDB } from "./duckdb.ts";
import type { Figure } from "./figures.ts";
import { measureLatency } from "./latency.ts";
import { differingModels, measureModels } from "./models.ts";
import { loadsDiffer, measureLoads } from "./ndjson.ts";

const ROUNDS = 3;
const LOADED_ROWS = 100_000;

/** What the emulator costs, and the results that were not what they should be. */
export interface EmulatorReport {
  readonly figures: readonly Figure[];
  /** Tables of which the emulator and DuckDB made different rows. */
  readonly different: readonly string[];
  /** Of DuckDB, as both sides run it. */
  readonly settings: string;
}

/**
 * Compares the emulator with DuckDB alone, on the world of a night that is over: each has a server, or a process, and a
 * copy of the warehouse of its own. The emulator's side is asked by BigQuery's client.
 */
export async function benchEmulator(config: FiloConfig): Promise<EmulatorReport> {
  if (config.warehouse.type !== "embedded") throw new Error("the bench needs an embedded world");
  const { dataDir } = config.warehouse;
  const folder = join(dataDir, "..", "duckdb");
  mkdirSync(folder, { mode: 0o700 });
  copyFileSync(join(dataDir, "warehouse.duckdb"), join(folder, "warehouse.duckdb"));
  const duckdb = await startDuckDB(folder);
  try {
    const settings = await readSettings(duckdb);
    const figures = await measure(config, dataDir, duckdb, folder);
    // DuckDB may only read its own folder.
    const made = join(folder, "emulator.duckdb");
    renameSync(join(dataDir, "warehouse.duckdb"), made);
    const models = await differingModels(duckdb, made);
    const loads = (await loadsDiffer(duckdb)) ? ["load"] : [];
    return { figures, different: [...models, ...loads], settings };
  } finally {
    await duckdb.close();
  }
}

async function readSettings(duckdb: DuckDB): Promise<string> {
  const [[version, threads, memory] = []] = await duckdb.rows(
    "select version(), current_setting('threads'), current_setting('memory_limit')",
  );
  return `DuckDB ${version}, ${threads} threads, memory limit ${memory}`;
}

async function measure(
  config: FiloConfig,
  dataDir: string,
  duckdb: DuckDB,
  folder: string,
): Promise<readonly Figure[]> {
  const warehouse = await openWarehouse(config);
  try {
    const { timeZone, currency, defaultModel, sandbox } = config;
    const asOf = sandbox?.lastDay ?? "";
    const vars = { asOf, runId: "bench", timeZone, currency, defaultModel };
    const shared = { warehouse, duckdb, rounds: ROUNDS };
    const latency = await measureLatency(warehouse.bigquery, ROUNDS);
    const loads = await measureLoads({ ...shared, folder, rows: LOADED_ROWS });
    const models = await measureModels({ ...shared, vars });
    const { pid } = JSON.parse(readFileSync(join(dataDir, ADDRESS_FILE), "utf8")) as Address;
    return [
      ...models,
      ...loads,
      ...latency,
      ...peakMemory("emulator", pid),
      ...peakMemory("DuckDB alone", duckdb.pid),
    ];
  } finally {
    await warehouse.close();
  }
}

/** The most resident memory that a process has had; nothing where the system does not say. */
function peakMemory(name: string, pid: number): readonly Figure[] {
  try {
    const kb = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+) kB/)?.[1];
    const mb = Number(kb) / 1024;
    return [{ name: `peak memory: ${name}`, spread: { min: mb, median: mb, max: mb }, unit: "MB" }];
  } catch {
    return [];
  }
}
