import type { FileStream, SliceFacts } from "./define-stream.ts";
import { DataError } from "./errors.ts";
import {
  type DeliveredFile,
  discoverFiles,
  type FilePlan,
  type LedgerEntry,
  planFiles,
} from "./files.ts";
import { readSlice, refuseWhole, SliceFailure, type SliceReadout } from "./read-slice.ts";
import { NO_ROWS, type RowCounts } from "./report.ts";
import { readLedger, readState, settingsHash } from "./state.ts";
import {
  commitRun,
  type Ending,
  type RunResult,
  type SliceRow,
  type StreamRun,
} from "./stream-run.ts";

type Ledger = ReadonlyMap<string, LedgerEntry>;

/** A file that was read: accepted with what was found in it, or refused as a whole. */
type Verdict = { readonly file: DeliveredFile; readonly index: number } & (
  | { readonly readout: SliceReadout }
  | { readonly refusal: DataError; readonly read: number; readonly facts: SliceFacts }
);

type Accepted = Extract<Verdict, { readout: SliceReadout }>;

const isAccepted = (verdict: Verdict): verdict is Accepted => "readout" in verdict;

/** Runs a stream of files: those whose content is new are read, each is accepted or refused whole. */
export async function runFileStream(stream: FileStream, run: StreamRun): Promise<Ending> {
  const { context, source } = run;
  if (context.backfill) {
    run.notes.add("files have no dates: a backfill leaves them alone");
    return { status: "ok", rows: NO_ROWS, bytes: 0 };
  }
  const settings = settingsHash(stream.settings);
  const state = await readState(context.warehouse, run.qualifiedName, source);
  const hasNewShape = state !== undefined && state.settingsHash !== settings;
  if (hasNewShape) run.notes.add("the settings have changed: all files are read again");
  const ledger = await readLedger(context.warehouse, source);
  const isKnown = (fileId: string) => ledger.get(fileId)?.status === "accepted";
  const found = await discoverFiles(stream.files, isKnown, context.sleep);
  const plan = planFiles(found.files, found.growing, ledger, hasNewShape);
  for (const path of plan.growing) run.notes.add(`${path} is still being written: left for later`);

  const verdicts = await readFiles(stream, run, plan);
  const hasRefusals = !verdicts.every(isAccepted);
  const result: RunResult = {
    account: source,
    write: writeOf(stream, plan, verdicts, ledger),
    accepted: verdicts.filter(isAccepted).map(({ index }) => index),
    readFiles: verdicts.map(({ file }) => file.fileId),
    slices: sliceRows(verdicts),
    // Under new settings a file may be refused that was accepted before: what was loaded of it stays.
    files: verdicts
      .filter((verdict) => isAccepted(verdict) || !isKnown(verdict.file.fileId))
      .map((verdict) => fileRow(run, plan, ledger, verdict)),
    superseded: [...replacedNow(plan, verdicts, ledger)],
    // They count as applied once every file was accepted under them.
    ...(hasNewShape && hasRefusals ? {} : { state: { settingsHash: settings } }),
  };
  const rows = await commitRun(run, result);
  return ending(plan, verdicts, result, rows);
}

async function readFiles(
  stream: FileStream,
  run: StreamRun,
  plan: FilePlan,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  let rowsBefore = 0;
  for (const [index, file] of plan.toRead.entries()) {
    const verdict = await readFile(stream, run, file, index, rowsBefore);
    rowsBefore += isAccepted(verdict) ? verdict.readout.read : verdict.read;
    verdicts.push(verdict);
  }
  return verdicts;
}

async function readFile(
  stream: FileStream,
  run: StreamRun,
  file: DeliveredFile,
  index: number,
  rowsBefore: number,
): Promise<Verdict> {
  const place = { index, fileId: file.fileId, path: file.path };
  try {
    const reading = await stream.open(file, {
      drift: run.drift.count,
      note: (text) => run.notes.add(text),
    });
    const readout = await readSlice(run, {
      ...place,
      reading,
      onProgress: (rows) => run.progress("reading", rowsBefore + rows, file.path),
      ...(stream.write.mode === "append" ? { rangeOf: stream.write.dedupeBy } : {}),
    });
    return { file, index, readout };
  } catch (error) {
    const failure = error instanceof SliceFailure ? error : new SliceFailure(error, 0, {});
    const { cause: refusal, read, facts } = failure;
    if (!(refusal instanceof DataError)) throw refusal;
    refuseWhole(run, place, refusal);
    return { file, index, refusal, read, facts };
  }
}

function writeOf(
  stream: FileStream,
  plan: FilePlan,
  verdicts: readonly Verdict[],
  ledger: Ledger,
): RunResult["write"] {
  if (stream.write.mode === "file") {
    const again = verdicts
      .filter(isAccepted)
      .map(({ file }) => file.fileId)
      .filter((fileId) => ledger.has(fileId));
    return { mode: "file", replacedFiles: [...replacedNow(plan, verdicts, ledger), ...again] };
  }
  const { dedupeBy, days } = stream.write;
  const ranges = verdicts.filter(isAccepted).flatMap(({ readout }) => readout.range ?? []);
  const from = ranges.map((range) => range.from).sort()[0] ?? "1970-01-01T00:00:00Z";
  const to =
    ranges
      .map((range) => range.to)
      .sort()
      .at(-1) ?? "1970-01-01T00:00:00Z";
  return { mode: "append", dedupeBy, from: daysLater(from, -days), to: daysLater(to, days) };
}

function daysLater(timestamp: string, days: number): string {
  return new Date(Date.parse(timestamp) + days * 86_400_000).toISOString();
}

/** Contents whose replacement is accepted, in this run or before: a refused file replaces nothing. */
function replacedNow(plan: FilePlan, verdicts: readonly Verdict[], ledger: Ledger): Set<string> {
  const accepted = new Set(verdicts.filter(isAccepted).map(({ file }) => file.fileId));
  const read = new Set(verdicts.map(({ file }) => file.fileId));
  const replaced = [...plan.replaced].filter(([, newer]) =>
    read.has(newer) ? accepted.has(newer) : ledger.get(newer)?.status === "accepted",
  );
  return new Set(replaced.map(([older]) => older));
}

function sliceRows(verdicts: readonly Verdict[]): readonly SliceRow[] {
  // A run without new files is a success, too, and says so.
  if (verdicts.length === 0) return [{ status: "ok", read: 0, rejected: 0 }];
  return verdicts.map((verdict): SliceRow => {
    const { file, index } = verdict;
    const id = { from: file.fileId, to: file.fileId };
    if (isAccepted(verdict)) {
      const { read, rejected, facts } = verdict.readout;
      return { ...id, index, status: "ok", read, rejected, dataUntil: facts.dataUntil };
    }
    const { read, refusal } = verdict;
    const why = { errorClass: refusal.name, remedy: refusal.remedy };
    return { ...id, status: "rejected", read, rejected: read, ...why };
  });
}

/** A row of `ops.files`. */
function fileRow(run: StreamRun, plan: FilePlan, ledger: Ledger, verdict: Verdict) {
  const { file } = verdict;
  const { facts, read } = isAccepted(verdict) ? verdict.readout : verdict;
  const common = {
    file_id: file.fileId,
    source: run.source,
    feed: run.source,
    path: file.path,
    size: file.size,
    encoding: facts.file?.encoding,
    delimiter: facts.file?.delimiter,
    control_total: facts.file?.controlTotal,
    computed_total: facts.file?.computedTotal,
    run_id: run.context.runId,
    first_seen_at: ledger.get(file.fileId)?.firstSeenAt ?? run.startedAt,
  };
  if (!isAccepted(verdict)) {
    const { reason } = verdict.refusal;
    return { ...common, status: "rejected", reason, rows_ok: 0, rows_rejected: read };
  }
  const { rejected } = verdict.readout;
  const supersedes = [...plan.replaced].find(([, newer]) => newer === file.fileId)?.[0];
  const rows = { rows_ok: read - rejected, rows_rejected: rejected };
  return { ...common, ...rows, status: "accepted", supersedes };
}

function ending(
  plan: FilePlan,
  verdicts: readonly Verdict[],
  result: RunResult,
  rows: RowCounts,
): Ending {
  const refusals = verdicts.flatMap((verdict) => (isAccepted(verdict) ? [] : verdict.refusal));
  const [first] = refusals;
  const dataUntil = result.slices
    .flatMap((slice) => slice.dataUntil ?? [])
    .sort()
    .at(-1);
  return {
    status: first ? "stale" : "ok",
    rows,
    bytes: plan.toRead.reduce((sum, file) => sum + file.size, 0),
    files: {
      read: verdicts.length - refusals.length,
      skipped: plan.skipped,
      rejected: refusals.length,
    },
    ...(dataUntil === undefined ? {} : { dataUntil }),
    ...(first ? problemOf(first, refusals.length) : {}),
  };
}

function problemOf(refusal: DataError, count: number) {
  const more = count > 1 ? ` (and ${count - 1} more files are refused)` : "";
  return { problem: `${refusal.message}${more}`, remedy: refusal.remedy };
}
