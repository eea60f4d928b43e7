import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadReport, SourceConfig } from "../../loaders/index.ts";
import {
  type Fault,
  type FaultKind,
  generate,
  startVendors,
  type Vendors,
} from "../../sandbox/index.ts";
import { readConfig } from "../../scripts/config.ts";
import { type Bench, lawHolds, openBench } from "../loaders/harness.ts";

const SEED = 61;
const CUSTOMERS = 150;

/** The sources that are read from a vendor's API, with the vendor behind each. */
const SOURCES = {
  meta: "meta",
  google: "google",
  tiktok: "tiktok",
  hubspot: "hubspot",
  twilio: "twilio",
  sms: "commify",
} as const;
type SourceName = keyof typeof SOURCES;

const PASSING: readonly FaultKind[] = [
  "throttled",
  "server_error",
  "no_answer",
  "reset",
  "truncated_body",
  "slow_body",
  "repeated_row",
];

let bench: Bench;
let vendors: Vendors;
const configs = new Map<string, SourceConfig>();
let cases = 0;

beforeAll(async () => {
  bench = await openBench();
  const world = join(bench.dir, "world");
  await generate({ seed: SEED, customers: CUSTOMERS, events: 1_000, outDir: world });
  vendors = await startVendors(world, { polls: 1 });
  const { sources } = readConfig({ config: join(world, "filo.json") });
  for (const [name, vendor] of Object.entries(SOURCES)) {
    const source = sources[name];
    if (!source) continue;
    const text = JSON.stringify(source);
    configs.set(
      name,
      JSON.parse(text.replaceAll(`sandbox://${vendor}`, vendors.addresses[vendor])),
    );
  }
});
afterAll(async () => {
  await vendors.close();
  await bench.close();
});

/** A warehouse of its own for each case: an environment is one. */
function emptyWarehouse(name: SourceName) {
  const suffix = `case${++cases}`;
  const config = configs.get(name);
  if (!config) throw new Error(`the world has no source ${name}`);
  const load = async (faults: readonly Fault[]): Promise<LoadReport["streams"]> => {
    vendors.setFaults(faults);
    const { streams } = await bench.load({
      config: { dir: bench.dir, timeZone: "Europe/Rome", sources: { [name]: config } },
      warehouse: { ...bench.warehouse, datasets: (dataset) => `${dataset}_${suffix}` },
      env: vendors.env,
    });
    for (const stream of streams) expect(lawHolds(stream)).toBe(true);
    return streams;
  };
  return { load, content: () => content(suffix) };
}

/** Every raw table that holds rows, and the contact values: number of rows and a fingerprint without times and run. */
async function content(suffix: string): Promise<Record<string, unknown>[]> {
  const tables = await bench.query(
    `select table_name from raw_${suffix}.INFORMATION_SCHEMA.TABLES
     where starts_with(table_name, 'raw_') order by table_name`,
  );
  const names = [
    ...tables.map(({ table_name: name }) => `raw_${suffix}.${name}`),
    `pii_${suffix}.contacts`,
  ];
  const parts = names.map((name) => {
    const plain = name.replace(`_${suffix}.`, ".");
    return `select '${plain}' as name, count(*) as n,
      bit_xor(farm_fingerprint(to_json_string((select as struct t.* except (_run_id, _loaded_at))))) as mixed
      from ${name} as t`;
  });
  const rows = await bench.query(`${parts.join(" union all ")} order by name`);
  return rows.filter(({ n }) => Number(n) > 0);
}

describe.each(Object.keys(SOURCES) as SourceName[])("%s", (name) => {
  const vendor = SOURCES[name];
  let expected: Record<string, unknown>[];
  let routes: string[];

  beforeAll(async () => {
    const before = vendors.requests();
    const { load, content: found } = emptyWarehouse(name);
    for (const { status, problem } of await load([])) expect(status, problem).toBe("ok");
    expected = await found();
    expect(expected.length).toBeGreaterThan(0);
    routes = Object.entries(vendors.requests())
      .filter(([route, n]) => route.startsWith(`${vendor} `) && n > (before[route] ?? 0))
      .map(([route]) => route.slice(vendor.length + 1));
  });

  it.each(PASSING)(
    "%s, on every route: recovered, or stale with a remedy and recovered by the next night",
    async (kind) => {
      for (const route of routes) {
        for (const after of [0, 1]) {
          const { load, content: found } = emptyWarehouse(name);
          const streams = await load([{ vendor, route, kind, after }]);
          const late = streams.filter(({ status }) => status !== "ok");
          for (const { status, remedy } of late) {
            expect(status, `${route} ${after}`).toBe("stale");
            expect(remedy, `${route} ${after}`).toBeTruthy();
          }
          if (late.length > 0) {
            for (const { status, problem } of await load([])) expect(status, problem).toBe("ok");
          }
          expect(await found(), `${route} ${after}`).toEqual(expected);
        }
      }
    },
  );

  it("an expired token: stale, the remedy names the variable and not its value; recovered by the next night", async () => {
    const { load, content: found } = emptyWarehouse(name);
    const streams = await load([{ vendor, kind: "expired_token", times: Infinity }]);
    expect(streams.some(({ status }) => status === "stale")).toBe(true);
    for (const { status, remedy, problem } of streams) {
      if (status === "ok") continue;
      expect(`${remedy}`).toMatch(/[A-Z]+_[A-Z_]+/);
      for (const secret of Object.values(vendors.env)) {
        expect(`${remedy} ${problem}`).not.toContain(secret);
      }
    }
    for (const { status, problem } of await load([])) expect(status, problem).toBe("ok");
    expect(await found()).toEqual(expected);
  });
});
