import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { openDashboard } from "../../scripts/commands/dashboard.ts";
import { readConfig } from "../../scripts/config.ts";
import { openWarehouse } from "../../scripts/warehouse.ts";
import { filo, makeWorld } from "../night/world.ts";

/** The last day that Meta's figures reach, and the last day counted. */
export const META_UNTIL = "2026-09-15";
export const AS_OF = "2026-10-30";
export const DAYS_WITHOUT_META = 45;

/** What the page shows comes from these; without the others the night is short. */
const SOURCES = ["segment", "meta", "till", "stores", "loyalty", "postcards"];

/** A night on a small retailer whose Meta token expired six weeks before its end, and the dashboard over its marts. */
export async function openStaleWorld() {
  const world = await makeWorld(21, 300);
  const loaded = await filo(["load", "meta", "--as-of", META_UNTIL, "--config", world.config]);
  expect(loaded.code, loaded.stderr).toBe(0);
  const { sources, ...rest } = JSON.parse(readFileSync(world.config, "utf8"));
  const kept = Object.fromEntries(SOURCES.map((name) => [name, sources[name]]));
  kept.meta.accessToken = { env: "META_TOKEN_EXPIRED" };
  writeFileSync(world.config, JSON.stringify({ ...rest, sources: kept }));
  const night = await filo(["nightly", "--as-of", AS_OF, "--config", world.config], {
    META_TOKEN_EXPIRED: "expired",
  });
  expect(night.code, night.stdout + night.stderr).toBe(3);
  const config = readConfig({ config: world.config });
  const warehouse = await openWarehouse(config);
  const page = await openDashboard(config, warehouse);
  return {
    config: world.config,
    url: page.url,
    async close() {
      await page.close();
      await warehouse.close();
      world.remove();
    },
  };
}

export type StaleWorld = Awaited<ReturnType<typeof openStaleWorld>>;
