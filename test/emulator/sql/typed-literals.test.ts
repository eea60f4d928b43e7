import { expect, it } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";

const { rows } = testWarehouse();

it("elements of a typed array of structs take the declared types, NULLs too", async () => {
  const sql = `select * from unnest(array<struct<a string, b int64, c numeric, d float64>>[
    ('x', null, 1, 1 / 4), (null, 2, 0.5, null)])`;
  expect(await rows(sql)).toEqual([
    ["x", null, "1.000000000", 0.25],
    [null, 2, "0.500000000", null],
  ]);
});
