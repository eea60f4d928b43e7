import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { useServer } from "./support.ts";

const server = useServer();
const TABLES = "/projects/local/datasets/d/tables";

beforeAll(async () => {
  await server().bigquery.createDataset("d");
});
beforeEach(async () => {
  await server().bigquery.query(
    `create or replace table d.t (day date, x int64) partition by day
     as select date '2024-01-01', 1 union all select '2024-01-01', 2 union all select '2024-01-02', 3;
     create or replace view d.v as select 1 as x`,
  );
});

async function rows(): Promise<string> {
  const [found] = await server().bigquery.query(
    "select string_agg(format('%t %d', day, x), ', ' order by day, x) as all_rows from d.t",
  );
  return found[0].all_rows;
}

const WHOLE = "2024-01-01 1, 2024-01-01 2, 2024-01-02 3";

/** Copies within `d`; the error's reason, or undefined. */
async function copy(from: readonly string[], to: string, writeDisposition: string) {
  const table = (tableId: string) => ({ projectId: "local", datasetId: "d", tableId });
  const { body } = await server().request("POST", "/projects/local/jobs", {
    configuration: {
      copy: { sourceTables: from.map(table), destinationTable: table(to), writeDisposition },
    },
  });
  if (body.error) return body.error.errors[0].reason;
  const path = `/projects/local/jobs/${body.jobReference.jobId}`;
  for (;;) {
    const { body: job } = await server().request("GET", path);
    if (job.status.state === "DONE") return job.status.errorResult?.reason;
  }
}

describe("one partition by its name", () => {
  test("is deleted alone", async () => {
    const { status } = await server().request("DELETE", `${TABLES}/t$20240102`);
    expect([status, await rows()]).toEqual([204, "2024-01-01 1, 2024-01-01 2"]);
  });

  test("that is none is said to be so, and nothing is deleted", async () => {
    const { status } = await server().request("DELETE", `${TABLES}/t$x`);
    expect([status, await rows()]).toEqual([400, WHOLE]);
  });

  test("has no metadata of its own to be changed, and is not listed", async () => {
    const changed = await server().request("PATCH", `${TABLES}/t$20240102`, { description: "x" });
    const listed = await server().request("GET", `${TABLES}/t$20240102/data`);
    expect([changed.status, listed.status]).toEqual([501, 501]);
  });

  test("is copied over another one of another table", async () => {
    await server().bigquery.query(
      "create or replace table d.u (day date, x int64) partition by day",
    );
    expect(await copy(["t$20240101"], "u$20240101", "WRITE_TRUNCATE")).toBeUndefined();
    const [found] = await server().bigquery.query("select x from d.u order by x");
    expect(found).toEqual([{ x: 1 }, { x: 2 }]);
  });
});

describe("a copy loses nothing", () => {
  test.each([
    ["a table over itself", ["t"], "t"],
    ["tables over one of them", ["u", "t"], "t"],
    ["a partition over itself", ["t$20240101"], "t$20240101"],
    ["a partition over its table", ["t$20240101"], "t"],
    ["a partition over another", ["t$20240101"], "t$20240102"],
    ["a view", ["v"], "t"],
  ])("%s", async (_, from, to) => {
    await server().bigquery.query(
      "create or replace table d.u (day date, x int64) partition by day",
    );
    expect(await copy(from, to, "WRITE_TRUNCATE")).toEqual(expect.any(String));
    expect(await rows()).toBe(WHOLE);
  });
});
