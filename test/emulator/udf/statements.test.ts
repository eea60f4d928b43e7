import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";

const { run, rows } = testWarehouse();

/** A JavaScript function of numbers and what it means, written twice: for the query and for the test. */
const FUNCTIONS: readonly (readonly [string, (x: number) => number | null])[] = [
  ["x * 2", (x) => x * 2],
  ["7 - x", (x) => 7 - x],
  ["x % 5", (x) => x % 5],
  ["x > 3 ? null : x", (x) => (x > 3 ? null : x)],
  ["Math.max(x, 1)", (x) => Math.max(x, 1)],
];
const declare = (name: string, body: string) =>
  `create temp function ${name}(x float64) returns float64 language js as 'return x === null ? null : ${body}';`;
const apply = (f: (x: number) => number | null, x: number | null) => (x === null ? null : f(x));
/** Without the zero below zero, which only JavaScript's comparison tells from zero. */
const plain = ({ y }: { y: number | null }) => (y === null ? null : y + 0);
const NUMBERS = fc.array(fc.option(fc.integer({ min: -9, max: 9 })), {
  minLength: 1,
  maxLength: 12,
});

describe("JavaScript functions give what their bodies say", () => {
  test("nested, in conditions, joins and aggregates, over random rows", async () => {
    const one = fc.constantFrom(...FUNCTIONS);
    await fc.assert(
      fc.asyncProperty(one, one, NUMBERS, async ([f, asF], [g, asG], xs) => {
        const input = `(select x from unnest(array<float64>[${xs.map(String).join(", ")}]) as x)`;
        const found = await rows(`${declare("f", f)} ${declare("g", g)}
          select
            to_json_string(array(select as struct f(g(x)) as y from unnest(input) as x with offset as o order by o)),
            (select countif(f(x) > g(x)) from ${input}),
            (select sum(f(x)) from ${input}),
            (select count(*) from ${input} as a join ${input} as b on f(a.x) = g(b.x))
          from (select array<float64>[${xs.map(String).join(", ")}] as input)`);
        const [nested, greater, sum, pairs] = found[0] ?? [];
        const fs = xs.map((x) => apply(asF, x));
        const gs = xs.map((x) => apply(asG, x));
        const known = fs.filter((y) => y !== null);
        expect(JSON.parse(String(nested)).map(plain)).toEqual(
          gs.map((y) => plain({ y: apply(asF, y) })),
        );
        expect(greater).toBe(
          fs.filter((y, i) => y !== null && gs[i] !== null && y > (gs[i] ?? 0)).length,
        );
        expect(sum).toEqual(known.length === 0 ? null : known.reduce((a, b) => a + b, 0));
        expect(pairs).toBe(known.flatMap((y) => gs.filter((z) => z === y)).length);
      }),
      { numRuns: 8 },
    );
  });

  test("a value that is returned as it came is the same, whatever its type", async () => {
    const micros = fc.bigInt({ min: -62135596800000000n, max: 253402300799999999n });
    const decimal = fc
      .tuple(
        fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }),
        fc.integer({ min: 0, max: 999999999 }),
      )
      .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(9, "0")}`);
    const text = fc.string({ unit: "binary", maxLength: 8 }).map((s) => JSON.stringify(s));
    const date = fc
      .integer({ min: -719162, max: 2932896 })
      .map((days) => `date_from_unix_date(${days})`);
    const int = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String);
    const types: Readonly<Record<string, fc.Arbitrary<string>>> = {
      int64: int,
      float64: fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((x) => `cast('${x}' as float64)`),
      numeric: decimal.map((x) => `numeric '${x}'`),
      bool: fc.boolean().map(String),
      string: text.filter((s) => !/\\u[dD]/.test(s)),
      bytes: fc
        .uint8Array({ maxLength: 6 })
        .map((b) => `from_hex('${Buffer.from(b).toString("hex")}')`),
      date,
      timestamp: micros.map((m) => `timestamp_micros(${m})`),
      "array<int64>": fc.array(int, { maxLength: 3 }).map((xs) => `[${xs.join(", ")}]`),
      "struct<a int64, b array<date>>": fc.tuple(int, date).map(([a, b]) => `(${a}, [${b}])`),
    };
    for (const [type, value] of Object.entries(types)) {
      const values = fc.sample(fc.option(value, { nil: "null" }), 10);
      const [row] = await rows(`
        create temp function same(x ${type}) returns ${type} language js as 'return x';
        with v as (${values.map((v) => `select cast(${v} as ${type}) as x`).join(" union all ")}),
          seen as (select to_json_string(x) as given, to_json_string(same(x)) as got from v)
        select count(*), string_agg(if(got = given, null, concat(given, ' → ', got)), ' ') from seen`);
      expect([type, ...(row ?? [])]).toEqual([type, values.length, null]);
    }
  });
});

const SHOUT = `create or replace function d.shout(s string) returns string language js as r"""return s + '!'""";`;

describe("JavaScript functions stand where other functions do", () => {
  const table = (name: string) =>
    `create or replace table d.${name} as select x, cast(x as string) as s from unnest(generate_array(1, 5)) as x;`;

  test.each([
    ["a group", "select d.shout(substr(s, 1, 0)) as g, count(*) from d.p group by g", [["!", 5]]],
    ["an order", "select x from d.p order by d.shout(s) desc limit 1", [[5]]],
    [
      "a window",
      "select x from d.p qualify row_number() over (order by d.shout(s) desc) = 2",
      [[4]],
    ],
    [
      "a correlated subquery",
      "select (select max(d.shout(b.s)) from d.p b where b.x = a.x) from d.p a where x = 3",
      [["3!"]],
    ],
    [
      "an aggregate",
      "select string_agg(d.shout(s), '' order by d.shout(s)) from d.p",
      [["1!2!3!4!5!"]],
    ],
    [
      "an outer join",
      "select count(b.x) from d.p a left join d.p b on d.shout(a.s) = b.s || '!'",
      [[5]],
    ],
    [
      "CASE",
      "select case when x = 1 then d.shout(s) end from d.p where x < 3 order by x",
      [["1!"], [null]],
    ],
    [
      "a function's argument",
      "select safe_cast(d.shout('a') as int64), safe.substr(d.shout('abc'), 2)",
      [[null, "bc!"]],
    ],
    [
      "recursion",
      "with recursive r as (select 'a' as s union all select d.shout(s) from r where length(s) < 4) select max(s) from r",
      [["a!!!"]],
    ],
    [
      "PIVOT",
      "select * from (select d.shout(s) as k, x from d.p) pivot(sum(x) for k in ('2!' as a, '3!' as b))",
      [[2, 3]],
    ],
    ["EXECUTE IMMEDIATE", "execute immediate 'select d.shout(?)' using 'a'", [["a!"]]],
    [
      "variables",
      "declare v string default d.shout('a'); set v = d.shout(v); if d.shout(v) = 'a!!!' then select v; end if",
      [["a!!"]],
    ],
    [
      "a SQL function",
      "create temp function twice(x string) as (d.shout(d.shout(x))); select twice('a')",
      [["a!!"]],
    ],
  ])("%s", async (_, query, expected) => {
    await run(`${SHOUT} ${table("p")}`);
    expect(await rows(query)).toEqual(expected);
  });

  test("views, CREATE TABLE AS, INSERT, UPDATE, MERGE, DELETE", async () => {
    await run(`${SHOUT} ${table("w")}
      create or replace view d.loud as select d.shout(s) as s from d.w;
      create or replace table d.kept as select s from d.loud where s < '3';
      insert into d.kept select d.shout('new');
      update d.kept set s = d.shout(s) where d.shout(s) = '1!!';
      merge d.kept using (select d.shout(s) as s from d.w where x < 4) as n on kept.s = n.s
        when matched then update set s = d.shout(n.s)
        when not matched then insert (s) values (d.shout(n.s));
      delete from d.kept where s = d.shout('3!')`);
    expect(await rows("select s from d.kept order by s")).toEqual([
      ["1!!"],
      ["1!!"],
      ["2!!"],
      ["new!"],
    ]);
  });

  test("a transaction that is committed, and one that is not", async () => {
    await run(`${SHOUT} create or replace table d.tx (s string);
      begin transaction; insert into d.tx select d.shout('kept'); commit transaction;
      begin transaction; insert into d.tx select d.shout('lost'); rollback transaction;
      insert into d.tx select d.shout('after')`);
    expect(await rows("select s from d.tx order by s")).toEqual([["after!"], ["kept!"]]);
  });
});

describe("a function is called once for each row", () => {
  const COUNT = `create temp function n() returns float64 language js as
    'globalThis.calls = (globalThis.calls || 0) + 1; return calls';`;

  test("as often as there are rows, from the start in each statement", async () => {
    const numbers = "select count(distinct n), min(n), max(n), count(*) from";
    const all = await rows(`${COUNT} create table d.once as
        select n() as n from unnest(generate_array(1, 10000)) as x;
      insert into d.once select n() from unnest(generate_array(1, 3)) as x;
      ${numbers} d.once`);
    expect(all).toEqual([[10000, 1, 10000, 10003]]);
  });

  test("Math.random differs from row to row", async () => {
    const found =
      await rows(`create temp function r() returns float64 not deterministic language js as
      'return Math.random()'; select count(distinct r()) > 90 from unnest(generate_array(1, 100)) as x`);
    expect(found).toEqual([[true]]);
  });

  test("one slow row among many", async () => {
    const found = await rows(`create temp function f(x float64) returns float64 language js as r"""
        if (x === 77777) for (let i = 0; i < 2e8; i++);
        return -x"""; select sum(f(x)), count(*) from unnest(generate_array(1, 100000)) as x`);
    expect(found).toEqual([[-5000050000, 100000]]);
  });
});

describe("what a function throws", () => {
  const BOOM = `create temp function boom(x float64) returns float64 language js as
    'if (x === 3000) throw new RangeError("no " + x); return x';`;

  test("is the statement's error, and the statement leaves nothing", async () => {
    await run("create or replace table d.none (x float64)");
    await expect(
      run(`${BOOM} insert into d.none select boom(x) from unnest(generate_array(1, 5000)) as x`),
    ).rejects.toThrow("RangeError: no 3000 at boom(FLOAT64)");
    expect(await rows("select count(*) from d.none")).toEqual([[0]]);
  });

  test("can be caught by a script", async () => {
    const found = await rows(
      `${BOOM} begin select boom(3000); exception when error then select @@error.message; end`,
    );
    expect(String(found[0]?.[0])).toContain("RangeError: no 3000 at boom(FLOAT64)");
  });

  test.each([
    ["an object that cannot be printed", "throw {toString() { throw 1; }}", "Error at f()"],
    ["nothing at all", "throw null", "null at f()"],
    ["too deep a recursion", "const g = () => g(); return g()", "RangeError: Maximum call stack"],
    ["an integer without room", "return '9223372036854775808'", "Failed to coerce output value"],
  ])("%s", async (_, body, message) => {
    const query = `create temp function f() returns int64 language js as r"""${body}"""; select f()`;
    await expect(run(query)).rejects.toThrow(message);
  });
});

test.each([
  [
    "libraries",
    "create temp function f() returns string language js options (library = 'gs://b/x.js') as ''",
    "libraries of JavaScript functions",
  ],
  [
    "aggregates",
    "create temp aggregate function f(x float64) returns float64 language js as ''",
    "CREATE AGGREGATE FUNCTION",
  ],
  [
    "arguments of any type",
    "create temp function f(x any type) returns string language js as ''",
    "ANY TYPE in a JavaScript function",
  ],
  [
    "SAFE.",
    "create temp function f() returns string language js as ''; select safe.f()",
    "SAFE. before a JavaScript function",
  ],
  [
    "INTERVAL",
    "create temp function f(x interval) returns string language js as ''",
    "INTERVAL in a JavaScript function",
  ],
  [
    "DATETIME",
    "create temp function f() returns datetime language js as ''",
    "DATETIME in a JavaScript function",
  ],
  [
    "names that are words of JavaScript",
    "create temp function f(class string) returns string language js as ''",
    "SyntaxError",
  ],
])("%s are refused by name", async (_, query, message) => {
  await expect(run(query)).rejects.toThrow(message);
});

test("a call before COALESCE's other operands is one call", async () => {
  const found =
    await rows(`create temp function counted(x int64) returns int64 not deterministic language js
    as 'globalThis.calls = (globalThis.calls ?? 0) + 1; return globalThis.calls % 2 ? null : globalThis.calls';
    select coalesce(counted(x), x * 10) from unnest([1, 2, 3, 4]) as x with offset as o order by o`);
  expect(found.map(([value]) => Number(value))).toEqual([10, 2, 30, 4]);
});
