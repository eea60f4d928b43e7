import type { BigQuery } from "@google-cloud/bigquery";
import pMap from "p-map";
import { z } from "zod";
import { type Column, type Columns, column, columnsOf, tableFields } from "./schema.ts";

/** What a dataset is called: by its own name, or with the suffix of an environment (`raw_dev`). */
export type DatasetNames = (dataset: "raw" | "pii" | "ops") => string;

/** A table that loaders write. */
export interface Table {
  readonly dataset: "raw" | "pii" | "ops";
  readonly name: string;
  /** Says the grain in its first words. */
  readonly description: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** A DATE or TIMESTAMP column; partitions are days. */
  readonly partitionBy?: string;
  readonly clusterBy?: readonly string[];
}

interface TableDefinition extends Omit<Table, "dataset" | "columns"> {
  readonly columns: Columns;
}

/** What every raw table has besides its own columns. */
const loaderColumns = columnsOf(
  z.object({
    _run_id: column.string(),
    _loaded_at: column.timestamp(),
    _source_account: column.string(),
    _row_hash: column.string(),
    _payload: column.json(),
  }),
);

/** Declares a table of `raw`: its own columns, then `_run_id` and the other columns of the loader. */
export function rawTable(definition: TableDefinition): Table {
  const columns = [...columnsOf(definition.columns), ...loaderColumns];
  return { ...definition, dataset: "raw", columns };
}

/** Declares a table of `ops` or `pii`. */
export function opsTable(dataset: "ops" | "pii", definition: TableDefinition): Table {
  return { ...definition, dataset, columns: columnsOf(definition.columns) };
}

/** `dataset.table`, as GoogleSQL names it. */
export function sqlName(table: Pick<Table, "dataset" | "name">, names: DatasetNames): string {
  return `${names(table.dataset)}.${table.name}`;
}

/**
 * Creates what is missing of the datasets, tables and columns, and leaves alone what is there. With it an empty warehouse
 * can be modelled before anything was loaded, and a newer Filo finds its columns in an older one's tables.
 */
export async function createMissingTables(
  bigquery: BigQuery,
  tables: readonly Table[],
  names: DatasetNames,
): Promise<void> {
  const datasets = [...new Set(tables.map((table) => names(table.dataset)))];
  await pMap(datasets, (dataset) => ignoreDuplicate(bigquery.dataset(dataset).create()));
  const present = new Set<string>();
  await pMap(datasets, async (dataset) => {
    const [columns] = await bigquery.query(
      `select table_name, column_name from ${dataset}.INFORMATION_SCHEMA.COLUMNS`,
    );
    for (const { table_name: table, column_name: column } of columns) {
      present.add(`${dataset}.${table}`).add(`${dataset}.${table}.${column}`);
    }
  });
  const isThere = (table: Table) => present.has(sqlName(table, names));
  await pMap(
    tables.filter((table) => !isThere(table)),
    (table) => ignoreDuplicate(createTable(bigquery, table, names)),
    { concurrency: 4 },
  );
  for (const table of tables.filter(isThere)) {
    const name = sqlName(table, names);
    const missing = table.columns.filter((column) => !present.has(`${name}.${column.name}`));
    // What was loaded before has no value there, so that a column added later cannot be required.
    const additions = missing.map((c) => `add column if not exists ${c.name} ${c.type}`);
    if (additions.length > 0) {
      await bigquery.query(`alter table ${name} ${additions.join(", ")}`);
    }
  }
}

function createTable(bigquery: BigQuery, table: Table, names: DatasetNames): Promise<unknown> {
  return bigquery.dataset(names(table.dataset)).createTable(table.name, {
    description: table.description,
    schema: { fields: tableFields(table.columns) },
    ...(table.partitionBy ? { timePartitioning: { type: "DAY", field: table.partitionBy } } : {}),
    ...(table.clusterBy ? { clustering: { fields: [...table.clusterBy] } } : {}),
  });
}

/** Another process may have created it in the meantime: 409 is as good as done. */
async function ignoreDuplicate(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 409) throw error;
  }
}
