import { BigQueryError } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { type Column, duckdbType, formatType, quoteName } from "../sql/types.ts";
import { partitionTimeColumnSql } from "./ingestion-time.ts";
import { addedFields, addFields } from "./nested-fields.ts";
import type { Session, TableEntry } from "./session.ts";

/** `project:dataset.table`, as BigQuery's messages name a table. */
export function displayName({ project, dataset, name }: ObjectName): string {
  return `${project}:${dataset}.${name}`;
}

/** DuckDB's column list of a table. */
export function columnsSql(columns: readonly Column[]): string {
  return columns
    .map((c) => {
      const byDefault = c.defaultValue ? ` DEFAULT (${c.defaultValue.sql})` : "";
      return `${quoteName(c.name)} ${duckdbType(c.type)}${byDefault}${c.required ? " NOT NULL" : ""}`;
    })
    .join(", ");
}

/** DuckDB's column list of a table with all that its entry asks for. */
export function definitionSql(entry: Pick<TableEntry, "columns" | "partitioning">): string {
  return columnsSql(entry.columns) + partitionTimeColumnSql(entry);
}

/** The entry of a table or view. Throws `notFound`. */
export function requireTable(session: Pick<Session, "catalogue">, name: ObjectName): TableEntry {
  const entry = session.catalogue.table(name);
  if (entry) return entry;
  throw new BigQueryError("notFound", `Not found: Table ${displayName(name)}`);
}

/** Creates an empty table, or a view, in its transaction. Throws `duplicate`, or `notFound` for the dataset. */
export async function createTable(session: Session, entry: TableEntry): Promise<void> {
  const { project, dataset, name } = entry.name;
  if (!session.catalogue.dataset(project, dataset)) {
    throw new BigQueryError("notFound", `Not found: Dataset ${project}:${dataset}`);
  }
  if (!/^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]{1,1024}$/u.test(name)) {
    throw new BigQueryError("invalid", `Invalid table ID "${name}"`);
  }
  if (session.catalogue.table(entry.name)) {
    throw new BigQueryError("duplicate", `Already Exists: Table ${displayName(entry.name)}`);
  }
  if (entry.type === "TABLE") {
    // DuckDB has no table without columns; until it gets its first, the entry alone stands for it.
    if (entry.columns.length > 0) {
      await session.run(
        // There may be one that has expired.
        `CREATE OR REPLACE TABLE ${session.tableSql(entry.name)} (${definitionSql(entry)})`,
      );
    }
  }
  await session.catalogue.putTable(entry);
}

/** Drops a table or view in its transaction. Throws `notFound`. */
export async function dropTable(session: Session, name: ObjectName): Promise<void> {
  const entry = requireTable(session, name);
  if (entry.type === "TABLE") await session.run(`DROP TABLE IF EXISTS ${session.tableSql(name)}`);
  await session.catalogue.dropTable(name);
}

/**
 * Changes a table's columns to a schema that has at least the old ones: new nullable columns and fields of RECORDs are added, REQUIRED
 * may become NULLABLE, descriptions and policy tags change freely. Throws `invalid` for any other change.
 */
export async function changeColumns(
  session: Session,
  entry: TableEntry,
  columns: readonly Column[],
): Promise<void> {
  const before = new Map(entry.columns.map((c) => [c.name.toLowerCase(), c]));
  const after = new Set(columns.map((c) => c.name.toLowerCase()));
  const missing = entry.columns.find((c) => !after.has(c.name.toLowerCase()));
  if (missing) throw schemaMismatch(entry, `Field ${missing.name} is missing in new schema`);
  const table = session.tableSql(entry.name);
  for (const column of columns) {
    const old = before.get(column.name.toLowerCase());
    if (old && old.defaultValue?.sql !== column.defaultValue?.sql) {
      const change = column.defaultValue
        ? `SET DEFAULT ${column.defaultValue.sql}`
        : "DROP DEFAULT";
      await session.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(old.name)} ${change}`);
    }
    if (!old) {
      await addColumn(session, entry, column);
      continue;
    }
    const added = addedFields(old.type, column.type, [old.name]);
    if (!added) {
      throw schemaMismatch(
        entry,
        `Field ${column.name} has changed type from ${formatType(old.type)} to ${formatType(column.type)}`,
      );
    }
    await addFields(session, table, added);
    if (old.required && !column.required) {
      await session.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(old.name)} DROP NOT NULL`);
    } else if (!old.required && column.required) {
      throw schemaMismatch(
        entry,
        `Field ${column.name} has changed mode from NULLABLE to REQUIRED`,
      );
    }
  }
}

async function addColumn(session: Session, entry: TableEntry, column: Column): Promise<void> {
  if (column.required)
    throw schemaMismatch(
      entry,
      `Cannot add required fields to an existing schema. (field: ${column.name})`,
    );
  const table = session.tableSql(entry.name);
  const definition = columnsSql([column]);
  await session.run(
    entry.columns.length === 0
      ? `CREATE TABLE IF NOT EXISTS ${table} (${definition}${partitionTimeColumnSql(entry)})`
      : `ALTER TABLE ${table} ADD COLUMN ${definition}`,
  );
}

function schemaMismatch(entry: TableEntry, what: string): BigQueryError {
  return new BigQueryError(
    "invalid",
    `Provided Schema does not match Table ${displayName(entry.name)}. ${what}`,
  );
}
