import { afterAll, beforeAll, expect, it } from "vitest";
import { compiledModels } from "../../scripts/docs.ts";
import { type Bench, openBench } from "../loaders/harness.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const page = {
  type: "page",
  messageId: "m1",
  anonymousId: "a1",
  timestamp: "2026-10-01T10:00:00.000Z",
  receivedAt: "2026-10-01T10:00:01.000Z",
  context: {},
  properties: { url: "https://www.ventolana.example/" },
};

it("an environment loads into datasets of its own, and production sees nothing of it", async () => {
  const { warehouse } = bench;
  bench.drop("drops/2026-10-01/part-1.json", `${JSON.stringify(page)}\n`);
  bench.source("segment", { type: "segment", path: "drops" });
  const dev = { ...warehouse, datasets: (name: string) => `${name}_dev` };
  expect((await bench.loadOne({ warehouse: dev })).rows.loaded).toBe(1);
  expect(await bench.query("select message_id from raw_dev.raw_cdp_pages")).toEqual([
    { message_id: "m1" },
  ]);
  // Production knows neither the row nor that the file was read.
  expect((await bench.loadOne()).rows.loaded).toBe(1);
  expect((await bench.loadOne({ warehouse: dev })).rows.loaded).toBe(0);
});

it("models of an environment read and write suffixed datasets only", async () => {
  const models = await compiledModels("dev");
  const named = models.flatMap(({ target, query }) => [
    target.schema,
    ...[...query.matchAll(/`local\.(\w+)\./g)].map(([, dataset]) => dataset ?? ""),
  ]);
  expect(named.length).toBeGreaterThan(models.length);
  expect(named.filter((dataset) => !dataset.endsWith("_dev"))).toEqual([]);
});
