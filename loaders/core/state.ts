import { hash } from "node:crypto";
import { addDays, daysBetween } from "./dates.ts";
import type { DateSlice } from "./define-stream.ts";
import type { LedgerEntry } from "./files.ts";
import { files, loadState } from "./ops-tables.ts";
import { sqlName } from "./tables.ts";
import { runQuery, type Warehouse } from "./warehouse.ts";

/** How far a stream is loaded for an account. */
export interface State {
  /** End of the unbroken run of completed slices, YYYY-MM-DD; absent for files. */
  readonly cursor?: string | undefined;
  readonly settingsHash: string;
}

/** @param stream `source.stream` */
export async function readState(
  { bigquery, datasets }: Warehouse,
  stream: string,
  account: string,
): Promise<State | undefined> {
  const [row] = await runQuery(bigquery, {
    query: `select cursor, settings_hash from ${sqlName(loadState, datasets)} where stream = @stream and account = @account`,
    params: { stream, account },
    types: { stream: "STRING", account: "STRING" },
  });
  if (!row) return undefined;
  return {
    cursor: typeof row.cursor === "string" ? row.cursor : undefined,
    settingsHash: String(row.settings_hash),
  };
}

/** The ledger of a source, by file id. Sources know nothing of one another's files: each reads what lies in its folder. */
export async function readLedger(
  { bigquery, datasets }: Warehouse,
  source: string,
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const rows = await runQuery(bigquery, {
    query: `select file_id, path, status, format_timestamp('%FT%H:%M:%E3SZ', first_seen_at) as first_seen_at
from ${sqlName(files, datasets)} where source = @source`,
    params: { source },
    types: { source: "STRING" },
  });
  const entries = rows.map((row) => ({
    fileId: String(row.file_id),
    path: String(row.path),
    status: row.status as LedgerEntry["status"],
    firstSeenAt: String(row.first_seen_at),
  }));
  return new Map(entries.map((entry) => [entry.fileId, entry]));
}

/** A fingerprint of the settings that shape a stream's rows. */
export function settingsHash(settings: unknown): string {
  return hash("sha256", JSON.stringify(settings)).slice(0, 32);
}

/**
 * The days to read: from the re-read window before the cursor (or the start) to the last day, cut into slices. The
 * first slice is the oldest.
 */
export function planSlices(options: {
  readonly startDate: string;
  readonly lastDay: string;
  readonly cursor: string | undefined;
  readonly rereadDays: number;
  readonly sliceDays: number;
}): readonly DateSlice[] {
  const { startDate, lastDay, cursor, rereadDays, sliceDays } = options;
  const reread =
    cursor === undefined ? startDate : addDays(earlier(cursor, lastDay), 1 - rereadDays);
  return cutDays(later(reread, startDate), lastDay, sliceDays);
}

/** Cuts a range of days, both ends included, into slices of at most so many days. */
export function cutDays(from: string, to: string, sliceDays: number): readonly DateSlice[] {
  const slices: DateSlice[] = [];
  for (let start = from; start <= to; start = addDays(start, sliceDays)) {
    slices.push({ from: start, to: earlier(addDays(start, sliceDays - 1), to) });
  }
  return slices;
}

/** Slices in order, those that follow one another joined. */
export function joinDays(slices: readonly DateSlice[]): readonly DateSlice[] {
  const joined: DateSlice[] = [];
  for (const { from, to } of slices) {
    const last = joined.at(-1);
    if (last && addDays(last.to, 1) === from) joined[joined.length - 1] = { from: last.from, to };
    else joined.push({ from, to });
  }
  return joined;
}

/**
 * The cursor after a run: the end of the unbroken run of completed slices, never before the one it was.
 * @param slices in order; those that did not complete are missing from `completed`
 */
export function advanceCursor(
  before: string | undefined,
  slices: readonly DateSlice[],
  completed: ReadonlySet<DateSlice>,
): string | undefined {
  let cursor = before;
  for (const slice of slices) {
    if (!completed.has(slice)) break;
    const continues = cursor === undefined || daysBetween(cursor, slice.from) <= 1;
    if (continues && (cursor === undefined || slice.to > cursor)) cursor = slice.to;
  }
  return cursor;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function later(a: string, b: string): string {
  return earlier(a, b) === a ? b : a;
}
