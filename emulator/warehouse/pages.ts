import type { Column } from "../sql/types.ts";
import { quoteName } from "../sql/types.ts";
import { type Cell, cell, type TimestampFormat } from "./cells.ts";
import type { Database } from "./duckdb.ts";
import { fromDuckDB } from "./errors.ts";

export interface PageRequest {
  /** DuckDB's name of the table with the rows; its own order is the order of the pages. */
  readonly table: string;
  readonly columns: readonly Column[];
  /** Rows to skip. */
  readonly start: number;
  readonly maxRows: number;
  readonly timestamps: TimestampFormat;
}

export interface Row {
  readonly f: readonly Cell[];
}

/** Pages end at about this many bytes of JSON, of which the process holds several times as much; one row always fits. */
const PAGE_BYTES = 8_000_000;
/** What JSON needs around the text of a cell. */
const CELL_BYTES = 10;

/** Reads rows as REST cells, up to `maxRows` or the size of a page. */
export async function readPage(database: Database, request: PageRequest): Promise<readonly Row[]> {
  const { table, columns, start, maxRows, timestamps } = request;
  if (maxRows <= 0 || columns.length === 0) return [];
  const connection = await database.connect();
  try {
    const names = columns.map((column) => quoteName(column.name)).join(", ");
    const stream = await connection.stream(
      `SELECT ${names} FROM ${table} LIMIT ${maxRows} OFFSET ${start}`,
    );
    const rows: Row[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = await stream.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return rows;
      for (const values of chunk.getRows()) {
        const f = columns.map((column, i) => cell(values[i] ?? null, column.type, timestamps));
        bytes += size(f);
        if (rows.length > 0 && bytes > PAGE_BYTES) return rows;
        rows.push({ f });
      }
    }
  } catch (error) {
    throw fromDuckDB(error);
  } finally {
    connection.closeSync();
  }
}

/** About how many bytes of JSON the cells are. */
function size(cells: readonly Cell[]): number {
  let total = 0;
  for (const { v } of cells) {
    total += CELL_BYTES;
    if (v === null) continue;
    if (typeof v === "string") total += v.length;
    else total += size("f" in v ? v.f : v);
  }
  return total;
}
