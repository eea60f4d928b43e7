import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BigQuery } from "@google-cloud/bigquery";
import { attachOrStart } from "../../emulator/owner.ts";
import {
  type LoadOptions,
  type LoadReport,
  loadSources,
  type SourceConfig,
  type StreamReport,
  sourceConfigSchema,
  type Warehouse,
} from "../../loaders/index.ts";

/** A warehouse of its own, a folder for drops, and the loaders between them. */
export interface Bench {
  readonly dir: string;
  readonly warehouse: Warehouse;
  /** Writes a file below the folder; missing folders are made. */
  drop(path: string, content: string | Buffer): void;
  remove(path: string): void;
  /** Declares a source by its entry in filo.json. */
  source(name: string, config: Record<string, unknown>): void;
  /** @throws when a stream failed: that is a defect, not bad input */
  load(options?: Partial<LoadOptions>): Promise<LoadReport>;
  /** Loads and returns the report of the one stream there is. */
  loadOne(options?: Partial<LoadOptions>): Promise<StreamReport>;
  /** Rows of a query; dates and timestamps as text, NUMERIC as text. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Entries logged so far, as one text. */
  logged(): string;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), "filo-loaders-"));
  const server = await attachOrStart(join(dir, "warehouse"));
  Object.assign(process.env, server.env);
  const bigquery = new BigQuery({ projectId: "local", location: "EU" });
  const warehouse: Warehouse = { bigquery, datasets: (name) => name };
  const sources: Record<string, SourceConfig> = {};
  const log: string[] = [];
  let runs = 0;

  const bench: Bench = {
    dir,
    warehouse,
    drop(path, content) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    },
    remove: (path) => rmSync(join(dir, path), { recursive: true }),
    source(name, config) {
      sources[name] = sourceConfigSchema.parse(config);
    },
    async load(options = {}) {
      const report = await loadSources({
        config: { dir, timeZone: "Europe/Rome", sources },
        warehouse,
        env: {},
        asOf: "2026-10-31",
        runId: `run_${++runs}`,
        sleep: async () => {},
        random: () => 0,
        log: (entry) => log.push(JSON.stringify(entry)),
        ...options,
      });
      const failed = report.streams.find(({ status }) => status === "failed");
      if (failed) throw new Error(`${failed.source}: ${failed.problem}`);
      return report;
    },
    async loadOne(options) {
      const { streams } = await bench.load(options);
      const [stream] = streams;
      if (!stream || streams.length > 1) throw new Error(`${streams.length} streams, not one`);
      return stream;
    },
    async query(sql) {
      const [rows] = await bigquery.query(sql);
      return rows.map((row: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])),
      );
    },
    logged: () => log.join("\n"),
    async close() {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return bench;
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("value" in value) return value.value;
  return value.constructor.name === "Big" ? String(value) : value;
}

/** What the law of rows says of a report. */
export function lawHolds({ rows }: StreamReport): boolean {
  return rows.read === rows.loaded + rows.duplicate + rows.suppressed + rows.rejected;
}
