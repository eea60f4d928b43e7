import type { BigQuery } from "@google-cloud/bigquery";
import { z } from "zod";
import { fileFeedConfig } from "./sources/file-feed/schema.ts";
import { metaAdsConfig } from "./sources/meta-ads/schema.ts";
import { segmentConfig } from "./sources/segment/schema.ts";

/** One entry of `sources` in filo.json. */
export const sourceConfigSchema = z.discriminatedUnion("type", [
  segmentConfig,
  metaAdsConfig,
  fileFeedConfig,
]);
export type SourceConfig = z.infer<typeof sourceConfigSchema>;

/** The part of filo.json that loading needs. */
export interface LoadConfig {
  /** Relative paths of sources start from this folder. */
  readonly dir: string;
  /** IANA zone of the retailer. */
  readonly timeZone: string;
  /** By the name each source has in filo.json. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
}

export interface LoadOptions {
  readonly config: LoadConfig;
  /** A client that reaches the warehouse; its project and location are used. */
  readonly bigquery: BigQuery;
  /** Where secrets named in the configuration are looked up, usually process.env. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The last day read from APIs, YYYY-MM-DD, whole, in each account's zone. Files are read whatever their dates. */
  readonly asOf: string;
  /** Names this run in every row and in `ops`; letters, digits, `-` and `_`. Unique per run. */
  readonly runId: string;
  /** Names of the sources to load; by default all. */
  readonly only?: readonly string[];
  /** Together: a backfill of these days, both whole, which leaves the state alone. File sources ignore it. */
  readonly from?: string;
  readonly to?: string;
  readonly progress?: (event: LoadProgress) => void;
  /** One structured line per request, file, warning; without secrets and personal data. */
  readonly log?: (entry: Readonly<Record<string, unknown>>) => void;
  readonly fetch?: typeof fetch;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

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

/**
 * Loads the configured sources: creates missing tables of raw, pii and ops, then runs every stream. A failing stream
 * does not stop the others; its report says what happened.
 * @throws CliError when the configuration is wrong (an unknown source, a missing variable, a wrong mapping)
 */
export async function loadSources(_options: LoadOptions): Promise<LoadReport> {
  throw new Error("not built yet");
}
