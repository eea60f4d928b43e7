import { rmSync } from "node:fs";
import { join } from "node:path";
import { createNdjsonFile, type NdjsonFile } from "./ndjson-file.ts";
import { type Column, tableFields } from "./schema.ts";
import type { Table } from "./tables.ts";
import { loadNdjson, type Warehouse } from "./warehouse.ts";

/** Rows on their way to one table. */
export interface StagedTable {
  readonly target: Table;
  /** Name of the staging table, in `raw`. */
  readonly name: string;
  /** The target's columns that are staged; the others are the same for the whole run. */
  readonly columns: readonly Column[];
  /** How many rows were staged for each slice. */
  readonly rows: ReadonlyMap<number, number>;
}

/** Collects the rows of one stream and run in gzipped files, then loads each file into a staging table of its own. */
export interface Stage {
  /**
   * Returns the row's number, unique within the stage and growing. Rows of several tables that belong together share
   * one: give it as `of`.
   */
  add(target: Table, slice: number, row: Readonly<Record<string, unknown>>, of?: number): number;
  /** Waits until what was added is written far enough to bound memory. */
  drained(): Promise<void>;
  /** Loads what was staged, one load job per table. */
  load(): Promise<readonly StagedTable[]>;
  /** Removes the staging tables and the files. */
  discard(): Promise<void>;
}

export interface StageOptions {
  readonly warehouse: Warehouse;
  /** From `stagePrefix`. */
  readonly prefix: string;
  readonly runId: string;
  /** An existing folder; what lies in it holds contact values until `discard`. */
  readonly directory: string;
  /** Columns of a table that the transaction fills in. */
  readonly constants: (target: Table) => Readonly<Record<string, unknown>>;
}

/** Where a staged row comes from: its slice, and its place in the order of delivery. */
const STAGE_COLUMNS: readonly Column[] = [
  { name: "_slice", type: "INT64", required: false },
  { name: "_row", type: "INT64", required: false },
];

const EXPIRES_AFTER_MS = 24 * 3_600_000;

interface Writer {
  readonly staged: StagedTable;
  readonly rows: Map<number, number>;
  readonly file: NdjsonFile;
}

export function createStage(options: StageOptions): Stage {
  const writers = new Map<Table, Writer>();
  let added = 0;

  function createWriter(target: Table): Writer {
    const rows = new Map<number, number>();
    const name = `${options.prefix}${target.name}__${identifier(options.runId)}`;
    const constants = options.constants(target);
    const columns = target.columns.filter((column) => !(column.name in constants));
    const file = createNdjsonFile(join(options.directory, `${name}.ndjson.gz`));
    return { staged: { target, name, columns, rows }, rows, file };
  }

  async function loadStaged({ staged, file }: Writer): Promise<void> {
    await file.end();
    const columns = [...staged.columns, ...STAGE_COLUMNS].map(nullable);
    const { bigquery, datasets } = options.warehouse;
    await bigquery.dataset(datasets("raw")).createTable(staged.name, {
      schema: { fields: tableFields(columns) },
      // By the warehouse's clock, whatever time the run is asked to see.
      expirationTime: String(Date.now() + EXPIRES_AFTER_MS),
    });
    await loadNdjson(bigquery, { dataset: datasets("raw"), name: staged.name }, columns, file.path);
  }

  return {
    add(target, slice, row, of = ++added) {
      let writer = writers.get(target);
      if (!writer) {
        writer = createWriter(target);
        writers.set(target, writer);
      }
      writer.rows.set(slice, (writer.rows.get(slice) ?? 0) + 1);
      // Appending to the text is cheaper than copying the row to add two fields.
      const text = JSON.stringify(row);
      const comma = text === "{}" ? "" : ",";
      writer.file.write(`${text.slice(0, -1)}${comma}"_slice":${slice},"_row":${of}}`);
      return of;
    },
    async drained() {
      for (const { file } of writers.values()) await file.drained();
    },
    async load() {
      // One after the other: two large loads at once would not fit a small warehouse's memory.
      for (const writer of writers.values()) await loadStaged(writer);
      return [...writers.values()].map(({ staged }) => staged);
    },
    async discard() {
      for (const { staged, file } of writers.values()) {
        await file.end();
        await dropTable(options.warehouse, staged.name);
        rmSync(file.path, { force: true });
      }
    },
  };
}

const nullable = (column: Column): Column => ({ ...column, required: false });

function identifier(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, "_");
}

/** Begins the names of a stream's staging tables. */
export function stagePrefix(source: string, stream: string): string {
  return `_stage_${identifier(source)}__${identifier(stream)}__`;
}

/** Removes staging tables that a killed run left behind. Only one run of a source is alive at a time. */
export async function dropOrphans(warehouse: Warehouse, prefix: string): Promise<void> {
  const { bigquery, datasets } = warehouse;
  const [tables] = await bigquery.dataset(datasets("raw")).getTables();
  for (const { id } of tables) {
    if (id?.startsWith(prefix)) await dropTable(warehouse, id);
  }
}

async function dropTable({ bigquery, datasets }: Warehouse, name: string): Promise<void> {
  await bigquery.dataset(datasets("raw")).table(name).delete({ ignoreNotFound: true });
}
