import { type LoadReport, loadSources } from "../loaders/index.ts";
import type { FiloConfig } from "./config.ts";
import { type ModelRun, runModels } from "./dataform.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { takeNightLock } from "./night-lock.ts";
import type { Progress } from "./progress.ts";
import { printFigures, printLoads, printModels, readFigures } from "./report.ts";
import { martsRunId, newRunId } from "./run-id.ts";
import { withVendors } from "./simulated-vendors.ts";
import { checkAgainstTruth } from "./truth-check.ts";
import { openWarehouse, type Warehouse } from "./warehouse.ts";

export interface NightOptions {
  /** The last day counted, YYYY-MM-DD, whole. */
  readonly asOf: string;
  readonly load?: {
    readonly only?: readonly string[];
    readonly from?: string;
    readonly to?: string;
  };
  readonly transform?: { readonly fullRefresh: boolean };
}

/**
 * A night or a part of one: load, then models, then the report on standard output. Only one runs at a time.
 * @throws CliError when the configuration is wrong or another night is running
 */
export async function runNight(
  config: FiloConfig,
  options: NightOptions,
  progress: Progress,
): Promise<ExitCode> {
  const lock = await takeNightLock(config.file);
  try {
    const warehouse = await openWarehouse(config);
    try {
      return await withVendors(config, (resolved) => steps(resolved, warehouse, options, progress));
    } finally {
      await warehouse.close();
    }
  } finally {
    lock.release();
  }
}

async function steps(
  config: FiloConfig,
  warehouse: Warehouse,
  options: NightOptions,
  progress: Progress,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  if (options.load) {
    const report = await load(config, warehouse, options, progress);
    print(printLoads(report));
    codes.push(report.status === "ok" ? EXIT.ok : EXIT[report.status]);
  }
  if (options.transform) {
    const run = await transform(config, warehouse, options, progress);
    print(printModels(run));
    codes.push(run.exitCode === 0 ? EXIT.ok : EXIT.failed);
    if (run.exitCode === 0) {
      print(printFigures(await readFigures(warehouse.bigquery), config.currency));
      if (config.sandbox) {
        const truth = await checkAgainstTruth(config.sandbox.dir, warehouse.bigquery);
        print(truth.text);
        codes.push(truth.holds ? EXIT.ok : EXIT.failed);
      }
    }
  }
  return worst(codes);
}

function load(
  config: FiloConfig,
  warehouse: Warehouse,
  { asOf, load: limits }: NightOptions,
  progress: Progress,
): Promise<LoadReport> {
  const read = new Map<string, number>();
  return progress.step("Loading", (update) =>
    loadSources({
      config,
      bigquery: warehouse.bigquery,
      env: process.env,
      asOf,
      runId: newRunId(asOf, new Date()),
      ...limits,
      progress: (event) => {
        read.set(`${event.source}/${event.stream}`, event.rowsRead);
        const total = [...read.values()].reduce((sum, n) => sum + n, 0);
        update(`${total.toLocaleString("en-US")} rows, ${event.source} ${event.phase}`);
      },
    }),
  );
}

function transform(
  config: FiloConfig,
  warehouse: Warehouse,
  { asOf, transform: settings }: NightOptions,
  progress: Progress,
): Promise<ModelRun> {
  return progress.step("Modelling", async (update) => {
    const runId = await martsRunId(config, warehouse.bigquery, asOf);
    return runModels(
      config,
      warehouse,
      { asOf, runId },
      {
        fullRefresh: settings?.fullRefresh ?? false,
        onAction: (done, name) => update(`${done} actions, ${name}`),
      },
    );
  });
}

/** A failure outweighs staleness. */
function worst(codes: readonly ExitCode[]): ExitCode {
  if (codes.includes(EXIT.failed)) return EXIT.failed;
  return codes.includes(EXIT.stale) ? EXIT.stale : EXIT.ok;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
