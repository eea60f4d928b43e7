import { randomUUID } from "node:crypto";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, useServer } from "./support.ts";

const server = useServer();
let dataset = "";

beforeAll(async () => {
  dataset = `d_${randomUUID().replaceAll("-", "")}`;
  await server().bigquery.createDataset(dataset);
});

const FIELDS = [
  { name: "id", type: "INTEGER" },
  { name: "name", type: "STRING" },
  { name: "amount", type: "NUMERIC" },
  { name: "at", type: "TIMESTAMP" },
  { name: "day", type: "DATE" },
  { name: "ok", type: "BOOLEAN" },
  { name: "data", type: "JSON" },
  { name: "raw", type: "BYTES" },
  { name: "tags", type: "STRING", mode: "REPEATED" },
  {
    name: "lines",
    type: "RECORD",
    mode: "REPEATED",
    fields: [
      { name: "sku", type: "STRING" },
      { name: "qty", type: "INTEGER" },
    ],
  },
];

/** Loads text into a new table, or into `table`, and answers with the name of the table. */
async function load(
  text: string | Buffer,
  options: object = {},
  table = `t_${randomUUID().slice(0, 8)}`,
): Promise<string> {
  const path = await server().file(`${randomUUID()}.txt`, text);
  const metadata = {
    sourceFormat: "NEWLINE_DELIMITED_JSON",
    schema: { fields: FIELDS },
    ...options,
  };
  await server().bigquery.dataset(dataset).table(table).load(path, metadata);
  return table;
}

async function rowsOf(
  table: string,
  columns = "*",
  order = "1",
): Promise<Record<string, unknown>[]> {
  const [rows] = await server().bigquery.query(
    `select ${columns} from ${dataset}.${table} order by ${order}`,
  );
  return rows;
}

describe("newline-delimited JSON", () => {
  test("every type, with nulls and missing fields", async () => {
    const full = {
      id: "9007199254740991",
      name: 'Caffè "A"\n1',
      amount: "-12.345678901",
      at: "2026-01-02T03:04:05.678+02:00",
      day: "2026-01-02",
      ok: true,
      data: { k: [1, "x", null] },
      raw: Buffer.from([0, 255]).toString("base64"),
      tags: ["a", "b"],
      lines: [{ sku: "s", qty: 2 }, { qty: null }],
    };
    const nulls = Object.fromEntries(Object.keys(full).map((key) => [key, null]));
    const table = await load([full, nulls, {}].map((row) => JSON.stringify(row)).join("\n"));
    const [first, second, third] = await rowsOf(table, "*", "id nulls last");
    expect(first).toMatchObject({
      name: full.name,
      ok: true,
      raw: Buffer.from([0, 255]),
      tags: ["a", "b"],
      lines: [
        { sku: "s", qty: 2 },
        { sku: null, qty: null },
      ],
    });
    expect(String(first?.amount)).toBe("-12.345678901");
    expect(first).toHaveProperty("at.value", expect.stringMatching(/^2026-01-02T01:04:05.678/));
    expect(JSON.parse(String(first?.data))).toEqual(full.data);
    const empty = { ...nulls, tags: [], lines: [] };
    expect([second, third]).toEqual([empty, empty]);
  });

  test("strings that read like other values stay strings, in any order of the keys", async () => {
    const names = ["5", "-1.5e3", "true", '{"a": 1}', "[", "a\n5", "null", ""];
    const table = await load(
      names.map((name, i) => JSON.stringify({ at: null, name, id: i })).join("\n"),
    );
    expect((await rowsOf(table, "name, id", "id")).map((row) => row.name)).toEqual(names);
  });

  test.each([
    ['{"id": "x"}', "INT64. Field: id"],
    ['{"id": 1.5}', "INT64. Field: id"],
    ['{"id": "99999999999999999999"}', "INT64. Field: id"],
    ['{"name": 5}', "STRING. Field: name"],
    ['{"name": {"a": 1}}', "STRING. Field: name"],
    ['{"name": ["a"]}', "STRING. Field: name"],
    ['{"name": true}', "STRING. Field: name"],
    ['{"name": -1.5e-300}', "STRING. Field: name"],
    ['{"name": null, "id": 1, "surprise": 1}', "no such field: surprise"],
    ['{"amount": "1_000"}', "NUMERIC. Field: amount"],
    ['{"amount": 12345678901234567890.123456789}', "exact only as a string. Field: amount"],
    ['{"amount": 100000000000000000000.5}', "exact only as a string. Field: amount"],
    ['{"at": "yesterday"}', "TIMESTAMP. Field: at"],
    ['{"at": 1700000000000}', "TIMESTAMP. Field: at"],
    ['{"at": "0000-01-01 00:00:00"}', "TIMESTAMP. Field: at"],
    ['{"day": "0000-01-01"}', "DATE. Field: day"],
    ['{"day": "2026-02-30"}', "DATE. Field: day"],
    ['{"day": "2026-01-02 10:00:00"}', "DATE. Field: day"],
    ['{"ok": "maybe"}', "BOOL. Field: ok"],
    ['{"raw": "***"}', "BYTES. Field: raw"],
    ['{"tags": "a"}', "Field: tags"],
    ['{"tags": ["a", null]}', "Field: tags"],
    ['{"tags": [1]}', "Field: tags"],
    ['{"lines": [{"sku": "s", "qty": "two"}]}', "Field: lines"],
    ['{"lines": [{"sku": "s", "price": 1}]}', "no such field: lines.price"],
    ['{"surprise": 1}', "no such field: surprise"],
    ['{"id": 1', "not valid JSON"],
    ["[1]", "not a JSON object"],
  ])("%s is refused with its line and field", async (line, words) => {
    const good = '{"id": 1, "name": "kept private"}';
    const table = await load(good);
    const { message } = await failure(load(`${good}\n${line}\n${good}`, {}, table));
    expect(message).toContain("line 2");
    expect(message).toContain(words);
    expect(message).not.toContain("kept private");
    expect(await rowsOf(table, "id")).toEqual([{ id: 1 }]);
  });

  test("required fields, unknown fields and a number of bad rows where they are allowed", async () => {
    const fields = [{ name: "id", type: "INTEGER", mode: "REQUIRED" }];
    const schema = { fields };
    expect((await failure(load("{}", { schema }))).message).toContain("missing required field: id");
    const ignoring = await load('{"id": 1, "more": [1]}', { schema, ignoreUnknownValues: true });
    expect(await rowsOf(ignoring)).toEqual([{ id: 1 }]);
    const text = '{"id": 1}\n{"id": "x"}\nnonsense\n{"id": 2}';
    expect(await rowsOf(await load(text, { schema, maxBadRecords: 2 }))).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    expect((await failure(load(text, { schema, maxBadRecords: 1 }))).message).toContain("line 2");
  });
});

describe("CSV", () => {
  const schema = {
    fields: [
      { name: "id", type: "INTEGER" },
      { name: "name", type: "STRING" },
    ],
  };
  const csv = (text: string | Buffer, options: object = {}, table?: string) =>
    load(text, { sourceFormat: "CSV", schema, ...options }, table);

  test("quotes, empty fields, other delimiters and encodings", async () => {
    const table = await csv('id,name\n1,"a ""b"", c"\n2,\n3,""\n', { skipLeadingRows: 1 });
    expect(await rowsOf(table)).toEqual([
      { id: 1, name: 'a "b", c' },
      { id: 2, name: null },
      { id: 3, name: "" },
    ]);
    const latin = Buffer.from("1;Caffè\r\n2;\\N\r\n", "latin1");
    const other = await csv(latin, {
      fieldDelimiter: ";",
      encoding: "ISO-8859-1",
      nullMarker: "\\N",
    });
    expect(await rowsOf(other)).toEqual([
      { id: 1, name: "Caffè" },
      { id: 2, name: null },
    ]);
    const broken = '1,"two\nlines"\n';
    expect(await rowsOf(await csv(broken, { allowQuotedNewlines: true }))).toEqual([
      { id: 1, name: "two\nlines" },
    ]);
    expect((await failure(csv(broken))).message).toContain("allowQuotedNewlines");
  });

  test.each([
    ["2,a,b", "3 fields, the schema has 2"],
    ["2", "1 fields, the schema has 2"],
    ["two,a", "INT64. Field: id"],
    ['2,"never closed', "quoted field is not closed"],
  ])("%s is refused with its line", async (line, words) => {
    const table = await csv("1,x\n");
    const { message } = await failure(
      csv(`id,name\n1,secret\n${line}\n`, { skipLeadingRows: 1 }, table),
    );
    expect(message).toContain("line 3");
    expect(message).toContain(words);
    expect(message).not.toContain("secret");
    expect(await rowsOf(table, "id")).toEqual([{ id: 1 }]);
  });

  test("bad lines are left out where they are allowed, short and long ones as the job says", async () => {
    const text = "1,a\n2\n3,c,d\nx,e\n4,f\n";
    const ids = (table: string) => rowsOf(table, "id");
    expect(await ids(await csv(text, { maxBadRecords: 3 }))).toEqual([{ id: 1 }, { id: 4 }]);
    expect((await failure(csv(text, { maxBadRecords: 2 }))).message).toContain(
      "line 2: the line has fewer fields than the schema",
    );
    expect(await ids(await csv("1,a\n2\n", { allowJaggedRows: true }))).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    expect(await ids(await csv("1,a\n3,c,d\n", { ignoreUnknownValues: true }))).toEqual([
      { id: 1 },
      { id: 3 },
    ]);
  });
});

test("what a load job cannot follow is refused by name", async () => {
  const refusal = async (options: object) => (await failure(load("{}", options))).message;
  expect(await refusal({ timeZone: "Europe/Rome" })).toContain("timeZone");
  expect(await refusal({ sourceFormat: "AVRO" })).toContain("AVRO");
  expect(await refusal({ schema: undefined, autodetect: true })).toContain("autodetect");
  expect(await refusal({ encoding: "UTF-32LE", sourceFormat: "CSV" })).toContain("UTF-32LE");
});

describe("where rows go", () => {
  const schema = {
    fields: [
      { name: "day", type: "DATE" },
      { name: "n", type: "INTEGER" },
    ],
  };
  const day = (d: string, n: number) => JSON.stringify({ day: d, n });

  test("append, truncate and empty", async () => {
    const table = await load(day("2026-01-01", 1), { schema });
    await load(day("2026-01-01", 2), {}, table).catch(() => undefined);
    await load(day("2026-01-01", 2), { schema: undefined }, table);
    expect(await rowsOf(table, "n", "n")).toEqual([{ n: 1 }, { n: 2 }]);
    const full = load(day("2026-01-01", 3), { schema, writeDisposition: "WRITE_EMPTY" }, table);
    expect((await failure(full)).message).toContain("Already Exists");
    await load(day("2026-01-01", 4), { schema, writeDisposition: "WRITE_TRUNCATE" }, table);
    expect(await rowsOf(table, "n")).toEqual([{ n: 4 }]);
    const other = { fields: [{ name: "word", type: "STRING" }] };
    await load('{"word": "x"}', { schema: other, writeDisposition: "WRITE_TRUNCATE" }, table);
    expect(await rowsOf(table)).toEqual([{ word: "x" }]);
    const missing = load(day("2026-01-01", 1), { schema, createDisposition: "CREATE_NEVER" });
    expect((await failure(missing)).message).toContain("Not found: Table");
  });

  test("a partition is replaced alone, and takes only its own rows", async () => {
    const table = await load(`${day("2026-01-01", 1)}\n${day("2026-01-02", 2)}`, {
      schema,
      timePartitioning: { type: "DAY", field: "day" },
    });
    const replace = (rows: string) =>
      load(rows, { schema, writeDisposition: "WRITE_TRUNCATE" }, `${table}$20260102`);
    await replace(day("2026-01-02", 20));
    expect(await rowsOf(table, "n", "n")).toEqual([{ n: 1 }, { n: 20 }]);
    expect((await failure(replace(day("2026-01-03", 30)))).message).toContain("another partition");
    expect(await rowsOf(table, "n", "n")).toEqual([{ n: 1 }, { n: 20 }]);
  });

  test("columns are added only where the job allows it", async () => {
    const table = await load(day("2026-01-01", 1), { schema });
    const wider = { fields: [...schema.fields, { name: "more", type: "STRING" }] };
    const row = JSON.stringify({ day: "2026-01-02", n: 2, more: "x" });
    expect((await failure(load(row, { schema: wider }, table))).message).toContain(
      "Cannot add fields",
    );
    const append = {
      writeDisposition: "WRITE_APPEND",
      schemaUpdateOptions: ["ALLOW_FIELD_ADDITION"],
    };
    await load(row, { schema: wider, ...append }, table);
    expect(await rowsOf(table, "n, more", "n")).toEqual([
      { n: 1, more: null },
      { n: 2, more: "x" },
    ]);
  });
});

describe("Parquet", () => {
  const parquet = (path: string, options: object = {}, table = `t_${randomUUID().slice(0, 8)}`) =>
    server()
      .bigquery.dataset(dataset)
      .table(table)
      .load(path, { sourceFormat: "PARQUET", ...options })
      .then(() => table);

  /** A file that DuckDB wrote, as other programs write them. */
  async function file(sql: string): Promise<string> {
    const path = await server().file(`${randomUUID()}.parquet`, "");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    return path;
  }

  const EVERYTHING = `
    SELECT 1::INTEGER AS i, 2::BIGINT AS l, 1.5::DECIMAL(10, 2) AS n, 'caffè' AS s, '\\x00\\xff'::BLOB AS y,
      DATE '2024-02-29' AS d, TIME '12:34:56.5' AS t, TIMESTAMP '2024-01-15 12:00:00' AS dt,
      TIMESTAMPTZ '2024-01-15 12:00:00+00' AS ts, 0.5::FLOAT AS f, true AS b, {'x': 1, 'y': 'z'} AS r
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`;

  test("says itself what columns it has, and every value arrives", async () => {
    const table = await parquet(await file(EVERYTHING));
    const [metadata] = await server().bigquery.dataset(dataset).table(table).getMetadata();
    const types = metadata.schema.fields.map((f: { type: string }) => f.type);
    expect(types).toEqual([
      ...["INTEGER", "INTEGER", "NUMERIC", "STRING", "BYTES", "DATE", "TIME"],
      ...["DATETIME", "TIMESTAMP", "FLOAT", "BOOLEAN", "RECORD"],
    ]);
    const [first, second] = await rowsOf(table, "*", "i desc");
    expect(first).toMatchObject({ i: 1, l: 2, s: "caffè", f: 0.5, b: true, r: { x: 1, y: "z" } });
    expect(String(first?.n)).toBe("1.5");
    expect(first?.y).toEqual(Buffer.from([0, 255]));
    expect(first).toHaveProperty("d.value", "2024-02-29");
    expect(first).toHaveProperty("t.value", "12:34:56.5");
    expect(first).toHaveProperty("dt.value", "2024-01-15T12:00:00");
    expect(Object.values(second ?? {}).every((value) => value === null)).toBe(true);
  });

  test("goes into the columns of its names, whatever their order", async () => {
    const path = await file("SELECT 'x' AS NAME, 1 AS id");
    const schema = {
      fields: [
        { name: "id", type: "INTEGER" },
        { name: "name", type: "STRING" },
        { name: "more", type: "DATE" },
      ],
    };
    expect(await rowsOf(await parquet(path, { schema }))).toEqual([
      { id: 1, name: "x", more: null },
    ]);
    const other = { fields: [{ name: "id", type: "STRING" }] };
    expect((await failure(parquet(path, { schema: other }))).message).toContain("does not match");
  });

  test("lists are arrays where the job says so", async () => {
    const path = await file("SELECT 1 AS id, [1, 2] AS l UNION ALL SELECT 2, NULL");
    expect((await failure(parquet(path))).message).toContain("enableListInference");
    const table = await parquet(path, { parquetOptions: { enableListInference: true } });
    expect(await rowsOf(table)).toEqual([
      { id: 1, l: [1, 2] },
      { id: 2, l: [] },
    ]);
    const holes = await file("SELECT [1, NULL] AS l");
    const load = parquet(holes, { parquetOptions: { enableListInference: true } });
    expect((await failure(load)).message).toContain("NULL. Field: l");
  });

  test("what BigQuery's types do not have is refused by name", async () => {
    expect((await failure(parquet(await file("SELECT MAP {'a': 1} AS m")))).message).toContain(
      "MAP",
    );
    expect((await failure(parquet(await file("SELECT uuid() AS u")))).message).toContain(
      "column u",
    );
    const year = await file("SELECT DATE '0044-03-15 (BC)' AS d");
    expect((await failure(parquet(year))).message).toContain("years 1 to 9999");
  });
});

describe("CSV from other programs", () => {
  const schema = {
    fields: [
      { name: "a", type: "STRING" },
      { name: "b", type: "INTEGER" },
    ],
  };
  const csv = (text: string, options: object = {}) =>
    load(text, { sourceFormat: "CSV", schema, ...options });

  test("several words for NULL, none of them in quotes", async () => {
    const table = await csv('NA,1\n-,NA\n"NA",-\n,4\n', { nullMarkers: ["NA", "-"] });
    const [rows] = await server().bigquery.query(
      `select a, b from ${dataset}.${table} order by b nulls last, a nulls last`,
    );
    expect(rows).toEqual([
      { a: null, b: 1 },
      { a: "", b: 4 },
      { a: "NA", b: null },
      { a: null, b: null },
    ]);
    const both = csv("x,1", { nullMarker: "-", nullMarkers: ["NA"] });
    expect((await failure(both)).message).toContain("cannot both be set");
  });

  test("control characters are kept only where the job says so", async () => {
    const bell = "a\u0007b,1\n";
    expect((await failure(csv(bell))).message).toContain("preserveAsciiControlCharacters");
    const table = await csv(bell, { preserveAsciiControlCharacters: true });
    expect(await rowsOf(table)).toEqual([{ a: "a\u0007b", b: 1 }]);
    expect(await rowsOf(await csv("a\tb,1\n"))).toEqual([{ a: "a\tb", b: 1 }]);
  });

  test("tabs by any of their names, and no quotes", async () => {
    for (const fieldDelimiter of ["\t", "\\t", "tab"]) {
      expect(await rowsOf(await csv("a\t1\n", { fieldDelimiter }))).toEqual([{ a: "a", b: 1 }]);
    }
    expect(await rowsOf(await csv('5" pipe,1\n', { quote: "" }))).toEqual([{ a: '5" pipe', b: 1 }]);
  });
});
