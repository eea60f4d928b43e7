import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { useServer } from "./support.ts";

/**
 * Every way in, with what does not belong there. Each line must be answered in BigQuery's error shape with the reason
 * that is named, and must change nothing: `snapshot` is all rows and all metadata, before and after.
 */
const server = useServer();
const PROJECT = "/projects/local";
const TABLE = { projectId: "local", datasetId: "d", tableId: "t" };
const FIELDS = [
  { name: "id", type: "INTEGER" },
  { name: "name", type: "STRING" },
  { name: "amount", type: "NUMERIC" },
];

let before = "";

beforeAll(async () => {
  const { bigquery } = server();
  await bigquery.createDataset("d", { labels: { team: "crm" } });
  await bigquery.dataset("d").createTable("t", { schema: FIELDS, description: "kept" });
  await bigquery.query("insert into d.t values (1, 'kept', 1.5)");
  before = await snapshot();
});

/** All that a wrong request could have changed. */
async function snapshot(): Promise<string> {
  const { request } = server();
  const answers = await Promise.all(
    [
      `${PROJECT}/datasets?all=true`,
      `${PROJECT}/datasets/d`,
      `${PROJECT}/datasets/d/tables`,
      `${PROJECT}/datasets/d/tables/t`,
      `${PROJECT}/datasets/d/tables/t/data`,
      `${PROJECT}/datasets/d/routines`,
    ].map((path) => request("GET", path)),
  );
  return JSON.stringify(answers);
}

interface Answer {
  readonly status: number;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly errors: readonly { readonly reason: string }[];
  };
}

interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

async function send({ method = "POST", path, headers, body }: Request): Promise<Answer> {
  const response = await fetch(server().url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const answer = (await response.json()) as Answer;
  return { ...answer, status: response.status };
}

/** BigQuery's error shape, its reason, its words; and nothing has changed. */
async function expectRefusal(answer: Answer, reason: string, words: RegExp): Promise<void> {
  const { error } = answer;
  expect(error?.message).toMatch(words);
  expect(error?.errors[0]).toMatchObject({ reason, message: error?.message });
  expect(error).toMatchObject({ code: answer.status, status: expect.stringMatching(/^[A-Z_]+$/) });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  // What clients would send again, again and again.
  expect([408, 429, 500, 502, 503, 504]).not.toContain(answer.status);
  expect(await snapshot()).toBe(before);
}

const query = (text: string, more: object = {}): Request => ({
  path: `${PROJECT}/queries`,
  body: JSON.stringify({ query: text, useLegacySql: false, ...more }),
});
const table = (fields: unknown, tableId: unknown = "new"): Request => ({
  path: `${PROJECT}/datasets/d/tables`,
  body: JSON.stringify({ tableReference: { tableId }, schema: { fields } }),
});
const dataset = (datasetId: unknown): Request => ({
  path: `${PROJECT}/datasets`,
  body: JSON.stringify({ datasetReference: { datasetId } }),
});
const job = (configuration: unknown, jobReference?: object): Request => ({
  path: `${PROJECT}/jobs`,
  body: JSON.stringify({ configuration, jobReference }),
});
const get = (path: string): Request => ({ method: "GET", path: PROJECT + path });

/** A RECORD in a RECORD in … */
function nested(depth: number): string {
  const open = '{"name":"r","type":"RECORD","fields":[';
  return `${open.repeat(depth)}{"name":"a","type":"STRING"}${"]}".repeat(depth)}`;
}

describe("requests", () => {
  test.each<[string, Request, string, RegExp]>([
    ["a body that is not JSON", { ...query(""), body: "{" }, "invalid", /not JSON/],
    ["a body that is cut off", { ...query(""), body: '{"query": "sel' }, "invalid", /not JSON/],
    ["an empty body", { ...query(""), body: "" }, "invalid", /missing: query/],
    ["null", { ...query(""), body: "null" }, "invalid", /missing: query/],
    ["legacy SQL", query("#legacySQL\nselect 1"), "invalid", /Legacy SQL/],
    ["a list", { ...query(""), body: "[1]" }, "invalid", /expected object/],
    ["a text", { ...query(""), body: '"select 1"' }, "invalid", /expected object/],
    [
      "another content type",
      { ...query("select 1"), headers: { "content-type": "text/plain" } },
      "invalid",
      /Media Type/,
    ],
    [
      "XML",
      { ...query(""), body: "<a/>", headers: { "content-type": "application/xml" } },
      "invalid",
      /Media Type/,
    ],
    [
      "invalid UTF-8",
      { ...query(""), body: Buffer.from([0x22, 0xff, 0x22]) },
      "invalid",
      /not UTF-8/,
    ],
    [
      "gzip that is none",
      { ...query("select 1"), headers: { "content-encoding": "gzip" } },
      "invalid",
      /not gzip/,
    ],
    [
      "an encoding nobody has",
      { ...query("select 1"), headers: { "content-encoding": "br" } },
      "invalid",
      /not gzip/,
    ],
    [
      "100,000 brackets",
      { ...query(""), body: "[".repeat(100_000) },
      "invalid",
      /nested too deeply/,
    ],
    ["a body of 65 MB", { ...query(" ".repeat(65 * 1024 * 1024)) }, "invalid", /exceeds the limit/],
    [
      "a number for a query",
      { ...query(""), body: '{"query": 5}' },
      "invalid",
      /Invalid value at query/,
    ],
    [
      "an object for parameters",
      query("select 1", { queryParameters: {} }),
      "invalid",
      /queryParameters/,
    ],
    [
      "a parameter of no type",
      query("select @a", { queryParameters: [{ name: "a", parameterType: { type: "NOTHING" } }] }),
      "invalid",
      /NOTHING/,
    ],
    [
      "a parameter that is not of its type",
      query("select @a", {
        queryParameters: [
          { name: "a", parameterType: { type: "INT64" }, parameterValue: { value: "x" } },
        ],
      }),
      "invalidQuery",
      /x/,
    ],
    ["a negative page", get("/datasets/d/tables/t/data?maxResults=-1"), "invalid", /maxResults/],
    [
      "a page token of nobody",
      get("/datasets/d/tables/t/data?pageToken=x"),
      "invalid",
      /pageToken/,
    ],
    [
      "a column that is not there",
      get("/datasets/d/tables/t/data?selectedFields=x"),
      "invalid",
      /select: x/,
    ],
    [
      "another project",
      { method: "GET", path: "/projects/other/datasets" },
      "accessDenied",
      /other/,
    ],
    ["a path nobody serves", get("/nothing"), "notFound", /not served/],
    [
      "a method nobody serves",
      { method: "PUT", path: `${PROJECT}/queries` },
      "notFound",
      /not served/,
    ],
    ["a job without work", job({}), "invalid", /missing/],
    [
      "a file in Cloud Storage",
      job({ load: { destinationTable: TABLE, sourceUris: ["gs://b/f"] } }),
      "notImplemented",
      /Cloud Storage/,
    ],
    [
      "a file of this machine",
      job({ load: { destinationTable: TABLE, sourceUris: ["file:///etc/passwd"] } }),
      "notImplemented",
      /upload the file/,
    ],
    [
      "an extract job",
      job({ extract: { destinationUris: ["/tmp/x"] } }),
      "notImplemented",
      /extract/,
    ],
    [
      "policies",
      { path: `${PROJECT}/datasets/d/tables/t:getIamPolicy`, body: "{}" },
      "notImplemented",
      /getIamPolicy/,
    ],
    [
      "undelete",
      { path: `${PROJECT}/datasets/d:undelete`, body: "{}" },
      "notImplemented",
      /undelete/,
    ],
    ["models", get("/datasets/d/models"), "notImplemented", /models/],
  ])("%s", async (_, request, reason, words) => {
    await expectRefusal(await send(request), reason, words);
  });

  test.each([
    ["another site's page", { origin: "https://example.com" }],
    ["a page of no site", { origin: "null" }],
  ])("from %s", async (_, headers) => {
    await expectRefusal(await send({ ...get("/datasets"), headers }), "accessDenied", /programs/);
  });
});

test.each(["evil.example", "evil.example:9050", "127.0.0.1.evil.example", "localhost.evil"])(
  "a name that only points to this machine: %j",
  async (host) => {
    const { hostname, port } = new URL(server().url);
    const answer = await new Promise<Answer>((done, fail) => {
      const options = {
        hostname,
        port,
        path: `${PROJECT}/datasets/d`,
        method: "DELETE",
        headers: { host },
      };
      const asked = httpRequest(options, async (response) => {
        const parts = await response.toArray();
        const body = JSON.parse(Buffer.concat(parts).toString());
        done({ ...body, status: response.statusCode ?? 0 });
      });
      asked.on("error", fail).end();
    });
    await expectRefusal(answer, "accessDenied", /programs of this machine/);
  },
);

describe("names", () => {
  const OUTSIDE = [
    "../../x",
    "..",
    "a/b",
    "a\\b",
    "a\u0000b",
    'a"b',
    "a;b",
    "",
    " ",
    "x".repeat(2000),
  ];

  test.each([...OUTSIDE, "main", "temp", "information_schema", "_filo_catalogue", 5, null, {}])(
    "of a dataset: %j",
    async (id) => {
      const words = /dataset ID|missing: datasetId|Invalid value at datasetReference/;
      await expectRefusal(await send(dataset(id)), "invalid", words);
    },
  );

  test.each([...OUTSIDE.filter((id) => id !== " "), 5, {}])("of a table: %j", async (id) => {
    const words = /table ID|missing: tableId|Invalid value at tableReference/;
    await expectRefusal(await send(table(FIELDS, id)), "invalid", words);
  });

  test.each(["../../x", "a b", "", "x".repeat(1025)])("of a job: %j", async (jobId) => {
    const request = job({ query: { query: "drop table d.t", useLegacySql: false } }, { jobId });
    await expectRefusal(await send(request), "invalid", /a job id is/);
  });

  test.each([
    "/datasets/..%2F..%2Fetc",
    "/datasets/%2e%2e%2f",
    "/datasets/__proto__",
    "/datasets/d/tables/..%2F..%2Fserver.json",
    "/datasets/d/tables/%00",
    "/datasets/d/routines/..%2Fx",
    "/jobs/..%2F..%2Fserver.json",
    "/queries/constructor",
    "/../../../etc/passwd",
  ])("in a path: %s", async (path) => {
    await expectRefusal(await send(get(path)), "notFound", /^Not found/);
  });

  test("in a path that cannot be read", async () => {
    await expectRefusal(await send(get("/datasets/%E0%A4%A")), "invalid", /./);
  });

  test.each<[string, unknown, RegExp]>([
    ["no name", [{ type: "STRING" }], /fields.0.name/],
    ["no type", [{ name: "a" }], /fields.0.type/],
    ["a type nobody has", [{ name: "a", type: "MONEY" }], /MONEY/],
    ["a mode nobody has", [{ name: "a", type: "STRING", mode: "MAYBE" }], /MAYBE/],
    [
      "a name twice",
      [
        { name: "a", type: "STRING" },
        { name: "A", type: "STRING" },
      ],
      /already exists/,
    ],
    ["a name that is SQL", [{ name: 'a" int); drop table d.t; --', type: "STRING" }], /field name/],
    ["a name with NUL", [{ name: "a\u0000", type: "STRING" }], /field name/],
    ["a name of 301 letters", [{ name: "a".repeat(301), type: "STRING" }], /field name/],
    ["no list", {}, /expected array/],
    ["null in the list", [null], /expected object/],
    ["an empty RECORD", [{ name: "a", type: "RECORD" }], /no schema/],
    ["16 levels", [JSON.parse(nested(15))], /nested depth/],
    [
      "10,001 columns",
      Array.from({ length: 10_001 }, (_, i) => ({ name: `c${i}`, type: "STRING" })),
      /Too many/,
    ],
  ])("of a field: %s", async (_, fields, words) => {
    await expectRefusal(await send(table(fields)), "invalid", words);
  });

  test("of a field: 3,000 levels", async () => {
    const body = `{"tableReference":{"tableId":"new"},"schema":{"fields":[${nested(3000)}]}}`;
    await expectRefusal(await send({ ...table([]), body }), "invalid", /nested too deeply/);
  });
});

describe("queries", () => {
  test.each<[string, string, string, RegExp]>([
    ["nothing", "", "invalid", /missing: query/],
    ["a syntax error", "select a frm d.t where", "invalidQuery", /\[1:\d+\]$/],
    ["a table that is not there", "select * from d.nothing", "notFound", /d\.nothing/],
    ["a dataset that is not there", "select * from nothing.t", "notFound", /nothing/],
    [
      "a column that is not there",
      "select nothing from d.t",
      "invalidQuery",
      /nothing at \[1:8\]$/,
    ],
    ["a function that is not there", "select nothing(1)", "notImplemented", /nothing at \[1:8\]$/i],
    ["types that do not meet", "select id + name from d.t", "invalidQuery", /\[1:\d+\]$/],
    [
      "a number that is too large",
      "select 99999999999999999999",
      "invalidQuery",
      /99999999999999999999/,
    ],
    [
      "a value that is too large",
      "insert into d.t (id) select 9223372036854775807 + id from d.t",
      "invalidQuery",
      /overflow/i,
    ],
    [
      "a division by zero",
      "insert into d.t (amount) select cast(1 / (id - 1) as numeric) from d.t",
      "invalidQuery",
      /division by zero/,
    ],
    [
      "a script that fails at once",
      "select 1/0; drop table d.t",
      "invalidQuery",
      /division by zero/,
    ],
    ["5,000 brackets", `select ${"(".repeat(5000)}1${")".repeat(5000)}`, "invalidQuery", /./],
    ["NUL", "select '\u0000' as a", "invalidQuery", /Illegal input character at \[1:9\]/],
    ["half a character", "select '\ud800' as a", "invalidQuery", /Illegal input character/],
  ])("%s", async (_, text, reason, words) => {
    await expectRefusal(await send(query(text)), reason, words);
  });

  // What DuckDB would understand: nobody reaches it by these words.
  test.each([
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('../server.json')",
    "select * from '/etc/passwd'",
    "select * from `/etc/passwd`",
    "select * from glob('/*')",
    "select read_text('/etc/passwd')",
    "select getenv('HOME')",
    "select current_setting('memory_limit')",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from query('select 1')",
    "select * from query_table('x')",
    "select * from sqlite_master",
    "select * from pg_catalog.pg_tables",
    "select * from main.entries",
    "select * from _filo_catalogue.entries",
    "select * from `local._filo_catalogue.entries`",
    "create table _filo_catalogue.x as select 1 as a",
    "drop schema _filo_catalogue cascade",
    "drop schema main cascade",
    "create schema temp",
    "create schema `../x`",
    "create table `d.../x` as select 1 as a",
    "copy d.t to '/tmp/filo-copy.csv'",
    "copy d.t from '/etc/passwd'",
    "attach '/tmp/filo-attach.duckdb' as x",
    "detach warehouse",
    "install httpfs",
    "load httpfs",
    "load '/tmp/x.duckdb_extension'",
    "pragma database_list",
    "checkpoint",
    "set memory_limit = '1TB'",
    "set global enable_external_access = true",
    "call dbgen(1)",
    "export data options(uri='/tmp/filo-export-*', format='CSV') as select 1",
    "load data into d.t from files(format='CSV', uris=['/etc/passwd'])",
    "create external table d.e options(format='CSV', uris=['/etc/passwd'])",
    "select * from external_query('c', 'select 1')",
    "execute immediate 'attach \\'/tmp/filo-attach.duckdb\\''",
    "create function d.f() as (read_text('/etc/passwd'))",
    "create view d.v as select * from read_csv('/etc/passwd')",
  ])("%s", async (text) => {
    const answer = await send(query(text));
    const reason = answer.error?.errors[0]?.reason ?? "";
    expect(["invalidQuery", "notFound", "invalid", "notImplemented", "accessDenied"]).toContain(
      reason,
    );
    await expectRefusal(answer, reason, /./);
  });

  test("a name that is SQL is a name", async () => {
    const name = 'x" from d.t; drop schema d cascade; --';
    const { body } = await server().request("POST", `${PROJECT}/queries`, {
      query: `select id as \`${name}\` from d.t as \`a" ; drop table d.t; --\``,
      useLegacySql: false,
    });
    expect(body).toMatchObject({ schema: { fields: [{ name }] }, rows: [{ f: [{ v: "1" }] }] });
    expect(await snapshot()).toBe(before);
  });
});

/** A job's own error in the form of a request's: a load answers when it has ended. */
async function loadAnswer(content: string | Buffer, load: object): Promise<Answer> {
  const description = JSON.stringify({
    configuration: { load: { destinationTable: TABLE, ...load } },
  });
  const head = `--x\r\ncontent-type: application/json\r\n\r\n${description}\r\n--x\r\ncontent-type: text/plain\r\n\r\n`;
  return uploaded(
    Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from("\r\n--x--")]),
  );
}

async function uploaded(
  body: Buffer,
  contentType = "multipart/related; boundary=x",
): Promise<Answer> {
  const started = await fetch(
    `${server().url}/upload/bigquery/v2/projects/local/jobs?uploadType=multipart`,
    { method: "POST", headers: { "content-type": contentType }, body },
  );
  const answer = (await started.json()) as Answer & { jobReference: { jobId: string } };
  if (!started.ok) return { ...answer, status: started.status };
  const path = `${PROJECT}/jobs/${answer.jobReference.jobId}`;
  for (;;) {
    const { body: job } = await server().request("GET", path);
    if (job.status.state !== "DONE") continue;
    if (!job.status.errorResult) return { status: 200 };
    const { reason, message } = job.status.errorResult;
    const error = { code: 400, message, status: "INVALID_ARGUMENT", errors: [{ reason, message }] };
    return { status: 400, error };
  }
}

const NDJSON = { sourceFormat: "NEWLINE_DELIMITED_JSON" };
const CSV = { sourceFormat: "CSV" };
const PARQUET = { sourceFormat: "PARQUET" };
const GOOD = '{"id": 2, "name": "new", "amount": "1.5"}';
const cutOff = (bytes: Buffer) => bytes.subarray(0, bytes.length - 20);

describe("files", () => {
  test.each<[string, string | Buffer, object, RegExp]>([
    ["a row that is not JSON", `${GOOD}\n{"id": 3`, NDJSON, /not valid JSON/],
    ["one character", "{", NDJSON, /not valid JSON/],
    ["one character, compressed", gzipSync("{"), NDJSON, /not valid JSON/],
    ["a row that is a list", `${GOOD}\n[3]`, NDJSON, /not a JSON object/],
    ["a field that is not there", `${GOOD}\n{"surprise": 1}`, NDJSON, /[Nn]o such field: surprise/],
    ["a text for a number", `${GOOD}\n{"id": "x"}`, NDJSON, /INT64.*id/],
    ["a number for a text", `${GOOD}\n{"name": 5}`, NDJSON, /STRING.*name/],
    ["a number beyond INT64", `${GOOD}\n{"id": 9223372036854775808}`, NDJSON, /INT64.*id/],
    [
      "a number beyond NUMERIC",
      `${GOOD}\n{"amount": "${"9".repeat(40)}"}`,
      NDJSON,
      /NUMERIC.*amount/,
    ],
    ["a number beyond FLOAT64", `${GOOD}\n{"id": 1e400}`, NDJSON, /./],
    [
      "invalid UTF-8",
      Buffer.concat([
        Buffer.from(`${GOOD}\n{"name": "`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]),
      NDJSON,
      /./,
    ],
    ["a deep row", `${GOOD}\n{"name": ${"[".repeat(20_000)}`, NDJSON, /./],
    ["a binary file", Buffer.from([0, 1, 2, 3, 255, 254, 0, 10, 0, 7]), NDJSON, /./],
    ["gzip that is cut off", cutOff(gzipSync(GOOD.repeat(100))), NDJSON, /./],
    [
      "gzip that is none",
      Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from(GOOD)]),
      NDJSON,
      /./,
    ],
    ["a CSV row with too many fields", "2,new,1.5\n3,c,2.5,x", CSV, /fields/],
    ["a CSV row with too few", "2,new,1.5\n3", CSV, /fields/],
    ["a CSV text for a number", "2,new,1.5\nthree,c,1", CSV, /INT64.*id/],
    ["a CSV quote that never ends", '2,new,1.5\n3,"c,1', CSV, /./],
    ["CSV in another encoding", Buffer.from("2,caffè,1\n", "latin1"), CSV, /./],
    ["a CSV with NUL", "2,a\u0000b,1\n", CSV, /./],
    ["a Parquet file that is none", GOOD, PARQUET, /Parquet/],
    ["an empty Parquet file", "", PARQUET, /Parquet/],
    ["Parquet that is cut off", Buffer.from("PAR1abcdefghPAR1"), PARQUET, /Parquet/],
    ["a format nobody has", GOOD, { sourceFormat: "XLSX" }, /XLSX/],
    [
      "another schema",
      GOOD,
      { ...NDJSON, schema: { fields: [{ name: "id", type: "STRING" }] } },
      /changed type/,
    ],
    [
      "a partition of a table without",
      GOOD,
      { ...NDJSON, destinationTable: { ...TABLE, tableId: "t$20260101" } },
      /not partitioned/,
    ],
    [
      "a table outside",
      GOOD,
      { ...NDJSON, destinationTable: { ...TABLE, tableId: "../x" }, schema: { fields: FIELDS } },
      /table ID/,
    ],
    [
      "a dataset that is not there",
      GOOD,
      { ...NDJSON, destinationTable: { ...TABLE, datasetId: "../x" }, schema: { fields: FIELDS } },
      /Not found: Dataset/,
    ],
    [
      "another project",
      GOOD,
      { ...NDJSON, destinationTable: { ...TABLE, projectId: "other" }, schema: { fields: FIELDS } },
      /other/,
    ],
    ["a disposition nobody has", GOOD, { ...NDJSON, writeDisposition: "WRITE_OVER" }, /WRITE_OVER/],
    ["a file of this machine", GOOD, { ...NDJSON, sourceUris: ["/etc/passwd"] }, /sourceUris/],
    [
      "a delimiter that is SQL",
      "2,x,1",
      { ...CSV, fieldDelimiter: "', header = true) --" },
      /fieldDelimiter/,
    ],
    ["a quote of two characters", "2,x,1", { ...CSV, quote: "''" }, /quote/],
    ["lines to skip that are none", "2,x,1", { ...CSV, skipLeadingRows: -1 }, /skipLeadingRows/],
    ["bad records that are none", GOOD, { ...NDJSON, maxBadRecords: "many" }, /maxBadRecords/],
  ])("%s", async (_, content, load, words) => {
    const answer = await loadAnswer(content, load);
    const reason = answer.error?.errors[0]?.reason ?? "";
    expect(["invalid", "notFound", "notImplemented", "accessDenied"]).toContain(reason);
    await expectRefusal(answer, reason, words);
  });

  test.each<[string, Buffer, string | undefined, RegExp]>([
    ["no boundary", Buffer.from("x"), "multipart/related", /boundary/],
    ["no parts", Buffer.from("x"), undefined, /description and a file/],
    [
      "no end",
      Buffer.from(`--x\r\n\r\n{"configuration":{"load":{}}}\r\n--x\r\n\r\n${GOOD}`),
      undefined,
      /closing boundary/,
    ],
    [
      "a description that is not JSON",
      Buffer.from(`--x\r\n\r\n{\r\n--x\r\n\r\n${GOOD}\r\n--x--`),
      undefined,
      /not JSON/,
    ],
    [
      "no description",
      Buffer.from(`--x\r\n\r\n\r\n--x\r\n\r\n${GOOD}\r\n--x--`),
      undefined,
      /configuration.load/,
    ],
  ])("an upload with %s", async (_, body, contentType, words) => {
    await expectRefusal(await uploaded(body, contentType), "invalid", words);
  });

  test.each(["", "nothing", "../../server.json"])(
    "an upload that was never begun: %j",
    async (id) => {
      const path = `/upload/bigquery/v2/projects/local/jobs?uploadType=resumable&upload_id=${encodeURIComponent(id)}`;
      await expectRefusal(await send({ method: "PUT", path, body: GOOD }), "notFound", /upload/);
    },
  );

  test.each<[string, unknown, RegExp]>([
    ["no rows", { rows: [] }, /No rows/],
    ["null", null, /No rows/],
    ["no list", { rows: {} }, /expected array/],
    ["a row that is a list", { rows: [{ json: [1] }] }, /rows.0.json/],
    ["a template", { rows: [{ json: { id: 2 } }], templateSuffix: "_x" }, /templateSuffix/],
  ])("rows with %s", async (_, rows, words) => {
    const path = `${PROJECT}/datasets/d/tables/t/insertAll`;
    const answer = await send({ path, body: JSON.stringify(rows) });
    await expectRefusal(answer, answer.error?.errors[0]?.reason ?? "", words);
  });

  test("a row that does not fit is named, and no row goes in", async () => {
    const path = `${PROJECT}/datasets/d/tables/t/insertAll`;
    const rows = [{ json: { id: 2 } }, { json: { id: "x" } }, { json: { surprise: 1 } }];
    const { body, status } = await server().request("POST", path, { rows });
    expect(status).toBe(200);
    expect(body.insertErrors.map((e: { index: number }) => e.index)).toEqual([0, 1, 2]);
    expect(await snapshot()).toBe(before);
  });
});

test("after all of that nothing is left behind, and the server answers", async () => {
  const { bigquery, dir } = server();
  const [rows] = await bigquery.query("select id, name from d.t");
  expect(rows).toEqual([{ id: 1, name: "kept" }]);
  expect(await readFile(`${dir}/data/server.json`, "utf8")).toContain(server().url);
});
