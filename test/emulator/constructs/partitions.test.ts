import { describe, expect, it } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";

const { run, rows } = testWarehouse();

describe("require_partition_filter", () => {
  const wanted = /Cannot query over table 'shop\.d\.daily' without a filter over column\(s\) 'day'/;

  async function setUp() {
    await run(`
      create or replace table d.daily (id int64, day date) partition by day
      options (require_partition_filter = true);
      insert d.daily values (1, '2024-01-01'), (2, '2024-01-02'), (3, null);
      create or replace table d.days as select date '2024-01-01' as day, 1 as id;
      create or replace view d.daily_view as select *, id + 1 as next from d.daily;
      create or replace view d.ranked as select *, row_number() over (order by day) as n from d.daily`);
  }

  it.each([
    ["select id from d.daily where day >= '2024-01-02'", 2],
    ["select id from d.daily where id > 0 and (day = '2024-01-01')", 1],
    ["select id from d.daily where day = '2024-01-01' or day = '2023-01-01'", 1],
    ["select id from d.daily where (id = 1 and day = '2024-01-01') or day > '2024-02-01'", 1],
    ["select id from d.daily where day is null", 3],
    ["select id from d.daily where extract(day from day) = 2", 2],
    ["select id from d.daily where not day = '2024-01-01'", 2],
    ["declare x date default '2024-01-02'; select id from d.daily where day = x", 2],
    ["select a.id from d.daily as a join d.days as b on a.id = b.id and a.day < '2024-02-01'", 1],
    ["select id from d.daily_view where day = '2024-01-02'", 2],
    ["with x as (select day as d, id from d.daily) select id from x where d = '2024-01-02'", 2],
    [
      "select id from (select * from d.daily union all select * from d.daily) where day = '2024-01-02' limit 1",
      2,
    ],
    [
      "select max(id) from (select day, max(id) as id from d.daily group by day) where day = '2024-01-01'",
      1,
    ],
  ])("accepts %s", async (sql, id) => {
    await setUp();
    expect(await rows(sql)).toEqual([[id]]);
  });

  it.each([
    "select id from d.daily",
    "select id from d.daily where id = 1",
    "select id from d.daily where day = '2024-01-01' or id = 1",
    "select id from d.daily where day = '2024-01-01' or true",
    "select id from d.daily where day = (select max(day) from d.days)",
    "select id from d.daily where day in (select day from d.days)",
    "select a.id from d.daily as a join d.days as b on a.day = b.day",
    "select a.id from d.daily as a left join d.days as b on a.day = '2024-01-01'",
    "select id from d.daily where exists (select 1 from d.days where day = '2024-01-01')",
    "select id from d.daily_view where next = 2",
    "select id from d.ranked where day = '2024-01-01'",
    "select id from (select * from d.daily limit 10) where day = '2024-01-01'",
    "update d.daily set id = 1 where true",
    "delete d.daily where id = 1",
    "merge d.daily as t using d.days as s on t.id = s.id when matched then delete",
    "merge d.daily as t using d.days as s on t.id = s.id when matched and t.day = '2024-01-01' then delete when not matched then insert (id) values (id)",
  ])("refuses %s", async (sql) => {
    await setUp();
    await expect(rows(sql)).rejects.toThrow(wanted);
  });

  it.each([
    ["update d.daily set id = 9 where day = '2024-01-01'", 1],
    ["delete d.daily where day > '2000-01-01'", 2],
    [
      "merge d.daily as t using d.days as s on t.id = s.id and t.day = '2024-01-01' when matched then delete",
      1,
    ],
    [
      "merge d.daily as t using d.days as s on false when not matched by source and t.day in unnest([date '2024-01-01']) then delete when not matched then insert (id, day) values (id, day)",
      2,
    ],
    ["truncate table d.daily", 3],
  ])("changes rows by %s", async (sql, changed) => {
    await setUp();
    const { inserted = 0, updated = 0, deleted = 0 } = (await run(sql)).dml ?? {};
    expect(inserted + updated + deleted).toBe(changed);
  });
});

describe("tables that expire", () => {
  it("are gone from the moment on", async () => {
    await run(`
      create table d.old (x int64) options (expiration_timestamp = timestamp '2020-01-01 00:00:00 UTC');
      create table d.young (x int64) options (expiration_timestamp = timestamp '2200-01-01 00:00:00 UTC')`);
    await expect(rows("select * from d.old")).rejects.toThrow("Not found: Table shop:d.old");
    expect(await rows("select * from d.young")).toEqual([]);
    expect(
      await rows(
        "select table_name from d.INFORMATION_SCHEMA.TABLES where table_name in ('old', 'young')",
      ),
    ).toEqual([["young"]]);
    await run("create table d.old as select 2 as x");
    expect(await rows("select x from d.old")).toEqual([[2]]);
  });

  it("take the default of their dataset", async () => {
    await run("create schema brief options (default_table_expiration_days = 0.00000001)");
    await run("create table brief.t as select 1 as x");
    await expect(rows("select * from brief.t")).rejects.toThrow("Not found: Table shop:brief.t");
    await run("drop schema brief");
  });
});

describe("tables partitioned by ingestion time", () => {
  it("have the time of each row in pseudo columns, which are no part of *", async () => {
    await run(`
      create or replace table d.come (id int64) partition by _partitiondate;
      insert d.come (id) values (1);
      insert d.come (_PARTITIONTIME, id) values ('2024-01-02 00:00:00 UTC', 2)`);
    expect(await rows("select * from d.come order by id")).toEqual([[1], [2]]);
    expect(
      await rows(
        "select id from d.come where _partitiondate = '2024-01-02' and _partitiontime < current_timestamp()",
      ),
    ).toEqual([[2]]);
    expect(
      await rows("select c._PARTITIONDATE = current_date() from d.come as c where id = 1"),
    ).toEqual([[true]]);
  });

  it("move rows, change them by partition, and list their partitions", async () => {
    await run(`
      create or replace table d.moved (id int64) partition by timestamp_trunc(_partitiontime, month);
      insert d.moved (_partitiontime, id) values ('2024-01-01 00:00:00+00', 1), ('2024-02-01 00:00:00+00', 2);
      update d.moved set _partitiontime = timestamp '2024-03-01 00:00:00+00' where _partitiondate = '2024-01-01';
      merge d.moved as t using (select 3 as id) as s on false
      when not matched by source and t._partitiondate = '2024-02-01' then delete
      when not matched then insert (id, _partitiontime) values (id, timestamp '2024-04-01 00:00:00+00')`);
    expect(
      await rows(
        "select partition_id, total_rows from d.INFORMATION_SCHEMA.PARTITIONS where table_name = 'moved' order by 1",
      ),
    ).toEqual([
      ["202403", 1],
      ["202404", 1],
    ]);
    await expect(
      run("insert d.moved (_partitiontime, id) values ('2024-01-02 00:00:00+00', 1)"),
    ).rejects.toThrow("_PARTITIONTIME must be the beginning of a partition: a month in UTC");
  });

  it("keep the time in copies and under a changed schema", async () => {
    await run(`
      create or replace table d.first (id int64) partition by _partitiondate;
      insert d.first (_partitiontime, id) values ('2024-01-02 00:00:00 UTC', 2);
      alter table d.first add column note string;
      create or replace table d.second clone d.first;
      insert d.second (id, note) values (3, 'now')`);
    expect(
      await rows("select id, note, _partitiondate < '2025-01-01' from d.second order by id"),
    ).toEqual([
      [2, null, true],
      [3, "now", false],
    ]);
  });

  it("want a filter on the pseudo columns when they are told to", async () => {
    await run(`
      create or replace table d.strict (id int64) partition by _partitiondate
      options (require_partition_filter = true)`);
    await expect(rows("select id from d.strict")).rejects.toThrow(
      "over column(s) '_PARTITION_LOAD_TIME', '_PARTITIONDATE', '_PARTITIONTIME' that",
    );
    expect(await rows("select id from d.strict where _partitiontime is not null")).toEqual([]);
  });

  it("are not made from a query, and no column has their names", async () => {
    await expect(
      run("create table d.no partition by _partitiondate as select 1 as x"),
    ).rejects.toThrow("cannot be used with AS query");
    await expect(
      run("create table d.no as select date '2024-01-01' as _partitiondate"),
    ).rejects.toThrow('Invalid field name "_partitiondate"');
  });
});
