import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import { readConfig } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { textTable } from "../table.ts";
import { openWarehouse } from "../warehouse.ts";

export const QUERY_FORMATS = ["table", "json", "csv"] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

/**
 * `filo query`: one query against the configured warehouse. JSON is one array of objects, written row by row;
 * NUMERIC, and integers beyond 2^53, are strings, dates and times ISO text.
 */
export async function query(
  sql: string,
  options: { config?: string; format: QueryFormat },
): Promise<ExitCode> {
  const warehouse = await openWarehouse(readConfig(options));
  try {
    const [job] = await warehouse.bigquery.createQueryJob({ query: sql });
    const rows = job.getQueryResultsStream({ wrapIntegers: true });
    await print(plainRows(rows), options.format);
    return EXIT.ok;
  } catch (error) {
    process.stderr.write(`filo query: ${(error as Error).message}\n`);
    return EXIT.failed;
  } finally {
    await warehouse.close();
  }
}

type PlainRow = Record<string, unknown>;

async function* plainRows(rows: AsyncIterable<unknown>): AsyncGenerator<PlainRow> {
  for await (const row of rows) yield plain(row) as PlainRow;
}

/**
 * The client's values as JSON has them. Its NUMERIC is a Big, its dates and times objects with `value`, its
 * wrapped integers too.
 */
export function plain(value: unknown): unknown {
  if (value === null || typeof value !== "object") {
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  }
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  switch (value.constructor.name) {
    case "Big":
      return String(value);
    case "BigQueryInt": {
      const text = (value as { value: string }).value;
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    }
    case "BigQueryDate":
    case "BigQueryDatetime":
    case "BigQueryTime":
    case "BigQueryTimestamp":
    case "BigQueryRange":
      return (value as { value: string }).value;
    default:
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  }
}

async function print(rows: AsyncGenerator<PlainRow>, format: QueryFormat): Promise<void> {
  if (format === "json") return printJson(rows);
  if (format === "csv") {
    const flat = (async function* () {
      for await (const row of rows) yield flatten(row);
    })();
    return pipeline(flat, stringify({ header: true }), process.stdout, { end: false });
  }
  const lines: PlainRow[] = [];
  for await (const row of rows) lines.push(flatten(row));
  const [first] = lines;
  const text = (cell: unknown) => (cell === null ? "" : String(cell));
  process.stdout.write(
    first
      ? `${textTable(
          Object.keys(first),
          lines.map((row) => Object.values(row).map(text)),
          Object.keys(first).filter((name) => typeof first[name] === "number"),
        )}\n`
      : "(no rows)\n",
  );
}

async function printJson(rows: AsyncGenerator<PlainRow>): Promise<void> {
  let separator = "[";
  for await (const row of rows) {
    if (!process.stdout.write(`${separator}\n${JSON.stringify(row)}`)) {
      await once(process.stdout, "drain");
    }
    separator = ",";
  }
  process.stdout.write(separator === "[" ? "[]\n" : "\n]\n");
}

/** Arrays and records inside one cell are JSON text. */
function flatten(row: PlainRow): PlainRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value !== null && typeof value === "object" ? JSON.stringify(value) : value,
    ]),
  );
}
