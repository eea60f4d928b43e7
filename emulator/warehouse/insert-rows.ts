import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "lossless-json";
import type { SqlType, StructField } from "../sql/types.ts";
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
function lineOf(row: Row, { columns }: TableEntry): string {
  try {
    return objectText(row, columns);
  } catch {
    // Text that is no JSON makes a row that is none either.
    return "{";
  }
}

function objectText(object: object, fields: readonly Pick<StructField, "name" | "type">[]): string {
  const types = new Map(fields.map(({ name, type }) => [name?.toLowerCase(), type]));
  const members = Object.entries(object).map(
    ([name, value]) => `${JSON.stringify(name)}:${valueText(value, types.get(name.toLowerCase()))}`,
  );
  return `{${members.join(",")}}`;
}

/** Digits stay as they came, in numbers and in JSON. */
function valueText(value: unknown, type: SqlType | undefined): string {
  if (type?.kind === "JSON" && typeof value === "string") {
    JSON.parse(value);
    // Outside its strings, where a line break cannot stand, it is white space.
    return value.replace(/[\r\n]/g, " ");
  }
  if (type?.kind === "ARRAY" && Array.isArray(value)) {
    return `[${value.map((item) => valueText(item, type.element)).join(",")}]`;
  }
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  if (type?.kind === "STRUCT" && isRecord) return objectText(value, type.fields);
  return stringify(value) ?? "null";
}

/** The message names the field last, where it is about one. */
function insertError({ line, problem }: BadRow): InsertError {
  const location = problem.match(/(?:Field|no such field|missing required field): (\S+)$/)?.[1];
  return { index: line - 1, reason: "invalid", location: location ?? "", message: problem };
}

function stopped(index: number): InsertError {
  return { index, reason: "stopped", location: "", message: "" };
}
