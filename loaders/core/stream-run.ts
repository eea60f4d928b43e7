import { type Commit, commitScript } from "./commit.ts";
import type { Stream } from "./define-stream.ts";
import { createDrift, type Drift } from "./drift.ts";
import type { Log } from "./log.ts";
import { contacts, deadLetters } from "./ops-tables.ts";
import type { LoadProgress, RowCounts, StreamReport } from "./report.ts";
import { createStage, type Stage, stagePrefix } from "./stage.ts";
import type { Table } from "./tables.ts";
import { labelsOf, runQuery, type Warehouse } from "./warehouse.ts";

/** What all streams of a run share. */
export interface RunContext {
  readonly warehouse: Warehouse;
  readonly runId: string;
  readonly asOf: string;
  /** These days only, and the state stays as it is. */
  readonly backfill: { readonly from: string; readonly to: string } | undefined;
  /** A folder for files that live as long as the run. */
  readonly directory: string;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: Log;
  readonly progress: (event: LoadProgress) => void;
  /** Runs commits one after the other: BigQuery cancels transactions that change one table at the same time. */
  readonly oneAtATime: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A stream at work. */
export interface StreamRun {
  readonly context: RunContext;
  readonly source: string;
  readonly stream: Stream;
  /** `source.stream`, its name in `ops.load_state`. */
  readonly qualifiedName: string;
  readonly stage: Stage;
  readonly drift: Drift;
  /** Warnings for the report; each text once. */
  readonly notes: Set<string>;
  /** ISO 8601, UTC: `_loaded_at` of all its rows. */
  readonly startedAt: string;
  progress(phase: LoadProgress["phase"], rowsRead: number, detail?: string): void;
}

/** What a way of running streams hands back; `runStream` adds the rest of the report. */
export type Ending = Omit<StreamReport, "source" | "stream" | "seconds" | "notes">;

export function startStreamRun(source: string, stream: Stream, context: RunContext): StreamRun {
  const startedAt = new Date(context.clock()).toISOString();
  const qualifiedName = `${source}.${stream.name}`;
  const run = { context, source, stream, startedAt };
  return {
    ...run,
    qualifiedName,
    stage: createStage({
      warehouse: context.warehouse,
      prefix: stagePrefix(source, stream.name),
      runId: context.runId,
      directory: context.directory,
      constants: (target) => constantsOf(target, run, ""),
    }),
    drift: createDrift(),
    notes: new Set(),
    progress: (phase, rowsRead, detail) =>
      context.progress({
        source,
        stream: stream.name,
        phase,
        rowsRead,
        ...(detail === undefined ? {} : { detail }),
      }),
  };
}

/** Columns that are the same in all rows of a stream and run: not staged, but filled in by the transaction. */
function constantsOf(
  target: Table,
  run: Pick<StreamRun, "context" | "source" | "stream" | "startedAt">,
  account: string,
): Readonly<Record<string, unknown>> {
  const runId = run.context.runId;
  if (target === contacts) {
    return { source: run.source, _run_id: runId, _loaded_at: run.startedAt };
  }
  if (target === deadLetters) {
    return {
      run_id: runId,
      source: run.source,
      stream: run.stream.name,
      created_at: run.startedAt,
    };
  }
  return { _run_id: runId, _loaded_at: run.startedAt, _source_account: account };
}

/**
 * One row of `ops.load_slices`, but for what is the same for the whole run. How many of its rows were loaded and how
 * many were there already is found out by the commit.
 */
export interface SliceRow {
  /** The number of an accepted slice in this run. */
  readonly index?: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly status: "ok" | "failed" | "rejected";
  readonly read: number;
  readonly rejected: number;
  readonly dataUntil?: string | undefined;
  readonly errorClass?: string;
  readonly remedy?: string;
}

/** What a run changes, besides what it staged. */
export interface RunResult {
  readonly account: string;
  readonly write: Commit["write"];
  /** Indices of the slices whose rows count. */
  readonly accepted: readonly number[];
  readonly slices: readonly SliceRow[];
  /** Ids of all files that were read, accepted or not. */
  readonly readFiles?: readonly string[];
  readonly files?: readonly Readonly<Record<string, unknown>>[];
  readonly superseded?: readonly string[];
  /** The new state; absent where it stays as it is. */
  readonly state?: { readonly cursor?: string | undefined; readonly settingsHash: string };
}

/** Loads what was staged and commits it with everything else. Returns what became of the rows. */
export async function commitRun(run: StreamRun, result: RunResult): Promise<RowCounts> {
  const { context, stream } = run;
  const read = result.slices.reduce((sum, slice) => sum + slice.read, 0);
  const rejected = result.slices.reduce((sum, slice) => sum + slice.rejected, 0);
  run.progress("staging", read);
  const staged = await run.stage.load();
  const common = { run_id: context.runId, stream: run.qualifiedName };
  const commit: Commit = {
    datasets: context.warehouse.datasets,
    source: run.source,
    accountId: result.account,
    write: result.write,
    tables: stream.tables,
    staged,
    accepted: result.accepted,
    constants: (target) => constantsOf(target, run, result.account),
    slices: result.slices.map((slice) => sliceRow(run, result.account, slice)),
    readFiles: result.readFiles ?? [],
    files: result.files ?? [],
    superseded: result.superseded ?? [],
    state: result.state && {
      ...common,
      account: result.account,
      cursor: result.state.cursor,
      settings_hash: result.state.settingsHash,
      updated_at: run.startedAt,
    },
    drift: run.drift.rows().map((row) => ({ ...common, ...row, first_seen_at: run.startedAt })),
  };
  return context.oneAtATime(async () => {
    run.progress("committing", read);
    const labels = labelsOf(run.qualifiedName, context.runId);
    const counted = await runQuery(context.warehouse.bigquery, commitScript(commit), labels);
    const loaded = counted.reduce((sum, { rows_loaded }) => sum + Number(rows_loaded), 0);
    return { read, loaded, duplicate: read - rejected - loaded, suppressed: 0, rejected };
  });
}

function sliceRow(run: StreamRun, account: string, slice: SliceRow) {
  return {
    run_id: run.context.runId,
    source: run.source,
    stream: run.stream.name,
    account,
    slice_from: slice.from,
    slice_to: slice.to,
    _slice: slice.index,
    status: slice.status,
    rows_read: slice.read,
    rows_suppressed: 0,
    rows_rejected: slice.rejected,
    error_class: slice.errorClass,
    remedy: slice.remedy,
    data_until: slice.dataUntil,
    committed_at: new Date(run.context.clock()).toISOString(),
  };
}
