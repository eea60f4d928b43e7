import { loadRuns } from "./ops-tables.ts";
import { sqlName } from "./tables.ts";
import { parameter, runQuery, type Warehouse } from "./warehouse.ts";

/** One row of `ops.load_runs`. */
export interface RunRecord {
  readonly runId: string;
  /** nightly, load, backfill, transform. */
  readonly kind: string;
  readonly asOf: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** running, ok, stale, failed. */
  readonly status: string;
  readonly version?: string;
  readonly martsRunId?: string;
  readonly report?: unknown;
}

/** Writes the run, replacing what was written of it before: once when it starts, once when it ends. */
export async function recordRun({ bigquery, datasets }: Warehouse, run: RunRecord): Promise<void> {
  const values: Readonly<Record<string, unknown>> = {
    run_id: run.runId,
    kind: run.kind,
    as_of: run.asOf,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    status: run.status,
    version: run.version,
    marts_run_id: run.martsRunId,
    report: run.report,
  };
  const names = loadRuns.columns.map(({ name }) => name);
  const table = sqlName(loadRuns, datasets);
  await runQuery(bigquery, {
    query: [
      "begin transaction",
      `delete from ${table} where run_id = @run_id`,
      `insert into ${table} (${names.join(", ")}) values (${names.map((name) => `@${name}`).join(", ")})`,
      "commit transaction;\n",
    ].join(";\n"),
    params: Object.fromEntries(
      loadRuns.columns.map(({ name, type }) => [name, parameter(type, values[name])]),
    ),
    types: Object.fromEntries(loadRuns.columns.map(({ name, type }) => [name, type])),
  });
}
