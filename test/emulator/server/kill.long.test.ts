import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { BigQuery } from "@google-cloud/bigquery";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ADDRESS_FILE, type AttachedServer, attachOrStart } from "../../../emulator/owner.ts";
import { KINDS, type Kind } from "./kill-kinds.ts";

/** Five kills of each of the ten kinds of work, each at a random moment of another fifth of a batch. */
const SEED = 4;
const PER_KIND = 5;
/** Little, so that the larger statements spill to the folder. */
const MEMORY = "250MB";

const DRAWS = fc.sample(fc.noBias(fc.integer({ min: 0, max: 999 })), {
  seed: SEED,
  numRuns: KINDS.length * PER_KIND,
});
const KILLS = KINDS.flatMap((kind, k) =>
  Array.from({ length: PER_KIND }, (_, i) => ({
    kind,
    night: k * PER_KIND + i,
    share: (i + (DRAWS[k * PER_KIND + i] ?? 0) / 1000) / PER_KIND,
  })),
);

let dir = "";
let data = "";
let server: AttachedServer;
let client: BigQuery;
let isOpen = false;
/** The last batch of each kind. */
const batches = new Map<Kind, number>();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "filo-kill-"));
  data = join(dir, "data");
  await open();
  await client.query("create schema k; create table k.steady (night int64, n int64)");
  for (const kind of KINDS) await client.query(kind.setup);
});
afterAll(async () => {
  await server.close();
  expect(await disagreements()).toEqual([]);
  await rm(dir, { recursive: true, force: true });
});

async function open(): Promise<void> {
  if (isOpen) return;
  server = await attachOrStart(data, { memoryLimit: MEMORY });
  expect(server.started).toBe(true);
  Object.assign(process.env, server.env);
  client = new BigQuery({ projectId: "local", location: "EU", autoRetry: false, maxRetries: 0 });
  isOpen = true;
}

async function kill(): Promise<void> {
  const { pid } = JSON.parse(await readFile(join(data, ADDRESS_FILE), "utf8"));
  process.kill(pid, "SIGKILL");
  isOpen = false;
}

const isCutOff = (error: unknown) =>
  /ECONNRESET|ECONNREFUSED|socket hang up|EPIPE|closed|terminated|fetch failed|aborted|Premature/i.test(
    String(error),
  );

/** Does a batch; false when the server was gone before it answered. Any other error is the test's. */
async function tryBatch(kind: Kind, batch: number): Promise<boolean> {
  try {
    await kind.run(client, batch, dir);
    return true;
  } catch (error) {
    if (isCutOff(error)) return false;
    throw error;
  }
}

interface SteadyWriter {
  /** Ends after the row it is at. Resolves to the rows it was told are there. */
  stop(): Promise<number>;
}

/** Writes one row after the other, numbered from 1, until it is stopped or the server is gone. */
function writeSteadily(night: number): SteadyWriter {
  let confirmed = 0;
  let isStopped = false;
  async function write(): Promise<void> {
    while (!isStopped) {
      await client.query(`insert into k.steady values (${night}, ${confirmed + 1})`);
      confirmed++;
    }
  }
  const ended = write().catch((error) => {
    if (!isCutOff(error)) throw error;
  });
  return {
    async stop() {
      isStopped = true;
      await ended;
      return confirmed;
    },
  };
}

/** All rows that were confirmed, at most one more, no number twice. */
async function checkSteady(night: number, confirmed: number): Promise<void> {
  const [[row]] = await client.query(
    `select count(*) as n, count(distinct n) as d, ifnull(max(n), 0) as last from k.steady where night = ${night}`,
  );
  expect(row).toEqual({ n: row.n, d: row.n, last: row.n });
  expect([confirmed, confirmed + 1]).toContain(row.n);
}

/** Where DuckDB's own list of columns differs from the catalogue's; the folder must have no owner. */
async function disagreements(): Promise<unknown[]> {
  const database = await DuckDBInstance.create(join(data, "warehouse.duckdb"), {
    access_mode: "READ_ONLY",
  });
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(`
    with catalogued as (
      select json_extract_string(entry, '$.name.dataset') as dataset,
        json_extract_string(entry, '$.name.name') as name,
        json_extract_string(entry, '$.columns[*].name') as columns
      from _filo_catalogue.entries
      where kind = 'table' and json_extract_string(entry, '$.type') = 'TABLE'
    ),
    stored as (
      select schema_name as dataset, table_name as name, list(column_name order by column_index) as columns
      from duckdb_columns()
      where database_name = 'warehouse' and not internal and schema_name <> '_filo_catalogue'
      group by all
    )
    select * from catalogued full join stored using (dataset, name)
    where catalogued.columns is distinct from stored.columns`);
  connection.closeSync();
  database.closeSync();
  return reader.getRowsJson();
}

/** Files that no statement will come back for. */
async function leftOvers(): Promise<string[]> {
  const files = await readdir(data, { recursive: true });
  const known = /^(warehouse\.duckdb(\.wal)?|server\.json|results|uploads|tmp)$/;
  return files.filter((file) => !known.test(file));
}

const report: string[] = [];
afterAll(() => {
  process.stdout.write(`seed ${SEED}, ${report.length} kills\n${report.join("\n")}\n`);
});

beforeEach(open);

test.each(KILLS)("$kind.name, killed at $share of a batch", async ({ kind, share, night }) => {
  const first = (batches.get(kind) ?? 0) + 1;
  const batch = first + 2;
  batches.set(kind, batch);
  const steady = writeSteadily(night);
  try {
    // A server that has just started is slow: the second batch tells how long the third will take.
    await runWhole(kind, first);
    const duration = await runWhole(kind, first + 1);
    const moment = share * duration;
    const isConfirmed = await runAndKill(kind, batch, moment);
    const confirmedRows = await steady.stop();
    await server.close();
    expect(await disagreements()).toEqual([]);
    const reopening = performance.now();
    await open();
    const reopened = performance.now() - reopening;
    expect(await leftOvers()).toEqual([]);
    await checkSteady(night, confirmedRows);
    const found = await kind.find(client, batch);
    if (isConfirmed) expect(found).toBe("whole");
    if (found !== "whole") await runWhole(kind, batch);
    report.push(
      `${kind.name}: ${Math.round(moment)} ms of ${Math.round(duration)}, ${isConfirmed ? "confirmed" : "cut off"}, ${found}; open again in ${Math.round(reopened)} ms`,
    );
  } finally {
    await steady.stop();
  }
});

/** Does a batch undisturbed: it must be whole. Resolves to the milliseconds until it was confirmed. */
async function runWhole(kind: Kind, batch: number): Promise<number> {
  const began = performance.now();
  await kind.run(client, batch, dir);
  const duration = performance.now() - began;
  expect(await kind.find(client, batch)).toBe("whole");
  return duration;
}

/** Does a batch and kills the server at the moment, or when it is done. Resolves to whether it was confirmed. */
async function runAndKill(kind: Kind, batch: number, moment: number): Promise<boolean> {
  let killed: Promise<void> | undefined;
  const timer = setTimeout(() => {
    killed = kill();
  }, moment);
  const isConfirmed = await tryBatch(kind, batch);
  clearTimeout(timer);
  await (killed ?? kill());
  return isConfirmed;
}
