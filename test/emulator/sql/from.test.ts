import { describe, expect, it } from "vitest";
import { sqlTest } from "./support.ts";

const t = sqlTest();
const orders = `(select 1 as id, [struct('s1' as sku, 2 as qty), ('s2', 1)] as lines, [7, 8] as tags
  union all select 2, [], null)`;

describe("arrays in FROM", () => {
  it("in every form: comma, CROSS JOIN, path, UNNEST", async () => {
    const joins = [
      "o, o.lines as l",
      "o, unnest(o.lines) as l",
      "o cross join o.lines l",
      "o cross join unnest(lines) l",
      "o join unnest(o.lines) as l",
      "o inner join o.lines as l on true",
    ];
    for (const join of joins) {
      const sql = `select id, l.sku, qty from ${orders} as ${join} order by sku`;
      expect(await t.rows(sql), join).toEqual([
        [1, "s1", 2],
        [1, "s2", 1],
      ]);
    }
  });

  it("keep the row of an empty array behind LEFT JOIN", async () => {
    const expected = [
      [1, "s1"],
      [1, "s2"],
      [2, null],
    ];
    expect(
      await t.rows(
        `select id, l.sku from ${orders} o left join unnest(o.lines) as l order by 1, 2`,
      ),
    ).toEqual(expected);
    expect(
      await t.rows(`select id, l.sku from ${orders} o left join o.lines as l order by 1, 2`),
    ).toEqual(expected);
    const filtered = `select id, l.sku from ${orders} o left join unnest(o.lines) as l on l.qty > 1 order by 1, 2`;
    expect(await t.rows(filtered)).toEqual([
      [1, "s1"],
      [2, null],
    ]);
  });

  it("count positions from 0", async () => {
    const expected = [
      [7, 0],
      [8, 1],
    ];
    for (const item of [
      "unnest(o.tags) as tag with offset as n",
      "o.tags as tag with offset n",
      "o.tags tag with offset as n",
    ]) {
      expect(await t.rows(`select tag, n from ${orders} as o, ${item} order by n`), item).toEqual(
        expected,
      );
    }
    expect(
      await t.rows(
        `select tag, offset from ${orders} as o, o.tags as tag with offset order by offset`,
      ),
    ).toEqual(expected);
    const left = `select id, tag, n from ${orders} o left join unnest(o.tags) as tag with offset as n order by id, n`;
    expect(await t.rows(left)).toEqual([
      [1, 7, 0],
      [1, 8, 1],
      [2, null, null],
    ]);
  });

  it("inside subqueries of the SELECT list", async () => {
    const sql = `select id, (select sum(qty) from unnest(lines)), (select count(*) from o.tags),
        array(select tag * 2 from unnest(tags) as tag order by tag desc), exists(select 1 from unnest(lines) where sku = 's2')
      from ${orders} as o order by id`;
    expect(await t.rows(sql)).toEqual([
      [1, 3, 2, [16, 14], true],
      [2, null, 0, [], false],
    ]);
  });

  it("with expressions of the enclosing row, whatever DuckDB needs lambdas for", async () => {
    const sql =
      "select (select max(x) from unnest([nullif(a, 0), a / b, abs(a * b)]) as x) from (select 3.0 as a, 2.0 as b)";
    expect(await t.rows(sql)).toEqual([[6]]);
  });

  it("of anything but an array fail", () => {
    expect(t.failure("select 1 from unnest(5)")).toContain("must be arrays");
  });
});

describe("joins", () => {
  const a = "(select 1 as id, 'x' as n union all select 2, 'y') as a";
  const b = "(select 2 as id, true as ok union all select 3, false) as b";

  it("of each kind", async () => {
    const ids = (join: string) =>
      t.rows(`select a.id, b.id from ${a} ${join} ${b} on a.id = b.id order by 1, 2`);
    expect(await ids("join")).toEqual([[2, 2]]);
    expect(await ids("left join")).toEqual([
      [1, null],
      [2, 2],
    ]);
    expect(await ids("right outer join")).toEqual([
      [null, 3],
      [2, 2],
    ]);
    expect(await ids("full join")).toEqual([
      [null, 3],
      [1, null],
      [2, 2],
    ]);
    expect(await t.rows(`select count(*) from ${a} cross join ${b}`)).toEqual([[4]]);
    expect(await t.rows(`select count(*) from ${a}, ${b} where a.id < b.id`)).toEqual([[3]]);
  });

  it("USING takes the side that has the value", async () => {
    const ids = (join: string) =>
      t.rows(`select id, a.id, b.id from ${a} ${join} ${b} using (id) order by 1`);
    expect(await ids("full join")).toEqual([
      [1, 1, null],
      [2, 2, 2],
      [3, null, 3],
    ]);
    expect(await ids("right join")).toEqual([
      [2, 2, 2],
      [3, null, 3],
    ]);
  });

  it("nest in parentheses", async () => {
    const sql = `select a.id, b.id, c.id from ${a} left join (${b} join (select 3 as id) as c on b.id = c.id) on a.id = b.id - 1 order by 1`;
    expect(await t.rows(sql)).toEqual([
      [1, null, null],
      [2, 3, 3],
    ]);
  });

  it("need their condition and a BOOL", () => {
    expect(t.failure(`select 1 from ${a} join ${b}`)).toContain(
      "must have an immediately following ON or USING",
    );
    expect(t.failure(`select 1 from ${a} join ${b} on a.n`)).toContain(
      "JOIN ON clause should return type BOOL",
    );
    expect(t.failure(`select 1 from ${a} join ${b} using (nope)`)).toContain(
      "Column nope in USING clause not found on left side",
    );
  });
});

describe("subqueries", () => {
  it("with more than one row fail when they run", async () => {
    await expect(t.rows("select (select x from unnest([1, 2]) as x)")).rejects.toThrow();
  });

  it("NOT IN with a NULL inside holds for no row", async () => {
    expect(
      await t.rows(
        "select x from unnest([1, 2]) x where x not in (select y from unnest([2, null]) y)",
      ),
    ).toEqual([]);
    expect(
      await t.rows("select x from unnest([1, 2]) x where x not in (select y from unnest([2]) y)"),
    ).toEqual([[1]]);
  });

  it("IN UNNEST knows that an empty array holds nothing", async () => {
    const sql = `select x in unnest(a) from unnest([struct(1 as x, [1] as a), (null, []), (null, [1]), (2, [1, null]), (1, [1, null]), (3, [1])])`;
    expect(await t.rows(sql)).toEqual([[true], [false], [null], [null], [true], [false]]);
  });
});
