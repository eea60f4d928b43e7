import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BigQueryError, refused } from "../errors.ts";
import { loadFile } from "./load.ts";
import type { Session, TableEntry } from "./session.ts";

export interface InsertError {
  readonly index: number;
  readonly reason: string;
  readonly location: string;
  readonly message: string;
}

/**
 * Streams rows into a table as `insertAll` does: they are visible at once. JSON columns take text, as the client
 * sends it. All rows go in, or none; the answer names the first bad one, and the others as stopped.
 * @param options.uploads folder for the rows on their way in
 */
export async function insertRows(
  session: Session,
  entry: TableEntry,
  rows: readonly Readonly<Record<string, unknown>>[],
  options: { readonly ignoreUnknownValues: boolean; readonly uploads: string },
): Promise<readonly InsertError[]> {
  refuseDefaults(entry, rows);
  const file = join(options.uploads, randomUUID());
  try {
    const text = rows.map((row) => JSON.stringify(parsedJsonColumns(row, entry))).join("\n");
    await writeFile(file, text, { mode: 0o600 });
    await loadFile(session, {
      ...{ file, gzip: false, inputBytes: text.length, format: { kind: "NDJSON" } },
      ignoreUnknownValues: options.ignoreUnknownValues,
      maxBadRecords: 0,
      target: {
        name: entry.name,
        write: "WRITE_APPEND",
        create: "CREATE_NEVER",
        schemaUpdateOptions: [],
      },
    });
    return [];
  } catch (error) {
    return insertErrors(error, rows.length);
  } finally {
    await rm(file, { force: true });
  }
}

/** A file has a NULL where a row says nothing, so what BigQuery would put there is lost. */
function refuseDefaults(
  { columns }: TableEntry,
  rows: readonly Readonly<Record<string, unknown>>[],
): void {
  const defaults = columns.filter(({ defaultValue }) => defaultValue);
  for (const row of defaults.length > 0 ? rows : []) {
    const names = new Set(Object.keys(row).map((name) => name.toLowerCase()));
    const missing = defaults.find(({ name }) => !names.has(name.toLowerCase()));
    if (missing) throw refused(`a streamed row that leaves the default of ${missing.name}`);
  }
}

function parsedJsonColumns(row: Readonly<Record<string, unknown>>, entry: TableEntry): object {
  const json = new Set(entry.columns.filter((c) => c.type.kind === "JSON").map((c) => c.name));
  const values = Object.entries(row).map(([name, value]) => {
    if (!json.has(name) || typeof value !== "string") return [name, value];
    return [name, JSON.parse(value)];
  });
  return Object.fromEntries(values);
}

function insertErrors(error: unknown, count: number): readonly InsertError[] {
  const match =
    error instanceof BigQueryError &&
    error.message.match(/error in line (\d+): (.*?)(?:[.:] ?(?:Field: )?(\S+))?$/);
  if (!match) throw error;
  const bad = Number(match[1]) - 1;
  return Array.from({ length: count }, (_, index) =>
    index === bad
      ? { index, reason: "invalid", location: match[3] ?? "", message: match[2] ?? "" }
      : { index, reason: "stopped", location: "", message: "" },
  );
}
