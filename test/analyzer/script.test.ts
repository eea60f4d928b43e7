import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Analyzer, startAnalyzer } from "../../analyzer/analyzer.ts";
import { type Catalog, EMPTY_CATALOG } from "../../analyzer/catalog.ts";
import { checkScript } from "../../analyzer/script.ts";

const catalog: Catalog = {
  tables: new Map([["p.d.orders", [{ name: "id", type: "INT64" }]]]),
  functions: new Map(),
};

describe.skipIf(inject("analyzerMissing") !== "")("checking a script", () => {
  let analyzer: Analyzer;
  beforeAll(async () => {
    analyzer = await startAnalyzer();
  });
  afterAll(() => analyzer.close());

  const problems = async (sql: string) =>
    (await checkScript(analyzer, sql, catalog)).problems.map(
      ({ message, place }) => `${place.line}:${place.column} ${message}`,
    );

  test.each([
    [
      "variables with a type, with a value, with both",
      "declare a, b int64; declare c default 'x'; declare d numeric(9, 2) default 1; select a + b, upper(c), d * 2;",
    ],
    [
      "values that are coerced",
      "declare a date default '2026-01-01'; declare b numeric default 1; declare c array<int64> default []; declare d timestamp; set b = 2; set a = null; set d = '2026-01-01'; if null then select 1; end if;",
    ],
    [
      "variables of outer blocks",
      "declare a int64; begin declare b string; set b = cast(a as string); end;",
    ],
    [
      "the error of a handler",
      "begin select 1; exception when error then select @@error.message, @@row_count; end;",
    ],
    [
      "rows of a FOR",
      "for order_ in (select id, 'x' as name from d.orders) do select order_.id + 1, upper(order_.name); end for;",
    ],
    [
      "temporary tables and functions",
      "create temp table t as select id from d.orders; create temp function f(x int64) as (x + 1); create temp function g(x any type) as (x); select f(id), g(id) + 1 from t;",
    ],
    [
      "tables that are made and filled",
      "create or replace table p.d.copy (id int64, name string); insert into p.d.copy (id) select id from `p.d.orders`; update p.d.copy set name = 'x' where id = 1; merge p.d.copy using d.orders on copy.id = orders.id when not matched then insert (id) values (orders.id);",
    ],
    [
      "loops, labels and branches",
      "declare i int64 default 0; again: loop set i = i + 1; if i > 3 then break again; elseif i = 2 then continue again; else select i; end if; end loop; while i > 0 do set i = i - 1; end while; repeat set i = i + 1; until i > 2 end repeat; case i when 1 then select 1; else select 2; end case; case when i > 1 then select 1; end case;",
    ],
    [
      "transactions, assertions, errors",
      "begin transaction; delete from p.d.orders where true; commit transaction; assert exists (select 1 from d.orders) as 'none'; raise using message = concat('a', 'b'); return;",
    ],
  ])("knows %s", async (_, sql) => {
    expect(await problems(sql)).toEqual([]);
  });

  test.each([
    [
      "a variable behind the end of its block",
      "begin declare b string; end;\nselect b",
      "2:8 Unrecognized name: b",
    ],
    [
      "the default of a variable",
      "declare a int64\n  default nope;",
      "2:11 Unrecognized name: nope",
    ],
    [
      "a field that the rows of a FOR do not have",
      "for o in (select id from d.orders) do\n  select o.idd;\nend for;",
      "2:12 Field name idd does not exist in STRUCT<id INT64>",
    ],
    [
      "a column of a temporary table, behind letters of two bytes",
      "create temp table t as select 'è' as e;\nselect 'è', name from t;",
      "2:13 Unrecognized name: name",
    ],
    [
      "a condition that is none",
      "if 'è' then\n  select 1;\nend if",
      "1:4 A condition must be a BOOL, and this is STRING",
    ],
    [
      "a default that does not fit",
      "declare a int64 default 'x'",
      "1:25 a is INT64, and this is STRING",
    ],
    [
      "an assignment that does not fit",
      "declare A date;\nset a = 1.5;",
      "2:9 a is DATE, and this is FLOAT64",
    ],
    [
      "a script that is none",
      "select 1;\nselect from x",
      "2:8 Syntax error: SELECT list must not be empty",
    ],
  ])("finds %s", async (_, sql, expected) => {
    const [found, ...others] = await problems(sql);
    expect(found).toContain(expected);
    expect(others).toEqual([]);
  });

  test("checks what is put before a query, and gives its columns", async () => {
    const before = "create or replace table `p.d.x` partition by day as";
    const good = await checkScript(analyzer, "select date '2026-01-01' as day", catalog, before);
    expect(good).toMatchObject({ problems: [], columns: [{ name: "day", type: "DATE" }] });
    expect(good.catalog.tables.get("p.d.x")).toEqual([{ name: "day", type: "DATE" }]);
    const bad = await checkScript(analyzer, "select 1 as dya", catalog, before);
    expect(bad.problems[0]?.place.line).toBe(0);
  });

  test("judges nothing behind an ALTER", async () => {
    const sql = "alter table p.d.orders add column b string; select b from p.d.orders;";
    const found = await checkScript(analyzer, sql, catalog);
    expect(found).toMatchObject({ problems: [], skipped: ["what follows ALTER in a script"] });
  });

  test("names what is decided only when it runs, or has no reference", async () => {
    const sql = `execute immediate 'select 1'; call p.d.proc(1);
      select id from d.orders group by all; select * from p.d.INFORMATION_SCHEMA.TABLES;
      select * from \`p.d.orders_*\`; select 1 as a union all by name select 2 as a;`;
    // The last one is a syntax error for the analyzer, so that the script is not read at all.
    expect((await checkScript(analyzer, sql, EMPTY_CATALOG)).skipped).toEqual(["BY NAME"]);
    const parsed = sql.replace(/select 1 as a.*$/, "");
    expect((await checkScript(analyzer, parsed, catalog)).skipped).toEqual([
      "EXECUTE IMMEDIATE",
      "CALL",
      "GROUP BY ALL",
      "INFORMATION_SCHEMA",
      "wildcard table",
    ]);
    const hidden =
      "create temp table t as select 1 as x; select x from _session.t; select id, _partitiontime from d.orders;";
    expect((await checkScript(analyzer, hidden, catalog)).skipped).toEqual([
      "temporary tables by _SESSION",
      "ingestion-time partitions",
    ]);
  });

  test("checks functions that only BigQuery has by their signatures", async () => {
    expect(
      await problems("select max_by(id, id), contains_substr('a', 'b') from d.orders"),
    ).toEqual([]);
    expect(
      await problems(
        `select contains_substr('a', 'b', json_scope => 'JSON_VALUES'), edit_distance('a', 'b', max_distance => 3),
           json_keys(json '{}', mode => 'lax'), cosine_distance([1.0], [2.0]), cosine_distance([(1, 1.0)], [(1, 2.0)])`,
      ),
    ).toEqual([]);
    expect((await problems("select max_by(id) from d.orders"))[0]).toMatch(/Number of arguments/);
  });
});
