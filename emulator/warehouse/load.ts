import { BigQueryError } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { quoteName, quoteText } from "../sql/types.ts";
import { tableSize, totalBytes } from "./bytes.ts";
import { csvSql, REJECTS_TABLE } from "./load/csv.ts";
import { ndjsonSql } from "./load/ndjson.ts";
import { parquetSql } from "./load/parquet.ts";
import { type FileFormat, type Source, valueName } from "./load/source.ts";
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
  readonly target: LoadTarget;
}

export interface LoadOutcome {
  readonly table: ObjectName;
  readonly rows: number;
  readonly badRecords: number;
  readonly inputBytes: number;
  /** Logical bytes of the rows that went in. */
  readonly outputBytes: number;
}

/** What a row with a problem stops the load with; which row it was is found out afterwards. */
const BAD_ROW = "the file has a bad row";

/**
 * Loads a file into a table: all of it, or nothing. Types are checked as strictly as BigQuery's load jobs do.
 * Throws `invalid` with the line and the field of the first bad value.
 */
export async function loadFile(session: Session, request: LoadRequest): Promise<LoadOutcome> {
  const { name } = request.target;
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
      return { table: name, rows, badRecords, inputBytes: request.inputBytes, outputBytes };
    });
  } catch (error) {
    throw await explained(session, request, rowsOf, error);
  } finally {
    session.releaseLocks();
  }
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
  const rejects = await session.rows(
    `SELECT count(DISTINCT line), min(line) FROM ${REJECTS_TABLE}`,
  );
  const [lines, first] = (rejects[0] ?? []).map(Number);
  if (bad + (lines ?? 0) > request.maxBadRecords && lines) {
    throw dataError(request.format, first ?? 0, "the line is not valid CSV");
  }
  return bad + (lines ?? 0);
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
  { format }: LoadRequest,
  rowsOf: string | undefined,
  error: unknown,
): Promise<unknown> {
  const message = originalMessage(error);
  if (/CSV Error|CSV Parser/.test(message)) return structureError(message, format);
  if (!message.includes(BAD_ROW) || rowsOf === undefined) return error;
  const found = await session.rows(
    `SELECT line, problem FROM (SELECT row_number() OVER () AS line, problem FROM (${rowsOf})) WHERE problem IS NOT NULL LIMIT 1`,
  );
  const [line, problem] = found[0] ?? [];
  const before = format.kind === "CSV" ? format.skipLeadingRows : 0;
  return dataError(format, Number(line) + before, String(problem));
}

/** DuckDB's own message, which has more lines than the error made from it. */
function originalMessage(error: unknown): string {
  const original = error instanceof BigQueryError ? (error.cause ?? error) : error;
  return original instanceof Error ? original.message : String(original);
}

/** A CSV line that has too many or too few fields, or a quote that never ends. DuckDB quotes the line: that is left out. */
function structureError(message: string, format: FileFormat): BigQueryError {
  const line = Number(message.match(/CSV Error on Line: (\d+)/)?.[1] ?? 0);
  const counts = message.match(/Expected Number of Columns: (\d+) Found: (\d+)/);
  const problem = counts
    ? `the line has ${counts[2]} fields, the schema has ${counts[1]}`
    : /unterminated|quote/i.test(message)
      ? "a quoted field is not closed"
      : "the line is not valid CSV";
  return dataError(format, line, problem);
}

function dataError({ kind }: FileFormat, line: number, problem: string): BigQueryError {
  const text = kind === "CSV" ? "CSV processing" : "JSON parsing";
  return new BigQueryError(
    "invalid",
    `Error while reading data, error message: ${text} error in line ${line}: ${problem}`,
  );
}
