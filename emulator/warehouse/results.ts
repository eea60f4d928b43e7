import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { refused } from "../errors.ts";
import { withoutNullElements } from "../sql/elements.ts";
import { type Column, duckdbType, quoteName, quoteText, type SqlType } from "../sql/types.ts";
import type { StoredResult } from "./session.ts";

/**
 * Keeps the rows of finished queries, each in a Parquet file: they need no memory, can be written by a query inside an
 * open transaction (which DuckDB allows to write to one database only), and a page of them is found without reading
 * the rows before it.
 */
export interface Results {
  /** Runs a query on a session's connection and keeps its rows in order. */
  store(
    connection: DuckDBConnection,
    sql: string,
    columns: readonly Column[],
  ): Promise<StoredResult>;
  drop(result: StoredResult): Promise<void>;
  /** Drops all results. */
  clear(): Promise<void>;
}

/** @param folder for the files; what an earlier server left in it is removed */
export async function openResults(folder: string): Promise<Results> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, string>();
  let counter = 0;
  return {
    async store(connection, sql, columns) {
      const file = join(folder, `${++counter}.parquet`);
      try {
        const copied = await connection.run(
          `COPY (${packed(sql, columns)}) TO ${quoteText(file)} (FORMAT parquet)`,
        );
        const table = unpacked(file, columns);
        files.set(table, file);
        return { columns, table, rowCount: copied.rowsChanged };
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    },
    async drop({ table }) {
      const file = files.get(table);
      files.delete(table);
      if (file !== undefined) await rm(file, { force: true });
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Parquet's intervals have milliseconds only, so ours are kept as their three parts. Arrays with NULL elements are errors. */
function packed(sql: string, columns: readonly Column[]): string {
  const nested = columns.find(({ type }) => type.kind !== "INTERVAL" && hasInterval(type));
  if (nested) throw refused(`INTERVAL inside ARRAY or STRUCT in a result (column ${nested.name})`);
  const replaced = columns.flatMap(({ name, type }) => {
    const x = quoteName(name);
    if (type.kind !== "INTERVAL") {
      const checked = withoutNullElements(x, type, name);
      return checked === x ? [] : [`${checked} AS ${x}`];
    }
    const part = (name: string) => `datepart('${name}', ${x})`;
    const months = `${part("year")} * 12 + ${part("month")}`;
    // The microseconds of an interval are those of its minute.
    const micros = `(${part("hour")} * 60 + ${part("minute")}) * 60000000 + ${part("microseconds")}`;
    const parts = `{m: ${months}, d: ${part("day")}, u: ${micros}}`;
    return [`CASE WHEN ${x} IS NOT NULL THEN ${parts} END AS ${x}`];
  });
  if (replaced.length === 0) return sql;
  return `SELECT * REPLACE (${replaced.join(", ")}) FROM (${sql})`;
}

function unpacked(file: string, columns: readonly Column[]): string {
  const values = columns.map(({ name, type }) => {
    const x = quoteName(name);
    if (type.kind !== "INTERVAL") return `CAST(${x} AS ${duckdbType(type)}) AS ${x}`;
    return `to_months(${x}.m::INTEGER) + to_days(${x}.d::INTEGER) + to_microseconds(${x}.u) AS ${x}`;
  });
  return `(SELECT ${values.join(", ")} FROM read_parquet(${quoteText(file)}))`;
}

function hasInterval(type: SqlType): boolean {
  if (type.kind === "ARRAY") return hasInterval(type.element);
  if (type.kind === "STRUCT") return type.fields.some((field) => hasInterval(field.type));
  return type.kind === "INTERVAL";
}
