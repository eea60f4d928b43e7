/** How far a stream is. */
export interface LoadProgress {
  readonly source: string;
  readonly stream: string;
  readonly phase: "reading" | "staging" | "committing" | "done";
  readonly rowsRead: number;
  /** What it works on, such as a file's name or a range of days. */
  readonly detail?: string;
}

/** The law: read = loaded + duplicate + suppressed + rejected. */
export interface RowCounts {
  readonly read: number;
  readonly loaded: number;
  /** Delivered more than once, or unchanged. */
  readonly duplicate: number;
  /** Kept out because the person was erased. */
  readonly suppressed: number;
  readonly rejected: number;
}

export interface StreamReport {
  readonly source: string;
  readonly stream: string;
  /**
   * ok: all that was there is loaded. stale: the source could not be read whole, or delivered more rejects than
   * allowed; what is whole is loaded (exit code 3). failed: a defect, or the warehouse refused (exit code 1).
   */
  readonly status: "ok" | "stale" | "failed";
  readonly rows: RowCounts;
  /** Bytes read: of files as they lie, of HTTP bodies as they came. */
  readonly bytes: number;
  readonly seconds: number;
  /** The last day the loaded data reaches, YYYY-MM-DD, where known. */
  readonly dataUntil?: string;
  /** Files read, skipped because their content is already loaded, and refused. */
  readonly files?: { readonly read: number; readonly skipped: number; readonly rejected: number };
  /** What happened, and what to do about it, when status is not ok. */
  readonly problem?: string;
  readonly remedy?: string;
  /** Warnings worth reading although the stream is fine. */
  readonly notes: readonly string[];
}

export interface LoadReport {
  readonly runId: string;
  /** The worst of all streams. */
  readonly status: "ok" | "stale" | "failed";
  readonly streams: readonly StreamReport[];
}

export const NO_ROWS: RowCounts = { read: 0, loaded: 0, duplicate: 0, suppressed: 0, rejected: 0 };
