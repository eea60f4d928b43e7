import { describe, expect, it } from "vitest";
import { sqlTest } from "./support.ts";

const t = sqlTest();

describe("what is not GoogleSQL is refused with its place", () => {
  const cases: readonly (readonly [sql: string, message: RegExp])[] = [
    ["select 1::int64", /Syntax error: Unexpected ":" at \[1:9\]/],
    ["select 7 // 2", /Unexpected "\/" at \[1:11\]/],
    ["select 7 % 2", /Illegal input character "%" at \[1:10\]/],
    ["select x ilike 'a' from (select 'A' as x)", /ilike.* at \[1:10\]/],
    ["select 1 == 1", /Unexpected "=" at \[1:11\]/],
    ["select a -> a + 1", /.+ at \[1:/],
    ["from (select 1 as a) select a", /Unexpected keyword SELECT at \[1:22\]/],
    ["from (select 1 as a) where a = 1", /Unexpected keyword WHERE at \[1:22\]/],
    ["select * rename (a as b) from (select 1 as a)", /Unexpected identifier RENAME at \[1:10\]/],
    ["select distinct on (a) a from (select 1 as a)", /on in this place at \[1:17\]/],
    ["select a from (select 1 as a) limit all", /all in this place at \[1:37\]/],
    ["select a from (select 1 as a) limit 1 with ties", /with in this place at \[1:39\]/],
    ["select top 1 a from (select 1 as a)", /top in this place at \[1:8\]/],
    ["select a from (select 1 as a) for update", /update in this place/],
    ["select a into b from (select 1 as a)", /into in this place/],
    ["select count(*) filter (where true)", /Unexpected "\("/],
    ["values (1)", /values/],
    ["select * from (values (1))", /values/],
    ["select * from (select 1 as a) natural join (select 1 as a)", /NATURAL JOIN/],
    ["select * from (select 1 as a) asof join (select 1 as b) on true", /ASOF JOIN/],
    ["select a from (select 1 as a) order by 'x'", /Cannot ORDER BY literal values at \[1:40\]/],
    ["select count(*) from (select 1 as a) group by 'x'", /Cannot GROUP BY literal values/],
    ["select array_agg(a order by true) from (select 1 as a)", /Cannot ORDER BY literal values/],
    ["select count(*) over (partition by 0.5) from (select 1 as a)", /Partitioning by .* FLOAT64/],
    [
      "select rank() over (order by (select max(y) over () from unnest([x]) y)) from unnest([1]) x",
      /analytic function of a subquery inside OVER/,
    ],
    [
      "select sum(x) over (order by x range between 1 preceding and current row) from unnest([0.5]) x",
      /RANGE with a distance over FLOAT64; use ORDER BY CAST.* at \[1:30\]/,
    ],
    [
      "select string_agg(x, cast(null as string)) from unnest(['a']) x",
      /Argument 2 to STRING_AGG must be non-NULL at \[1:8\]/,
    ],
    ["select 'a' 'b'", /adjacent literals are not joined at \[1:12\]/],
    ["select [1, 2,]", /Unexpected "\]" at \[1:14\]/],
    ["select 1 as select", /Unexpected keyword SELECT/],
    ["select 1 intersect all select 1", /INTERSECT ALL/],
    ["select 1 union all by name select 2", /by name does not allow unnamed columns/],
    ["select 1 as a full union all select 2", /need BY NAME/],
    ["select 1; select 2", /several statements/],
    [
      "select a = b = c from (select 1 as a, 1 as b, true as c)",
      /must be parenthesized at \[1:8\]/,
    ],
    ["select 1 < 2 is true", /must be parenthesized/],
    ["select 'abc", /Unclosed string literal at \[1:8\]/],
    ["select '\\q'", /Illegal escape sequence: \\q at \[1:9\]/],
    ["select 1 /* open", /Unclosed comment at \[1:10\]/],
    ["select 1a", /Missing whitespace between literal and alias at \[1:9\]/],
    ["select", /must not be empty|Syntax error/],
    ["select 1 from", /Syntax error/],
    ["select (1", /Syntax error/],
  ];
  it.each(cases)("%s", (sql, message) => {
    expect(t.failure(sql)).toMatch(message);
  });
});

describe("what is GoogleSQL but not supported is refused by name with its place", () => {
  const cases: readonly (readonly [sql: string, message: string])[] = [
    ["select st_distance(1, 2)", "function ST_DISTANCE at [1:8]"],
    ["select\n  1,\n  Safe.St_Area(1)", "function ST_AREA at [3:3]"],
    ["select * from (select 1 as a) tablesample system (10 percent)", "table sample"],
    ["select cast(1 as string format '9')", "CAST with FORMAT; use"],
    ["select cast('a' as string(3))", "CAST to a parameterized type"],
    ["select a collate 'und:ci' from (select 'a' as a)", "collation"],
    [
      "select sum(x having max y) from unnest([struct(1 as x, 2 as y)])",
      "SUM with HAVING in the arguments",
    ],
    [
      "select string_agg('a' order by a) over () from (select 1 as a)",
      "STRING_AGG with ORDER BY in the arguments and OVER",
    ],
  ];
  it.each(cases)("%s", (sql, message) => {
    const failure = t.failure(sql);
    expect(failure).toContain(message);
    expect(failure).toMatch(/^Not supported by the emulator: /);
  });
});

it("bare NULLs are no operands", () => {
  expect(t.failure("select 1 = null")).toContain("Operands of = cannot be literal NULL");
  expect(t.failure("select 'a' || null")).toContain("Operands of || cannot be literal NULL");
  expect(t.failure("select not null")).toContain("Operands of NOT cannot be literal NULL");
});

it("a query without FROM has nothing to filter, group or sort", () => {
  expect(t.failure("select 1 where true")).toContain(
    "Query without FROM clause cannot have a WHERE clause",
  );
  expect(t.failure("select count(*)")).toContain(
    "Query without FROM clause cannot use aggregation",
  );
  expect(t.failure("select 1 as a order by a")).toContain("cannot have an ORDER BY clause");
});
