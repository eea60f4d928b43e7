import type { FileSet } from "./files.ts";
import type { Http } from "./http.ts";
import type { ContactValues } from "./pii.ts";
import type { Table } from "./tables.ts";

/** What became of one delivered record. */
export type Outcome = RowOutcome | RejectOutcome;

export interface RowOutcome {
  /** The raw table the row belongs to: one of the stream's. */
  readonly table: Table;
  /** Values by column; absent and undefined are NULL. `contact_key` is filled in by the loop, unless it is part of the key. */
  readonly row: Readonly<Record<string, unknown>>;
  /** Split off: kept in `pii.contacts` only. */
  readonly contact?: ContactValues | undefined;
}

export interface RejectOutcome {
  /** A short code, such as `not_a_date`. */
  readonly reject: string;
  /** Which field, as the source calls it. */
  readonly field?: string | undefined;
  /** Physical line of a file. */
  readonly line?: number | undefined;
  readonly requestId?: string | undefined;
  /** The record without contact values, or nothing where it could not be told apart. */
  readonly payload?: unknown;
  /** Kept and counted, but no sign of a broken delivery: it does not count towards the reject limit. */
  readonly isTolerated?: boolean;
}

/** The reading of one slice. */
export interface Reading {
  readonly batches: AsyncIterable<readonly Outcome[]>;
  /** What was found out, once all batches were read. */
  facts(): SliceFacts;
  /** @throws DataError when the slice as a whole does not hold */
  check?(): void;
}

/** What is known of a slice after it was read. */
export interface SliceFacts {
  /** The last day its rows reach, YYYY-MM-DD. */
  readonly dataUntil?: string | undefined;
  readonly file?: FileFacts;
}

/** What is known of a file after it was read. */
export interface FileFacts {
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly controlTotal?: string;
  readonly computedTotal?: string;
}

interface StreamBase {
  readonly name: string;
  /** Raw tables it writes. */
  readonly tables: readonly Table[];
  /** What shapes its rows: when it changes, what was loaded before is loaded again. */
  readonly settings: unknown;
}

/**
 * A stream of files. `file`: the rows of a file replace those of the file's earlier version. `append`: rows are added
 * unless their key is there already; `dedupeBy` names the time column that bounds where to look, and by how many days.
 */
export interface FileStream extends StreamBase {
  readonly kind: "files";
  readonly write:
    | { readonly mode: "file" }
    | { readonly mode: "append"; readonly dedupeBy: string; readonly days: number };
  readonly files: FileSet;
  open(file: ReadableFile, context: SliceContext): Promise<Reading>;
}

/** A delivered file as a stream sees it. */
export interface ReadableFile {
  readonly fileId: string;
  readonly path: string;
  readonly absolutePath: string;
}

/**
 * A stream of an API, read by days. `window`: the days of the slice are deleted for the account and inserted anew.
 * `merge`: rows are updated or inserted by key, the newest by `updatedAt` wins; where there is a `rank`, a lower one never
 * replaces a higher one, and `updatedAt` decides among equals. A table without these columns takes what came last.
 */
export interface ApiStream extends StreamBase {
  readonly kind: "api";
  readonly write:
    | { readonly mode: "window"; readonly by: string; readonly accountColumn: string }
    | { readonly mode: "merge"; readonly updatedAt: string; readonly rank?: string };
  /** The first day to load, YYYY-MM-DD. */
  readonly startDate: string;
  /** How many days before the cursor are read again, because the vendor still changes them; by the last day to load. */
  readonly rereadDays: number | ((lastDay: string) => number);
  /** The longest slice. */
  readonly sliceDays: number;
  /** How many slices are read at a time; 3 by default. */
  readonly slicesInFlight?: number;
  /** How long one slice may take, waits included. */
  readonly sliceMinutes: number;
  http(deadlineMs: number): Http;
  /** Who the rows belong to and in which zone its days are. */
  account(http: Http): Promise<Account>;
  open(slice: DateSlice, http: Http, account: Account, context: SliceContext): Promise<Reading>;
}

export interface Account {
  readonly id: string;
  readonly timeZone: string;
  /** What else the stream learned of the account and needs to read it. */
  readonly currency?: string;
}

/** Days, both whole, YYYY-MM-DD. */
export interface DateSlice {
  readonly from: string;
  readonly to: string;
}

export interface SliceContext {
  /** Counts a field that was delivered without being expected. */
  readonly drift: (path: string, kind: string) => void;
  /** A warning for the report. */
  readonly note: (text: string) => void;
}

export type Stream = FileStream | ApiStream;

/** Declares a stream. */
export function defineStream<S extends Stream>(stream: S): S {
  return stream;
}
