import { randomUUID } from "node:crypto";
import { BigQuery } from "@google-cloud/bigquery";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, useServer } from "./support.ts";

const server = useServer();
const dataset = `d_${randomUUID().replaceAll("-", "")}`;

beforeAll(async () => {
  await server().bigquery.createDataset(dataset);
});

async function run(query: string, options: object = {}): Promise<Record<string, unknown>[]> {
  const [rows] = await server().bigquery.query({ query, ...options });
  return rows;
}

const FIELDS = [
  { name: "id", type: "INTEGER" },
  { name: "stay", type: "RANGE", rangeElementType: { type: "DATE" } },
  { name: "shifts", type: "RANGE", mode: "REPEATED", rangeElementType: { type: "TIMESTAMP" } },
];

/** Ids with the texts of their ranges. */
const texts = (table: string) =>
  run(`select id, cast(stay as string) as stay from ${dataset}.${table} order by id`);

describe("RANGE", () => {
  test("is what DDL declares, REST describes and the client reads", async () => {
    await run(
      `create table ${dataset}.ddl (id int64, stay range<date>, shifts array<range<timestamp>>)`,
    );
    await run(`insert into ${dataset}.ddl values
      (1, range<date> '[2024-01-01, 2024-01-05)', [range<timestamp> '[2024-01-01 08:00:00, unbounded)'])`);
    const [{ schema }] = await server().bigquery.dataset(dataset).table("ddl").getMetadata();
    expect(schema.fields).toMatchObject(FIELDS);
    const [row] = await run(`select * from ${dataset}.ddl`);
    const { stay, shifts } = row as { stay: { value: object }; shifts: { value: object }[] };
    expect(stay.value).toEqual({ start: "2024-01-01", end: "2024-01-05" });
    expect(shifts.map((shift) => shift.value)).toEqual([
      { start: "2024-01-01T08:00:00.000Z", end: "UNBOUNDED" },
    ]);
    const types = await run(
      `select data_type from ${dataset}.INFORMATION_SCHEMA.COLUMNS where table_name = 'ddl' order by ordinal_position`,
    );
    expect(types.map((type) => type.data_type)).toEqual([
      "INT64",
      "RANGE<DATE>",
      "ARRAY<RANGE<TIMESTAMP>>",
    ]);
  });

  test("can be a parameter", async () => {
    const stay = BigQuery.range("[2024-01-01, UNBOUNDED)", "DATE");
    const rows = await run("select range_contains(@stay, date '2030-01-01') as inside", {
      params: { stay },
    });
    expect(rows).toEqual([{ inside: true }]);
  });

  test("is streamed as an object of its bounds", async () => {
    const table = server().bigquery.dataset(dataset).table("streamed");
    await server()
      .bigquery.dataset(dataset)
      .createTable("streamed", { schema: { fields: FIELDS } });
    await table.insert([
      { id: 1, stay: { start: "2024-01-01", end: "2024-01-05" } },
      { id: 2, stay: { start: null, end: "2024-01-05" } },
      { id: 3, stay: { end: "UNBOUNDED" } },
      { id: 4 },
    ]);
    expect(await texts("streamed")).toEqual([
      { id: 1, stay: "[2024-01-01, 2024-01-05)" },
      { id: 2, stay: "[UNBOUNDED, 2024-01-05)" },
      { id: 3, stay: "[UNBOUNDED, UNBOUNDED)" },
      { id: 4, stay: null },
    ]);
    for (const stay of [
      { start: "2024-01-05", end: "2024-01-05" },
      { start: "someday" },
      { start: "2024-01-01", until: "2024-01-05" },
      "[2024-01-01, 2024-01-05)",
    ])
      await expect(table.insert([{ id: 5, stay }])).rejects.toThrow();
    expect(await texts("streamed")).toHaveLength(4);
  });

  test("is loaded from CSV as its text", async () => {
    const fields = FIELDS.slice(0, 2);
    const load = async (text: string) => {
      const path = await server().file(`${randomUUID()}.csv`, text);
      await server()
        .bigquery.dataset(dataset)
        .table("csv")
        .load(path, { sourceFormat: "CSV", schema: { fields } });
    };
    await load('1,"[2024-01-01, 2024-01-05)"\n2,"[UNBOUNDED, 2024-01-05)"\n');
    expect(await texts("csv")).toEqual([
      { id: 1, stay: "[2024-01-01, 2024-01-05)" },
      { id: 2, stay: "[UNBOUNDED, 2024-01-05)" },
    ]);
    await expect(load('3,"[2024-01-05, 2024-01-05)"\n')).rejects.toThrow();
    await expect(load('3,"2024-01-05"\n')).rejects.toThrow();
  });

  test("sorts by its start and then its end, unbounded ones first and last", async () => {
    const ranges = [
      "[2024-01-01, 2024-01-05)",
      "[2024-01-01, UNBOUNDED)",
      "[UNBOUNDED, 2024-01-05)",
      "[2023-12-31, 2024-02-01)",
    ];
    const list = ranges.map((range) => `range<date> '${range}'`).join(", ");
    const rows = await run(
      `select cast(r as string) as text from unnest([${list}]) as r order by r`,
    );
    expect(rows.map(({ text }) => text)).toEqual([ranges[2], ranges[3], ranges[0], ranges[1]]);
    const [{ n }] = (await run(
      `select count(distinct r) as n from unnest([${list}, ${list}]) as r`,
    )) as [{ n: number }];
    expect(n).toBe(4);
  });
});

describe("RANGE_SESSIONIZE", () => {
  // The example of BigQuery's documentation, with its answers.
  const employees = `(
    select * from unnest([
      struct(10 as emp, range<date> '[2010-01-10, 2010-03-10)' as duration),
      (10, range<date> '[2010-03-10, 2010-07-15)'), (10, range<date> '[2010-06-15, 2010-08-18)'),
      (20, range<date> '[2010-03-10, 2010-07-20)'), (20, range<date> '[2020-05-10, 2020-09-20)')]))`;

  async function sessions(table: string, ...more: string[]): Promise<unknown[]> {
    const rows = await run(
      `select emp, cast(session_range as string) as session
       from range_sessionize(${[table, "'duration'", "['emp']", ...more].join(", ")}) order by emp, duration`,
    );
    return rows.map(({ emp, session }) => `${emp} ${session}`);
  }

  test("joins ranges that meet or overlap", async () => {
    const expected = [
      "10 [2010-01-10, 2010-08-18)",
      "10 [2010-01-10, 2010-08-18)",
      "10 [2010-01-10, 2010-08-18)",
      "20 [2010-03-10, 2010-07-20)",
      "20 [2020-05-10, 2020-09-20)",
    ];
    expect(await sessions(employees)).toEqual(expected);
    await run(`create table ${dataset}.employees as select * from ${employees}`);
    expect(await sessions(`table ${dataset}.employees`, "'MEETS'")).toEqual(expected);
  });

  test("joins only ranges that overlap", async () => {
    expect(await sessions(employees, "'OVERLAPS'")).toEqual([
      "10 [2010-01-10, 2010-03-10)",
      "10 [2010-03-10, 2010-08-18)",
      "10 [2010-03-10, 2010-08-18)",
      "20 [2010-03-10, 2010-07-20)",
      "20 [2020-05-10, 2020-09-20)",
    ]);
  });

  test("reaches over a range that ends before the one before it", async () => {
    const nested = `(select * from unnest([
      struct(1 as emp, range<date> '[2010-01-01, 2010-12-01)' as duration),
      (1, range<date> '[2010-02-01, 2010-03-01)'), (1, range<date> '[2010-06-01, unbounded)')]))`;
    expect(new Set(await sessions(nested))).toEqual(new Set(["1 [2010-01-01, UNBOUNDED)"]));
  });

  test("says what it does not take", async () => {
    const message = async (query: string) => (await failure(run(query))).message;
    const call = (...args: string[]) => `select * from range_sessionize(${args.join(", ")})`;
    expect(await message(call(employees, "'nope'", "['emp']"))).toContain("no column nope");
    expect(await message(call(employees, "'emp'", "['emp']"))).toContain("of type RANGE");
    expect(await message(call(employees, "'duration'", "['emp']", "'TOUCHES'"))).toContain(
      "RANGE_SESSIONIZE_MODE",
    );
    const unknown = "(select 1 as emp, cast(null as range<date>) as duration)";
    expect(await message(call(unknown, "'duration'", "['emp']"))).toContain("Not supported");
  });
});
