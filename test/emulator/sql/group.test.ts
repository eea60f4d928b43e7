import { describe, expect, it } from "vitest";
import { sqlTest } from "./support.ts";

const t = sqlTest();
const sales = `(select 'a' as shop, 1 as day, numeric '10.50' as amount union all select 'a', 2, 4.5
  union all select 'b', 1, null union all select 'b', 2, 7)`;

describe("GROUP BY", () => {
  it("takes columns, aliases before columns, positions and expressions", async () => {
    expect(
      await t.rows(`select shop, sum(amount) from ${sales} group by shop order by shop`),
    ).toEqual([
      ["a", "15"],
      ["b", "7"],
    ]);
    expect(
      await t.rows(
        `select upper(shop) as shop, count(*) from ${sales} group by shop order by shop`,
      ),
    ).toEqual([
      ["A", 2],
      ["B", 2],
    ]);
    expect(
      await t.rows(`select day > 1, count(amount) from ${sales} group by 1 order by 1`),
    ).toEqual([
      [false, 1],
      [true, 2],
    ]);
    expect(
      await t.rows(`select mod(day, 2), count(*) from ${sales} group by mod(day, 2) order by 1`),
    ).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  it("is sorted by expressions of aliases, keys and aggregates", async () => {
    const sql = `select shop as s, sum(day) as total, mod(count(*), 2) as odd from ${sales}
      group by shop order by odd, case when odd = 0 then s end desc, sum(amount)`;
    expect(await t.rows(sql)).toEqual([
      ["b", 3, 0],
      ["a", 3, 0],
    ]);
    const key = `select upper(shop), count(*) from ${sales} group by upper(shop) order by upper(shop) desc`;
    expect(await t.rows(key)).toEqual([
      ["B", 2],
      ["A", 2],
    ]);
  });

  it("finds a subquery again that is a key", async () => {
    const key = "(select max(x) from unnest([day, 1]) as x)";
    expect(
      await t.rows(`select ${key} as k, count(*) from ${sales} group by k order by k`),
    ).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it("ALL, ROLLUP, CUBE and GROUPING SETS", async () => {
    expect(
      await t.rows(`select shop, count(*) as n from ${sales} group by all order by 1`),
    ).toEqual([
      ["a", 2],
      ["b", 2],
    ]);
    const rollup = `select shop, grouping(shop) as g, sum(amount) from ${sales} group by rollup(shop) order by g, shop`;
    expect(await t.rows(rollup)).toEqual([
      ["a", 0, "15"],
      ["b", 0, "7"],
      [null, 1, "22"],
    ]);
    const sets = `select shop, day, count(*) from ${sales} group by grouping sets ((shop), (day), ()) order by 1, 2`;
    expect(await t.rows(sets)).toEqual([
      [null, null, 4],
      [null, 1, 2],
      [null, 2, 2],
      ["a", null, 2],
      ["b", null, 2],
    ]);
    expect(
      await t.rows(
        `select count(*) from (select shop, day from ${sales} group by cube(shop, day))`,
      ),
    ).toEqual([[9]]);
  });

  it("lets through nothing that is neither grouped nor aggregated", () => {
    const message = "which is neither grouped nor aggregated";
    expect(t.failure(`select shop, day from ${sales} group by shop`)).toContain(
      `column day ${message}`,
    );
    expect(t.failure(`select shop, sum(amount) from ${sales}`)).toContain(`column shop ${message}`);
    expect(t.failure(`select * from ${sales} group by shop`)).toContain(message);
    expect(
      t.failure(`select shop, (select max(x) from unnest([day]) x) from ${sales} group by shop`),
    ).toContain(message);
    expect(t.failure(`select sum(sum(amount)) from ${sales}`)).toContain(
      "Aggregate function SUM not allowed",
    );
    expect(t.failure(`select shop from ${sales} where sum(amount) > 1`)).toContain(
      "not allowed in WHERE clause",
    );
  });

  it("HAVING sees aliases before columns, inside aggregates too", async () => {
    const sql = `select shop, sum(amount) as total from ${sales} group by shop having total > 10 and min(amount) < 5`;
    expect(await t.rows(sql)).toEqual([["a", "15"]]);
    expect(t.failure(sql.replaceAll("total", "amount"))).toMatch(
      /Aggregations of aggregations are not allowed/,
    );
  });

  it("one row without GROUP BY, none for no groups", async () => {
    expect(
      await t.rows(`select count(*), sum(amount), array_agg(day) from ${sales} where false`),
    ).toEqual([[0, null, []]]);
    expect(await t.rows(`select 'x' as k, count(*) from ${sales} where false group by k`)).toEqual(
      [],
    );
  });
});

describe("aggregates", () => {
  it("ignore NULL, count exactly and keep NUMERIC exact", async () => {
    const sql = `select count(*), count(amount), count(distinct shop), countif(amount > 5), avg(amount), min(amount), max(amount),
      sum(distinct day), logical_or(day > 1), approx_count_distinct(day) from ${sales}`;
    expect(await t.rows(sql)).toEqual([[4, 3, 2, 2, "7.333333333", "4.5", "10.5", 3, true, 2]]);
  });

  it("SUM of INT64 fails when it overflows", async () => {
    await expect(
      t.rows("select sum(x) from unnest([9223372036854775807, 1]) as x"),
    ).rejects.toThrow();
  });

  it("ARRAY_AGG and STRING_AGG with DISTINCT, NULLs, ORDER BY and LIMIT", async () => {
    const from = "from unnest(['b', null, 'a', 'b']) as x";
    expect(
      await t.rows(`select array_agg(x ignore nulls order by x desc limit 2) ${from}`),
    ).toEqual([[["b", "b"]]]);
    expect(await t.rows(`select array_agg(distinct x ignore nulls order by x) ${from}`)).toEqual([
      [["a", "b"]],
    ]);
    expect(await t.rows(`select array_agg(x order by x) ${from}`)).toEqual([
      [[null, "a", "b", "b"]],
    ]);
    expect(
      await t.rows(
        `select string_agg(x), string_agg(distinct x, '-' order by x), string_agg(x, '' order by x limit 2) ${from}`,
      ),
    ).toEqual([["b,a,b", "a-b", "ab"]]);
  });

  it("pick the value of the row with the largest or smallest other value", async () => {
    const sql = `select max_by(day, amount), min_by(shop, amount), any_value(shop having max amount) from ${sales}`;
    expect(await t.rows(sql)).toEqual([[1, "a", "a"]]);
  });

  it("of structs give the best row of each group", async () => {
    const sql = `select shop, array_agg(struct(day, amount) order by amount desc limit 1)[offset(0)].day
      from ${sales} group by shop order by shop`;
    expect(await t.rows(sql)).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("statistics of a single row: samples have none, populations have zero", async () => {
    const sql =
      "select stddev(x), var_pop(x), corr(x, x), covar_samp(x, x), stddev_pop(x) from unnest([2.0]) as x";
    expect(await t.rows(sql)).toEqual([[null, 0, null, null, 0]]);
  });

  it("quantiles and top values", async () => {
    const sql =
      "select approx_quantiles(x, 4), approx_top_count(mod(x, 3), 1) from unnest(generate_array(1, 10)) as x";
    expect(await t.rows(sql)).toEqual([[[1, 3, 5, 8, 10], [{ value: 1, count: 4 }]]]);
  });
});

describe("windows", () => {
  it("number, rank and look around", async () => {
    const sql = `select day, row_number() over (order by amount desc), rank() over (partition by day order by shop),
        lag(amount) over (partition by shop order by day), sum(day) over (order by shop, day rows between 1 preceding and current row)
      from ${sales} order by shop, day`;
    expect(await t.rows(sql)).toEqual([
      [1, 1, 1, null, 1],
      [2, 3, 1, "10.5", 3],
      [1, 4, 2, null, 3],
      [2, 2, 2, null, 3],
    ]);
  });

  it("by name, also with a frame of their own", async () => {
    const sql = `select sum(day) over w, count(*) over (w rows unbounded preceding)
      from ${sales} where shop = 'a' window w as (partition by shop order by day) order by day`;
    expect(await t.rows(sql)).toEqual([
      [1, 1],
      [3, 2],
    ]);
  });

  it("IGNORE NULLS carries the last known value forward", async () => {
    const sql = `select last_value(x ignore nulls) over (order by o)
      from unnest([1, null, null, 4, null]) as x with offset as o order by o`;
    expect(await t.rows(sql)).toEqual([[1], [1], [1], [4], [4]]);
  });

  it("over aggregates: share of the total", async () => {
    const sql = `select shop, sum(amount) / sum(sum(amount)) over () as share from ${sales} group by shop order by shop`;
    expect(await t.rows(sql)).toEqual([
      ["a", "0.681818182"],
      ["b", "0.318181818"],
    ]);
  });

  it("QUALIFY keeps rows by a window function or its alias", async () => {
    const sql = (
      condition: string,
    ) => `select shop, day, row_number() over (partition by shop order by day desc) as rn
      from ${sales} qualify ${condition} order by shop`;
    const last = [
      ["a", 2, 1],
      ["b", 2, 1],
    ];
    expect(await t.rows(sql("rn = 1"))).toEqual(last);
    expect(
      await t.rows(sql("row_number() over (partition by shop order by day desc) = 1")),
    ).toEqual(last);
    expect(t.failure(`select shop from ${sales} qualify shop = 'a'`)).toContain(
      "requires analytic function",
    );
  });

  it("percentiles", async () => {
    const sql = `select distinct percentile_cont(x, 0.5) over (), percentile_disc(x, 0.5) over () from unnest([1, 2, 3, 4, null]) as x`;
    expect(await t.rows(sql)).toEqual([[2.5, 2]]);
  });

  it("are not allowed in WHERE, in GROUP BY or inside each other", () => {
    expect(t.failure(`select 1 from ${sales} where rank() over (order by day) = 1`)).toContain(
      "not allowed in WHERE clause",
    );
    expect(t.failure(`select sum(row_number() over ()) over () from ${sales}`)).toContain(
      "Analytic function not allowed",
    );
    expect(t.failure(`select rank() over () from ${sales}`)).toContain(
      "Window ORDER BY is required",
    );
  });
});

describe("PIVOT and UNPIVOT", () => {
  it("name columns as BigQuery does", async () => {
    const sql = `select * from ${sales} pivot(sum(amount) as total, count(*) as n for day in (1 as first, 2)) order by shop`;
    expect(t.columns(sql)).toEqual([
      "shop STRING",
      "total_first NUMERIC",
      "n_first INT64",
      "total__2 NUMERIC",
      "n__2 INT64",
    ]);
    expect(await t.rows(sql)).toEqual([
      ["a", "10.5", 1, "4.5", 1],
      ["b", null, 1, "7", 1],
    ]);
  });

  it("pivot finds NULL and NaN among its values", async () => {
    const nulls = "(select 'a' as c, 5 as v union all select null, 9)";
    expect(
      await t.rows(`select * from ${nulls} pivot(sum(v) for c in ('a', null as nothing))`),
    ).toEqual([[5, 9]]);
    const nan = "cast('nan' as float64)";
    expect(
      await t.rows(
        `select * from (select ${nan} as c, 5 as v union all select 1, 9) pivot(sum(v) for c in (1 as one, ${nan} as n))`,
      ),
    ).toEqual([[9, 5]]);
  });

  it("unpivot leaves out NULLs unless told", async () => {
    const sql = (how: string) =>
      `select * from (select 'x' as k, 1 as a, cast(null as int64) as b) unpivot ${how}(v for c in (a, b as 'B')) order by c desc`;
    expect(await t.rows(sql(""))).toEqual([["x", 1, "a"]]);
    expect(await t.rows(sql("include nulls "))).toEqual([
      ["x", 1, "a"],
      ["x", null, "B"],
    ]);
  });
});
