import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";

const { run, rows } = testWarehouse();

describe("INSERT", () => {
  it("inserts values, defaults and queries, by position or by name", async () => {
    await run("create or replace table d.t (id int64, s string, list array<string>)");
    expect((await run("insert into d.t values (1, 'a', ['x']), (2, null, null)")).dml).toEqual({
      inserted: 2,
      updated: 0,
      deleted: 0,
    });
    await run("insert d.t (s, id) values ('b', 3), (default, 4)");
    await run("insert into d.t (id) select id + 10 from d.t where id < 3");
    expect(await rows("select id, s, list from d.t order by id")).toEqual([
      [1, "a", ["x"]],
      [2, null, []],
      [3, "b", []],
      [4, null, []],
      [11, null, []],
      [12, null, []],
    ]);
  });

  it("coerces literals and widens numbers, and rejects the rest", async () => {
    await run(
      "create or replace table d.typed (d date, ts timestamp, n numeric, f float64, st struct<a int64, b numeric>)",
    );
    await run(
      "insert into d.typed values ('2024-02-29', '2024-01-01 10:00:00+01', 1.5, 2, (1, 2))",
    );
    expect(await rows("select d, ts, n, f, st.b from d.typed")).toEqual([
      ["2024-02-29", "2024-01-01 09:00:00+00", "1.500000000", 2, "2.000000000"],
    ]);
    await expect(run("insert into d.typed (n) values ('x')")).rejects.toThrow(
      /STRING.*column n.*NUMERIC/,
    );
    await expect(run("insert into d.typed (d) select '2024-01-01'")).rejects.toThrow(
      /STRING.*column d.*DATE/,
    );
    await expect(run("insert into d.typed (n, d) values (1)")).rejects.toThrow(
      /wrong column count; Has 1, expected 2/,
    );
    await expect(run("insert into d.typed (nothing) values (1)")).rejects.toThrow(
      /nothing is not present/,
    );
    await expect(run("insert into d.typed (n, N) values (1, 1)")).rejects.toThrow(/duplicate/);
    await expect(run("insert into d.not_there values (1)")).rejects.toMatchObject({
      reason: "notFound",
    });
  });

  it("enforces the precision and length of columns", async () => {
    await run("create or replace table d.bounded (n numeric(4, 2), s string(3))");
    await run("insert into d.bounded values (1.005, 'abc')");
    expect(await rows("select * from d.bounded")).toEqual([["1.010000000", "abc"]]);
    await expect(run("insert into d.bounded (n) values (100)")).rejects.toThrow(/n/);
    await expect(run("insert into d.bounded (s) values ('abcd')")).rejects.toThrow(
      /maximum length 3/,
    );
  });
});

describe("UPDATE and DELETE", () => {
  it("changes the rows that match, seeing the table as it was", async () => {
    await run(
      "create or replace table d.u as select x as id, x * 10 as v from unnest([1, 2, 3]) as x",
    );
    expect(
      (
        await run(
          "update d.u as t set v = t.v + (select max(v) from d.u), id = id + 100 where t.id > 1",
        )
      ).dml,
    ).toEqual({ inserted: 0, updated: 2, deleted: 0 });
    expect(await rows("select id, v from d.u order by id")).toEqual([
      [1, 10],
      [102, 50],
      [103, 60],
    ]);
    expect(
      (await run("delete d.u where v in (select v from d.u where id > 102)")).dml,
    ).toMatchObject({ deleted: 1 });
    expect((await run("delete from d.u where true")).dml).toMatchObject({ deleted: 2 });
  });

  it("updates from other tables", async () => {
    await run(
      "create or replace table d.o as select x as id, 'old' as s, 0 as n from unnest([1, 2, 3]) as x; create or replace table d.n as select 1 as id, 'one' as s union all select 2, 'two'",
    );
    await run(
      "update d.o as o set s = n.s, n = m.k + o.id from d.n as n join (select 2 as id, 5 as k) as m on m.id = n.id where n.id = o.id",
    );
    expect(await rows("select id, s, n from d.o order by id")).toEqual([
      [1, "old", 0],
      [2, "two", 7],
      [3, "old", 0],
    ]);
    await expect(run("update d.o as o set s = n.s from d.n as n where true")).rejects.toThrow(
      "UPDATE/MERGE must match at most one source row for each target row",
    );
    expect(await rows("select s from d.o where id = 1")).toEqual([["old"]]);
  });

  it("assigns literals, defaults and NULL as the column's type", async () => {
    await run(
      "create or replace table d.dates (id int64, d date, list array<int64>); insert into d.dates values (1, '2024-01-01', [1])",
    );
    await run("update d.dates set d = '2024-12-31', list = null where id = 1");
    expect(await rows("select d, list from d.dates")).toEqual([["2024-12-31", []]]);
    await run("update d.dates set d = default where true");
    expect(await rows("select d from d.dates")).toEqual([[null]]);
    await expect(run("update d.dates set d = 5 where true")).rejects.toThrow(/INT64.*DATE/);
    await expect(run("update d.dates set id = 1, id = 2 where true")).rejects.toThrow(
      /more than once/,
    );
  });

  it("truncates", async () => {
    await run("create or replace table d.full as select 1 as a");
    expect((await run("truncate table d.full")).dml).toMatchObject({ deleted: 1 });
    expect(await rows("select count(*) from d.full")).toEqual([[0]]);
  });

  it("changes temporary tables", async () => {
    expect(
      await rows(
        "create temp table w as select 1 as a; insert into w values (2), (3); update w set a = a * 10 where a > 1; delete from w where a = 30; select a from w order by a",
      ),
    ).toEqual([[1], [20]]);
  });
});

describe("MERGE", () => {
  const prepare = () =>
    run(`create or replace table d.target as select * from unnest([struct(1 as id, 'a' as s, 10 as n), (2, 'b', 20), (3, 'c', 30)]);
         create or replace table d.source as select * from unnest([struct(2 as id, 'B' as s, 200 as n), (3, 'C', 300), (4, 'D', 400)])`);

  it("updates, inserts and deletes", async () => {
    await prepare();
    const { dml, statementType } = await run(`
      merge into d.target as t using d.source as src on t.id = src.id
      when matched and src.id = 3 then delete
      when matched then update set s = src.s, n = t.n + src.n
      when not matched by target and src.n > 0 then insert (id, n, s) values (id, n, s)
      when not matched by source then update set s = 'left'`);
    expect(statementType).toBe("MERGE");
    expect(dml).toEqual({ inserted: 1, updated: 2, deleted: 1 });
    expect(await rows("select id, s, n from d.target order by id")).toEqual([
      [1, "left", 10],
      [2, "B", 220],
      [4, "D", 400],
    ]);
  });

  it("takes the first clause whose condition holds; NULL does not", async () => {
    await prepare();
    await run(`merge d.target t using d.source src on t.id = src.id
      when matched and cast(null as bool) then delete
      when matched and t.id = 2 then update set s = 'first'
      when matched then update set s = 'second'`);
    expect(await rows("select s from d.target order by id")).toEqual([
      ["a"],
      ["first"],
      ["second"],
    ]);
  });

  it("inserts whole rows", async () => {
    await prepare();
    await run(
      "merge d.target using (select 9 as id, 'z' as s, 90 as n) on false when not matched then insert row",
    );
    expect(await rows("select s from d.target where id = 9")).toEqual([["z"]]);
  });

  it("replaces partitions", async () => {
    await prepare();
    await run(`declare ids default (array(select distinct id from d.source where id is not null));
      merge d.target t using d.source src on false
      when not matched by source and id in unnest(ids) then delete
      when not matched by target then insert (id, s, n) values (id, s, n)`);
    expect(await rows("select id, s from d.target order by id")).toEqual([
      [1, "a"],
      [2, "B"],
      [3, "C"],
      [4, "D"],
    ]);
  });

  it("fails, before it changes anything, when two source rows change one target row", async () => {
    await prepare();
    await expect(
      run(
        "merge d.target t using (select 2 as id union all select 2) s on t.id = s.id when matched then delete when not matched by source then delete",
      ),
    ).rejects.toThrow("UPDATE/MERGE must match at most one source row for each target row");
    expect(await rows("select count(*) from d.target")).toEqual([[3]]);
  });

  it("does not mind two source rows when at most one of them acts", async () => {
    await prepare();
    await run(
      "merge d.target t using (select 2 as id, 1 as k union all select 2, 2) s on t.id = s.id when matched and k = 2 then update set n = k",
    );
    expect(await rows("select n from d.target where id = 2")).toEqual([[2]]);
  });

  it("computes the source once", async () => {
    await prepare();
    await run(
      "merge d.target t using (select id + 1 as id, 'x' as s, 0 as n from d.target) s on t.id = s.id when not matched then insert row when matched then update set s = s.s when not matched by source then delete",
    );
    expect(await rows("select id, s from d.target order by id")).toEqual([
      [2, "x"],
      [3, "x"],
      [4, "x"],
    ]);
  });

  it("is the same as its definition on any tables", async () => {
    const table = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 12 }), n: fc.integer({ min: -5, max: 5 }) }),
      { selector: ({ id }) => id, maxLength: 8 },
    );
    const literal = (list: readonly { id: number; n: number }[]) =>
      `array<struct<id int64, n int64>>[${list.map(({ id, n }) => `(${id}, ${n})`).join(", ")}]`;
    await fc.assert(
      fc.asyncProperty(table, table, async (target, source) => {
        await run(`create or replace table d.law as select * from unnest(${literal(target)})`);
        await run(`merge d.law t using (select * from unnest(${literal(source)})) s on t.id = s.id
          when matched and s.n < 0 then delete
          when matched then update set n = t.n * 100 + s.n
          when not matched then insert row
          when not matched by source and n > 3 then delete`);
        const expected = new Map(target.map(({ id, n }) => [id, n]));
        const sources = new Map(source.map(({ id, n }) => [id, n]));
        for (const { id, n } of target) {
          const other = sources.get(id);
          if (other === undefined ? n > 3 : other < 0) expected.delete(id);
          else if (other !== undefined) expected.set(id, n * 100 + other);
        }
        for (const { id, n } of source)
          if (!target.some((row) => row.id === id)) expected.set(id, n);
        const found = await rows("select id, n from d.law order by id");
        expect(found).toEqual([...expected].sort(([a], [b]) => a - b));
      }),
      { numRuns: 25 },
    );
  });
});
