import { describe, expect, it } from "vitest";
import { sqlTest } from "./support.ts";

const t = sqlTest();

/** Values that BigQuery's documentation gives or that follow from it, one expression a row. */
function check(cases: readonly (readonly [expression: string, value: unknown])[]) {
  return async () => {
    const [row] = await t.rows(`select ${cases.map(([expression]) => expression).join(",\n")}`);
    cases.forEach(([expression, value], i) => {
      expect(row?.[i], expression).toEqual(value);
    });
  };
}

describe("literals", () => {
  it(
    "of every form",
    check([
      [`'it\\'s'`, "it's"],
      [`"a" || '''b''' || """c"""`, "abc"],
      [`r'\\d'`, "\\d"],
      [`'\\u00e9\\x41\\101'`, "éAA"],
      ["0xFF", 255],
      ["-0x10", -16],
      ["cast(-9223372036854775807 - 1 as string)", "-9223372036854775808"],
      [".5", 0.5],
      ["5.", 5],
      ["1e3", 1000],
      ["numeric '1.10'", "1.1"],
      ["date '2024-1-5'", "2024-01-05"],
      ["to_hex(b'\\x00ab')", "006162"],
      ["to_hex(rb'\\x')", "5c78"],
      ["timestamp '2024-01-01 10:00:00+02' = timestamp '2024-01-01 08:00:00Z'", true],
    ]),
  );

  it("that are wrong fail with their place", () => {
    expect(t.failure("select date '2024-02-30'")).toContain(
      'Could not cast literal "2024-02-30" to type DATE at [1:13]',
    );
    expect(t.failure("select numeric 'x'")).toContain('Invalid NUMERIC value: "x"');
    expect(t.failure("select 9223372036854775808")).toContain("Invalid integer literal");
    expect(t.failure("select json '{'")).toContain("Invalid JSON literal");
  });
});

describe("operators", () => {
  it(
    "divide as FLOAT64 or NUMERIC, never as integers",
    check([
      ["7 / 2", 3.5],
      ["numeric '7' / 2", "3.5"],
      ["numeric '2' / 3", "0.666666667"],
      ["numeric '-2' / 3", "-0.666666667"],
      ["numeric '1.23456789' * numeric '1.1'", "1.358024679"],
      ["numeric '0.000000001' * numeric '0.5'", "0.000000001"],
      ["numeric '0.000000001' / 2", "0.000000001"],
      ["2 + 3 * 4 - 10 / 5", 12],
    ]),
  );

  it("fail where BigQuery fails", async () => {
    for (const expression of [
      "1 / 0",
      "1.5 / 0",
      "numeric '1' / 0",
      "9223372036854775807 + 1",
      "[1][offset(1)]",
      "1 << -1",
    ]) {
      await expect(t.value(expression), expression).rejects.toThrow();
    }
  });

  it(
    "know NULL, NaN and structs",
    check([
      ["cast(null as bool) and false", false],
      ["cast(null as bool) or true", true],
      ["cast('nan' as float64) = cast('nan' as float64)", false],
      ["cast('nan' as float64) != 1", true],
      ["cast('nan' as float64) > 1", false],
      ["1 < cast('nan' as float64)", false],
      ["(1, 'a') = (1, 'a')", true],
      ["(1, cast(null as string)) = (1, 'a')", null],
      ["(1, cast(null as string)) = (2, 'a')", false],
      ["1 is distinct from cast(null as int64)", true],
      ["cast(null as bool) is not true", true],
      ["3 not in (1, cast(null as int64))", null],
    ]),
  );

  it(
    "on bits have 64 of them",
    check([
      ["cast(-8 >> 1 as string)", "9223372036854775804"],
      ["cast(1 << 63 as string)", "-9223372036854775808"],
      ["1 << 64", 0],
      ["6 ^ 3 | 8 & 12", 13],
      ["~5", -6],
    ]),
  );

  it(
    "add dates, days and intervals",
    check([
      ["date '2024-02-28' + 2", "2024-03-01"],
      ["date '2024-01-31' + interval 1 month", "2024-02-29 00:00:00"],
      ["cast(date '2024-01-05' - date '2024-01-01' as string)", "0-0 4 0:0:0"],
      ["cast(interval '1-2 3 4:5:6.7' year to second as string)", "1-2 3 4:5:6.700"],
      ["cast(interval -90 minute as string)", "0-0 0 -1:30:0"],
      ["timestamp '2024-03-30 12:00:00+00' + interval 1 day", "2024-03-31 12:00:00+00"],
    ]),
  );

  it("coerce literals to what they meet, nothing else", () => {
    expect(
      t.columns(
        "select if(true, date '2024-01-01', '2024-01-02') as a, coalesce(numeric '1', 0.5) as b, [1, 2.5] as c",
      ),
    ).toEqual(["a DATE", "b NUMERIC", "c ARRAY<FLOAT64>"]);
    expect(t.failure("select 1 = 'a'")).toContain(
      "No matching signature for operator = for argument types: INT64, STRING",
    );
    expect(t.failure("select if(true, 1, 'a')")).toContain("No matching signature for function IF");
    expect(t.failure("select x = 1 from (select '1' as x)")).toContain(
      "argument types: STRING, INT64 at [1:8]",
    );
    expect(t.failure("select case when true then 1 else 'a' end")).toContain(
      "coercible to a common type",
    );
  });
});

describe("CAST", () => {
  it(
    "from text takes what BigQuery takes",
    check([
      ["cast(' 12 ' as int64)", 12],
      ["cast('0x1F' as int64)", 31],
      ["safe_cast('1.5' as int64)", null],
      ["safe_cast('yes' as bool)", null],
      ["cast('TRUE' as bool)", true],
      ["cast('1.1234567895' as numeric)", "1.12345679"],
      ["safe_cast('2024-02-30' as date)", null],
      ["cast('2024-01-01T10:00:00.5+02:00' as timestamp)", "2024-01-01 08:00:00.5+00"],
      ["cast('2024-07-01 10:00:00 Europe/Rome' as timestamp)", "2024-07-01 08:00:00+00"],
      ["safe_cast('9223372036854775808' as int64)", null],
    ]),
  );

  it(
    "to text prints like BigQuery",
    check([
      ["cast(1e15 as string)", "1e+15"],
      ["cast(0.1 + 0.2 as string)", "0.30000000000000004"],
      ["cast(1.0 as string)", "1"],
      ["cast(numeric '10.50' as string)", "10.5"],
      ["cast(numeric '100' as string)", "100"],
      ["cast(timestamp '2024-01-01 00:00:00.5+00' as string)", "2024-01-01 00:00:00.500+00"],
      ["cast(datetime '2024-01-01 00:00:00.000001' as string)", "2024-01-01 00:00:00.000001"],
      ["cast(time '10:00:00' as string)", "10:00:00"],
      ["cast(true as string)", "true"],
    ]),
  );

  it(
    "rounds half away from zero",
    check([
      ["cast(2.5 as int64)", 3],
      ["cast(-2.5 as int64)", -3],
      ["cast(0.49999999999999994 as int64)", 0],
      ["cast(numeric '-0.5' as int64)", -1],
    ]),
  );

  it(
    "of arrays and structs goes by position",
    check([
      ["cast([1, 2] as array<string>)", ["1", "2"]],
      ["cast(struct(1 as a, '2' as b) as struct<x float64, y int64>)", { x: 1, y: 2 }],
    ]),
  );

  it("that has no meaning fails", async () => {
    expect(t.failure("select cast(1 as date)")).toContain(
      "Invalid cast from INT64 to DATE at [1:13]",
    );
    await expect(t.value("cast('x' || 'y' as int64)")).rejects.toThrow("Bad int64 value: xy");
  });
});

describe("conditionals", () => {
  it(
    "evaluate what they need",
    check([
      ["if(null, 1, 2)", 2],
      ["case 2 when 1 then 'a' when 2 then 'b' end", "b"],
      ["case when 1 > 2 then 1 end", null],
      ["coalesce(null, null, 3)", 3],
      ["nullif('a', 'a')", null],
      ["if(true, 1, 1 / 0)", 1],
    ]),
  );
});

describe("EXTRACT", () => {
  it(
    "weeks, days and zones",
    check([
      ["extract(dayofweek from date '2024-01-07')", 1],
      ["extract(week from date '2024-01-01')", 0],
      ["extract(week from date '2024-01-07')", 1],
      ["extract(week(monday) from date '2024-01-01')", 1],
      ["extract(isoweek from date '2024-12-30')", 1],
      ["extract(isoyear from date '2024-12-30')", 2025],
      ["extract(millisecond from timestamp '2024-01-01 00:00:05.123456+00')", 123],
      [
        "extract(date from timestamp '2024-01-01 23:30:00+00' at time zone 'Europe/Kyiv')",
        "2024-01-02",
      ],
      ["extract(hour from timestamp '2024-06-15 00:00:00+00' at time zone '+05:45')", 5],
    ]),
  );

  it("refuses parts that a type does not have", () => {
    expect(t.failure("select extract(hour from date '2024-01-01')")).toContain(
      "EXTRACT from DATE does not support the HOUR date part",
    );
  });
});

describe("access", () => {
  it(
    "to elements and fields",
    check([
      ["[10, 20][offset(0)]", 10],
      ["[10, 20][ordinal(2)]", 20],
      ["[10, 20][1]", 20],
      ["[10, 20][safe_offset(-1)]", null],
      ["[10, 20][safe_ordinal(0)]", null],
      ["struct(1 as a, struct('x' as c) as b).b.c", "x"],
      [`parse_json('{"a": {"b": [7]}}').a.b[0]`, "7"],
      [`parse_json('{"a b": 1}')['a b']`, "1"],
      [`parse_json('{}').nope is null`, true],
      ["array<struct<a int64, b string>>[(1, 'x'), (2, null)][1]", { a: 2, b: null }],
    ]),
  );
});

it("LIKE: wildcards, escapes, ANY and ALL", async () => {
  const sql =
    "select 'a_b' like 'a\\\\_b', 'axb' like 'a\\\\_b', 'axb' like 'a_b', 'ab' like any ('x', 'a%'), 'ab' like all ('a%', 'x')";
  expect(await t.rows(sql)).toEqual([[true, false, true, true, false]]);
});
