import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, describe, expect, it } from "vitest";
import {
  arrayOf,
  BYTES,
  DATE,
  FLOAT64,
  INT64,
  JSON_TYPE,
  NUMERIC,
  type SqlType,
  STRING,
  structOf,
  TIMESTAMP,
} from "../../../emulator/sql/types.ts";
import { createJavaScript } from "../../../emulator/udf/javascript.ts";
import { createWorkers } from "../../../emulator/udf/workers.ts";

const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
const workers = createWorkers();
const javascript = createJavaScript(connection, workers);
const evaluation = javascript.open();

afterAll(async () => {
  evaluation.close();
  await workers.close();
  connection.closeSync();
  instance.closeSync();
});

/** Calls `f(x)` with a DuckDB expression and returns the value as DuckDB prints it. */
async function call(
  argument: SqlType,
  returns: SqlType,
  body: string,
  value: string,
): Promise<unknown> {
  const fn = { name: "f", args: [{ name: "x", type: argument }], returns, body };
  javascript.register(connection, fn);
  const sql = `SELECT (${evaluation.callSql(fn, [value])})::VARCHAR`;
  const rows = await evaluation.run(() => connection.runAndReadAll(sql));
  return rows.getRows()[0]?.[0];
}

describe("values of JavaScript functions", () => {
  it("gives INT64 as a string, so that + joins, as BigQuery does", async () => {
    expect(await call(INT64, INT64, "return x + 1", "41")).toBe("411");
    expect(await call(INT64, INT64, "return x * 2", "21")).toBe("42");
    expect(await call(INT64, STRING, "return x", "9223372036854775807")).toBe(
      "9223372036854775807",
    );
  });

  it("gives a NUMERIC as a number only when nothing is lost", async () => {
    const kind = "return typeof x + ' ' + x";
    expect(await call(NUMERIC, STRING, kind, "10::DECIMAL(38,9)")).toBe("number 10");
    expect(await call(NUMERIC, STRING, kind, "1.50::DECIMAL(38,9)")).toBe("string 1.5");
    expect(await call(NUMERIC, STRING, kind, "100000000000000000000::DECIMAL(38,9)")).toBe(
      "string 100000000000000000000",
    );
  });

  it("gives dates and timestamps as Date, and takes them back", async () => {
    const next = "x.setUTCDate(x.getUTCDate() + 1); return x";
    expect(await call(DATE, DATE, next, "DATE '2024-02-29'")).toBe("2024-03-01");
    expect(await call(DATE, DATE, "return x", "DATE '1960-01-02'")).toBe("1960-01-02");
    expect(
      await call(
        TIMESTAMP,
        STRING,
        "return x instanceof Date ? x.toISOString() : 'no'",
        "TIMESTAMPTZ '2024-01-01 10:00:00.5+00'",
      ),
    ).toBe("2024-01-01T10:00:00.500Z");
  });

  it("gives structs as objects and arrays as arrays", async () => {
    const point = structOf([
      { name: "a", type: INT64 },
      { name: "b", type: arrayOf(STRING) },
    ]);
    expect(
      await call(
        point,
        point,
        "return {a: x.a * 10, b: x.b.concat(['z'])}",
        "{'a': 7::BIGINT, 'b': ['y']}",
      ),
    ).toBe("{'a': 70, 'b': [y, z]}");
  });

  it("gives bytes in base64 and JSON as what it means", async () => {
    expect(await call(BYTES, STRING, "return x", "'abc'::BLOB")).toBe("YWJj");
    expect(await call(JSON_TYPE, JSON_TYPE, "return {k: x.a[1]}", `'{"a": [1, 2]}'`)).toBe(
      '{"k":2}',
    );
  });

  it("calls the function with NULL, and takes null and undefined for NULL", async () => {
    expect(await call(STRING, STRING, "return String(x === null)", "NULL")).toBe("true");
    expect(await call(STRING, STRING, "return null", "'a'")).toBeNull();
    expect(await call(STRING, STRING, "", "'a'")).toBeNull();
  });

  it("rounds a NUMERIC result half away from zero at the ninth digit", async () => {
    expect(await call(FLOAT64, NUMERIC, "return '-1.0000000005'", "1::DOUBLE")).toBe(
      "-1.000000001",
    );
    expect(await call(FLOAT64, NUMERIC, "return 1e-3", "1::DOUBLE")).toBe("0.001000000");
  });
});

it("gives every row its own value, over many rows in several threads", async () => {
  const fn = {
    name: "g",
    args: [{ name: "x", type: FLOAT64 }],
    returns: FLOAT64,
    body: "return -x",
  };
  javascript.register(connection, fn);
  await connection.run("CREATE TABLE many AS SELECT i::DOUBLE AS i FROM range(300000) AS r(i)");
  const sql = `SELECT count(*), count_if(${evaluation.callSql(fn, ["i"])} = -i) FROM many`;
  const rows = await evaluation.run(() => connection.runAndReadAll(sql));
  expect(rows.getRows()).toEqual([[300000n, 300000n]]);
});

describe("errors of JavaScript functions", () => {
  it("names the function and keeps its message", async () => {
    await expect(call(INT64, INT64, "throw new Error('boom')", "1")).rejects.toThrow(
      "Error: boom at f(INT64)",
    );
    await expect(call(INT64, INT64, "return 2.5", "1")).rejects.toThrow(
      /2\.5 to type INT64 at f\(INT64\)/,
    );
    await expect(call(INT64, INT64, "retu rn", "1")).rejects.toThrow(/SyntaxError.* at f\(INT64\)/);
  });

  it("refuses types that BigQuery does not pass to JavaScript", async () => {
    await expect(call({ kind: "TIME" }, INT64, "return 1", "NULL")).rejects.toThrow(
      /TIME in a JavaScript function/,
    );
  });
});
