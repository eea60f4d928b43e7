import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { BigQuery } from "@google-cloud/bigquery";

/** What a batch of work left behind: all of it, nothing, or its first statements. */
export type Found = "whole" | "absent" | "part";

/** One kind of work that is done in numbered batches. Its numbers are made here and nowhere in the warehouse. */
export interface Kind {
  readonly name: string;
  /** SQL of what the batches write into. */
  readonly setup: string;
  /** Does batch `batch`; ends when the server has said that it is done. */
  run(client: BigQuery, batch: number, dir: string): Promise<void>;
  /**
   * What the warehouse has of the batch, after all earlier ones are whole. Throws for anything between whole and absent,
   * a script's first statements excepted.
   */
  find(client: BigQuery, batch: number): Promise<Found>;
}

const FILE_ROWS = 40_000;
/** A number per row that no two rows of a batch share. */
const value = (batch: number, i: number) => (batch * 7_919 + i) % 1_000_003;

/** Rows and the sum of their values, of a batch of so many rows. */
function expected(batch: number, rows: number): { rows: number; sum: number } {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += value(batch, i);
  return { rows, sum };
}

async function one(client: BigQuery, query: string): Promise<Record<string, unknown>> {
  const [rows] = await client.query(query);
  return rows[0] ?? {};
}

/** A batch of rows in a table: as many as there were, with their sum, or none. */
async function findRows(
  client: BigQuery,
  table: string,
  batch: number,
  rows: number,
): Promise<Found> {
  const found = await one(
    client,
    `select count(*) as n, count(distinct value) as d, ifnull(sum(value), 0) as total from k.${table} where batch = ${batch}`,
  );
  const { sum } = expected(batch, rows);
  if (found.n === 0) return "absent";
  if (found.n === rows && found.d === rows && found.total === sum) return "whole";
  throw new Error(
    `${table}, batch ${batch}: ${JSON.stringify(found)} instead of ${rows} with ${sum}`,
  );
}

const FIELDS = [
  { name: "batch", type: "INTEGER" },
  { name: "value", type: "INTEGER" },
  { name: "label", type: "STRING" },
];

/** A load job of a file in one format. */
function load(sourceFormat: string, write: (file: string, batch: number) => Promise<void>): Kind {
  const table = `loaded_${sourceFormat.toLowerCase().split("_")[0]}`;
  return {
    name: `load ${sourceFormat}`,
    setup: `create table k.${table} (batch int64, value int64, label string)`,
    async run(client, batch, dir) {
      const file = join(dir, `${table}-${batch}`);
      await write(file, batch);
      const schema = sourceFormat === "PARQUET" ? {} : { schema: { fields: FIELDS } };
      await client
        .dataset("k")
        .table(table)
        .load(file, { sourceFormat, ...schema });
      await rm(file);
    },
    find: (client, batch) => findRows(client, table, batch, FILE_ROWS),
  };
}

function textFile(row: (batch: number, value: number) => string) {
  return (file: string, batch: number) =>
    writeFile(
      file,
      Array.from({ length: FILE_ROWS }, (_, i) => row(batch, value(batch, i))).join("\n"),
    );
}

async function parquetFile(file: string, batch: number): Promise<void> {
  const database = await DuckDBInstance.create();
  const connection = await database.connect();
  await connection.run(
    `copy (select ${batch}::bigint as batch, (${batch} * 7919 + i) % 1000003 as value, 'row ' || i as label
      from range(${FILE_ROWS}) as r(i)) to '${file}' (format parquet)`,
  );
  connection.closeSync();
  database.closeSync();
}

const INSERTED = 2_000;
const insertAll: Kind = {
  name: "insertAll",
  setup: "create table k.streamed (batch int64, value int64, label string)",
  async run(client, batch) {
    const rows = Array.from({ length: INSERTED }, (_, i) => ({
      ...{ batch, value: value(batch, i), label: "streamed" },
    }));
    await client.dataset("k").table("streamed").insert(rows, { partialRetries: 0 });
  },
  find: (client, batch) => findRows(client, "streamed", batch, INSERTED),
};

const MERGED = 150_000;
/** Each batch changes every row and adds some. */
const merge: Kind = {
  name: "merge",
  setup: `create table k.merged (key int64, batch int64, label string)`,
  async run(client, batch) {
    await client.query(`
      merge k.merged t
      using (select key, ${batch} as batch from unnest(generate_array(1, ${MERGED + batch})) as key) s
      on t.key = s.key
      when matched then update set batch = s.batch, label = concat('changed by ', cast(s.batch as string))
      when not matched then insert (key, batch, label) values (key, batch, 'new')`);
  },
  async find(client, batch) {
    const { n, least, most } = await one(
      client,
      "select count(*) as n, min(batch) as least, max(batch) as most from k.merged",
    );
    if (n === (batch === 1 ? 0 : MERGED + batch - 1) && [null, batch - 1].includes(most as number))
      return "absent";
    if (n === MERGED + batch && least === batch && most === batch) return "whole";
    throw new Error(`merge, batch ${batch}: ${JSON.stringify({ n, least, most })}`);
  },
};

const REPLACED = 300_000;
/** Each batch has other columns, another description and another label; the sort needs more memory than there is. */
const replace: Kind = {
  name: "create or replace table as",
  setup: "create table k.replaced (batch int64, day date) partition by day cluster by batch",
  async run(client, batch) {
    await client.query(`
      create or replace table k.replaced partition by day cluster by batch
      options (description = 'batch ${batch}', labels = [('batch', '${batch}')]) as
      select ${batch} as batch, date '2026-01-01' as day, repeat('x', 100) || cast(key as string) as label${batch % 2 ? ", key as extra" : ""}
      from unnest(generate_array(1, ${REPLACED + batch})) as key order by mod(key * 7919, 1000003)`);
  },
  async find(client, batch) {
    const [table] = await client.dataset("k").table("replaced").getMetadata();
    const found = await one(
      client,
      "select count(*) as n, ifnull(min(batch), 0) as least, ifnull(max(batch), 0) as most from k.replaced",
    );
    const columns = table.schema.fields.map((field: { name: string }) => field.name).join();
    const is = (b: number) =>
      found.n === REPLACED + b &&
      found.least === b &&
      found.most === b &&
      table.description === `batch ${b}` &&
      table.labels.batch === String(b) &&
      columns === (b % 2 ? "batch,day,label,extra" : "batch,day,label");
    if (is(batch)) return "whole";
    if (batch === 1 ? found.n === 0 && table.description === undefined : is(batch - 1))
      return "absent";
    throw new Error(
      `replaced, batch ${batch}: ${JSON.stringify({ found, columns, description: table.description, labels: table.labels })}`,
    );
  },
};

/** The numbers of the steps a batch has done must be the first ones, without a gap. */
async function findSteps(
  client: BigQuery,
  table: string,
  batch: number,
  steps: number,
): Promise<Found> {
  const [rows] = await client.query(
    `select step, count(*) as n from k.${table} where batch = ${batch} group by step order by step`,
  );
  const wrong = rows.some(({ step, n }, i) => step !== i + 1 || n !== step * 1000);
  if (wrong) throw new Error(`${table}, batch ${batch}: ${JSON.stringify(rows)}`);
  if (rows.length === 0) return "absent";
  return rows.length === steps ? "whole" : "part";
}

const stepSql = (table: string, batch: number | string, step: number) =>
  `insert into k.${table} select ${batch}, ${step}, x from unnest(generate_array(1, ${step * 1000})) as x;`;

const SCRIPT_STEPS = 6;
const script: Kind = {
  name: "script",
  setup:
    "create table k.scripted (batch int64, step int64, x int64); create table k.script_copy as select 0 as batch",
  async run(client, batch) {
    const steps = [1, 2, 3].map((step) => stepSql("scripted", batch, step)).join("\n");
    await client.query(`
      delete from k.scripted where batch = ${batch};
      ${steps}
      create temp table staged as select x from unnest(generate_array(1, 4000)) as x;
      insert into k.scripted select ${batch}, 4, x from staged;
      create or replace table k.script_copy as select ${batch} as batch;
      for r in (select step from unnest([5, 6]) as step order by step) do
        insert into k.scripted select ${batch}, r.step, x from unnest(generate_array(1, r.step * 1000)) as x;
      end for`);
  },
  async find(client, batch) {
    const found = await findSteps(client, "scripted", batch, SCRIPT_STEPS);
    const { copied } = await one(client, "select batch as copied from k.script_copy");
    const { last } = await one(
      client,
      `select ifnull(max(step), 0) as last from k.scripted where batch = ${batch}`,
    );
    const allowed =
      Number(last) > 4 ? [batch] : Number(last) < 4 ? [batch - 1] : [batch - 1, batch];
    // A script that is done again has made its copy before.
    if (![...allowed, batch].includes(Number(copied)))
      throw new Error(`script, batch ${batch}: step ${last}, copy ${copied}`);
    return found;
  },
};

const procedure: Kind = {
  name: "procedure",
  setup: "create table k.called (batch int64, step int64, x int64)",
  async run(client, batch) {
    await client.query(`
      create or replace procedure k.proc_${batch}(b int64)
      begin
        delete from k.called where batch = b;
        ${[1, 2, 3].map((step) => stepSql("called", "b", step)).join("\n")}
      end;
      call k.proc_${batch}(${batch});`);
  },
  async find(client, batch) {
    const found = await findSteps(client, "called", batch, 3);
    const { routines } = await one(
      client,
      `select count(*) as routines from k.INFORMATION_SCHEMA.ROUTINES where routine_name = 'proc_${batch}'`,
    );
    if (found !== "absent" && routines !== 1) throw new Error(`procedure ${batch} is gone`);
    return found;
  },
};

const MOVED = 30_000;
/** What leaves one table arrives in the other, and the balance counts the batches. */
const transaction: Kind = {
  name: "transaction",
  setup: `create table k.giver (batch int64, value int64); create table k.taker (batch int64, value int64);
    create table k.balance as select 0 as batches`,
  async run(client, batch) {
    const rows = `select ${batch}, mod(${batch} * 7919 + i, 1000003) from unnest(generate_array(0, ${MOVED - 1})) as i`;
    await client.query(`
      begin transaction;
      insert into k.giver ${rows};
      update k.balance set batches = batches + 1 where true;
      insert into k.taker ${rows};
      commit transaction;`);
  },
  async find(client, batch) {
    const giver = await findRows(client, "giver", batch, MOVED);
    const taker = await findRows(client, "taker", batch, MOVED);
    const { batches } = await one(client, "select batches from k.balance");
    if (giver === taker && batches === (giver === "whole" ? batch : batch - 1)) return giver;
    throw new Error(`transaction ${batch}: ${JSON.stringify({ giver, taker, batches })}`);
  },
};

/** Tables, views and functions come, change and go; what they are is compared with DuckDB's own list elsewhere. */
const definitions: Kind = {
  name: "definitions",
  setup: "create table k.definitions_done (batch int64)",
  async run(client, batch) {
    await client.query(`
      drop table if exists k.made_${batch}; drop table if exists k.renamed_${batch};
      create table k.made_${batch} (a int64 not null, b string options (description = 'text'))
        partition by range_bucket(a, generate_array(0, 100, 10)) options (description = 'made');
      insert into k.made_${batch} select x, 'b' from unnest(generate_array(1, 100)) as x;
      alter table k.made_${batch} add column c array<struct<d numeric, e string>>, add column f date;
      alter table k.made_${batch} drop column b;
      alter table k.made_${batch} set options (description = 'changed');
      create or replace view k.view_${batch} as select a, c from k.made_${batch};
      create or replace function k.function_${batch}(x int64) as (x + ${batch});
      create or replace table k.function_result as select k.function_${batch}(1) as y;
      alter table k.made_${batch} rename to renamed_${batch};
      drop view k.view_${batch};
      drop function k.function_${batch};
      insert into k.definitions_done values (${batch});`);
  },
  async find(client, batch) {
    const { n } = await one(
      client,
      `select count(*) as n from k.definitions_done where batch = ${batch}`,
    );
    if (n === 0) return "part";
    const result = await one(
      client,
      `select count(*) as n, sum(a) as total, (select y from k.function_result) as y from k.renamed_${batch}`,
    );
    const [table] = await client.dataset("k").table(`renamed_${batch}`).getMetadata();
    const columns = table.schema.fields.map((field: { name: string }) => field.name).join();
    if (n === 1 && result.n === 100 && result.total === 5050 && result.y === batch + 1)
      if (table.description === "changed" && columns === "a,c,f") return "whole";
    throw new Error(`definitions ${batch}: ${JSON.stringify({ n, result, columns })}`);
  },
};

export const KINDS: readonly Kind[] = [
  load(
    "NEWLINE_DELIMITED_JSON",
    textFile((batch, v) => JSON.stringify({ batch, value: v, label: `row ${v}` })),
  ),
  load(
    "CSV",
    textFile((batch, v) => `${batch},${v},"row, ${v}"`),
  ),
  load("PARQUET", parquetFile),
  insertAll,
  merge,
  replace,
  script,
  procedure,
  transaction,
  definitions,
];
