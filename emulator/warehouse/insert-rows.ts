import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BadRow } from "./load/source.ts";
import { BadRowsError, loadFile } from "./load.ts";
import type { Session, TableEntry } from "./session.ts";

export interface InsertError {
  readonly index: number;
  readonly reason: string;
  readonly location: string;
  readonly message: string;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Streams rows into a table as `insertAll` does: they are visible at once. JSON columns take text, as the client
 * sends it. A bad row keeps all out, and the answer names the bad ones, and the others as stopped; with
 * `skipInvalidRows` it keeps out itself alone.
 * @param options.uploads folder for the rows on their way in
 */
export async function insertRows(
  session: Session,
  entry: TableEntry,
  rows: readonly Row[],
  options: {
    readonly ignoreUnknownValues: boolean;
    readonly skipInvalidRows: boolean;
    readonly uploads: string;
  },
): Promise<readonly InsertError[]> {
  if (rows.length === 0) return [];
  const file = join(options.uploads, randomUUID());
  try {
    const text = rows.map((row) => lineOf(row, entry)).join("\n");
    await writeFile(file, text, { mode: 0o600 });
    const { badRows } = await loadFile(session, {
      ...{ file, gzip: false, inputBytes: text.length, format: { kind: "NDJSON" } },
      ignoreUnknownValues: options.ignoreUnknownValues,
      maxBadRecords: options.skipInvalidRows ? rows.length : 0,
      namedRows: rows.length,
      target: {
        name: entry.name,
        write: "WRITE_APPEND",
        create: "CREATE_NEVER",
        schemaUpdateOptions: [],
      },
    });
    return badRows.map(insertError);
  } catch (error) {
    if (!(error instanceof BadRowsError)) throw error;
    const bad = new Map(error.rows.map((row) => [row.line - 1, insertError(row)]));
    return rows.map((_, i) => bad.get(i) ?? stopped(i));
  } finally {
    await rm(file, { force: true });
  }
}

/** A row as a line of JSON, with the values of its JSON columns instead of their text. */
function lineOf(row: Row, entry: TableEntry): string {
  const json = new Set(entry.columns.filter((c) => c.type.kind === "JSON").map((c) => c.name));
  try {
    const values = Object.entries(row).map(([name, value]) => [
      name,
      json.has(name) && typeof value === "string" ? JSON.parse(value) : value,
    ]);
    return JSON.stringify(Object.fromEntries(values));
  } catch {
    // Text that is no JSON makes a row that is none either.
    return "{";
  }
}

/** The message names the field last, where it is about one. */
function insertError({ line, problem }: BadRow): InsertError {
  const location = problem.match(/(?:Field|no such field|missing required field): (\S+)$/)?.[1];
  return { index: line - 1, reason: "invalid", location: location ?? "", message: problem };
}

function stopped(index: number): InsertError {
  return { index, reason: "stopped", location: "", message: "" };
}
