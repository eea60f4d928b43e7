import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { failure, useServer } from "./support.ts";

const server = useServer();

async function newDataset(): Promise<string> {
  const id = `d_${randomUUID().replaceAll("-", "")}`;
  await server().bigquery.createDataset(id);
  return id;
}

describe("the life of a dataset, a table and a file", () => {
  test("create, load, query, page through 100,000 rows, delete", async () => {
    const { bigquery, file } = server();
    const id = await newDataset();
    const rows = Array.from({ length: 100_000 }, (_, i) =>
      JSON.stringify({ id: i, name: `n${i}`, amount: "0.10" }),
    );
    const path = await file("rows.json.gz", gzipSync(rows.join("\n")));
    const fields = [
      { name: "id", type: "INTEGER", mode: "REQUIRED" },
      { name: "name", type: "STRING" },
      { name: "amount", type: "NUMERIC" },
    ];
    const table = bigquery.dataset(id).table("t");
    const [job] = await table.load(path, {
      sourceFormat: "NEWLINE_DELIMITED_JSON",
      schema: { fields },
    });
    expect(job.status?.state).toBe("DONE");
    expect(job.statistics?.load?.outputRows).toBe("100000");

    const [sum] = await bigquery.query(`select count(*) as n, sum(amount) as total from ${id}.t`);
    expect(sum[0].n).toBe(100_000);
    expect(String(sum[0].total)).toBe("10000");

    const [all] = await bigquery.query(`select id, name from ${id}.t order by id desc`);
    expect(all).toHaveLength(100_000);
    expect(all[0]).toEqual({ id: 99_999, name: "n99999" });
    expect(all.at(-1)).toEqual({ id: 0, name: "n0" });

    const [metadata] = await table.getMetadata();
    expect(metadata).toMatchObject({ type: "TABLE", numRows: "100000", schema: { fields } });

    const [pageOfRows] = await table.getRows({ maxResults: 3, autoPaginate: false });
    expect(pageOfRows).toHaveLength(3);

    await bigquery.dataset(id).delete({ force: true });
    expect(await bigquery.dataset(id).exists()).toEqual([false]);
  });

  test("a dataset with tables is not deleted without force", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    await bigquery.dataset(id).createTable("t", { schema: [{ name: "a", type: "STRING" }] });
    expect((await failure(bigquery.dataset(id).delete())).errors?.[0]?.reason).toBe(
      "resourceInUse",
    );
    await bigquery.dataset(id).table("t").delete();
    await bigquery.dataset(id).delete();
  });

  test("what exists is not created again, what does not is not found", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    expect(await failure(bigquery.createDataset(id))).toMatchObject({ code: 409 });
    const missing = await failure(bigquery.dataset(id).table("nothing").get());
    expect(missing).toMatchObject({ code: 404 });
    expect(missing.errors?.[0]?.reason).toBe("notFound");
    expect(missing.message).toContain(`${id}.nothing`);
    expect(await failure(bigquery.query(`select * from ${id}.nothing`))).toMatchObject({
      code: 404,
    });
    expect(await failure(bigquery.query("select * from no_such_dataset.t"))).toMatchObject({
      code: 404,
    });
  });

  test("descriptions, labels and policy tags are kept, and a column can be added", async () => {
    const { bigquery, request } = server();
    const id = await newDataset();
    const [table] = await bigquery
      .dataset(id)
      .createTable("t", { schema: [{ name: "a", type: "STRING" }] });
    await table.insert([{ a: "before" }]);
    const fields = [
      {
        name: "a",
        type: "STRING",
        description: "A letter",
        policyTags: { names: ["projects/p/taxonomies/1"] },
      },
      { name: "b", type: "INTEGER" },
      {
        name: "c",
        type: "RECORD",
        mode: "REPEATED",
        fields: [{ name: "d", type: "STRING", description: "Inside" }],
      },
    ];
    await table.setMetadata({
      description: "A table",
      labels: { team: "crm" },
      schema: { fields },
    });
    const [metadata] = await table.getMetadata();
    expect(metadata).toMatchObject({
      description: "A table",
      labels: { team: "crm" },
      schema: { fields },
    });
    const [rows] = await bigquery.query(`select a, b from ${id}.t`);
    expect(rows).toEqual([{ a: "before", b: null }]);
    const [onlyB] = await table.getRows({ selectedFields: "b", autoPaginate: false });
    expect(onlyB).toEqual([{ b: null }]);
    await request("PATCH", `/projects/local/datasets/${id}/tables/t`, {
      description: null,
      labels: { team: null },
    });
    const [cleared] = await table.getMetadata();
    expect(cleared).not.toHaveProperty("description");
    const changed = table.setMetadata({
      schema: {
        fields: [
          { name: "a", type: "INTEGER" },
          { name: "b", type: "INTEGER" },
        ],
      },
    });
    expect(await failure(changed)).toMatchObject({ code: 400 });
  });

  test("a view made by REST and one made by SQL read alike", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    await bigquery
      .dataset(id)
      .createTable("v", { view: { query: "select 1 as a, 'x' as b", useLegacySql: false } });
    await bigquery.query(`create view ${id}.w as select a + 1 as a2 from ${id}.v`);
    const [rows] = await bigquery.query(`select a2 from ${id}.w`);
    expect(rows).toEqual([{ a2: 2 }]);
    const [metadata] = await bigquery.dataset(id).table("w").getMetadata();
    expect(metadata).toMatchObject({
      type: "VIEW",
      schema: { fields: [{ name: "a2", type: "INTEGER" }] },
    });
  });

  test("rows that are inserted one by one, and the bad one among them", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    const [table] = await bigquery.dataset(id).createTable("t", {
      schema: [
        { name: "a", type: "INTEGER" },
        { name: "j", type: "JSON" },
      ],
    });
    await table.insert([{ a: 1, j: JSON.stringify({ k: [1, 2] }) }]);
    const error = (await failure(table.insert([{ a: 2 }, { a: "no number" }]))) as Error & {
      errors: unknown[];
    };
    expect(error.name).toBe("PartialFailureError");
    expect(JSON.stringify(error.errors)).toContain("INT64");
    const [rows] = await bigquery.query(`select a, json_value(j, '$.k[1]') as k from ${id}.t`);
    expect(rows).toEqual([{ a: 1, k: "2" }]);
  });
});

describe("cells", () => {
  test("every type arrives as the client expects it", async () => {
    const { bigquery } = server();
    const [rows] = await bigquery.query(
      `
      select 9007199254740993 as big, 0.1 as f, numeric '12345678901234567890.123456789' as n, true as b, b'\\x00\\xff' as y,
        date '2024-02-29' as d, time '12:34:56.789' as t, datetime '2024-01-15 12:34:56' as dt,
        timestamp '2024-01-15 12:34:56.123456+00' as ts, [1, 2] as a, struct('x' as s, [struct(1 as i)] as l) as st,
        cast(null as string) as nothing, json '{"k": 1}' as j, interval '1:2:3.000004' hour to second as iv
    `,
      {},
    );
    const row = rows[0];
    expect(row).toMatchObject({
      f: 0.1,
      b: true,
      a: [1, 2],
      st: { s: "x", l: [{ i: 1 }] },
      nothing: null,
    });
    expect(String(row.n)).toBe("12345678901234567890.123456789");
    expect(row.y).toEqual(Buffer.from([0, 255]));
    expect([row.d.value, row.t.value, row.dt.value]).toEqual([
      "2024-02-29",
      "12:34:56.789",
      "2024-01-15T12:34:56",
    ]);
    expect(row.ts.value).toBe("2024-01-15T12:34:56.123456000Z");
    expect(JSON.parse(row.j)).toEqual({ k: 1 });
    expect(row.iv).toBe("0-0 0 1:2:3.000004");
  });

  test("timestamps come as the request asks", async () => {
    const query = "select timestamp '2024-01-15 12:00:00+00' as t";
    const cell = async (formatOptions?: object) => {
      const { body } = await server().request("POST", "/projects/local/queries", {
        query,
        useLegacySql: false,
        formatOptions,
      });
      return body.rows[0].f[0].v;
    };
    expect(await cell({ useInt64Timestamp: true })).toBe("1705320000000000");
    expect(await cell({ timestampOutputFormat: "ISO8601_STRING" })).toBe("2024-01-15T12:00:00Z");
    expect(await cell()).toBe("1.70532E9");
  });
});

describe("jobs", () => {
  test("parameters by name and by position, arrays and structs", async () => {
    const { bigquery } = server();
    const [named] = await bigquery.query({
      query:
        "select @n + 1 as n, @s as s, @none is null as none, (select sum(x) from unnest(@list) as x) as total",
      params: { n: 41, s: "it's", none: null, list: [1, 2, 3] },
      types: { none: "STRING" } as never,
    });
    expect(named).toEqual([{ n: 42, s: "it's", none: true, total: 6 }]);
    const [positional] = await bigquery.query({ query: "select ? as a, ? as b", params: ["x", 2] });
    expect(positional).toEqual([{ a: "x", b: 2 }]);
  });

  test("a request that is repeated after its answer was lost is not done twice", async () => {
    const { request } = server();
    const id = await newDataset();
    const ask = (query: string, requestId: string) =>
      request("POST", "/projects/local/queries", { query, useLegacySql: false, requestId });
    await ask(`create table ${id}.t (a int64)`, randomUUID());
    const requestId = randomUUID();
    const first = await ask(`insert into ${id}.t values (1)`, requestId);
    const again = await ask(`insert into ${id}.t values (1)`, requestId);
    expect(again.body.jobReference).toEqual(first.body.jobReference);
    expect(again.body.numDmlAffectedRows).toBe("1");
    const { body } = await ask(`select count(*) from ${id}.t`, randomUUID());
    expect(body.rows).toEqual([{ f: [{ v: "1" }] }]);
  });

  test("an id is used once; a failed job stays readable", async () => {
    const { bigquery } = server();
    const jobId = `job_${randomUUID()}`;
    const [job] = await bigquery.createQueryJob({ query: "select 1 as a", jobId });
    await job.getQueryResults();
    expect(await failure(bigquery.createQueryJob({ query: "select 1 as a", jobId }))).toMatchObject(
      { code: 409 },
    );
    const bad = {
      configuration: { query: { query: "select nonsense", useLegacySql: false } },
      jobReference: { jobId: "bad" },
    };
    await server().request("POST", "/projects/local/jobs", bad);
    const results = await server().request("GET", "/projects/local/queries/bad");
    expect(results).toMatchObject({
      status: 400,
      body: { error: { errors: [{ reason: "invalidQuery" }] } },
    });
    const { body } = await server().request("GET", "/bigquery/v2/projects/local/jobs/bad");
    expect(body.status).toMatchObject({
      state: "DONE",
      errorResult: { reason: "invalidQuery", location: "query" },
    });
    expect(body.status.errorResult.message).toMatch(/nonsense at \[1:8\]$/);
  });

  test("a dry run changes nothing and is not kept", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    const [job] = await bigquery.createQueryJob({
      query: `create table ${id}.t as select 1 as a`,
      dryRun: true,
    });
    expect(job.metadata.statistics.query).toMatchObject({
      totalBytesProcessed: "0",
      statementType: "CREATE_TABLE_AS_SELECT",
    });
    expect(await bigquery.dataset(id).table("t").exists()).toEqual([false]);
    expect(
      await failure(bigquery.createQueryJob({ query: "select nonsense", dryRun: true })),
    ).toMatchObject({ code: 400 });
  });

  test("statistics of DML and DDL", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    const statistics = async (query: string) => {
      const [job] = await bigquery.createQueryJob({ query });
      await job.getQueryResults();
      return (await job.getMetadata())[0].statistics.query;
    };
    expect(
      await statistics(`create table ${id}.t as select x from unnest([1, 2, 3]) as x`),
    ).toMatchObject({
      statementType: "CREATE_TABLE_AS_SELECT",
      ddlOperationPerformed: "CREATE",
      ddlTargetTable: { datasetId: id, tableId: "t" },
    });
    expect(await statistics(`delete from ${id}.t where x > 1`)).toMatchObject({
      statementType: "DELETE",
      numDmlAffectedRows: "2",
      dmlStats: { deletedRowCount: "2", insertedRowCount: "0" },
    });
  });

  test("a query that runs too long answers early and can be cancelled", async () => {
    const long = "declare x int64 default 0; loop set x = x + 1; end loop;";
    const { body } = await server().request("POST", "/projects/local/queries", {
      query: long,
      useLegacySql: false,
      timeoutMs: 50,
    });
    expect(body).toMatchObject({ jobComplete: false });
    const job = `/projects/local/jobs/${body.jobReference.jobId}`;
    await server().request("POST", `${job}/cancel`);
    const done = await server().request(
      "GET",
      `/projects/local/queries/${body.jobReference.jobId}`,
    );
    expect(done.body.error.errors[0].reason).toBe("stopped");
    expect((await server().request("GET", job)).body.status.state).toBe("DONE");
  });

  test("writers of one table queue", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    await bigquery.query(`create table ${id}.t (n int64)`);
    const writers = Array.from({ length: 12 }, (_, i) =>
      bigquery.query(
        i % 3 === 0
          ? `update ${id}.t set n = n + 1 where true`
          : `insert into ${id}.t values (${i})`,
      ),
    );
    await Promise.all(writers);
    const [rows] = await bigquery.query(`select count(*) as n from ${id}.t`);
    expect(rows).toEqual([{ n: 8 }]);
  });

  test("a session keeps its temporary table, and its jobs run in order", async () => {
    const { bigquery } = server();
    const [job] = await bigquery.createQueryJob({
      query: "create temp table s as select 1 as a",
      createSession: true,
    });
    await job.getQueryResults();
    const { sessionId } = (await job.getMetadata())[0].statistics.sessionInfo;
    const connectionProperties = [{ key: "session_id", value: sessionId }];
    await Promise.all([
      bigquery.query({ query: "insert into s values (2)", connectionProperties }),
      bigquery.query({ query: "insert into s values (3)", connectionProperties }),
    ]);
    const [rows] = await bigquery.query({
      query: "select sum(a) as total from s",
      connectionProperties,
    });
    expect(rows).toEqual([{ total: 6 }]);
    const wrong = bigquery.query({
      query: "select 1",
      connectionProperties: [{ key: "session_id", value: "none" }],
    });
    expect((await failure(wrong)).message).toBe("Invalid input session id.");
    expect(await failure(bigquery.query("select * from s"))).toMatchObject({ code: 400 });
  });

  test("copies of tables", async () => {
    const { bigquery } = server();
    const id = await newDataset();
    await bigquery.query(
      `create table ${id}.a (d date, n int64) partition by d as select date '2026-01-01' as d, 1 as n`,
    );
    await bigquery.dataset(id).table("a").copy(bigquery.dataset(id).table("b"));
    await bigquery
      .dataset(id)
      .table("a")
      .copy(bigquery.dataset(id).table("b"), { writeDisposition: "WRITE_APPEND" });
    const [rows] = await bigquery.query(`select sum(n) as n from ${id}.b`);
    expect(rows).toEqual([{ n: 2 }]);
    const [metadata] = await bigquery.dataset(id).table("b").getMetadata();
    expect(metadata.timePartitioning).toEqual({ type: "DAY", field: "d" });
  });
});

describe("requests of other programs", () => {
  test("unsupported SQL is refused by name, and not as a failure of the server", async () => {
    const { status, body } = await server().request("POST", "/projects/local/queries", {
      query: "select st_geogpoint(1, 2)",
      useLegacySql: false,
    });
    expect(status).toBe(501);
    expect(body.error.message).toMatch(/st_geogpoint/i);
  });

  test("a page in a browser is refused", async () => {
    const headers = { origin: "https://example.com", "content-type": "text/plain" };
    const answer = await fetch(`${server().url}/projects/local/datasets`, { headers });
    expect(answer.status).toBe(403);
  });

  test("another project is refused", async () => {
    const { status, body } = await server().request("GET", "/projects/other/datasets");
    expect(status).toBe(403);
    expect(body.error.errors[0].reason).toBe("accessDenied");
  });

  test("a resumable upload in two parts", async () => {
    const { url, bigquery } = server();
    const id = await newDataset();
    const content = "a,b\n1,x\n2,y\n";
    const load = {
      destinationTable: { projectId: "local", datasetId: id, tableId: "t" },
      schema: {
        fields: [
          { name: "a", type: "INTEGER" },
          { name: "b", type: "STRING" },
        ],
      },
      skipLeadingRows: 1,
    };
    const started = await fetch(
      `${url}/upload/bigquery/v2/projects/local/jobs?uploadType=resumable`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ configuration: { load } }),
      },
    );
    const location = started.headers.get("location") ?? "";
    const put = (from: number, to: number) =>
      fetch(location, {
        method: "PUT",
        headers: { "content-range": `bytes ${from}-${to - 1}/${content.length}` },
        body: content.slice(from, to),
      });
    const first = await put(0, 5);
    expect([first.status, first.headers.get("range")]).toEqual([308, "bytes=0-4"]);
    const last = await put(5, content.length);
    const { jobReference } = (await last.json()) as { jobReference: { jobId: string } };
    await bigquery.job(jobReference.jobId, { location: "EU" }).promise();
    const [rows] = await bigquery.query(`select a, b from ${id}.t order by a`);
    expect(rows).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: "y" },
    ]);
  });

  test("lists come in pages", async () => {
    const { request } = server();
    const id = await newDataset();
    for (const table of ["a", "b", "c"]) {
      await request("POST", `/projects/local/datasets/${id}/tables`, {
        tableReference: { tableId: table },
      });
    }
    const path = `/projects/local/datasets/${id}/tables?maxResults=2`;
    const first = (await request("GET", path)).body;
    const second = (await request("GET", `${path}&pageToken=${first.nextPageToken}`)).body;
    const names = [...first.tables, ...second.tables].map((t) => t.tableReference.tableId);
    expect(names).toEqual(["a", "b", "c"]);
    expect(second).not.toHaveProperty("nextPageToken");
  });
});
