import { appendFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { BigQueryError } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { quoteName, quoteText } from "../sql/types.ts";
import { tableSize, totalBytes } from "./bytes.ts";
import { csvSql, REJECTS_TABLE } from "./load/csv.ts";
import { ndjsonSql } from "./load/ndjson.ts";
import { parquetSql } from "./load/parquet.ts";
import { type BadRow, type FileFormat, type Source, valueName } from "./load/source.ts";
import { type LoadTarget, type PreparedTarget, prepareTarget } from "./load/target.ts";
import type { Session } from "./session.ts";

export interface LoadRequest {
  readonly file: string;
  readonly gzip: boolean;
  /** Bytes of the file as it came. */
  readonly inputBytes: number;
  readonly format: FileFormat;
  readonly ignoreUnknownValues: boolean;
  readonly maxBadRecords: number;
  /** How many bad rows the answer names; 5 by default. */
  readonly namedRows?: number;
  readonly target: LoadTarget;
}

export interface LoadOutcome {
  readonly table: ObjectName;
  readonly format: FileFormat["kind"];
  readonly rows: number;
  readonly badRecords: number;
  /** The first of the bad records. */
  readonly badRows: readonly BadRow[];
  readonly inputBytes: number;
  /** Logical bytes of the rows that went in. */
  readonly outputBytes: number;
}

/** What a row with a problem stops the load with; which row it was is found out afterwards. */
const BAD_ROW = "the file has a bad row";
const NAMED_ROWS = 5;
/** Bytes of a file whose content may be a single character, compressed with its name. */
const SHORT_FILE = 300;

/** A file with rows that do not fit. */
export class BadRowsError extends BigQueryError {
  readonly rows: readonly BadRow[];
  readonly kind: FileFormat["kind"];

  constructor(kind: FileFormat["kind"], first: BadRow, ...more: readonly BadRow[]) {
    super("invalid", badRowMessage(kind, first));
    this.name = "BadRowsError";
    this.kind = kind;
    this.rows = [first, ...more];
  }
}

const PROCESSING: Record<FileFormat["kind"], string> = {
  NDJSON: "JSON parsing error in line",
  CSV: "CSV processing error in line",
  PARQUET: "Parquet error in row",
};

/** What is said of one bad row. */
export function badRowMessage(kind: FileFormat["kind"], { line, problem }: BadRow): string {
  return `Error while reading data, error message: ${PROCESSING[kind]} ${line}: ${problem}`;
}

/**
 * Loads a file into a table: all of it, or nothing. Types are checked as strictly as BigQuery's load jobs do.
 * Throws `invalid` with the line and the field of the first bad value.
 */
export async function loadFile(session: Session, request: LoadRequest): Promise<LoadOutcome> {
  const { name } = request.target;
  await endLastLine(request);
  await session.lock([name]);
  let rowsOf: string | undefined;
  try {
    return await session.atomic(async () => {
      const prepared = await prepareTarget(session, request.target);
      rowsOf = rowsSql(request, prepared);
      const badRecords =
        request.maxBadRecords > 0 ? await countBadRows(session, request, rowsOf) : 0;
      const skipBad = badRecords > 0 && badRecords <= request.maxBadRecords;
      const rows = await insert(session, prepared, rowsOf, skipBad);
      const entry = { ...prepared.entry, modifiedAt: Date.now() };
      await session.catalogue.putTable(entry);
      const size = await tableSize(session, session.catalogue.table(name) ?? entry);
      const outputBytes = Math.round((totalBytes(size) * rows) / Math.max(size.rows, 1));
      const badRows = skipBad ? await findBadRows(session, request, rowsOf) : [];
      const { format, inputBytes } = request;
      const counts = { rows, badRecords, badRows, inputBytes, outputBytes };
      return { table: name, format: format.kind, ...counts };
    });
  } catch (error) {
    throw await explained(session, request, rowsOf, error);
  } finally {
    session.releaseLocks();
  }
}

/** DuckDB does not see the row of a file that is one character long: it must be a line. */
async function endLastLine({ file, format, gzip, inputBytes }: LoadRequest): Promise<void> {
  if (format.kind !== "NDJSON" || inputBytes > SHORT_FILE) return;
  await appendFile(file, gzip ? gzipSync("\n") : "\n");
}

function rowsSql(request: LoadRequest, { columns, partition }: PreparedTarget): string {
  const source: Source = { ...request, columns, tolerant: request.maxBadRecords > 0 };
  const sql = formatSql(source);
  if (!partition || partition.value !== undefined) return sql;
  const column = columns.findIndex((c) => c.name.toLowerCase() === partition.column.toLowerCase());
  const belongs = column < 0 ? "false" : partition.contains(valueName(column));
  const outside = quoteText(`the row belongs to another partition. Field: ${partition.column}`);
  return `SELECT * REPLACE (CASE WHEN problem IS NULL AND (${belongs}) IS NOT TRUE THEN ${outside} ELSE problem END AS problem) FROM (${sql})`;
}

function formatSql(source: Source): string {
  const { format } = source;
  if (format.kind === "CSV") return csvSql(source, format);
  return format.kind === "PARQUET" ? parquetSql(source, format.columns) : ndjsonSql(source);
}

/** Rows that `maxBadRecords` may leave out. Throws for lines that cannot be split, when there are too many of them. */
async function countBadRows(
  session: Session,
  request: LoadRequest,
  rowsOf: string,
): Promise<number> {
  const counted = await session.rows(`SELECT count(*) FROM (${rowsOf}) WHERE problem IS NOT NULL`);
  const bad = Number(counted[0]?.[0] ?? 0);
  if (request.format.kind !== "CSV") return bad;
  const [first, ...more] = await unreadLines(session);
  if (!first) return bad;
  const all = bad + more.length + 1;
  if (all > request.maxBadRecords) throw new BadRowsError("CSV", first, ...more);
  return all;
}

async function insert(
  session: Session,
  target: PreparedTarget,
  rowsOf: string,
  skipBad: boolean,
): Promise<number> {
  const { column, value } = target.partition ?? {};
  const time = column !== undefined && value !== undefined ? [{ column, value }] : [];
  const names = [
    ...target.columns.map((c) => quoteName(c.name)),
    ...time.map((t) => quoteName(t.column)),
  ].join(", ");
  const values = [...target.columns.map((_, i) => valueName(i)), ...time.map((t) => t.value)].join(
    ", ",
  );
  const good = skipBad
    ? "problem IS NULL"
    : `CASE WHEN problem IS NULL THEN true ELSE error(${quoteText(BAD_ROW)}) END`;
  const { rowsChanged } = await session.run(
    `INSERT INTO ${session.tableSql(target.entry.name)} (${names}) SELECT ${values} FROM (${rowsOf}) WHERE ${good}`,
  );
  return rowsChanged;
}

/** The error as BigQuery would give it: with the line and field of the first bad row, where that is what failed. */
async function explained(
  session: Session,
  request: LoadRequest,
  rowsOf: string | undefined,
  error: unknown,
): Promise<unknown> {
  const message = originalMessage(error);
  const { kind } = request.format;
  if (kind === "CSV" && /CSV Error|CSV Parser/.test(message)) return structureError(message);
  if (!message.includes(BAD_ROW) || rowsOf === undefined) return error;
  const [first, ...more] = await findBadRows(session, request, rowsOf);
  return first ? new BadRowsError(kind, first, ...more) : error;
}

/** The first rows that do not fit. */
async function findBadRows(
  session: Session,
  { format, maxBadRecords, namedRows = NAMED_ROWS }: LoadRequest,
  rowsOf: string,
): Promise<readonly BadRow[]> {
  const found = await session.rows(
    `SELECT line, problem FROM (SELECT row_number() OVER () AS line, problem FROM (${rowsOf})) WHERE problem IS NOT NULL ORDER BY line LIMIT ${namedRows}`,
  );
  const before = format.kind === "CSV" ? format.skipLeadingRows : 0;
  const unread = format.kind === "CSV" && maxBadRecords > 0 ? await unreadLines(session) : [];
  const unfit = found.map(([row, problem]) => ({
    line: lineOf(Number(row) + before, unread),
    problem: String(problem),
  }));
  return [...unread, ...unfit].sort((a, b) => a.line - b.line).slice(0, namedRows);
}

/** What DuckDB says of a line that it could not split, by the name it has for that. */
const UNREAD: Readonly<Record<string, string>> = {
  "MISSING COLUMNS": "the line has fewer fields than the schema",
  "TOO MANY COLUMNS": "the line has more fields than the schema",
  "UNQUOTED VALUE": "a quoted field is not closed",
  "INVALID ENCODING": "the line is not in the file's encoding",
};

/** The lines of a CSV file that could not be split, in order. */
async function unreadLines(session: Session): Promise<readonly BadRow[]> {
  const lines = await session.rows(
    `SELECT line, min(error_type)::VARCHAR FROM ${REJECTS_TABLE} GROUP BY line ORDER BY line`,
  );
  return lines.map(([line, type]) => ({
    line: Number(line),
    problem: UNREAD[String(type)] ?? "the line is not valid CSV",
  }));
}

/** The line of the n-th one that could be split. */
function lineOf(n: number, unread: readonly BadRow[]): number {
  return unread.reduce((line, skipped) => (skipped.line <= line ? line + 1 : line), n);
}

/** DuckDB's own message, which has more lines than the error made from it. */
function originalMessage(error: unknown): string {
  const original = error instanceof BigQueryError ? (error.cause ?? error) : error;
  return original instanceof Error ? original.message : String(original);
}

/** A CSV line that has too many or too few fields, or a quote that never ends. DuckDB quotes the line: that is left out. */
function structureError(message: string): BigQueryError {
  const line = Number(message.match(/CSV Error on Line: (\d+)/)?.[1] ?? 0);
  const counts = message.match(/Expected Number of Columns: (\d+) Found: (\d+)/);
  const problem = counts
    ? `the line has ${counts[2]} fields, the schema has ${counts[1]}`
    : /unterminated|quote/i.test(message)
      ? "a quoted field is not closed"
      : "the line is not valid CSV";
  return new BadRowsError("CSV", { line, problem });
}
