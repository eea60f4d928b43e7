import { wholeNumber } from "../jobs/numbers.ts";
import type { TimestampFormat } from "../warehouse/cells.ts";

/** The parameters of a path: every route names a subset of these. */
export interface Params {
  readonly project: string;
  readonly dataset: string;
  readonly table: string;
  readonly job: string;
  readonly routine: string;
}

/** A query string as fastify gives it. */
export type Query = Readonly<Record<string, string | undefined>>;

/** The `formatOptions` of a body, or the same names with dots in a query string. */
export function timestampFormat(
  options:
    | { readonly useInt64Timestamp?: unknown; readonly timestampOutputFormat?: unknown }
    | undefined,
): TimestampFormat {
  const named = options?.timestampOutputFormat;
  if (named === "INT64" || named === "FLOAT64" || named === "ISO8601_STRING") return named;
  return String(options?.useInt64Timestamp) === "true" ? "INT64" : "FLOAT64";
}

export function timestampFormatOf(query: Query): TimestampFormat {
  return timestampFormat({
    useInt64Timestamp: query["formatOptions.useInt64Timestamp"],
    timestampOutputFormat: query["formatOptions.timestampOutputFormat"],
  });
}

/** Where a page starts and how many rows it may have. */
export interface Paging {
  readonly start: number;
  readonly maxRows: number;
}

/** A page token of this server is the number of rows before the page. */
export function paging(query: Query): Paging {
  return {
    start:
      wholeNumber("pageToken", query.pageToken) ?? wholeNumber("startIndex", query.startIndex) ?? 0,
    maxRows: wholeNumber("maxResults", query.maxResults) ?? Number.MAX_SAFE_INTEGER,
  };
}

/** One page of a list that is in memory. */
export function page<T>(
  items: readonly T[],
  query: Query,
): { items: readonly T[]; nextPageToken?: string } {
  const { start, maxRows } = paging(query);
  const end = Math.min(start + (maxRows || 1), items.length);
  const slice = items.slice(start, end);
  return end < items.length ? { items: slice, nextPageToken: String(end) } : { items: slice };
}
