import { lookerLink } from "../../dashboard/looker.ts";
import { CliError } from "../../loaders/core/errors.ts";
import { type ConfigOptions, readConfig } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { openWarehouse } from "../warehouse.ts";

/**
 * `filo looker`: for each table of the marts a link that opens Looker Studio on it.
 * @throws CliError where the warehouse is on this machine, which Looker Studio cannot reach
 */
export async function looker(options: ConfigOptions): Promise<ExitCode> {
  const config = readConfig(options);
  if (config.warehouse.type === "embedded") {
    throw new CliError(
      "Looker Studio reads BigQuery and cannot reach a warehouse on this machine. Set " +
        '"warehouse": { "type": "bigquery", "project": "…" } in filo.json and run filo nightly; ' +
        "filo dashboard shows the marts of this machine",
    );
  }
  const warehouse = await openWarehouse(config);
  try {
    const { project, bigquery } = warehouse;
    const dataset = warehouse.datasets("marts");
    const [tables] = await bigquery.dataset(dataset).getTables();
    const names = tables.flatMap(({ id }) => id ?? []).sort(martsFirst);
    for (const name of names) {
      process.stdout.write(`${name}\n  ${lookerLink({ project, dataset }, name)}\n`);
    }
    process.stderr.write(
      "In a report, define ratios from sums: ROAS is SUM(revenue_amount) / SUM(spend_amount), " +
        "online ROAS SUM(online_revenue_amount) / SUM(spend_amount).\n",
    );
    return EXIT.ok;
  } finally {
    await warehouse.close();
  }
}

/** Tables made for dashboards before facts and dimensions. */
function martsFirst(a: string, b: string): number {
  const isMart = (name: string) => Number(name.startsWith("mart_"));
  return isMart(b) - isMart(a) || a.localeCompare(b);
}
