import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { registerNatives } from "../../../emulator/sql/functions/natives.ts";
import { product, quotient } from "../../../emulator/sql/numeric.ts";

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(":memory:");
  connection = await instance.connect();
  registerNatives(connection);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const UNIT = 10n ** 9n;

/** Half away from zero, on integers. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const sign = dividend < 0n === divisor < 0n ? 1n : -1n;
  const abs = (value: bigint) => (value < 0n ? -value : value);
  return (sign * (2n * abs(dividend) + abs(divisor))) / (2n * abs(divisor));
}

/** A NUMERIC as the count of its billionths; ties, powers of ten and many digits are all likely. */
const numeric = fc.oneof(
  fc.bigInt(-(10n ** 18n), 10n ** 18n),
  fc.bigInt(-1000n, 1000n),
  fc
    .tuple(fc.bigInt(-999n, 999n), fc.integer({ min: 0, max: 12 }))
    .map(([n, e]) => n * 10n ** BigInt(e)),
);

function literal(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(10, "0");
  return `'${units < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}'::DECIMAL(38,9)`;
}

async function units(expressions: readonly string[]): Promise<readonly bigint[]> {
  const sql = `SELECT ${expressions.map((e) => `(${e})::VARCHAR`).join(", ")} FROM (SELECT 1)`;
  const result = await connection.runAndReadAll(sql);
  return (result.getRowsJson()[0] ?? []).map((text) => BigInt(String(text).replace(".", "")));
}

it("products and quotients are exact and rounded half away from zero at the ninth digit", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(numeric, numeric), { minLength: 20, maxLength: 20 }),
      async (pairs) => {
        const nonZero = pairs.filter(([, y]) => y !== 0n);
        const products = await units(nonZero.map(([x, y]) => product(literal(x), literal(y))));
        const quotients = await units(nonZero.map(([x, y]) => quotient(literal(x), literal(y))));
        expect(products).toEqual(nonZero.map(([x, y]) => divideRounded(x * y, UNIT)));
        expect(quotients).toEqual(nonZero.map(([x, y]) => divideRounded(x * UNIT, y)));
      },
    ),
    { numRuns: 25 },
  );
});
