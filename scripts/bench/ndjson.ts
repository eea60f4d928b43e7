import { statSync } from "node:fs";
import { join } from "node:path";
import type { TableField } from "@google-cloud/bigquery";
import type { Warehouse } from "../warehouse.ts";
import type { DuckDB } from "./duckdb.ts";
import type { Figure } from "./figures.ts";
import { interleave, ratios, spread, timed } from "./pairs.ts";

export interface LoadOptions {
  readonly warehouse: Warehouse;
  readonly duckdb: DuckDB;
  /** DuckDB's data folder, the only one that it may read. */
  readonly folder: string;
  readonly rows: number;
  readonly rounds: number;
}

const MAY_COST = 1.5;

const DATASET = "raw";
const SOURCE = "raw_cdp_pages";
const TABLE = "bench_ndjson";

/** A client's load job of a file of page views, as loaders stage them, against DuckDB's own reader of the same file. */
export async function measureLoads(options: LoadOptions): Promise<readonly Figure[]> {
  const plain = await measureLoad(options, "plain");
  return [plain, await measureLoad(options, "gzip")];
}

async function measureLoad(
  { warehouse, duckdb, folder, rows, rounds }: LoadOptions,
  form: "plain" | "gzip",
): Promise<Figure> {
  const file = join(folder, form === "gzip" ? "events.ndjson.gz" : "events.ndjson");
  await writeEvents(duckdb, file, rows, form);
  const source = warehouse.bigquery.dataset(DATASET).table(SOURCE);
  const [{ schema }] = await source.getMetadata();
  const table = warehouse.bigquery.dataset(DATASET).table(TABLE);
  const times = await interleave(rounds, {
    emulator: () =>
      timed(() =>
        table.load(file, {
          sourceFormat: "NEWLINE_DELIMITED_JSON",
          schema,
          writeDisposition: "WRITE_TRUNCATE",
        }),
      ),
    direct: () => duckdb.run(readerSql(file, schema.fields)),
  });
  const size = (statSync(file).size / 1e6).toFixed(0);
  return {
    name: `load of ${rows} page views (${form}, ${size} MB): emulator ÷ DuckDB's read_json`,
    spread: spread(ratios(times.emulator, times.direct)),
    unit: "×",
    limit: MAY_COST,
    note: `${spread(times.emulator).median.toFixed(0)} ms ÷ ${spread(times.direct).median.toFixed(0)} ms`,
  };
}

/** Rows of the world's own page views, without the fields that are NULL: the loaders do not write those either. */
async function writeEvents(
  duckdb: DuckDB,
  file: string,
  rows: number,
  form: "plain" | "gzip",
): Promise<void> {
  const compression = form === "gzip" ? "gzip" : "none";
  await duckdb.run(`
    copy (
      select json_merge_patch('{}', to_json(page))::varchar
      from (from ${DATASET}.${SOURCE} limit ${rows}) as page
    ) to '${file}' (format csv, header false, quote '', delimiter e'\\x01', compression ${compression})`);
}

const DUCKDB_TYPES: Readonly<Record<string, string>> = {
  STRING: "varchar",
  INTEGER: "bigint",
  FLOAT: "double",
  NUMERIC: "decimal(38, 9)",
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamptz",
  JSON: "json",
};

function readerSql(file: string, fields: readonly TableField[]): string {
  const columns = fields.map(({ name, type = "" }) => `"${name}": '${DUCKDB_TYPES[type]}'`);
  return `create or replace table ${DATASET}.${TABLE} as
    from read_json('${file}', format = 'newline_delimited', columns = {${columns.join(", ")}})`;
}

/** Compares the two tables row for row, once the emulator's file is attached. */
export async function loadsDiffer(duckdb: DuckDB): Promise<boolean> {
  const [ours, theirs] = [`emulator.${DATASET}.${TABLE}`, `${DATASET}.${TABLE}`];
  const [[missing, added] = []] = await duckdb.rows(
    `select (select count(*) from (from ${ours} except all from ${theirs})),
      (select count(*) from (from ${theirs} except all from ${ours}))`,
  );
  return missing !== 0 || added !== 0;
}
