import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, checksums, type Ended, filo, makeWorld, type World } from "./world.ts";

describe("a night on a small simulated retailer", () => {
  let world: World;
  let night: Ended;

  beforeAll(async () => {
    world = await makeWorld(7, 600);
    night = await filo(["nightly", "--config", world.config]);
  });
  afterAll(() => world.remove());

  test("works, and its report says what came of it", () => {
    expect(night.code, night.stdout + night.stderr).toBe(0);
    expect(night.stdout).toMatch(/segment\/tracks +│ ok/);
    expect(night.stdout).toMatch(/customers from .* identifiers/);
    expect(night.stdout).toMatch(/till receipts, \d+\.\d % of them identified/);
    expect(night.stdout).toContain("ROAS with the shops");
    expect(night.stdout).toMatch(/\d+ laws hold, 0 do not/);
  });

  test("net revenue and spend equal the truth to the cent", async () => {
    const truth = JSON.parse(readFileSync(join(world.dir, "truth/totals.json"), "utf8"));
    const [revenue] = await ask<{ store: string; online: string }>(
      world.config,
      `select
         format('%.2f', sum(if(sales_channel = 'store', net_revenue_amount, 0))) as store,
         format('%.2f', sum(if(sales_channel <> 'store', net_revenue_amount, 0))) as online
       from marts.fct_orders`,
    );
    expect(revenue).toEqual({
      store: truth.receipts.net_revenue,
      online: truth.web_orders.net_revenue,
    });
    const spend = await ask<{ platform: string; spend: string }>(
      world.config,
      `select platform, format('%.2f', sum(spend_amount)) as spend
       from marts.mart_roas_daily where spend_amount <> 0 group by platform`,
    );
    expect(Object.fromEntries(spend.map((row) => [row.platform, row.spend]))).toEqual(
      truth.spend.platforms,
    );
  });

  test("a second run on the same day changes no table of marts", async () => {
    const before = await checksums(world.config, "marts");
    expect(before.size).toBeGreaterThan(8);
    const again = await filo(["nightly", "--config", world.config]);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(await checksums(world.config, "marts")).toEqual(before);
  });

  test("rows read are loaded, duplicate, suppressed or rejected, slice by slice", async () => {
    const broken = await ask(
      world.config,
      `select * from ops.load_slices
       where rows_read <> rows_loaded + rows_duplicate + rows_suppressed + rows_rejected`,
    );
    expect(broken).toEqual([]);
  });

  test("query prints JSON with NUMERIC as strings", async () => {
    const { stdout, code } = await filo([
      "query",
      "--config",
      world.config,
      "--format",
      "json",
      "select platform, sum(spend_amount) as spend from marts.mart_roas_daily group by platform",
    ]);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as { platform: string; spend: string }[];
    expect(rows.find((row) => row.platform === "meta")?.spend).toMatch(/^\d+(\.\d+)?$/);
  });

  test("no clear contact value stands outside pii", async () => {
    const [{ email } = { email: "" }] = await ask<{ email: string }>(
      world.config,
      "select email from pii.contacts where email is not null limit 1",
    );
    expect(email).toContain("@");
    const found = await ask<{ n: number }>(
      world.config,
      `select count(*) as n from raw.raw_cdp_identifies
       where strpos(to_json_string(traits), '@') > 0 or strpos(to_json_string(_payload), '@') > 0`,
    );
    expect(Number(found[0]?.n)).toBe(0);
  });
});
