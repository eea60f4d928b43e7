import { mkdirSync, realpathSync } from "node:fs";
import { ensureTables, type LoadReport, loadSources, recordRun } from "../loaders/index.ts";
import packageJson from "../package.json" with { type: "json" };
import type { FiloConfig } from "./config.ts";
import { type ModelRun, runModels } from "./dataform.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { takeNightLock } from "./night-lock.ts";
import type { Progress } from "./progress.ts";
import {
  printFigures,
  printLoads,
  printModels,
  printStaleSources,
  readFigures,
  readStaleSources,
} from "./report.ts";
import { martsRunId, newRunId } from "./run-id.ts";
import { withVendors } from "./simulated-vendors.ts";
import { checkAgainstTruth } from "./truth-check.ts";
import { openWarehouse, type Warehouse } from "./warehouse.ts";

const { version } = packageJson;

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
  const lock = await takeNightLock(warehouseName(config));
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

/** Nights of two environments write to different datasets: they may run at once. */
function warehouseName({ warehouse, datasetSuffix }: FiloConfig): string {
  const environment = datasetSuffix && `, datasets …_${datasetSuffix}`;
  if (warehouse.type === "bigquery") return `BigQuery project ${warehouse.project}${environment}`;
  mkdirSync(warehouse.dataDir, { recursive: true });
  return `${realpathSync(warehouse.dataDir)}${environment}`;
}

async function steps(
  config: FiloConfig,
  warehouse: Warehouse,
  options: NightOptions,
  progress: Progress,
): Promise<ExitCode> {
  const run = {
    runId: newRunId(options.asOf, new Date()),
    kind: kindOf(options),
    asOf: options.asOf,
    startedAt: new Date().toISOString(),
    version,
  };
  await ensureTables(warehouse);
  await recordRun(warehouse, { ...run, status: "running" });
  const end = (status: string, results: RunResults) =>
    recordRun(warehouse, {
      ...run,
      endedAt: new Date().toISOString(),
      status,
      ...(results.martsRunId === undefined ? {} : { martsRunId: results.martsRunId }),
      report: { load: results.load, models: results.models },
    });
  const results: RunResults = {};
  try {
    const code = await work(config, warehouse, { ...options, runId: run.runId }, progress, results);
    await end(STATUS[code], results);
    return code;
  } catch (error) {
    await end("failed", results).catch((second: Error) =>
      progress.note(`the failed run could not be recorded: ${second.message}`),
    );
    throw error;
  }
}

/** What a run came to so far: also kept when it fails half-way. */
interface RunResults {
  load?: LoadReport;
  models?: ModelRun;
  martsRunId?: string;
}

type RunOptions = NightOptions & { readonly runId: string };

const STATUS: Readonly<Record<ExitCode, string>> = {
  0: "ok",
  1: "failed",
  2: "failed",
  3: "stale",
};

function kindOf({ load, transform }: NightOptions): string {
  if (load && transform) return "nightly";
  if (transform) return "transform";
  return load?.from === undefined ? "load" : "backfill";
}

async function work(
  config: FiloConfig,
  warehouse: Warehouse,
  options: RunOptions,
  progress: Progress,
  results: RunResults,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  if (options.load) {
    results.load = await load(config, warehouse, options, progress);
    print(printLoads(results.load, { configFile: config.file, ops: warehouse.datasets("ops") }));
    codes.push(results.load.status === "ok" ? EXIT.ok : EXIT[results.load.status]);
  }
  if (options.transform) {
    results.martsRunId = await martsRunId(config, warehouse, options.asOf);
    results.models = await transform(config, warehouse, options, results.martsRunId, progress);
    print(printModels(results.models));
    codes.push(results.models.exitCode === 0 ? EXIT.ok : EXIT.failed);
    if (results.models.exitCode === 0) codes.push(await report(config, warehouse, options.asOf));
  }
  return worst(codes);
}

/** Figures, stale sources and, in a simulated world that was counted to its end, the check against its truth. */
async function report(config: FiloConfig, warehouse: Warehouse, asOf: string): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  print(printFigures(await readFigures(warehouse), config.currency));
  const stale = await readStaleSources(warehouse);
  if (stale.length > 0) {
    print(printStaleSources(stale));
    codes.push(EXIT.stale);
  }
  if (config.sandbox && asOf >= config.sandbox.lastDay) {
    const truth = await checkAgainstTruth(config.sandbox.dir, warehouse);
    print(truth.text);
    // With a source missing the marts may differ from the truth: the source is what is wrong.
    if (stale.length === 0 && !truth.holds) codes.push(EXIT.failed);
  }
  return worst(codes);
}

function load(
  config: FiloConfig,
  warehouse: Warehouse,
  { asOf, runId, load: limits }: RunOptions,
  progress: Progress,
): Promise<LoadReport> {
  const read = new Map<string, number>();
  return progress.step("Loading", (update) =>
    loadSources({
      config,
      warehouse,
      env: process.env,
      asOf,
      runId,
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
  { asOf, transform: settings }: RunOptions,
  runId: string,
  progress: Progress,
): Promise<ModelRun> {
  return progress.step("Modelling", (update) =>
    runModels(
      config,
      warehouse,
      { asOf, runId },
      {
        fullRefresh: settings?.fullRefresh ?? false,
        onAction: (done, name) => update(`${done} actions, ${name}`),
      },
    ),
  );
}

/** A failure outweighs staleness. */
function worst(codes: readonly ExitCode[]): ExitCode {
  if (codes.includes(EXIT.failed)) return EXIT.failed;
  return codes.includes(EXIT.stale) ? EXIT.stale : EXIT.ok;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
