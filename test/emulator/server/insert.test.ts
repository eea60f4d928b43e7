import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createInsertIds } from "../../../emulator/warehouse/insert-ids.ts";
import type { TableEntry } from "../../../emulator/warehouse/session.ts";
import { useServer } from "./support.ts";

const server = useServer();

beforeAll(async () => {
  await server().bigquery.createDataset("d");
});

async function newTable(): Promise<string> {
  const id = `t_${randomUUID().slice(0, 8)}`;
  await server()
    .bigquery.dataset("d")
    .createTable(id, {
      schema: [
        { name: "a", type: "INTEGER", mode: "REQUIRED" },
        { name: "j", type: "JSON" },
      ],
    });
  return id;
}

async function insert(table: string, rows: readonly object[], options: object = {}) {
  const path = `/projects/local/datasets/d/tables/${table}/insertAll`;
  const { body } = await server().request("POST", path, { rows, ...options });
  return body.insertErrors?.map((e: { index: number; errors: { reason: string }[] }) => ({
    index: e.index,
    ...e.errors[0],
  }));
}

async function values(table: string): Promise<unknown[]> {
  const [rows] = await server().bigquery.query(`select a from d.${table} order by a`);
  return rows.map((row: { a: unknown }) => row.a);
}

describe("insertAll", () => {
  const BAD = [
    { json: { a: 1 } },
    { json: { a: "x" } },
    { json: { j: "{}" } },
    { json: { a: 2, b: 3 } },
  ];

  test("names each bad row with its field, and takes none", async () => {
    const table = await newTable();
    expect(await insert(table, BAD)).toMatchObject([
      { index: 0, reason: "stopped" },
      { index: 1, reason: "invalid", location: "a" },
      { index: 2, reason: "invalid", location: "a", message: "missing required field: a" },
      { index: 3, reason: "invalid", location: "b", message: "no such field: b" },
    ]);
    expect(await values(table)).toEqual([]);
  });

  test("takes the good ones where the request says so", async () => {
    const table = await newTable();
    const errors = await insert(table, BAD, { skipInvalidRows: true });
    expect(errors.map((e: { index: number }) => e.index)).toEqual([1, 2, 3]);
    expect(await values(table)).toEqual([1]);
  });

  test("leaves out fields that are not there, where the request says so", async () => {
    const table = await newTable();
    expect(
      await insert(table, [{ json: { a: 2, b: 3 } }], { ignoreUnknownValues: true }),
    ).toBeUndefined();
    expect(await values(table)).toEqual([2]);
  });

  test("takes JSON as text and as it is, and names text that is none", async () => {
    const table = await newTable();
    const rows = [{ json: { a: 1, j: '{"k": 1}' } }, { json: { a: 2, j: { k: 2 } } }];
    expect(await insert(table, rows)).toBeUndefined();
    const [found] = await server().bigquery.query(
      `select int64(j.k) as k from d.${table} order by k`,
    );
    expect(found).toEqual([{ k: 1 }, { k: 2 }]);
    expect(await insert(table, [{ json: { a: 3, j: "{" } }])).toMatchObject([
      { index: 0, reason: "invalid" },
    ]);
  });

  test("keeps every digit of numbers and of JSON, at any depth", async () => {
    const table = `t_${randomUUID().slice(0, 8)}`;
    await server().bigquery.query(
      `create table d.${table} (i int64, n numeric, j json, r struct<j json, i int64>, l array<json>)`,
    );
    const json = '{"a":9007199254740993,"b":1.0}';
    const row = `{"i":9007199254740993,"n":"12345678901234567.123456789","j":${JSON.stringify(json)},
      "r":{"j":"{\\"a\\":\\n1}","i":-9223372036854775808},"l":["[1]","\\"x\\""]}`;
    const response = await fetch(
      `${server().url}/projects/local/datasets/d/tables/${table}/insertAll`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"rows":[{"json":${row}}]}`,
      },
    );
    expect(await response.json()).not.toHaveProperty("insertErrors");
    const [[found]] = await server().bigquery.query(
      `select cast(i as string) as i, cast(n as string) as n, to_json_string(j) as j,
         json_type(r.j) as rj, cast(r.i as string) as ri, json_type(l[0]) as l0, json_type(l[1]) as l1
       from d.${table}`,
    );
    expect(found).toEqual({
      i: "9007199254740993",
      n: "12345678901234567.123456789",
      j: json,
      rj: "object",
      ri: "-9223372036854775808",
      l0: "array",
      l1: "string",
    });
  });

  test("takes a row once that comes twice, in one request and in two at once", async () => {
    const table = await newTable();
    const rows = [1, 1, 2].map((a) => ({ insertId: `id-${a}`, json: { a } }));
    await Promise.all([insert(table, rows), insert(table, rows)]);
    expect(await values(table)).toEqual([1, 2]);
  });

  test("takes a row once, however often its insertId comes", async () => {
    const table = await newTable();
    const rows = [1, 2].map((a) => ({ insertId: `id-${a}`, json: { a } }));
    await insert(table, rows);
    await insert(table, [...rows, { insertId: "id-3", json: { a: 3 } }, { json: { a: 4 } }]);
    expect(await values(table)).toEqual([1, 2, 3, 4]);
    // Rows that did not go in are not taken for repeated.
    expect(await insert(table, [{ insertId: "id-5", json: { a: "x" } }])).toHaveLength(1);
    await insert(table, [{ insertId: "id-5", json: { a: 5 } }]);
    expect(await values(table)).toEqual([1, 2, 3, 4, 5]);
  });
});

test("an insertId is remembered for a minute, and for one table", () => {
  let time = 0;
  const ids = createInsertIds(() => time);
  const table = (createdAt: number): TableEntry => ({
    name: { project: "p", dataset: "d", name: "t" },
    type: "TABLE",
    columns: [],
    createdAt,
    modifiedAt: 0,
  });
  ids.add(table(1), ["x"]);
  expect([ids.has(table(1), "x"), ids.has(table(1), "y"), ids.has(table(2), "x")]).toEqual([
    true,
    false,
    false,
  ]);
  time = 60_001;
  expect(ids.has(table(1), "x")).toBe(false);
});
