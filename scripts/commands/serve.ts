import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { BigQuery } from "@google-cloud/bigquery";
import { attachOrStart } from "../../emulator/owner.ts";
import { CliError } from "../../loaders/core/errors.ts";
import { ensureTables } from "../../loaders/index.ts";
import { readConfig, SANDBOX_DIR } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { port } from "../port.ts";

/**
 * `filo serve`: the embedded BigQuery until it is interrupted. Once ready it prints only `export NAME=VALUE` lines.
 * The tables that loaders fill exist from the start, so that `npx dataform run` works on an empty warehouse.
 */
export async function serve(options: {
  config?: string;
  port?: string;
  data?: string;
}): Promise<ExitCode> {
  const wanted = port(options.port);
  const server = await attachOrStart(
    dataDir(options),
    wanted === undefined ? {} : { port: wanted },
  );
  Object.assign(process.env, server.env);
  await ensureTables({
    bigquery: new BigQuery({ projectId: "local", location: "EU" }),
    datasets: (name) => name,
  });
  for (const [name, value] of Object.entries(server.env)) {
    process.stdout.write(`export ${name}=${value}\n`);
  }
  await interrupted();
  await server.close();
  return EXIT.ok;
}

function dataDir({ config, data }: { config?: string; data?: string }): string {
  if (data !== undefined) return resolve(data);
  if (config === undefined && !existsSync("filo.json") && !existsSync(`${SANDBOX_DIR}/filo.json`)) {
    return resolve(".filo/warehouse");
  }
  const { warehouse } = readConfig(config === undefined ? {} : { config });
  if (warehouse.type === "embedded") return warehouse.dataDir;
  throw new CliError(
    "the configuration names BigQuery itself, which needs no server; name a folder with --data",
  );
}

/** Resolves at SIGINT or SIGTERM; until then the process stays. */
export function interrupted(): Promise<void> {
  return new Promise((done) => {
    const keepAlive = setInterval(() => {}, 1 << 30);
    const stop = () => {
      clearInterval(keepAlive);
      done();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}
