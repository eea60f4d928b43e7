import type { DuckDBConnection } from "@duckdb/node-api";
import { type Column, duckdbType, quoteName } from "../sql/types.ts";
import { type Database, RESULTS_DATABASE } from "./duckdb.ts";
import type { StoredResult } from "./session.ts";

/** Keeps the rows of finished queries in DuckDB's in-memory database, which spills to disk. */
export interface Results {
  /** Runs a query on a session's connection and keeps its rows in order. */
  store(
    connection: DuckDBConnection,
    sql: string,
    columns: readonly Column[],
  ): Promise<StoredResult>;
  drop(result: StoredResult): Promise<void>;
}

/** Result tables are written through a connection of their own, so a query inside an open transaction can be kept too. */
export function createResults(database: Database): Results {
  let counter = 0;
  return {
    async store(connection, sql, columns) {
      const name = `r${++counter}`;
      const table = `${RESULTS_DATABASE}.main.${name}`;
      const fields = columns.map((c) => `${quoteName(c.name)} ${duckdbType(c.type)}`).join(", ");
      const writer = await database.connect();
      try {
        // The stream comes first: a query that fails leaves no table behind.
        const stream = await connection.stream(sql);
        await writer.run(`CREATE TABLE ${table} (${fields})`);
        const rowCount = await copyRows(writer, name, stream).catch(async (error) => {
          await writer.run(`DROP TABLE ${table}`);
          throw error;
        });
        return { columns, table, rowCount };
      } finally {
        writer.closeSync();
      }
    },
    async drop(result) {
      if (!result.table.startsWith(`${RESULTS_DATABASE}.`)) return;
      const writer = await database.connect();
      try {
        await writer.run(`DROP TABLE IF EXISTS ${result.table}`);
      } finally {
        writer.closeSync();
      }
    },
  };
}

async function copyRows(
  writer: DuckDBConnection,
  table: string,
  stream: Awaited<ReturnType<DuckDBConnection["stream"]>>,
): Promise<number> {
  const appender = await writer.createAppender(table, "main", RESULTS_DATABASE);
  let rowCount = 0;
  try {
    for (;;) {
      const chunk = await stream.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return rowCount;
      appender.appendDataChunk(chunk);
      rowCount += chunk.rowCount;
    }
  } finally {
    appender.closeSync();
  }
}
