import { type Dashboard, serveDashboard } from "../../dashboard/server.ts";
import { CliError } from "../../loaders/core/errors.ts";
import { type ConfigOptions, type FiloConfig, readConfig } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { port } from "../port.ts";
import { openWarehouse, type Warehouse } from "../warehouse.ts";
import { plain } from "./query.ts";
import { interrupted } from "./serve.ts";

/** What one question of the page may read from BigQuery: 10 GiB, a few cents. */
const MAXIMUM_BYTES_BILLED = String(10 * 1024 ** 3);

/** `filo dashboard`: the local page over the marts, until it is interrupted. Prints its address. */
export async function dashboard(options: ConfigOptions & { port?: string }): Promise<ExitCode> {
  const config = readConfig(options);
  const wanted = port(options.port);
  const warehouse = await openWarehouse(config);
  try {
    const page = await openDashboard(config, warehouse, wanted);
    process.stdout.write(`${page.url}\n`);
    await interrupted();
    await page.close();
    return EXIT.ok;
  } finally {
    await warehouse.close();
  }
}

/** The page over a warehouse's marts. @throws CliError where the port is taken */
export async function openDashboard(
  { currency, timeZone, defaultModel }: FiloConfig,
  { bigquery, datasets }: Warehouse,
  wanted?: number,
): Promise<Dashboard> {
  const page = serveDashboard({
    currency,
    timeZone,
    defaultModel,
    ...(wanted === undefined ? {} : { port: wanted }),
    marts: {
      dataset: datasets("marts"),
      async query(sql, params) {
        const [rows] = await bigquery.query({
          query: sql,
          params,
          labels: { app: "filo", command: "dashboard" },
          maximumBytesBilled: MAXIMUM_BYTES_BILLED,
        });
        return rows.map(plain);
      },
    },
  });
  return page.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EADDRINUSE") throw cause;
    throw new CliError(`port ${wanted} is taken: choose another with --port, or none`, { cause });
  });
}
