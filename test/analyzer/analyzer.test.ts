import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { type Analyzer, startAnalyzer } from "../../analyzer/analyzer.ts";
import { type Catalog, EMPTY_CATALOG } from "../../analyzer/catalog.ts";

const ROOM = join(import.meta.dirname, "../../analyzer");

/** The processes that a process started, and those that they started. */
function descendants(pid: number): { readonly pid: number; readonly command: string }[] {
  const all = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([own, parent, command = ""]) => ({ pid: Number(own), parent: Number(parent), command }));
  const under = (of: number): typeof all =>
    all.filter(({ parent }) => parent === of).flatMap((each) => [each, ...under(each.pid)]);
  return under(pid).map(({ pid: own, command }) => ({
    pid: own,
    command: command.replace(/^.*\//, ""),
  }));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const catalog: Catalog = {
  tables: new Map([
    [
      "local.raw.orders",
      [
        { name: "id", type: "INT64" },
        { name: "amount", type: "NUMERIC(10, 2)" },
        { name: "lines", type: "ARRAY<STRUCT<sku STRING, qty INT64>>" },
      ],
    ],
  ]),
  functions: new Map([
    [
      "local.udf.clean",
      { arguments: [{ name: "raw", type: "STRING" }], returns: "ARRAY<STRUCT<value STRING>>" },
    ],
  ]),
};

describe.skipIf(inject("analyzerMissing") !== "")("the GoogleSQL analyzer", () => {
  let analyzer: Analyzer;
  beforeAll(async () => {
    analyzer = await startAnalyzer();
  });
  afterAll(() => analyzer.close());

  test.each([
    "`local.raw.orders`",
    "local.raw.orders",
    "raw.orders",
    "`raw.orders`",
    "`local`.raw.`ORDERS`",
  ])("finds a table as %s", async (table) => {
    const { columns } = await analyzer.analyze(`select * from ${table}`, catalog);
    expect(columns).toEqual([
      { name: "id", type: "INT64" },
      { name: "amount", type: "NUMERIC" },
      { name: "lines", type: "ARRAY<STRUCT<sku STRING, qty INT64>>" },
    ]);
  });

  test("names the columns of a query and their types", async () => {
    const sql = "select id, sum(amount), count(*), avg(id) as mean from raw.orders group by id";
    expect(await analyzer.analyze(sql, catalog)).toEqual({
      statement: "QueryStmt",
      columns: [
        { name: "id", type: "INT64" },
        { name: "f0_", type: "NUMERIC" },
        { name: "f1_", type: "INT64" },
        { name: "mean", type: "FLOAT64" },
      ],
    });
  });

  test("says what is wrong, and where", async () => {
    const sql = "select\n  id,\n  amuont\nfrom raw.orders";
    await expect(analyzer.analyze(sql, catalog)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "Unrecognized name: amuont; Did you mean amount?",
      place: { line: 3, column: 3 },
    });
  });

  test("knows the signature of a user's function, and nothing of its body", async () => {
    const call = "select value from unnest(`local.udf.clean`('x'))";
    expect((await analyzer.analyze(call, catalog)).columns).toEqual([
      { name: "value", type: "STRING" },
    ]);
    await expect(analyzer.analyze("select `local.udf.clean`()", catalog)).rejects.toThrow(
      "arguments",
    );
    await expect(analyzer.evaluate(call, catalog)).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
  });

  // Each value beside the text that it must have; what is right is GoogleSQL's own cast to STRING, or its literal.
  test.each([
    ["-9223372036854775808", "INT64", "-9223372036854775808"],
    ["cast('nan' as float64)", "FLOAT64", "NaN"],
    ["cast('-inf' as float64)", "FLOAT64", "-Infinity"],
    ["0.1 + 0.2", "FLOAT64", "0.30000000000000004"],
    ["true", "BOOL", "true"],
    ["'è'", "STRING", "è"],
    ["b'\\x00\\xff'", "BYTES", "AP8="],
    [
      "numeric '-99999999999999999999999999999.999999999'",
      "NUMERIC",
      "-99999999999999999999999999999.999999999",
    ],
    ["numeric '-0.5'", "NUMERIC", "-0.5"],
    ["numeric '100'", "NUMERIC", "100"],
    ["bignumeric '1e-38'", "BIGNUMERIC", `0.${"0".repeat(37)}1`],
    ["date '0001-01-01'", "DATE", "0001-01-01"],
    ["date '9999-12-31'", "DATE", "9999-12-31"],
    ["datetime '2024-02-29 23:59:59.000001'", "DATETIME", "2024-02-29T23:59:59.000001"],
    ["time '00:00:00'", "TIME", "00:00:00"],
    ["time '23:59:59.5'", "TIME", "23:59:59.500000"],
    ["timestamp '1969-12-31 23:59:59.999999'", "TIMESTAMP", "1969-12-31T23:59:59.999999Z"],
    ["timestamp '2024-07-01 00:00:00'", "TIMESTAMP", "2024-07-01T00:00:00Z"],
    ["interval '-1-2 3 -4:5:6.7' year to second", "INTERVAL", "-1-2 3 -4:5:6.700000"],
    ["interval 25 month", "INTERVAL", "2-1 0 0:0:0"],
    ["json '{\"b\":[1,null]}'", "JSON", '{"b":[1,null]}'],
    ["[1, null]", "ARRAY<INT64>", ["1", null]],
    [
      "struct(1 as a, [struct('x')] as b)",
      "STRUCT<a INT64, b ARRAY<STRUCT<STRING>>>",
      ["1", [["x"]]],
    ],
    ["cast(null as timestamp)", "TIMESTAMP", null],
    ["range<date> '[2024-01-01, unbounded)'", "RANGE<DATE>", "[2024-01-01, UNBOUNDED)"],
  ])("reads %s", async (expression, type, value) => {
    expect(await analyzer.evaluate(`select ${expression}`, EMPTY_CATALOG)).toEqual({
      columns: [{ name: "f0_", type }],
      rows: [[value]],
    });
  });

  test("keeps the order of a query, and counts no rows as none", async () => {
    const ordered = await analyzer.evaluate(
      "select x from unnest([3, 1, 2]) as x order by x desc",
      EMPTY_CATALOG,
    );
    expect(ordered.rows).toEqual([["3"], ["2"], ["1"]]);
    expect(
      (await analyzer.evaluate("select 1 from unnest([1]) where false", EMPTY_CATALOG)).rows,
    ).toEqual([]);
  });

  test("starts anew when the server is gone", async () => {
    const servers = () =>
      descendants(process.pid)
        .filter(({ command }) => command.startsWith("remote_server"))
        .map(({ pid }) => pid);
    const before = new Set(servers());
    const other = await startAnalyzer();
    const [own = 0] = servers().filter((pid) => !before.has(pid));
    process.kill(own, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(own)).toBe(false));
    await expect(other.evaluate("select 1", EMPTY_CATALOG)).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    expect((await other.evaluate("select 1", EMPTY_CATALOG)).rows).toEqual([["1"]]);
    await other.close();
    expect(new Set(servers())).toEqual(before);
  });

  test("ends with the process that started it, however that ends", async () => {
    const script = `
      import { startAnalyzer } from ${JSON.stringify(join(ROOM, "analyzer.ts"))};
      await startAnalyzer();
      console.log("started");
      setInterval(() => {}, 1000);
    `;
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", script],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout, "data");
    const servers = () => descendants(child.pid ?? 0);
    const [shell, server] = servers();
    expect(shell?.command).toBe("sh");
    expect(server?.command).toMatch(/^remote_server/);
    const all = servers().map(({ pid }) => pid);
    child.kill("SIGKILL");
    await once(child, "exit");
    await vi.waitFor(() => expect(all.filter(isAlive)).toEqual([]), { timeout: 10_000 });
  });

  test("fails as GoogleSQL fails", async () => {
    await expect(analyzer.evaluate("select 1 / 0", EMPTY_CATALOG)).rejects.toMatchObject({
      code: "OUT_OF_RANGE",
      message: "division by zero: 1 / 0",
    });
  });
});
