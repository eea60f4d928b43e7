import { BigQuery, type Job, type Query } from "@google-cloud/bigquery";
import pRetry from "p-retry";
import { QuotaError, RetryableError } from "./errors.ts";
import { type Column, type ColumnType, tableFields } from "./schema.ts";
import type { DatasetNames } from "./tables.ts";

/** Bytes that one query of a loader may bill at most: 200 GB. */
const MAXIMUM_BYTES_BILLED = String(200 * 1024 ** 3);

/** Where loaders read and write. */
export interface Warehouse {
  /** A client that reaches the warehouse; its project and location are used. */
  readonly bigquery: BigQuery;
  readonly datasets: DatasetNames;
}

/** A script with its parameters. */
export interface Script {
  readonly query: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Types as the client wants them: a name, or a list or an object of names. */
  readonly types: Readonly<Record<string, unknown>>;
}

/** Labels of every job: lower-case letters, digits, `-` and `_`, at most 63. */
export function labelsOf(stream: string, runId: string): Record<string, string> {
  const label = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, "_")
      .slice(0, 63);
  return { app: "filo", stream: label(stream), run_id: label(runId) };
}

/**
 * Runs a query or a script and returns the rows of its last SELECT.
 * @throws RetryableError or QuotaError where BigQuery says that it is one, else the client's error
 */
export async function runQuery(
  bigquery: BigQuery,
  script: Script,
  labels: Record<string, string> = { app: "filo" },
): Promise<Record<string, unknown>[]> {
  const options: Query = {
    query: script.query,
    params: { ...script.params },
    types: { ...script.types } as NonNullable<Query["types"]>,
    labels,
    maximumBytesBilled: MAXIMUM_BYTES_BILLED,
  };
  try {
    const [job] = await bigquery.createQueryJob(options);
    const [rows] = await (job as Job).getQueryResults();
    return rows;
  } catch (error) {
    throw byRemedy(error);
  }
}

/** HTTP status and codes of the network that pass by themselves. */
const PASSING: ReadonlySet<unknown> = new Set([
  ...[429, 500, 502, 503, 504],
  ...["ECONNRESET", "ECONNREFUSED", "ETIMEDOUT", "EPIPE", "EAI_AGAIN"],
]);

function byRemedy(error: unknown): unknown {
  const { code, errors } = error as { code?: unknown; errors?: readonly { reason?: string }[] };
  const reasons = new Set(errors?.map(({ reason }) => reason));
  if (reasons.has("quotaExceeded")) {
    return new QuotaError("BigQuery: a quota of the project is used up", { cause: error });
  }
  if (PASSING.has(code) || reasons.has("rateLimitExceeded") || reasons.has("backendError")) {
    return new RetryableError("BigQuery was not available", { cause: error });
  }
  return error;
}

/**
 * Loads a gzipped NDJSON file into an existing table, in place of what it holds: all of the file, or nothing. An upload
 * that breaks is tried again; the client does so for every other call.
 * @throws RetryableError or QuotaError, else the client's error
 */
export async function loadNdjson(
  bigquery: BigQuery,
  table: { readonly dataset: string; readonly name: string },
  columns: readonly Column[],
  path: string,
): Promise<void> {
  const load = () =>
    bigquery
      .dataset(table.dataset)
      .table(table.name)
      .load(path, {
        sourceFormat: "NEWLINE_DELIMITED_JSON",
        schema: { fields: tableFields(columns) },
        autodetect: false,
        maxBadRecords: 0,
        ignoreUnknownValues: false,
        createDisposition: "CREATE_NEVER",
        writeDisposition: "WRITE_TRUNCATE",
      })
      .catch((error: unknown) => {
        throw byRemedy(error);
      });
  await pRetry(load, {
    retries: 2,
    randomize: true,
    shouldRetry: ({ error }) => error instanceof RetryableError,
  });
}

/** A value as the client sends it as a parameter of this type. */
export function parameter(type: ColumnType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === "TIMESTAMP") return BigQuery.timestamp(String(value));
  if (type === "DATE") return BigQuery.date(String(value));
  if (type === "JSON") return JSON.stringify(value);
  return value;
}

/** A few rows as one array-of-struct parameter: `select … from unnest(@name)`. */
export function rowsParameter(
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, unknown>>[],
): { readonly value: unknown; readonly type: unknown } {
  return {
    value: rows.map((row) =>
      Object.fromEntries(columns.map(({ name, type }) => [name, parameter(type, row[name])])),
    ),
    type: [Object.fromEntries(columns.map(({ name, type }) => [name, type]))],
  };
}
