import {
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBTimestampTZValue,
  DuckDBTimeValue,
} from "@duckdb/node-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cell, floatText } from "../../../emulator/warehouse/cells.ts";

describe("FLOAT64", () => {
  // The forms that Java's Double.toString documents, which BigQuery answers with.
  test.each([
    [0, "0.0"],
    [-0, "-0.0"],
    [1, "1.0"],
    [0.1, "0.1"],
    [1234567.25, "1234567.25"],
    [1e7, "1.0E7"],
    [1e20, "1.0E20"],
    [0.001, "0.001"],
    [0.00015, "1.5E-4"],
    [-1.5e-300, "-1.5E-300"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("%d is %s", (value, text) => expect(floatText(value)).toBe(text));

  test("no value is changed by being written", () => {
    fc.assert(fc.property(fc.double(), (value) => Object.is(Number(floatText(value)), value)));
  });
});

test("NUMERIC is exact and has no trailing zeros", () => {
  const digits = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });
  fc.assert(
    fc.property(digits, (value) => {
      const { v } = cell(new DuckDBDecimalValue(value, 38, 9), { kind: "NUMERIC" }, "INT64");
      const [whole = "", fraction = ""] = String(v).split(".");
      expect(fraction).not.toMatch(/0$/);
      expect(BigInt(whole + fraction.padEnd(9, "0"))).toBe(value);
    }),
  );
});

test("times, timestamps before 1970 and intervals", () => {
  const v = (
    value: Parameters<typeof cell>[0],
    kind: "TIME" | "TIMESTAMP" | "INTERVAL",
    format: "INT64" | "ISO8601_STRING" = "INT64",
  ) => cell(value, { kind }, format).v;
  expect(v(new DuckDBTimeValue(86_399_000_001n), "TIME")).toBe("23:59:59.000001");
  expect(v(new DuckDBTimestampTZValue(-1n), "TIMESTAMP")).toBe("-1");
  expect(v(new DuckDBTimestampTZValue(-1n), "TIMESTAMP", "ISO8601_STRING")).toBe(
    "1969-12-31T23:59:59.999999Z",
  );
  expect(v(new DuckDBIntervalValue(14, -3, 3_661_500_000n), "INTERVAL")).toBe("1-2 -3 1:1:1.5");
  expect(v(new DuckDBIntervalValue(-14, 0, -1_000_000n), "INTERVAL")).toBe("-1-2 0 -0:0:1");
});

test("a NULL array is empty, a NULL struct is null", () => {
  const array = { kind: "ARRAY", element: { kind: "INT64" } } as const;
  expect(cell(null, array, "INT64")).toEqual({ v: [] });
  expect(cell(null, { kind: "STRUCT", fields: [{ name: "a", type: array }] }, "INT64")).toEqual({
    v: null,
  });
});
