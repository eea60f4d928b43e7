import pMap from "p-map";
import { dayIn } from "./dates.ts";
import type { Account, ApiStream, DateSlice } from "./define-stream.ts";
import { AuthError, DataError, errorClass, LoadError, QuotaError, remedyOf } from "./errors.ts";
import { readSlice, refuseWhole, SliceFailure, type SliceReadout } from "./read-slice.ts";
import type { RowCounts } from "./report.ts";
import { advanceCursor, cutDays, joinDays, planSlices, readState, settingsHash } from "./state.ts";
import { commitRun, type Ending, type SliceRow, type StreamRun } from "./stream-run.ts";

/** Vendors allow a few reports at a time; more would only meet their limits sooner. */
const SLICES_IN_FLIGHT = 3;
/** Long enough to sit out a lock of five minutes. */
const ACCOUNT_MS = 15 * 60_000;

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
  const state = await readState(context.warehouse, run.qualifiedName, account.id);
  const isSameShape = state?.settingsHash === settings;
  if (state && !isSameShape) run.notes.add("the settings have changed: all days are read again");
  const cursor = isSameShape ? state.cursor : undefined;
  const slices = slicesOf(stream, run, account, cursor);

  const { tried, bytes } = await readSlices(stream, run, account, slices);
  const completed = tried.filter(isCompleted);
  const advanced = advanceCursor(cursor, slices, new Set(completed.map(({ slice }) => slice)));
  const sliceRows = tried.map(sliceRow);
  const rows = await commitRun(run, {
    account: account.id,
    write:
      stream.write.mode === "merge"
        ? stream.write
        : { ...stream.write, windows: joinDays(completed.map(({ slice }) => slice)) },
    accepted: completed.map(({ index }) => index),
    slices: sliceRows,
    ...(context.backfill ? {} : { state: { cursor: advanced, settingsHash: settings } }),
  });
  return ending(tried, sliceRows, rows, accountHttp.bytes() + bytes);
}

/** Days up to as-of; none that has not begun in the account's zone, whose day may be another than the host's. */
function slicesOf(
  stream: ApiStream,
  run: StreamRun,
  account: Account,
  cursor: string | undefined,
): readonly DateSlice[] {
  const { asOf, backfill, clock } = run.context;
  const today = dayIn(account.timeZone, clock());
  if (backfill) return cutDays(backfill.from, earlier(backfill.to, today), stream.sliceDays);
  const lastDay = earlier(asOf, today);
  const { rereadDays } = stream;
  const days = typeof rereadDays === "number" ? rereadDays : rereadDays(lastDay);
  return planSlices({ ...stream, rereadDays: days, lastDay, cursor });
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
    { concurrency: stream.slicesInFlight ?? SLICES_IN_FLIGHT },
  );
  return { tried: tried.sort((a, b) => a.index - b.index), bytes };
}

function sliceRow(tried: Tried): SliceRow {
  const { slice, index } = tried;
  if (isFailed(tried)) {
    const { error } = tried;
    // What was read of a slice that broke off counts neither as loaded nor as rejected: it is read again.
    const read = error instanceof DataError ? tried.read : 0;
    const why = { errorClass: errorClass(error), remedy: remedyOf(error) };
    return { ...slice, status: "failed", read, rejected: read, ...why };
  }
  const { read, rejected, facts } = tried.readout;
  return { ...slice, index, status: "ok", read, rejected, dataUntil: facts.dataUntil };
}

function ending(
  tried: readonly Tried[],
  slices: readonly SliceRow[],
  rows: RowCounts,
  bytes: number,
): Ending {
  const dataUntil = slices
    .flatMap((slice) => slice.dataUntil ?? [])
    .sort()
    .at(-1);
  const common = { rows, bytes, ...(dataUntil === undefined ? {} : { dataUntil }) };
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
