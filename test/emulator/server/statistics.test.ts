import { beforeAll, describe, expect, test } from "vitest";
import { failure, useServer } from "./support.ts";

const server = useServer();
const MEGABYTE = 1024 * 1024;

beforeAll(async () => {
  const { bigquery } = server();
  await bigquery.createDataset("d");
  // By BigQuery's table of sizes: INT64 8, STRING 2 and its bytes in UTF-8, NUMERIC 16, BOOL 1, NULL 0.
  await bigquery.query(`
    create table d.t as
    select 1 as id, 'caffè' as name, numeric '1.5' as amount, [1, 2, 3] as list, struct(true as ok, 'x' as s) as r
    union all select 2, null, null, [], null`);
});

/** Sizes of the columns of d.t. */
const ID = 16;
const NAME = 2 + 6;
const AMOUNT = 16;
const LIST = 24;
const R = 1 + 3;

async function statistics(query: string, options: object = {}) {
  const [job] = await server().bigquery.createQueryJob({ query, ...options });
  const { totalBytesProcessed, query: q } = job.metadata.statistics;
  expect(q.totalBytesProcessed).toBe(totalBytesProcessed);
  return { processed: Number(totalBytesProcessed), billed: Number(q.totalBytesBilled), ...q };
}

async function finished(query: string) {
  const [job] = await server().bigquery.createQueryJob({ query });
  await job.getQueryResults();
  const [{ statistics: found }] = await job.getMetadata();
  return {
    processed: Number(found.totalBytesProcessed),
    billed: Number(found.query.totalBytesBilled),
  };
}

describe("the bytes of a query", () => {
  test.each([
    ["select id from d.t", ID],
    ["select name from d.t", NAME],
    ["select count(*) as n from d.t", 0],
    ["select * from d.t", ID + NAME + AMOUNT + LIST + R],
    ["select id from (select * from d.t)", ID],
    ["select id from d.t where name like '%a%'", ID + NAME],
    ["select id from d.t limit 1", ID],
    ["select a.id, b.amount from d.t as a join d.t as b on a.id + 1 = b.id", ID + AMOUNT],
    ["create table d.x as select list from d.t", LIST],
    ["create view d.v as select * from d.t", 0],
    ["select 1 as a", 0],
  ])("%s: %d", async (query, bytes) => {
    const described = await statistics(query, { dryRun: true });
    expect(described).toMatchObject({ processed: bytes, billed: 0 });
  });

  test("that has run is what was estimated, and billed by tens of megabytes and table", async () => {
    expect(await finished("select id, name from d.t")).toEqual({
      processed: ID + NAME,
      billed: 10 * MEGABYTE,
    });
    await server().bigquery.query("create table d.u as select 1 as id");
    const joined = await finished("select t.name from d.t as t join d.u as u on t.id = u.id + 0");
    expect(joined).toEqual({ processed: ID + NAME + 8, billed: 20 * MEGABYTE });
    expect(await finished("select 1 as a")).toEqual({ processed: 0, billed: 0 });
  });

  test("of a script are those of its statements", async () => {
    const script =
      "create temp table x as select id from d.t; select id from x; select amount from d.t;";
    expect((await finished(script)).processed).toBe(ID + ID + AMOUNT);
  });

  test("change with the table", async () => {
    await server().bigquery.query("create table d.grows as select 'a' as s");
    const before = (await finished("select s from d.grows")).processed;
    await server().bigquery.query("insert into d.grows values ('abc')");
    expect([before, (await finished("select s from d.grows")).processed]).toEqual([3, 8]);
    const [{ numBytes, numRows }] = await server()
      .bigquery.dataset("d")
      .table("grows")
      .getMetadata();
    expect({ numBytes, numRows }).toEqual({ numBytes: "8", numRows: "2" });
  });

  test("of a large table are estimated within a few per cent", async () => {
    await server().bigquery.query(`
      create table d.large as
      select x, repeat('x', mod(x, 7)) as s from unnest(generate_array(1, 100000)) as x`);
    const { processed } = await statistics("select x, s from d.large", { dryRun: true });
    const truth = 100_000 * (8 + 2 + 3);
    expect(Math.abs(processed - truth) / truth).toBeLessThan(0.03);
  });

  test("are limited where the job says so, and nothing is done", async () => {
    const query = "create table d.dear as select id from d.t";
    const error = await failure(server().bigquery.query({ query, maximumBytesBilled: "1000" }));
    expect(error.errors?.[0]?.reason).toBe("bytesBilledLimitExceeded");
    expect(error.message).toContain("10485760 or higher required");
    expect(await server().bigquery.dataset("d").table("dear").exists()).toEqual([false]);
    await server().bigquery.query({ query, maximumBytesBilled: String(10 * MEGABYTE) });
  });
});

describe("jobs", () => {
  test("a dry run says what a query is: its kind, schema and tables", async () => {
    const select = await statistics("select id, name as n from d.t", { dryRun: true });
    expect(select).toMatchObject({
      statementType: "SELECT",
      cacheHit: false,
      schema: {
        fields: [
          { name: "id", type: "INTEGER" },
          { name: "n", type: "STRING" },
        ],
      },
      referencedTables: [{ projectId: "local", datasetId: "d", tableId: "t" }],
    });
    const load = { configuration: { dryRun: true, copy: { sourceTable: {} } } };
    const { body } = await server().request("POST", "/projects/local/jobs", load);
    expect(body.error.errors[0].reason).toBe("notImplemented");
  });

  test("a job that takes too long is stopped and says so", async () => {
    const query = "declare x int64 default 0; loop set x = x + 1; end loop;";
    const error = await failure(server().bigquery.query({ query, jobTimeoutMs: 100 }));
    expect(error.errors?.[0]?.reason).toBe("stopped");
    expect(error.message).toContain("Job timed out after 0.1s");
  });

  test("a single long statement is stopped by cancelling its job", async () => {
    const query =
      "select count(*) as n from unnest(generate_array(1, 100000)) as a, unnest(generate_array(1, 100000)) as b where mod(a * b, 7) = 3";
    const [job] = await server().bigquery.createQueryJob({ query });
    await job.cancel();
    expect((await failure(job.getQueryResults())).errors?.[0]?.reason).toBe("stopped");
    const [metadata] = await job.getMetadata();
    expect(metadata.status).toMatchObject({ state: "DONE", errorResult: { reason: "stopped" } });
  });

  test("are listed newest first, by state and time, with their configuration where it is asked for", async () => {
    const { bigquery, request } = server();
    const list = async (parameters: string) =>
      (await request("GET", `/projects/local/jobs?${parameters}`)).body.jobs;
    const [first] = await bigquery.createQueryJob({ query: "select 1 as a", labels: { n: "1" } });
    await first.getQueryResults();
    const [second] = await bigquery
      .createQueryJob({ query: "select nothing" })
      .catch(() => [first]);
    await failure(second.getQueryResults()).catch(() => undefined);
    const [newest] = await list("maxResults=1&stateFilter=done&projection=full");
    expect(newest).toMatchObject({ state: "DONE", configuration: { jobType: "QUERY" } });
    expect((await list("maxResults=1"))[0]).not.toHaveProperty("configuration");
    expect(await list("stateFilter=pending&stateFilter=running")).toEqual([]);
    expect(await list("maxCreationTime=1")).toEqual([]);
    const since = first.metadata.statistics.creationTime;
    const ids = (await list(`minCreationTime=${since}`)).map(
      (job: { jobReference: { jobId: string } }) => job.jobReference.jobId,
    );
    expect(ids).toContain(first.id);
  });

  test("a deleted job is gone", async () => {
    const { bigquery, request } = server();
    const [job] = await bigquery.createQueryJob({ query: "select 1 as a" });
    await job.getQueryResults();
    expect((await request("DELETE", `/projects/local/jobs/${job.id}/delete`)).status).toBe(204);
    expect((await request("GET", `/projects/local/jobs/${job.id}`)).status).toBe(404);
  });
});
