import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generate } from "../../sandbox/index.ts";
import { readConfig } from "../../scripts/config.ts";
import { openWarehouse } from "../../scripts/warehouse.ts";

const root = resolve(import.meta.dirname, "../..");

/** A small simulated retailer in a folder of its own. */
export interface World {
  readonly dir: string;
  readonly config: string;
  remove(): void;
}

export async function makeWorld(seed: number, customers: number): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), "filo-test-"));
  await generate({ seed, customers, outDir: dir });
  return {
    dir,
    config: join(dir, "filo.json"),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `filo COMMAND` as a process of its own, as a scheduler would. */
export function startFilo(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(root, "scripts/filo.ts"), ...args],
    { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((done) =>
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr })),
  );
  return { child, ended };
}

export function filo(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Ended> {
  return startFilo(args, env).ended;
}

/** Rows of a query against a world's warehouse. */
export async function ask<Row>(
  config: string,
  sql: string,
  params: Record<string, unknown> = {},
): Promise<Row[]> {
  const warehouse = await openWarehouse(readConfig({ config: config }));
  try {
    const [rows] = await warehouse.bigquery.query({ query: sql, params });
    return rows as Row[];
  } finally {
    await warehouse.close();
  }
}

/** When a source last brought something new: the one column that tells the time of a run, not what it found. */
const TIMES_OF_RUNS: Readonly<Record<string, string>> = {
  mart_source_status: "(select * except (last_success_at) from marts.mart_source_status)",
};

/** For each table and view of a dataset its number of rows and a checksum of their content, whatever their order. */
export async function checksums(config: string, dataset: string): Promise<Map<string, string>> {
  const warehouse = await openWarehouse(readConfig({ config: config }));
  try {
    const [tables] = await warehouse.bigquery.dataset(dataset).getTables();
    const found = new Map<string, string>();
    for (const name of tables.map((table) => table.id ?? "").sort()) {
      const [rows] = await warehouse.bigquery.query(
        `select concat(cast(count(*) as string), ' rows, ',
           ifnull(cast(bit_xor(farm_fingerprint(to_json_string(t))) as string), '')) as print
         from ${TIMES_OF_RUNS[name] ?? `${dataset}.${name}`} as t`,
      );
      found.set(name, rows[0].print);
    }
    return found;
  } finally {
    await warehouse.close();
  }
}
