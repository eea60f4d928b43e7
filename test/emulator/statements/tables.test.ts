import { describe, expect, it } from "vitest";
import { runScript } from "../../../emulator/script/run.ts";
import { dropDataset } from "../../../emulator/warehouse/datasets.ts";
import { PROJECT, testWarehouse } from "../script/warehouse.ts";

const { run, rows, openSession } = testWarehouse();

/** The catalogue's entry of a table of `d`. */
async function entry(name: string) {
  const session = await openSession();
  try {
    return session.catalogue.table({ project: PROJECT, dataset: "d", name });
  } finally {
    await session.close();
  }
}

describe("CREATE TABLE", () => {
  it("keeps columns, partitioning, clustering and options", async () => {
    const result = await run(`
      create table d.full_of_options (
        day date not null options(description = "the day"),
        n numeric(10, 2),
        tags array<struct<k string, v array<int64>>>
      )
      partition by date_trunc(day, month)
      cluster by n
      options(description = 'all of it', labels = [('team', 'mk'), ('stage', 'raw')],
              partition_expiration_days = 2, require_partition_filter = true, kms_key_name = 'k')`);
    expect(result).toMatchObject({
      statementType: "CREATE_TABLE",
      ddlOperation: "CREATE",
      ddlTarget: { name: "full_of_options" },
    });
    expect(await entry("full_of_options")).toMatchObject({
      type: "TABLE",
      columns: [
        { name: "day", type: { kind: "DATE" }, required: true, description: "the day" },
        { name: "n", type: { kind: "NUMERIC", parameters: [10, 2] } },
        { name: "tags", type: { kind: "ARRAY", element: { kind: "STRUCT" } } },
      ],
      partitioning: { field: "day", type: "MONTH", expirationMs: "172800000", requireFilter: true },
      clustering: ["n"],
      description: "all of it",
      labels: { team: "mk", stage: "raw" },
      options: { kms_key_name: "'k'" },
    });
  });

  it.each([
    ["day", { field: "day", type: "DAY" }],
    ["date(ts)", { field: "ts", type: "DAY" }],
    ["timestamp_trunc(ts, hour)", { field: "ts", type: "HOUR" }],
    [
      "range_bucket(n, generate_array(0, 100, 10))",
      { field: "n", type: "RANGE", range: { start: "0", end: "100", interval: "10" } },
    ],
    ["_partitiondate", { type: "DAY" }],
  ])("reads PARTITION BY %s", async (expression, partitioning) => {
    await run(
      `drop table if exists d.parts; create table d.parts (day date, ts timestamp, n int64) partition by ${expression}`,
    );
    expect((await entry("parts"))?.partitioning).toEqual(partitioning);
  });

  it("does not replace a table by one that is partitioned or clustered in another way", async () => {
    await run("create table d.by_day (day date, n int64) partition by day");
    await run("create or replace table d.by_day (day date) partition by day");
    await expect(
      run("create or replace table d.by_day (day date) partition by day cluster by day"),
    ).rejects.toThrow(/different partitioning spec/);
    await expect(run("create or replace table d.by_day (day date)")).rejects.toThrow(
      /DROP the table/,
    );
  });

  it("rejects partitioning and clustering by what is not there or not fit", async () => {
    await expect(run("create table d.bad (a int64) partition by b")).rejects.toMatchObject({
      reason: "invalid",
    });
    await expect(run("create table d.bad (a int64) cluster by b")).rejects.toThrow(/clustering.*b/);
    await expect(run("create table d.bad (a string) partition by a")).rejects.toThrow(/STRING/);
  });

  it("takes the columns of a query, also of the table that it replaces", async () => {
    await run("create or replace table d.grown as select 1 as a, [1, 2] as b, null as c");
    await run(
      "create or replace table d.grown as select a + 1 as a, b, c, struct('x' as y) as s from d.grown",
    );
    expect((await entry("grown"))?.columns).toMatchObject([
      { name: "a", type: { kind: "INT64" } },
      { name: "b", type: { kind: "ARRAY" } },
      { name: "c", type: { kind: "INT64" } },
      { name: "s", type: { kind: "STRUCT" } },
    ]);
    expect(await rows("select a, b, s.y from d.grown")).toEqual([[2, [1, 2], "x"]]);
  });

  it("writes a query into declared columns", async () => {
    await run("create or replace table d.declared (a numeric not null, b string) as select 1, 'x'");
    expect(await rows("select * from d.declared")).toEqual([["1.000000000", "x"]]);
    await expect(run("insert into d.declared (b) values ('y')")).rejects.toThrow(
      /a cannot be null/,
    );
    await expect(run("create table d.mismatch (a int64) as select 1 as a, 2 as b")).rejects.toThrow(
      /does not match/,
    );
    await expect(run("create table d.mismatch (a int64) as select 'x' as a")).rejects.toThrow(
      /STRING/,
    );
  });

  it("rejects columns without a name or with the same one", async () => {
    await expect(run("create table d.bad as select 1")).rejects.toThrow(/column 1 has no name/);
    await expect(run("create table d.bad (a int64, A string)")).rejects.toThrow(/[Dd]uplicate/);
  });

  it("answers CREATE, REPLACE, SKIP or duplicate", async () => {
    expect((await run("create or replace table d.again (a int64)")).ddlOperation).toBe("CREATE");
    expect((await run("create or replace table d.again (a int64)")).ddlOperation).toBe("REPLACE");
    expect((await run("create table if not exists d.again (b int64)")).ddlOperation).toBe("SKIP");
    await expect(run("create table d.again (a int64)")).rejects.toMatchObject({
      reason: "duplicate",
    });
    await expect(run("create table nowhere.t (a int64)")).rejects.toMatchObject({
      reason: "notFound",
      message: expect.stringContaining("Dataset shop:nowhere"),
    });
    await expect(run("create table other.d.t (a int64)")).rejects.toMatchObject({
      reason: "accessDenied",
    });
    await expect(run("create table t (a int64)")).rejects.toThrow(
      /must be qualified with a dataset/,
    );
  });

  it("leaves nothing behind when its query fails", async () => {
    await expect(
      run("create table d.failed as select 1 / (x - 1) as a from unnest([1]) as x"),
    ).rejects.toThrow(/division by zero/);
    expect(await entry("failed")).toBeUndefined();
    await run("create table d.failed (a int64)");
  });

  it("copies tables", async () => {
    await run(
      "create or replace table d.origin (id int64 not null, s string) cluster by id options(description = 'first'); insert into d.origin values (1, 'a')",
    );
    await run(
      "create table d.like_origin like d.origin; create table d.copy_origin copy d.origin; create table d.clone_origin clone d.origin; create snapshot table d.snap_origin clone d.origin",
    );
    await run("update d.origin set s = 'changed' where true");
    expect(
      await rows(
        "select (select count(*) from d.like_origin), (select s from d.copy_origin), (select s from d.clone_origin), (select s from d.snap_origin)",
      ),
    ).toEqual([[0, "a", "a", "a"]]);
    expect(await entry("like_origin")).toMatchObject({
      clustering: ["id"],
      description: "first",
      columns: [{ required: true }, {}],
    });
  });
});

describe("views", () => {
  it("checks a view when it is made and reads its tables when it is read", async () => {
    await run(
      "create or replace table d.base as select 1 as a; create or replace view d.over_base options(description='v')as select a, a * 2 as b from d.base",
    );
    await run("insert into d.base values (5)");
    expect(await rows("select * from d.over_base order by a")).toEqual([
      [1, 2],
      [5, 10],
    ]);
    expect(await entry("over_base")).toMatchObject({
      type: "VIEW",
      description: "v",
      columns: [{ name: "a" }, { name: "b", type: { kind: "INT64" } }],
    });
    await expect(run("create view d.broken as select nothing from d.base")).rejects.toThrow(
      /nothing/,
    );
    await expect(run("create view d.broken as select * from d.not_there")).rejects.toMatchObject({
      reason: "notFound",
    });
  });

  it("renames the columns of its query", async () => {
    await run(
      "create or replace view d.renamed (x, y options(description = 'second')) as select 1 as a, 2 as b",
    );
    expect(await rows("select y, x from d.renamed")).toEqual([[2, 1]]);
  });

  it("shows new rows in a materialized view", async () => {
    await run(
      "create or replace table d.sales as select 'a' as k, 1 as n; create materialized view d.by_k as select k, sum(n) as n from d.sales group by k",
    );
    await run(`insert into d.sales values ('a', 4); call bq.refresh_materialized_view("d.by_k")`);
    expect(await rows("select * from d.by_k")).toEqual([["a", 5]]);
    expect((await entry("by_k"))?.type).toBe("MATERIALIZED_VIEW");
  });

  it("tells tables and views apart", async () => {
    await run(
      "create or replace view d.is_view as select 1 as a; create or replace table d.is_table (a int64)",
    );
    await expect(run("create or replace table d.is_view (a int64)")).rejects.toThrow(
      /currently a VIEW/,
    );
    await expect(run("create or replace view d.is_table as select 1 as a")).rejects.toThrow(
      /currently a TABLE/,
    );
    await expect(run("drop table d.is_view")).rejects.toThrow(/currently a VIEW/);
    await expect(run("insert into d.is_view values (1)")).rejects.toThrow(/currently a VIEW/);
    await run("drop view d.is_view; create table d.is_view (a int64)");
  });
});

describe("datasets", () => {
  it("creates, alters and drops them", async () => {
    expect(
      (
        await run(
          "create schema if not exists `shop.fresh` options(location = 'EU', description = 'new')",
        )
      ).ddlOperation,
    ).toBe("CREATE");
    expect((await run("create schema if not exists `shop.fresh`")).ddlOperation).toBe("SKIP");
    await expect(run("create schema fresh")).rejects.toMatchObject({ reason: "duplicate" });
    await run(
      "alter schema fresh set options(description = 'old'); create table fresh.t (a int64)",
    );
    await expect(run("drop schema fresh")).rejects.toMatchObject({ reason: "resourceInUse" });
    expect((await run("drop schema fresh cascade")).ddlOperation).toBe("DROP");
    expect((await run("drop schema if exists fresh cascade")).ddlOperation).toBe("SKIP");
    await expect(run("drop schema fresh")).rejects.toMatchObject({ reason: "notFound" });
  });
});

describe("a dataset that is dropped while others work in it", () => {
  const datasetLock = (dataset: string) => ({ project: PROJECT, dataset, name: "" });

  it("is kept when a table has come while the drop waited", async () => {
    await run("create schema late");
    const writer = await openSession();
    await writer.lock([{ project: PROJECT, dataset: "late", name: "t" }]);
    const dropper = await openSession();
    const dropped = dropDataset(dropper, "late", false).catch((error) => error);
    await runScript("create table late.t as select 1 as a", writer, {});
    await writer.close();
    expect(await dropped).toMatchObject({ reason: "resourceInUse" });
    await dropper.close();
    expect(await rows("select a from late.t")).toEqual([[1]]);
  });

  it("takes no table that was begun before", async () => {
    await run("create schema going");
    const dropper = await openSession();
    await dropper.lock([datasetLock("going")]);
    const created = run("create table going.t as select 1 as a").catch((error) => error);
    await dropDataset(dropper, "going", false);
    await dropper.close();
    expect(await created).toMatchObject({
      reason: "notFound",
      message: expect.stringContaining("Dataset shop:going"),
    });
  });
});

it("columns of one name, whatever its case, make no table and no view", async () => {
  const message = "Duplicate column name a in CREATE";
  await expect(run("create table d.dup as select 1 as a, 2 as A")).rejects.toThrow(
    `${message} TABLE AS`,
  );
  await expect(run("create view d.dup as select 1 as a, 2 as A")).rejects.toThrow(
    `${message} VIEW AS`,
  );
  await run("create table d.dup (x int64, y int64) as select 1 as a, 2 as A");
  expect(await rows("select x, y from d.dup")).toEqual([[1, 2]]);
});

describe("DROP and ALTER", () => {
  it("drops what is there, and skips what is not where it may", async () => {
    await run("create or replace table d.gone (a int64); drop table d.gone");
    await expect(run("select * from d.gone")).rejects.toMatchObject({ reason: "notFound" });
    await expect(run("drop table d.gone")).rejects.toMatchObject({ reason: "notFound" });
    for (const what of ["table", "view", "materialized view", "function", "procedure"]) {
      expect((await run(`drop ${what} if exists d.gone`)).ddlOperation).toBe("SKIP");
    }
  });

  it("adds, drops, renames and widens columns", async () => {
    await run(
      "create or replace table d.changing (a int64 not null, b string); insert into d.changing values (1, 'x')",
    );
    await run(
      "alter table d.changing add column c array<int64>, add column if not exists b string, drop column if exists nothing, add column e date options(description = 'when')",
    );
    await run(
      "alter table d.changing drop column b, rename column c to list, alter column a set data type numeric, alter column a drop not null",
    );
    await run("insert into d.changing (list) values ([1])");
    expect(await rows("select a, list, e from d.changing order by a")).toEqual([
      [null, [1], null],
      ["1.000000000", [], null],
    ]);
    expect((await entry("changing"))?.columns).toEqual([
      { name: "a", type: { kind: "NUMERIC" } },
      { name: "list", type: { kind: "ARRAY", element: { kind: "INT64" } } },
      { name: "e", type: { kind: "DATE" }, description: "when" },
    ]);
    await expect(run("alter table d.changing add column a int64")).rejects.toThrow(
      /already exists/,
    );
    await expect(run("alter table d.changing drop column nothing")).rejects.toThrow(/not found/i);
    await expect(run("alter table d.changing alter column a set data type int64")).rejects.toThrow(
      /assignable/,
    );
    await expect(run("alter table d.missing add column a int64")).rejects.toMatchObject({
      reason: "notFound",
    });
  });

  it("changes options and names", async () => {
    await run(
      "create or replace table d.old_name (a int64) options(description = 'x', labels = [('a', 'b')])",
    );
    await run(
      "alter table d.old_name set options(description = 'y'); alter table d.old_name rename to new_name",
    );
    expect(await entry("new_name")).toMatchObject({ description: "y", labels: { a: "b" } });
    await expect(run("select * from d.old_name")).rejects.toMatchObject({ reason: "notFound" });
  });

  it("accepts GRANT and REVOKE without effect", async () => {
    expect(
      (await run("grant `roles/bigquery.dataViewer` on table d.new_name to 'user:a@example.com'"))
        .statementType,
    ).toBe("GRANT");
    await run(
      "revoke `roles/bigquery.dataViewer` on schema d from 'user:a@example.com', 'group:b@example.com'",
    );
  });
});

describe("functions", () => {
  it("keeps SQL functions with their types", async () => {
    await run(
      "create or replace function d.half(x float64) returns float64 as (x / 2); create or replace function d.any_of(x any type, y any type) as (if(x is null, y, x))",
    );
    expect(await rows("select d.half(5), d.any_of(null, 'a'), `shop.d.half`(1)")).toEqual([
      [2.5, "a", 0.5],
    ]);
    await expect(run("create function d.half(x int64) as (x)")).rejects.toMatchObject({
      reason: "duplicate",
    });
    await expect(run("create function d.wrong(x int64) as (y)")).rejects.toThrow(/y/);
    await run("drop function d.half");
    await expect(run("select d.half(5)")).rejects.toThrow(/half/);
  });
});

describe("destination tables", () => {
  const destination = (
    name: string,
    write: "WRITE_EMPTY" | "WRITE_APPEND" | "WRITE_TRUNCATE",
    more = {},
  ) => ({
    destination: {
      table: { project: PROJECT, dataset: "d", name },
      write,
      create: "CREATE_IF_NEEDED" as const,
      ...more,
    },
  });

  it("creates, appends and replaces; the result is the whole table", async () => {
    expect(await rows("select 1 as a", destination("dest", "WRITE_EMPTY"))).toEqual([[1]]);
    await expect(run("select 2 as a", destination("dest", "WRITE_EMPTY"))).rejects.toMatchObject({
      reason: "duplicate",
    });
    expect(await rows("select 2 as a", destination("dest", "WRITE_APPEND"))).toEqual([[1], [2]]);
    await expect(
      run("select 2 as a, 3 as b", destination("dest", "WRITE_APPEND")),
    ).rejects.toMatchObject({ reason: "invalid" });
    expect(
      await rows(
        "select 'x' as b, 3 as a",
        destination("dest", "WRITE_APPEND", { allowFieldAddition: true }),
      ),
    ).toEqual([
      [1, null],
      [2, null],
      [3, "x"],
    ]);
    expect(await rows("select 'new' as s", destination("dest", "WRITE_TRUNCATE"))).toEqual([
      ["new"],
    ]);
  });

  it("refuses what cannot have one", async () => {
    await expect(run("select 1 as a, 2 as A", destination("never", "WRITE_EMPTY"))).rejects.toThrow(
      "Found duplicate(s): a",
    );
    await expect(
      run("select 1 as a; select 2 as a", destination("never", "WRITE_EMPTY")),
    ).rejects.toMatchObject({ reason: "invalid" });
    await expect(
      run("select 1 as a", destination("never", "WRITE_EMPTY", { create: "CREATE_NEVER" })),
    ).rejects.toMatchObject({ reason: "notFound" });
  });
});
