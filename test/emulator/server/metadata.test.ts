import type { Dataset, Table, TableField } from "@google-cloud/bigquery";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, useServer } from "./support.ts";

const server = useServer();
const D = "/projects/local/datasets/d";

beforeAll(async () => {
  await server().bigquery.createDataset("d");
});

const request = (method: string, path: string, body?: unknown) =>
  server().request(method, path, body);

describe("a dataset", () => {
  test("keeps what is set, loses what is set to null, and a PUT replaces all", async () => {
    const path = "/projects/local/datasets/kept";
    const settings = {
      description: "A dataset",
      friendlyName: "Friendly",
      labels: { team: "crm", env: "test" },
      defaultTableExpirationMs: "3600000",
      defaultPartitionExpirationMs: "7200000",
      maxTimeTravelHours: "48",
      storageBillingModel: "PHYSICAL",
      access: [{ role: "READER", specialGroup: "projectReaders" }],
    };
    await request("POST", "/projects/local/datasets", {
      datasetReference: { datasetId: "kept" },
      location: "europe-west8",
      ...settings,
    });
    expect((await request("GET", path)).body).toMatchObject({
      ...settings,
      location: "europe-west8",
    });
    await request("PATCH", path, { labels: { team: null, more: "x" }, friendlyName: null });
    const { body: patched } = await request("GET", path);
    expect(patched).toMatchObject({ description: "A dataset", labels: { env: "test", more: "x" } });
    expect(patched).not.toHaveProperty("friendlyName");
    await request("PUT", path, { datasetReference: { datasetId: "kept" }, description: "Other" });
    const { body: put } = await request("GET", path);
    expect(put).toMatchObject({ description: "Other", location: "europe-west8" });
    expect(put).not.toHaveProperty("labels");
  });

  test("is listed by its labels, and hidden by its name", async () => {
    for (const [datasetId, labels] of [
      ["l1", { team: "a" }],
      ["l2", { team: "b" }],
      ["_hidden", {}],
    ]) {
      await request("POST", "/projects/local/datasets", {
        datasetReference: { datasetId },
        labels,
      });
    }
    const names = async (query: string) =>
      (await request("GET", `/projects/local/datasets?${query}`)).body.datasets.map(
        (d: { datasetReference: { datasetId: string } }) => d.datasetReference.datasetId,
      );
    expect(await names("filter=labels.team:a")).toEqual(["l1"]);
    expect(await names("filter=labels.team")).toEqual(["l1", "l2"]);
    expect(await names("")).not.toContain("_hidden");
    expect(await names("all=true")).toContain("_hidden");
    expect((await request("GET", "/projects/local/datasets?filter=name:x")).status).toBe(400);
  });

  test("is what it was only if nobody changed it meanwhile", async () => {
    const { bigquery } = server();
    const [dataset] = await bigquery.createDataset("etags");
    const [metadata] = await dataset.getMetadata();
    await dataset.setMetadata({ description: "first", etag: metadata.etag });
    const second = dataset.setMetadata({ description: "second", etag: metadata.etag });
    expect(await failure(second)).toMatchObject({ code: 412 });
    expect((await dataset.getMetadata())[0].description).toBe("first");
  });
});

test("of changes that are sent at once, each is made as a whole, and of those to one version only one", async () => {
  const { bigquery } = server();
  const [dataset] = await bigquery.createDataset("at_once");
  const [table] = await dataset.createTable("t", { schema: [{ name: "a", type: "STRING" }] });
  const [view] = await dataset.createTable("v", { view: "select 1 as a" });
  const many = Array.from({ length: 8 }, (_, i) => i);
  for (const { setMetadata, getMetadata } of [bind(dataset), bind(table), bind(view)]) {
    const [{ etag }] = await getMetadata();
    const changes = many.map((i) => setMetadata({ description: `is ${i}`, etag }));
    const ends = await Promise.allSettled(changes);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await Promise.all(many.map((i) => setMetadata({ labels: { [`label${i}`]: "set" } })));
    const [{ labels }] = await getMetadata();
    expect(Object.keys(labels)).toHaveLength(many.length);
  }
  const queries = many.map((i) => ({ view: { query: `select ${i} as a`, useLegacySql: false } }));
  const path = "/projects/local/datasets/at_once/tables/v";
  const [{ etag }] = await view.getMetadata();
  const patches = queries.map(async (body) => {
    const headers = { "content-type": "application/json", "if-match": etag };
    const url = `${server().url}${path}`;
    return (await fetch(url, { method: "PATCH", headers, body: JSON.stringify(body) })).status;
  });
  const statuses = await Promise.all(patches);
  expect(statuses.toSorted()).toEqual([200, ...many.slice(1).map(() => 412)]);
  const { body } = await request("GET", path);
  expect(body.view.query).toBe(`select ${statuses.indexOf(200)} as a`);
});

/** The two calls that datasets and tables have in common. */
function bind(of: Dataset | Table) {
  return {
    setMetadata: (metadata: object) => of.setMetadata(metadata),
    getMetadata: () => of.getMetadata(),
  };
}

describe("a table", () => {
  const FIELDS = [
    { name: "day", type: "DATE", mode: "REQUIRED", description: "A day" },
    { name: "n", type: "NUMERIC", mode: "NULLABLE", precision: "10", scale: "2" },
    { name: "s", type: "STRING", mode: "NULLABLE", maxLength: "3" },
    {
      name: "r",
      type: "RECORD",
      mode: "REPEATED",
      fields: [
        {
          name: "x",
          type: "INTEGER",
          mode: "NULLABLE",
          description: "Inside",
          policyTags: { names: ["projects/p/taxonomies/1"] },
        },
      ],
    },
  ];

  test("keeps all that is set", async () => {
    const settings = {
      schema: { fields: FIELDS },
      description: "A table",
      friendlyName: "Friendly",
      labels: { team: "crm" },
      expirationTime: "4102444800000",
      timePartitioning: { type: "DAY", field: "day", expirationMs: "86400000" },
      requirePartitionFilter: true,
      clustering: { fields: ["s"] },
    };
    const created = await request("POST", `${D}/tables`, {
      tableReference: { tableId: "all" },
      ...settings,
    });
    expect(created.body).toMatchObject(settings);
    const { body: read } = await request("GET", `${D}/tables/all`);
    expect(read).toMatchObject({ ...settings, type: "TABLE", numRows: "0", numBytes: "0" });
    // What a client reads it can send back whole.
    expect((await request("PATCH", `${D}/tables/all`, read)).status).toBe(200);
    const nothing = {
      description: null,
      labels: null,
      expirationTime: null,
      requirePartitionFilter: null,
    };
    const { body: patched } = await request("PATCH", `${D}/tables/all`, nothing);
    for (const name of Object.keys(nothing)) expect(patched).not.toHaveProperty(name);
    expect(patched).toMatchObject({ friendlyName: "Friendly", clustering: { fields: ["s"] } });
    const { body: put } = await request("PUT", `${D}/tables/all`, { description: "Other" });
    expect(put).toMatchObject({ description: "Other", schema: { fields: FIELDS } });
    expect(put).not.toHaveProperty("friendlyName");
  });

  test.each<[string, object, RegExp]>([
    ["a column less", { schema: { fields: FIELDS.slice(1) } }, /missing in new schema/],
    [
      "another type",
      { schema: { fields: [{ ...FIELDS[0], type: "STRING" }, ...FIELDS.slice(1)] } },
      /changed type/,
    ],
    [
      "REQUIRED for NULLABLE",
      { schema: { fields: [FIELDS[0], { ...FIELDS[1], mode: "REQUIRED" }, ...FIELDS.slice(2)] } },
      /REQUIRED/,
    ],
    [
      "a new REQUIRED column",
      { schema: { fields: [...FIELDS, { name: "z", type: "DATE", mode: "REQUIRED" }] } },
      /required/i,
    ],
    ["another partitioning", { timePartitioning: { type: "MONTH", field: "day" } }, /partitioning/],
    ["an expiration in the past", { expirationTime: "1" }, /expirationTime/],
    ["constraints", { tableConstraints: { primaryKey: { columns: ["s"] } } }, /tableConstraints/],
    ["a collation", { defaultCollation: "und:ci" }, /defaultCollation/],
  ])("does not take %s", async (_, change, words) => {
    await request("POST", `${D}/tables`, {
      tableReference: { tableId: "fixed" },
      schema: { fields: FIELDS },
      timePartitioning: { type: "DAY", field: "day" },
    });
    const before = (await request("GET", `${D}/tables/fixed`)).body;
    const { body } = await request("PATCH", `${D}/tables/fixed`, change);
    expect(body.error.message).toMatch(words);
    expect((await request("GET", `${D}/tables/fixed`)).body).toEqual(before);
  });

  test("takes new fields of its RECORDs, behind the others", async () => {
    const record = (name: string, mode: string, ...fields: TableField[]): TableField => ({
      name,
      type: "RECORD",
      mode,
      fields,
    });
    const field = (name: string) => ({ name, type: "STRING", mode: "NULLABLE" });
    const table = server().bigquery.dataset("d").table("nested");
    await table.create({
      schema: {
        fields: [record("r", "NULLABLE", field("a"), record("l", "REPEATED", field("x")))],
      },
    });
    await table.insert([{ r: { a: "before", l: [{ x: "x" }] } }]);
    const more = record(
      "r",
      "NULLABLE",
      field("a"),
      record("l", "REPEATED", field("x"), field("y")),
      field("b"),
    );
    await table.setMetadata({ schema: { fields: [more] } });
    await table.insert([{ r: { a: "new", l: [{ x: "x", y: "y" }], b: "b" } }]);
    const [rows] = await server().bigquery.query("select r from d.nested order by r.a");
    expect(rows).toEqual([
      { r: { a: "before", l: [{ x: "x", y: null }], b: null } },
      { r: { a: "new", l: [{ x: "x", y: "y" }], b: "b" } },
    ]);
    const [metadata] = await table.getMetadata();
    expect(metadata.schema.fields).toEqual([more]);
    const first = record("r", "NULLABLE", field("new"), ...(more.fields ?? []));
    expect((await failure(table.setMetadata({ schema: { fields: [first] } }))).message).toMatch(
      /changed type/,
    );
  });

  test("takes a longer STRING, and not a shorter one", async () => {
    const table = server().bigquery.dataset("d").table("longer");
    const fields = (maxLength?: string) => [
      { name: "s", type: "STRING", mode: "NULLABLE", ...(maxLength ? { maxLength } : {}) },
    ];
    await table.create({ schema: { fields: fields("3") } });
    await table.setMetadata({ schema: { fields: fields("5") } });
    expect(await failure(table.setMetadata({ schema: { fields: fields("4") } }))).toMatchObject({
      code: 400,
    });
    await table.setMetadata({ schema: { fields: fields() } });
    expect((await table.getMetadata())[0].schema.fields).toEqual(fields());
  });

  test("takes NULLABLE for REQUIRED", async () => {
    const table = server().bigquery.dataset("d").table("relaxed");
    await table.create({ schema: [{ name: "a", type: "STRING", mode: "REQUIRED" }] });
    await table.setMetadata({ schema: { fields: [{ name: "a", type: "STRING" }] } });
    await table.insert([{ a: null }]);
    const [metadata] = await table.getMetadata();
    expect(metadata).toMatchObject({ numRows: "1", schema: { fields: [{ mode: "NULLABLE" }] } });
  });

  test("is changed only if nobody else changed it meanwhile", async () => {
    const table = server().bigquery.dataset("d").table("versions");
    await table.create({ schema: [{ name: "a", type: "STRING" }] });
    const [{ etag }] = await table.getMetadata();
    await table.setMetadata({ description: "first", etag });
    const late = await failure(table.setMetadata({ description: "second", etag }));
    expect(late).toMatchObject({ code: 412, errors: [{ reason: "conditionNotMet" }] });
    const [now] = await table.getMetadata();
    await table.setMetadata({ description: "third", etag: now.etag });
    expect((await table.getMetadata())[0].description).toBe("third");
  });
});

describe("views by REST", () => {
  test("have the columns of their query, also of another one later", async () => {
    const { bigquery } = server();
    await request("POST", `${D}/tables`, {
      tableReference: { tableId: "v" },
      view: { query: "select 1 as a", useLegacySql: false },
    });
    const view = bigquery.dataset("d").table("v");
    await view.setMetadata({ view: { query: "select 'x' as b", useLegacySql: false } });
    expect((await view.getMetadata())[0].schema.fields).toMatchObject([
      { name: "b", type: "STRING" },
    ]);
    expect((await bigquery.query("select * from d.v"))[0]).toEqual([{ b: "x" }]);
    const fields = [{ name: "b", type: "STRING", description: "A letter" }];
    await view.setMetadata({ schema: { fields } });
    expect((await view.getMetadata())[0].schema.fields).toMatchObject(fields);
    const wrong = view.setMetadata({ view: { query: "select nothing", useLegacySql: false } });
    expect(await failure(wrong)).toMatchObject({ code: 400 });
    const legacy = {
      tableReference: { tableId: "w" },
      view: { query: "select 1", useLegacySql: true },
    };
    expect((await request("POST", `${D}/tables`, legacy)).status).toBe(400);
    const script = { query: "create table d.made as select 1 as a", useLegacySql: false };
    const made = await request("POST", `${D}/tables`, {
      tableReference: { tableId: "w" },
      view: script,
    });
    expect(made.status).toBe(400);
  });

  test("can be materialized", async () => {
    const { bigquery } = server();
    await bigquery.query("create table d.source as select 1 as a");
    await request("POST", `${D}/tables`, {
      tableReference: { tableId: "mv" },
      materializedView: { query: "select sum(a) as a from d.source", enableRefresh: true },
    });
    await bigquery.query("insert into d.source values (2)");
    expect((await bigquery.query("select a from d.mv"))[0]).toEqual([{ a: 3 }]);
    expect((await bigquery.dataset("d").table("mv").getMetadata())[0]).toMatchObject({
      type: "MATERIALIZED_VIEW",
      materializedView: { query: "select sum(a) as a from d.source" },
    });
  });
});

describe("pages of a table", () => {
  test("begin where they are asked to, have the columns and the form of timestamps that are wanted", async () => {
    await server().bigquery.query(
      "create table d.paged as select x, timestamp_seconds(x) as t from unnest([0, 1, 2, 3]) as x order by x",
    );
    const page = async (query: string) =>
      (await request("GET", `${D}/tables/paged/data?${query}`)).body;
    const cells = (body: { rows: { f: { v: string }[] }[] }) =>
      body.rows.map(({ f }) => f.map(({ v }) => v));
    const first = await page("maxResults=2&selectedFields=x");
    expect(first).toMatchObject({ totalRows: "4", pageToken: expect.any(String) });
    const second = await page(`maxResults=9&selectedFields=x&pageToken=${first.pageToken}`);
    expect([...cells(first), ...cells(second)].flat()).toEqual(["0", "1", "2", "3"]);
    expect(second).not.toHaveProperty("pageToken");
    expect(cells(await page("startIndex=3&selectedFields=t"))).toEqual([["3.0"]]);
    const micros = "startIndex=3&selectedFields=T&formatOptions.useInt64Timestamp=true";
    expect(cells(await page(micros))).toEqual([["3000000"]]);
    const iso = "startIndex=3&selectedFields=t&formatOptions.timestampOutputFormat=ISO8601_STRING";
    expect(cells(await page(iso))).toEqual([["1970-01-01T00:00:03Z"]]);
    expect(cells(await page("maxResults=0"))).toEqual([]);
  });
});
