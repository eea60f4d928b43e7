import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startVendors, type Vendors } from "../../sandbox/index.ts";
import { ask, type Ended, filo, makeWorld, type World } from "./world.ts";

const LOADED_UNTIL = "2026-10-20";
const AS_OF = "2026-10-26";

let world: World;
let vendors: Vendors;
let night: Ended;

// Google is loaded up to a day; then its credentials expire, and everything else goes on for another six days.
beforeAll(async () => {
  world = await makeWorld(13, 400);
  vendors = await startVendors(world.dir);
  const config = JSON.parse(readFileSync(world.config, "utf8"));
  const { segment, meta, google, till, till_south, loyalty } = config.sources;
  config.sources = {
    ...{ segment, till, till_south, loyalty },
    meta: { ...meta, baseUrl: vendors.addresses.meta },
    google: {
      ...google,
      baseUrl: vendors.addresses.google,
      oauthBaseUrl: vendors.addresses.google,
    },
  };
  config.sandbox = undefined;
  writeFileSync(world.config, JSON.stringify(config));
  await filo(["load", "--config", world.config, "--as-of", LOADED_UNTIL], vendors.env);
  vendors.setFaults([{ vendor: "google", kind: "expired_token", times: Infinity }]);
  night = await filo(["nightly", "--config", world.config, "--as-of", AS_OF], vendors.env);
}, 300_000);
afterAll(async () => {
  await vendors.close();
  world.remove();
});

test("the night ends with 3, and its report and the status name the source and the remedy", async () => {
  expect(night.code, night.stdout + night.stderr).toBe(3);
  expect(night.stdout).toMatch(new RegExp(`stale: google, data until ${LOADED_UNTIL}\\n +→ \\S`));
  const status = await ask<{ source: string; until: string; remedy: string | null }>(
    world.config,
    `select source, cast(data_until_date as string) as until, remedy
     from marts.mart_source_status where is_stale`,
  );
  expect(status).toEqual([
    { source: "google", until: LOADED_UNTIL, remedy: expect.stringMatching(/\S/) },
  ]);
});

test("days whose spend is missing are provisional, and only what depends on it", async () => {
  const days = await ask<{ is_google: boolean; is_late: boolean; missing: string | null }>(
    world.config,
    `select distinct
       coalesce(platform = 'google' and channel not like 'organic%', false) as is_google,
       date > '${LOADED_UNTIL}' as is_late,
       missing_sources as missing
     from marts.mart_roas_daily
     where is_provisional = (missing_sources is not null)
     order by 1, 2`,
  );
  expect(days).toEqual([
    { is_google: false, is_late: false, missing: null },
    { is_google: false, is_late: true, missing: null },
    { is_google: true, is_late: false, missing: null },
    { is_google: true, is_late: true, missing: "google" },
  ]);
});

test("no ratio is inflated: revenue without its spend stands apart, and none is lost", async () => {
  const [late] = await ask(
    world.config,
    `select
       format('%.2f', sum(spend_amount)) as spend,
       format('%.2f', sum(revenue_amount)) as revenue,
       sum(revenue_without_cost_amount) > 0 as stands_apart
     from marts.mart_roas_daily
     where platform = 'google' and channel not like 'organic%' and date > '${LOADED_UNTIL}'`,
  );
  expect(late).toEqual({ spend: "0.00", revenue: "0.00", stands_apart: true });
  const [sums] = await ask<{ shown: string; sold: string }>(
    world.config,
    `select
       (select format('%.2f', sum(revenue_amount + revenue_without_cost_amount))
        from marts.mart_roas_daily) as shown,
       (select format('%.2f', sum(net_revenue_amount)) from marts.fct_orders
        where order_type = 'consumer') as sold`,
  );
  expect(sums?.shown).toBe(sums?.sold);
});
