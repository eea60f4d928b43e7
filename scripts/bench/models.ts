import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { BigQuery, Job } from "@google-cloud/bigquery";
import { PROJECT_DIR, spawnDataform } from "../dataform.ts";
import type { Warehouse } from "../warehouse.ts";
import type { DuckDB } from "./duckdb.ts";
import type { Figure } from "./figures.ts";
import { interleave, ratios, spread, timed } from "./pairs.ts";

/** A model that is measured. */
interface Model {
  readonly name: string;
  /** The statement that the Dataform CLI sends. */
  readonly statement: string;
  /** DuckDB SQL that gives the same rows, as somebody who knows DuckDB writes it. */
  readonly byHand: string;
}

export interface ModelOptions {
  readonly warehouse: Warehouse;
  readonly duckdb: DuckDB;
  /** Variables of the models; `asOf` is a date. */
  readonly vars: Readonly<Record<string, string>>;
  readonly rounds: number;
}

const MAY_COST_BY_HAND = 1.3;
const MAY_COST_DIRECT = 1.1;

const BY_HAND = join(import.meta.dirname, "by-hand");

/** Where DuckDB's side writes its tables. */
const SCHEMA = "bench";
const byHandTable = (name: string) => `${SCHEMA}.${name}__by_hand`;

/** The models that have a counterpart by hand: those that cost most in a night. */
export async function measureModels(options: ModelOptions): Promise<readonly Figure[]> {
  const { duckdb, vars } = options;
  await duckdb.run(`create schema if not exists ${SCHEMA}`);
  await duckdb.run(`set variable as_of = date '${vars.asOf}'`);
  const figures: Figure[] = [];
  for (const model of await readModels(options)) {
    figures.push(...(await measureModel(model, options)));
  }
  return figures;
}

async function measureModel(
  { name, statement, byHand }: Model,
  { warehouse, duckdb, rounds }: ModelOptions,
): Promise<readonly Figure[]> {
  const translation = await duckdb.translate(queryOf(statement));
  const times = await interleave(rounds, {
    emulator: () => timed(() => runJob(warehouse.bigquery, statement)),
    direct: () => duckdb.run(`create or replace table ${SCHEMA}.translated as ${translation}`),
    byHand: () => duckdb.run(`create or replace table ${byHandTable(name)} as ${byHand}`),
  });
  const seconds = (values: readonly number[]) => `${(spread(values).median / 1000).toFixed(2)} s`;
  return [
    {
      name: `${name}: emulator ÷ DuckDB by hand`,
      spread: spread(ratios(times.emulator, times.byHand)),
      unit: "×",
      limit: MAY_COST_BY_HAND,
      note: `${seconds(times.emulator)} ÷ ${seconds(times.byHand)}`,
    },
    {
      name: `${name}: emulator ÷ its translation on DuckDB`,
      spread: spread(ratios(times.emulator, times.direct)),
      unit: "×",
      limit: MAY_COST_DIRECT,
      note: `${seconds(times.emulator)} ÷ ${seconds(times.direct)}`,
    },
  ];
}

/** As the Dataform CLI runs a statement. */
async function runJob(bigquery: BigQuery, query: string): Promise<void> {
  const [job] = await bigquery.createQueryJob({ query, useLegacySql: false });
  await (job as Job).getQueryResults();
}

/** The query of the CLI's `create or replace table … as`, whose head is one line. */
function queryOf(statement: string): string {
  return statement.slice(statement.indexOf("\n"));
}

/** What the Dataform CLI would send, asked of it by a dry run. */
async function readModels({ warehouse, vars }: ModelOptions): Promise<readonly Model[]> {
  const names = readdirSync(BY_HAND).map((file) => basename(file, ".sql"));
  const lines: string[] = [];
  const { exitCode, errors } = await spawnDataform(
    [
      ...["run", PROJECT_DIR, "--dry-run", "--json"],
      ...names.map((name) => `--actions=${name}`),
      `--credentials=${warehouse.credentialsFile}`,
      `--default-database=${warehouse.project}`,
      `--default-location=${warehouse.location}`,
      `--vars=${Object.entries(vars)
        .map(([name, value]) => `${name}=${value}`)
        .join(",")}`,
    ],
    warehouse.env,
    (line) => lines.push(line),
  );
  if (exitCode !== 0) throw new Error(`dataform run --dry-run: ${errors}`);
  const { actions } = JSON.parse(lines.join("\n")) as {
    actions: { target: { schema: string; name: string }; tasks: { statement: string }[] }[];
  };
  return actions
    .filter(({ target }) => names.includes(target.name))
    .map(({ target, tasks }) => ({
      name: target.name,
      statement: tasks[0]?.statement ?? "",
      byHand: readFileSync(join(BY_HAND, `${target.name}.sql`), "utf8"),
    }));
}

/**
 * Compares the tables that the emulator made, in `emulator.duckdb` of DuckDB's folder, with those made by hand, row for row.
 * @returns the names of models whose rows differ
 */
export async function differingModels(duckdb: DuckDB, file: string): Promise<readonly string[]> {
  await duckdb.run(`attach '${file}' as emulator (read_only)`);
  const names = readdirSync(BY_HAND).map((name) => basename(name, ".sql"));
  const differing: string[] = [];
  for (const name of names) {
    const [[dataset] = []] = await duckdb.rows(
      `select schema_name from duckdb_tables() where database_name = 'emulator' and table_name = '${name}'`,
    );
    const made = `emulator.${dataset}.${name}`;
    const rows = (a: string, b: string) =>
      `(select count(*) from (from ${a} except all from ${b}))`;
    const [[missing, added] = []] = await duckdb.rows(
      `select ${rows(made, byHandTable(name))}, ${rows(byHandTable(name), made)}`,
    );
    if (missing !== 0 || added !== 0) differing.push(name);
  }
  return differing;
}
