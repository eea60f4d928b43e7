import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { useServer } from "./support.ts";

const server = useServer();
const UPLOAD = "/upload/bigquery/v2/projects/local/jobs?uploadType=resumable";
const CONTENT = "a,b\n1,x\n2,y\n";

beforeAll(async () => {
  await server().bigquery.createDataset("d");
});

/** Begins an upload of a CSV file into a new table. */
async function begin(tableId = `t_${randomUUID().slice(0, 8)}`) {
  const load = {
    destinationTable: { projectId: "local", datasetId: "d", tableId },
    schema: {
      fields: [
        { name: "a", type: "INTEGER" },
        { name: "b", type: "STRING" },
      ],
    },
    skipLeadingRows: 1,
  };
  const started = await fetch(server().url + UPLOAD, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ configuration: { load } }),
  });
  expect(started.status).toBe(200);
  return { tableId, location: started.headers.get("location") ?? "" };
}

async function put(location: string, range: string | undefined, body?: string) {
  const response = await fetch(location, {
    method: "PUT",
    headers: range === undefined ? {} : { "content-range": range },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const answer = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, range: response.headers.get("range"), body: answer };
}

const part = (from: number, to: number, total: number | "*" = CONTENT.length) =>
  [`bytes ${from}-${to - 1}/${total}`, CONTENT.slice(from, to)] as const;

async function rowsAfter(job: { jobReference: { jobId: string } }, table: string) {
  await server().bigquery.job(job.jobReference.jobId, { location: "EU" }).promise();
  const [rows] = await server().bigquery.query(`select a, b from d.${table} order by a`);
  return rows;
}

const ROWS = [
  { a: 1, b: "x" },
  { a: 2, b: "y" },
];

describe("a resumable upload", () => {
  test("in one request", async () => {
    const { location, tableId } = await begin();
    const { body } = await put(location, undefined, CONTENT);
    expect(await rowsAfter(body, tableId)).toEqual(ROWS);
  });

  test("in parts whose sum is known only at the end", async () => {
    const { location, tableId } = await begin();
    expect(await put(location, ...part(0, 5, "*"))).toMatchObject({
      status: 308,
      range: "bytes=0-4",
    });
    expect(await put(location, ...part(5, 7, "*"))).toMatchObject({
      status: 308,
      range: "bytes=0-6",
    });
    const { body } = await put(location, ...part(7, CONTENT.length));
    expect(await rowsAfter(body, tableId)).toEqual(ROWS);
  });

  test("goes on where a broken connection left it", async () => {
    const { location, tableId } = await begin();
    expect(await put(location, `bytes */${CONTENT.length}`)).toMatchObject({
      status: 308,
      range: null,
    });
    const broken = beginPut(location, part(0, CONTENT.length)[0], CONTENT.slice(0, 6));
    const howFar = () => put(location, `bytes */${CONTENT.length}`);
    let asked = await howFar();
    while (asked.range !== "bytes=0-5") asked = await howFar();
    broken.destroy();
    expect(await howFar()).toMatchObject({ status: 308, range: "bytes=0-5" });
    const { body } = await put(location, ...part(6, CONTENT.length));
    expect(await rowsAfter(body, tableId)).toEqual(ROWS);
  });

  test("takes a part that comes twice, and no part that leaves a gap", async () => {
    const { location, tableId } = await begin();
    await put(location, ...part(0, 6));
    expect(await put(location, ...part(0, 6))).toMatchObject({ status: 308, range: "bytes=0-5" });
    expect(await put(location, ...part(9, CONTENT.length))).toMatchObject({
      status: 308,
      range: "bytes=0-5",
    });
    const { body } = await put(location, ...part(4, CONTENT.length));
    expect(await rowsAfter(body, tableId)).toEqual(ROWS);
  });

  test("whose last answer was lost is not loaded twice", async () => {
    const { location, tableId } = await begin();
    const first = await put(location, ...part(0, CONTENT.length));
    const again = await put(location, ...part(0, CONTENT.length));
    const asked = await put(location, `bytes */${CONTENT.length}`);
    expect(again.body.jobReference).toEqual(first.body.jobReference);
    expect(asked.body.jobReference).toEqual(first.body.jobReference);
    expect(await rowsAfter(first.body, tableId)).toEqual(ROWS);
  });

  test("that is cancelled is gone", async () => {
    const { location, tableId } = await begin();
    await put(location, ...part(0, 6));
    expect((await fetch(location, { method: "DELETE" })).status).toBe(499);
    expect(await put(location, ...part(6, CONTENT.length))).toMatchObject({ status: 404 });
    expect(await server().bigquery.dataset("d").table(tableId).exists()).toEqual([false]);
  });

  test("with more bytes than it said, or a place that cannot be read, is refused", async () => {
    const { location } = await begin();
    expect(await put(location, "bytes 0-5/3", CONTENT.slice(0, 6))).toMatchObject({ status: 400 });
    expect(await put(location, "the first half", "x")).toMatchObject({ status: 400 });
  });
});

/** Sends the beginning of a body; the rest never comes. */
function beginPut(location: string, range: string, beginning: string) {
  const headers = { "content-range": range, "content-length": CONTENT.length };
  const request = httpRequest(location, { method: "PUT", headers });
  request.on("error", () => {});
  request.write(beginning);
  return request;
}

test("an upload in one request with another boundary and other line breaks in its file", async () => {
  const boundary = "===============7330845974216740156==";
  const description = {
    configuration: {
      load: {
        destinationTable: { projectId: "local", datasetId: "d", tableId: "python" },
        sourceFormat: "NEWLINE_DELIMITED_JSON",
        schema: { fields: [{ name: "a", type: "STRING" }] },
      },
    },
  };
  const file = `{"a": "1"}\r\n{"a": "--${boundary}x"}\r\n`;
  const body = [
    `--${boundary}`,
    "content-type: application/json; charset=UTF-8",
    "",
    JSON.stringify(description),
    `--${boundary}`,
    "content-type: */*",
    "",
    `${file}`,
    `--${boundary}--`,
  ].join("\r\n");
  const answer = await fetch(
    `${server().url}/upload/bigquery/v2/projects/local/jobs?uploadType=multipart`,
    {
      method: "POST",
      headers: { "content-type": `multipart/related; boundary="${boundary}"` },
      body,
    },
  );
  const { jobReference } = (await answer.json()) as { jobReference: { jobId: string } };
  await server().bigquery.job(jobReference.jobId, { location: "EU" }).promise();
  const [rows] = await server().bigquery.query("select a from d.python order by a desc");
  expect(rows).toEqual([{ a: "1" }, { a: `--${boundary}x` }]);
});
