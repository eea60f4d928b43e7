import { checkSources } from "../../loaders/index.ts";
import { type ConfigOptions, readConfig } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { withVendors } from "../simulated-vendors.ts";
import { openWarehouse, type Warehouse } from "../warehouse.ts";
import { plain } from "./query.ts";

interface Finding {
  readonly subject: string;
  readonly found?: string;
  readonly problem?: string;
  readonly remedy?: string;
}

/**
 * `filo doctor`: configuration, credentials, reachability, freshness, each problem with its remedy. Loads nothing.
 * Ends with 1 where something is wrong.
 */
export async function doctor(options: ConfigOptions): Promise<ExitCode> {
  const config = readConfig(options);
  const findings: Finding[] = [{ subject: "configuration", found: config.file }];
  findings.push(
    ...(await withVendors(config, async (resolved) =>
      (
        await checkSources({ config: resolved, env: process.env })
      ).map(({ source, stream, ...rest }) => ({ subject: `${source}/${stream}`, ...rest })),
    )),
  );
  const warehouse = await openWarehouse(config).catch((error: Error) => error);
  if (warehouse instanceof Error) {
    findings.push({
      subject: "warehouse",
      problem: warehouse.message,
      remedy:
        config.warehouse.type === "embedded"
          ? "free the folder, or name another as warehouse.dataDir"
          : "check the project's name, and run `gcloud auth application-default login`",
    });
  } else {
    findings.push(...(await lookAtWarehouse(warehouse, config.file)));
    await warehouse.close();
  }
  for (const { subject, found, problem, remedy } of findings) {
    process.stdout.write(`${problem === undefined ? "✔" : "✖"} ${subject}: ${problem ?? found}\n`);
    if (remedy !== undefined) process.stdout.write(`    → ${remedy}\n`);
  }
  return findings.some(({ problem }) => problem !== undefined) ? EXIT.failed : EXIT.ok;
}

/** That it answers, and how fresh each source is. */
async function lookAtWarehouse(
  { bigquery, project, datasets: names }: Warehouse,
  configFile: string,
): Promise<Finding[]> {
  try {
    const [datasets] = await bigquery.getDatasets();
    const answers = { subject: "warehouse", found: `${project} answers` };
    if (!datasets.some(({ id }) => id === names("marts"))) {
      return [
        answers,
        {
          subject: "freshness",
          problem: "no night has run yet",
          remedy: `npm run --silent filo -- nightly --config ${configFile}`,
        },
      ];
    }
    const [rows] = await bigquery.query(
      `select source, is_stale, data_until_date, remedy
       from ${names("marts")}.mart_source_status order by source`,
    );
    return [
      answers,
      ...rows.map((row: Record<string, unknown>) => {
        const until = plain(row.data_until_date);
        const subject = `freshness of ${row.source}`;
        if (!row.is_stale)
          return { subject, found: until ? `data until ${until}` : "loaded; it has no days" };
        const problem = `stale, data until ${until ?? "never"}`;
        return {
          subject,
          problem,
          remedy: String(row.remedy ?? "deliver the data, then run a night"),
        };
      }),
    ];
  } catch (error) {
    return [
      {
        subject: "warehouse",
        problem: (error as Error).message,
        remedy: "check the project's name, the location and the permissions of the credential",
      },
    ];
  }
}
