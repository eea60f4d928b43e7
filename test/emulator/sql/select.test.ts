import { describe, expect, it } from "vitest";
import { sqlTest } from "./support.ts";

const t = sqlTest();

describe("columns of a result", () => {
  it("keep their names as written, number unnamed ones and suffix repeated ones", () => {
    expect(t.columns("select 1, 2 as Total, 'x', 3 as total")).toEqual([
      "f0_ INT64",
      "Total INT64",
      "f1_ STRING",
      "total_1 INT64",
    ]);
  });

  it("take the last part of a path as name, other expressions none", () => {
    const sql =
      "select o.id, (o.s), o.s.a, o.id + 0 from (select 1 as id, struct(2 as a) as s) as o";
    expect(t.columns(sql)).toEqual(["id INT64", "s STRUCT<a INT64>", "a INT64", "f0_ INT64"]);
  });

  it("have exactly the type GoogleSQL gives", () => {
    const sql = `select sum(i), avg(i), sum(n), avg(n), sum(f), count(*), min(d), max(d) - min(d), i / 2, n / 2, i * n,
        date_trunc(max(d), month), d + interval 1 day, array_agg(i), approx_quantiles(i, 2), 5 + 0.5, null, []
      from (select 1 as i, numeric '2' as n, 0.5 as f, date '2024-01-31' as d) group by i, n, d`;
    expect(t.columns(sql).map((column) => column.split(" ").slice(1).join(" "))).toEqual([
      "INT64",
      "FLOAT64",
      "NUMERIC",
      "NUMERIC",
      "FLOAT64",
      "INT64",
      "DATE",
      "INTERVAL",
      "FLOAT64",
      "NUMERIC",
      "NUMERIC",
      "DATE",
      "DATETIME",
      "ARRAY<INT64>",
      "ARRAY<INT64>",
      "FLOAT64",
      "INT64",
      "ARRAY<INT64>",
    ]);
  });
});

describe("star", () => {
  it("leaves out and replaces columns", async () => {
    const sql = "select * except (a) replace (b + 1 as b) from (select 1 as a, 2 as b, 3 as c)";
    expect(t.columns(sql)).toEqual(["b INT64", "c INT64"]);
    expect(await t.rows(sql)).toEqual([[3, 3]]);
  });

  it("expands a table, a struct column and an array of structs", async () => {
    expect(
      t.columns("select t.*, t.s.* from (select struct(1 as p, 2 as q) as s, 'x' as n) as t"),
    ).toEqual(["s STRUCT<p INT64, q INT64>", "n STRING", "p INT64", "q INT64"]);
    expect(await t.rows("select * from unnest([struct('a' as k, 1 as v), ('b', 2)])")).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("has a column of JOIN USING once, in front", async () => {
    const sql = `select * from (select 1 as x, 5 as id) a full join (select 6 as id, 2 as y) b using (id) order by id`;
    expect(t.columns(sql)).toEqual(["id INT64", "x INT64", "y INT64"]);
    expect(await t.rows(sql)).toEqual([
      [5, 1, null],
      [6, null, 2],
    ]);
  });

  it("fails for a column that is not there", () => {
    expect(t.failure("select * except (nope) from (select 1 as a)")).toBe(
      "Column nope in SELECT * EXCEPT or REPLACE list does not exist at [1:18]",
    );
  });
});

describe("value tables", () => {
  it("SELECT AS STRUCT in a subquery is one value with fields", async () => {
    expect(await t.rows("select (select as struct 1 as a, 'x' as b).b")).toEqual([["x"]]);
    expect(await t.rows("select v.a, a from (select as struct 1 as a) as v")).toEqual([[1, 1]]);
  });

  it("ARRAY(SELECT AS STRUCT …) keeps the order", async () => {
    const sql =
      "select array(select as struct x, x * x as sq from unnest([2, 3, 1]) as x order by x desc)";
    expect(await t.rows(sql)).toEqual([
      [
        [
          { x: 3, sq: 9 },
          { x: 2, sq: 4 },
          { x: 1, sq: 1 },
        ],
      ],
    ]);
  });
});

describe("order", () => {
  it("puts NULL first when ascending and last when descending, unless it is said", async () => {
    const order = async (how: string) =>
      (await t.rows(`select x from unnest([2, null, 1]) as x order by x ${how}`)).map(([x]) => x);
    expect(await order("")).toEqual([null, 1, 2]);
    expect(await order("desc")).toEqual([2, 1, null]);
    expect(await order("nulls last")).toEqual([1, 2, null]);
    expect(await order("desc nulls first")).toEqual([null, 2, 1]);
  });

  it("leaves the sign of zero in a row that is sorted by it", async () => {
    const zeros = async (sql: string) => (await t.rows(sql)).map(([value]) => Object.is(value, -0));
    const from = "from unnest([-0.0]) as x";
    expect(await zeros(`select x ${from} order by x`)).toEqual([true]);
    expect(await zeros(`select x, row_number() over (order by x) ${from}`)).toEqual([true]);
    expect(await zeros(`select distinct x ${from} order by x desc`)).toEqual([true]);
  });

  it("an alias hides the column of the same name", async () => {
    const sql =
      "select b as a, a as b from (select 1 as a, 2 as b union all select 2, 1) order by a";
    expect(await t.rows(sql)).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it("takes positions, expressions of columns that are not selected, and LIMIT with OFFSET", async () => {
    expect(
      await t.rows("select -x from unnest([1, 3, 2]) as x order by 1 limit 1 offset 1"),
    ).toEqual([[-2]]);
    expect(
      await t.rows(
        "select 'n' || x.k as n from unnest([struct('a' as k, 2 as o), ('b', 1)]) as x order by x.o",
      ),
    ).toEqual([["nb"], ["na"]]);
  });

  it("behind DISTINCT sees the output only", async () => {
    expect(await t.rows("select distinct x from unnest([3, 1, 3, 2]) as x order by -x")).toEqual([
      [3],
      [2],
      [1],
    ]);
    expect(
      t.failure("select distinct x from unnest([struct(1 as x, 2 as y)]) order by y"),
    ).toContain("Unrecognized name: y");
  });
});

describe("WITH", () => {
  it("sees earlier expressions, hides tables, nests and recurses", async () => {
    const sql = `with a as (select 1 as x), b as (select x + 1 as y from a)
      select (with a as (select 10 as x) select x from a) + y from a, b`;
    expect(await t.rows(sql)).toEqual([[12]]);
    const days = `with recursive days as (
        select date '2024-02-27' as d union all select d + 1 from days where d < '2024-03-02')
      select count(*), max(d) from days`;
    expect(await t.rows(days)).toEqual([[5, "2024-03-02"]]);
  });

  it("may stand before a query in parentheses and before a set operation", async () => {
    expect(await t.rows("with a as (select 1 as x) (select x from a)")).toEqual([[1]]);
    expect(
      await t.rows(
        "with a as (select 1 as x) (select x from a) union all (select x + 1 from a) order by 1",
      ),
    ).toEqual([[1], [2]]);
  });
});

describe("set operations", () => {
  it("meet by position under the left names, with the common type", async () => {
    const sql = "select 1 as a, null as b union all select 2.5, 'x' order by a";
    expect(t.columns(sql)).toEqual(["a FLOAT64", "b STRING"]);
    expect(await t.rows(sql)).toEqual([
      [1, null],
      [2.5, "x"],
    ]);
  });

  it("match structs by position, not by the names of their fields", async () => {
    const sql =
      "select sum(s.b) from (select struct(1 as a, 2 as b) as s union all select struct(10 as b, 20 as a))";
    expect(await t.rows(sql)).toEqual([[22]]);
  });

  it("of different kinds need parentheses", async () => {
    expect(t.failure("select 1 union all select 2 except distinct select 2")).toContain(
      "parentheses",
    );
    expect(await t.rows("(select 1 as x union all select 2) except distinct select 2")).toEqual([
      [1],
    ]);
  });

  it("refuse what BigQuery refuses", () => {
    expect(t.failure("select 1 union select 2")).toContain(
      "Expected keyword ALL or keyword DISTINCT",
    );
    expect(t.failure("select 1, 2 union all select 1")).toContain("mismatched column count");
    expect(t.failure("select 1 union all select 'x'")).toContain(
      "incompatible types: INT64, STRING",
    );
  });
});
