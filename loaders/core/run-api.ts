import pMap from "p-map";
import { dayIn } from "./dates.ts";
import type { Account, ApiStream, DateSlice } from "./define-stream.ts";
import { AuthError, DataError, errorClass, LoadError, QuotaError, remedyOf } from "./errors.ts";
import { readSlice, refuseWhole, SliceFailure, type SliceReadout } from "./read-slice.ts";
import { addCounts, NO_ROWS } from "./report.ts";
import { advanceCursor, cutDays, planSlices, readState, settingsHash } from "./state.ts";
import { commitRun, type Ending, type SliceRow, type StreamRun } from "./stream-run.ts";

/** Vendors allow a few reports at a time; more would only meet their limits sooner. */
const SLICES_IN_FLIGHT = 3;
const ACCOUNT_MS = 5 * 60_000;

/** A slice that was tried: read whole, or failed with the reason. */
type Tried = { readonly slice: DateSlice; readonly index: number } & (
  | { readonly readout: SliceReadout }
  | { readonly error: unknown; readonly read: number }
);

type Completed = Extract<Tried, { readout: SliceReadout }>;
type Failed = Exclude<Tried, Completed>;

const isCompleted = (tried: Tried): tried is Completed => "readout" in tried;
const isFailed = (tried: Tried): tried is Failed => "error" in tried;

/**
 * Runs a stream of an API, by slices of days. A slice that fails is left out and does not advance the cursor; the
 * others are committed. A credential or a limit that fails ends the stream.
 */
export async function runApiStream(stream: ApiStream, run: StreamRun): Promise<Ending> {
  const { context } = run;
  const accountHttp = stream.http(ACCOUNT_MS);
  const account = await stream.account(accountHttp);
  const settings = settingsHash([stream.settings, stream.startDate]);
  const state = await readState(context.bigquery, run.qualifiedName, account.id);
  const isSameShape = state?.settingsHash === settings;
  if (state && !isSameShape) run.notes.add("the settings have changed: all days are read again");
  const cursor = isSameShape ? state.cursor : undefined;
  const slices = slicesOf(stream, run, account, cursor);

  const { tried, bytes } = await readSlices(stream, run, account, slices);
  const completed = tried.filter(isCompleted);
  const advanced = advanceCursor(cursor, slices, new Set(completed.map(({ slice }) => slice)));
  const sliceRows = stream.write.mode === "window" ? tried.map(windowSlice) : mergedSlices(tried);
  const loaded = await commitRun(run, {
    account: account.id,
    write:
      stream.write.mode === "merge"
        ? stream.write
        : { ...stream.write, windows: completed.map(({ slice }) => slice) },
    accepted: completed.map(({ index }) => index),
    slices: sliceRows,
    ...(context.backfill ? {} : { state: { cursor: advanced, settingsHash: settings } }),
  });
  return ending(tried, sliceRows, loaded, accountHttp.bytes() + bytes);
}

/** No day is asked for that is not over in the account's zone. */
function slicesOf(
  stream: ApiStream,
  run: StreamRun,
  account: Account,
  cursor: string | undefined,
): readonly DateSlice[] {
  const { asOf, backfill, clock } = run.context;
  const today = dayIn(account.timeZone, clock());
  if (backfill) return cutDays(backfill.from, earlier(backfill.to, today), stream.sliceDays);
  return planSlices({ ...stream, lastDay: earlier(asOf, today), cursor });
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

async function readSlices(
  stream: ApiStream,
  run: StreamRun,
  account: Account,
  slices: readonly DateSlice[],
): Promise<{ readonly tried: readonly Tried[]; readonly bytes: number }> {
  let bytes = 0;
  let rows = 0;
  let stopped = false;
  const tried: Tried[] = [];
  await pMap(
    slices,
    async (slice, index) => {
      if (stopped) return;
      const http = stream.http(stream.sliceMinutes * 60_000);
      try {
        const reading = await stream.open(slice, http, account, {
          drift: run.drift.count,
          note: (text) => run.notes.add(text),
        });
        const readout = await readSlice(run, {
          index,
          reading,
          refuseRepeatedKeys: stream.write.mode === "window",
          onProgress: (read) =>
            run.progress("reading", rows + read, `${slice.from} to ${slice.to}`),
        });
        rows += readout.read;
        tried.push({ slice, index, readout });
      } catch (failure) {
        const error = failure instanceof SliceFailure ? failure.cause : failure;
        if (error instanceof DataError) refuseWhole(run, { index }, error);
        if (error instanceof AuthError || error instanceof QuotaError) stopped = true;
        const read = failure instanceof SliceFailure ? failure.read : 0;
        tried.push({ slice, index, error, read });
      } finally {
        bytes += http.bytes();
      }
    },
    { concurrency: SLICES_IN_FLIGHT },
  );
  return { tried: tried.sort((a, b) => a.index - b.index), bytes };
}

function failedSlice({ slice, error, read }: Failed): SliceRow {
  // What was read of a slice that broke off counts neither as loaded nor as rejected: it is read again.
  const rows = error instanceof DataError ? { ...NO_ROWS, read, rejected: read } : NO_ROWS;
  return {
    ...slice,
    status: "failed",
    rows,
    errorClass: errorClass(error),
    remedy: remedyOf(error),
  };
}

function windowSlice(tried: Tried): SliceRow {
  if (isFailed(tried)) return failedSlice(tried);
  const { read, rejected, duplicate, facts } = tried.readout;
  const rows = { ...NO_ROWS, read, rejected, duplicate, loaded: read - rejected - duplicate };
  return { ...tried.slice, status: "ok", rows, dataUntil: facts.dataUntil };
}

/** Merged rows are counted together: only the warehouse knows which of them were new. */
function mergedSlices(tried: readonly Tried[]): readonly SliceRow[] {
  const completed = tried.filter(isCompleted);
  const rows = completed
    .map(({ readout: { read, rejected } }) => ({ ...NO_ROWS, read, rejected }))
    .reduce(addCounts, NO_ROWS);
  const together: SliceRow = {
    from: completed[0]?.slice.from,
    to: completed.at(-1)?.slice.to,
    status: "ok",
    rows,
    dataUntil: lastOf(completed.map(({ readout }) => readout.facts.dataUntil)),
  };
  return [together, ...tried.filter(isFailed).map(failedSlice)];
}

function lastOf(days: readonly (string | undefined)[]): string | undefined {
  return days
    .flatMap((day) => day ?? [])
    .sort()
    .at(-1);
}

function ending(
  tried: readonly Tried[],
  slices: readonly SliceRow[],
  loaded: number,
  bytes: number,
): Ending {
  const counted = slices.map((slice) => slice.rows).reduce(addCounts, NO_ROWS);
  const duplicate = counted.read - counted.rejected - loaded;
  const dataUntil = lastOf(slices.map((slice) => slice.dataUntil));
  const common = {
    rows: { ...counted, loaded, duplicate },
    bytes,
    ...(dataUntil === undefined ? {} : { dataUntil }),
  };
  const failed = tried.find(isFailed);
  if (!failed) return { status: "ok", ...common };
  const { error, slice } = failed;
  const text = error instanceof Error ? error.message : String(error);
  return {
    status: error instanceof LoadError ? "stale" : "failed",
    ...common,
    problem: `${slice.from} to ${slice.to}: ${text}`,
    remedy: remedyOf(error),
  };
}
