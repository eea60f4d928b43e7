import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BigQuery } from "@google-cloud/bigquery";
import { attachOrStart } from "../emulator/owner.ts";
import type { FiloConfig } from "./config.ts";

/** The warehouse a command works on: a client, and what a child process needs to reach the same one. */
export interface Warehouse {
  readonly bigquery: BigQuery;
  readonly project: string;
  readonly location: string;
  /** What a dataset is called in the chosen environment: `marts`, or `marts_dev`. */
  datasets(name: string): string;
  /** Variables for child processes. */
  readonly env: Readonly<Record<string, string>>;
  /** For the dataform CLI's --credentials. */
  readonly credentialsFile: string;
  close(): Promise<void>;
}

/**
 * The one place that chooses between BigQuery and the embedded warehouse. The embedded one is attached to where
 * a server already runs on its folder, otherwise started, and then ended by `close`.
 */
export async function openWarehouse(config: FiloConfig): Promise<Warehouse> {
  const { project, location, env, close } = await endpoint(config);
  Object.assign(process.env, env);
  const dir = mkdtempSync(join(tmpdir(), "filo-"));
  const credentialsFile = join(dir, "df-credentials.json");
  writeFileSync(credentialsFile, JSON.stringify({ projectId: project, location }));
  return {
    bigquery: new BigQuery({ projectId: project, location }),
    project,
    location,
    datasets: (name) => (config.datasetSuffix ? `${name}_${config.datasetSuffix}` : name),
    env,
    credentialsFile,
    async close() {
      rmSync(dir, { recursive: true, force: true });
      await close();
    },
  };
}

async function endpoint({ warehouse }: FiloConfig) {
  if (warehouse.type === "bigquery") {
    return {
      project: warehouse.project,
      location: warehouse.location,
      env: {},
      close: async () => {},
    };
  }
  const server = await attachOrStart(warehouse.dataDir);
  return { project: "local", location: "EU", env: server.env, close: () => server.close() };
}
