import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LoadOptions } from "../../../loaders/index.ts";
import { adOutcome } from "../../../loaders/sources/tiktok-ads/rows.ts";
import { type Fault, generate, startVendors, type Vendors } from "../../../sandbox/index.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

const ADVERTISER = "7301122334455667788";

let bench: Bench;
let vendors: Vendors;
let world: string;

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 7, customers: 120, events: 500, outDir: world });
  vendors = await startVendors(world);
  configure();
  // Creates the tables.
  await load({ asOf: "2026-08-01" });
});
afterAll(async () => {
  await vendors.close();
  await bench.close();
});
beforeEach(async () => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
  configure();
  await forget();
});

/** Two months, in two slices and a rest. */
function configure(startDate = "2026-09-01"): void {
  bench.source("tiktok", {
    type: "tiktok-ads",
    baseUrl: vendors.addresses.tiktok,
    advertiserId: ADVERTISER,
    startDate,
    accessToken: { env: "TIKTOK_ACCESS_TOKEN" },
  });
}

async function forget(): Promise<void> {
  await bench.query("delete from ops.load_state where true");
  await bench.query("delete from raw.raw_tiktok_ad_daily where true");
}

async function load(options: Partial<LoadOptions> = {}, faults: readonly Fault[] = []) {
  vendors.setFaults(faults);
  const report = await bench.loadOne({ env: vendors.env, ...options });
  expect(lawHolds(report)).toBe(true);
  return report;
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}): Fault => ({
  vendor: "tiktok",
  kind,
  route,
  ...more,
});
const forGood = { times: Number.POSITIVE_INFINITY };

const rows = () =>
  bench.query(`select stat_date, advertiser_id, currency, timezone, campaign_id, campaign_name, adgroup_id, adgroup_name,
      ad_id, ad_name, smart_plus_ad_id, spend, impressions, clicks, reach, conversion, complete_payment,
      complete_payment_value, total_purchase_value
    from raw.raw_tiktok_ad_daily order by stat_date, ad_id`);

const cursor = async () => (await bench.query("select cursor from ops.load_state"))[0]?.cursor;

/** Spend in cents per campaign and day as the sandbox's truth knows it. */
function trueSpend(from = "2026-09-01", to = "2026-10-31"): Map<string, number> {
  const days = readFileSync(join(world, "truth", "spend.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ platform, date }) => platform === "tiktok" && date >= from && date <= to)
    .map(({ date, campaign_id, spend }) => [`${date} ${campaign_id}`, Math.round(spend * 100)]);
  return new Map(days as [string, number][]);
}

async function loadedSpend(from = "2026-09-01", to = "2026-10-31"): Promise<Map<string, number>> {
  const spent = new Map<string, number>();
  for (const { stat_date, campaign_id, spend } of await rows()) {
    const day = String(stat_date);
    if (day < from || day > to || Number(spend) === 0) continue;
    const key = `${day} ${campaign_id}`;
    spent.set(key, (spent.get(key) ?? 0) + Math.round(Number(spend) * 100));
  }
  return spent;
}

describe("ads", () => {
  it("load every day and ad to the cent, deleted ones too, in the advertiser's zone", async () => {
    const report = await load();
    expect(report).toMatchObject({ status: "ok", dataUntil: "2026-10-31", rows: { rejected: 0 } });
    expect(await loadedSpend()).toEqual(trueSpend());
    const loaded = await rows();
    expect(new Set(loaded.map((row) => row.campaign_name))).toContain("VL_TT_SPARK");
    expect(loaded[0]).toMatchObject({
      advertiser_id: ADVERTISER,
      currency: "EUR",
      timezone: "Europe/Rome",
      smart_plus_ad_id: null,
    });
    expect(await cursor()).toBe("2026-10-31");
  });

  it("have NULL where TikTok has nothing to say, and 0 where it says 0", async () => {
    await load();
    const idle = (await rows()).filter((row) => Number(row.impressions) === 0);
    expect(idle.length).toBeGreaterThan(0);
    for (const row of idle) {
      expect(row).toMatchObject({ clicks: 0, reach: null, complete_payment: null });
      expect(Number(row.spend)).toBe(0);
    }
  });

  it("have the value of purchases from the metric that is named a rate", async () => {
    await load({ from: "2025-05-01", to: "2026-10-31" });
    const bought = (await rows()).filter((row) => Number(row.complete_payment) > 0);
    expect(bought.length).toBeGreaterThan(0);
    for (const row of bought) {
      expect(Number(row.complete_payment_value)).toBeGreaterThan(Number(row.complete_payment));
      expect(Number(row.total_purchase_value)).toBe(0);
    }
  });

  it("are read again for 28 days, and yesterday's provisional figures are replaced", async () => {
    vendors.setAsOf("2026-10-20");
    await load({ asOf: "2026-10-20" });
    expect(await loadedSpend("2026-10-20")).not.toEqual(trueSpend("2026-10-20", "2026-10-20"));
    vendors.setAsOf(null);
    await load();
    const corrected = await rows();
    await forget();
    await load();
    const since = (list: typeof corrected) =>
      list.filter((row) => String(row.stat_date) >= "2026-09-23");
    expect(since(corrected)).toEqual(since(await rows()));
    expect(await loadedSpend()).toEqual(trueSpend());
  });

  it("loaded twice are the same rows, and a backfill leaves the state alone", async () => {
    await load();
    const once = await rows();
    const again = await load();
    expect(await rows()).toEqual(once);
    expect(again.rows).toMatchObject({ loaded: 0, duplicate: again.rows.read });
    await load({ from: "2026-07-01", to: "2026-08-31" });
    expect(await cursor()).toBe("2026-10-31");
    expect(await loadedSpend("2026-07-01")).toEqual(trueSpend("2026-07-01"));
  });

  it("lose a row that vanished at the source", async () => {
    await load();
    const count = (await rows()).length;
    await load({}, [fault("vanished_row", "report")]);
    expect(await rows()).toHaveLength(count - 1);
  });
});

describe("faults", () => {
  let undisturbed: Awaited<ReturnType<typeof rows>>;
  beforeAll(async () => {
    configure();
    await forget();
    await load();
    undisturbed = await rows();
  });

  it.each([
    ["an error of TikTok's", [fault("server_error", "report", { times: 3 })]],
    ["a connection that breaks", [fault("reset", "report", { times: 2 })]],
    ["a connection without an answer", [fault("no_answer", "report", { times: 2 })]],
    ["half a page", [fault("truncated_body", "report", { times: 2 })]],
    ["a slow page", [fault("slow_body", "report")]],
    ["a storm of throttling", [fault("throttled", "report", { times: 12 })]],
    ["throttling before it began", [fault("throttled", "advertiser", { times: 3 })]],
    ["a query that timed out", [fault("too_much_data", "report", { times: 2 })]],
  ])("recover from %s without losing or doubling a row", async (_, faults) => {
    const report = await load({}, faults);
    expect(report.problem).toBeUndefined();
    expect(report.status).toBe("ok");
    expect(await rows()).toEqual(undisturbed);
  });

  it("count a row that a page repeats as a duplicate", async () => {
    configure("2026-09-10");
    const report = await load({ asOf: "2026-10-08" }, [
      fault("repeated_row", "report", { after: 1 }),
    ]);
    expect(report).toMatchObject({ status: "ok", rows: { duplicate: 1 } });
    expect(report.rows.loaded).toBe(report.rows.read - 1);
  });

  it("notice a row that a page leaves out, load nothing of the slice, and read it the next time", async () => {
    configure("2026-10-02");
    const report = await load({}, [fault("dropped_row", "report")]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.problem).toMatch(/announced \d+ rows .* delivered \d+/);
    expect(await rows()).toEqual([]);
    expect(await load()).toMatchObject({ status: "ok" });
    expect(await loadedSpend("2026-10-02")).toEqual(trueSpend("2026-10-02"));
  });

  it("with a revoked token leave the source stale, and the remedy names the variable", async () => {
    const report = await load({}, [fault("expired_token", "advertiser", forGood)]);
    expect(report).toMatchObject({ status: "stale", rows: { read: 0, loaded: 0 } });
    expect(report.remedy).toContain("TIKTOK_ACCESS_TOKEN");
    expect(
      await bench.query(
        "select status, error_class from ops.load_slices where rows_read = 0 and status != 'ok' order by committed_at desc limit 1",
      ),
    ).toEqual([{ status: "failed", error_class: "AuthError" }]);
  });

  it("that end the access for good keep whole slices only; the next run goes on from there", async () => {
    const report = await load({}, [fault("expired_token", "report", { after: 2, ...forGood })]);
    expect(report.status).toBe("stale");
    const days = await bench.query(`select slice_from, slice_to from ops.load_slices
      where status = 'ok' and run_id = (select max_by(run_id, committed_at) from ops.load_slices)`);
    expect(await rows()).toHaveLength(report.rows.loaded);
    for (const { slice_from, slice_to } of days) {
      const range = [String(slice_from), String(slice_to)] as const;
      expect(await loadedSpend(...range)).toEqual(trueSpend(...range));
    }
    expect((await load()).status).toBe("ok");
    expect(await loadedSpend()).toEqual(trueSpend());
    expect(await cursor()).toBe("2026-10-31");
  });

  it("throttled for the rest of the day wait a few times and stop politely", async () => {
    let now = Date.parse("2026-11-01T03:00:00Z");
    const before = vendors.requests()["tiktok report"] ?? 0;
    const report = await load(
      {
        clock: () => now,
        sleep: async (ms) => {
          now += ms;
        },
      },
      [fault("throttled", "report", forGood)],
    );
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.remedy).toMatch(/next run/);
    // At most three slices at a time, each asking every five minutes for twenty.
    expect((vendors.requests()["tiktok report"] ?? 0) - before).toBeLessThanOrEqual(15);
  });

  it("never show the token", async () => {
    await load({}, [fault("server_error", "report", forGood)]);
    await load({}, [fault("expired_token", "report", forGood)]);
    await load({}, [fault("reset", "report", forGood)]);
    const stored = await bench.query(
      "select to_json_string(t) as row from ops.load_slices as t union all select to_json_string(t) from ops.dead_letters as t",
    );
    expect(`${bench.logged()}${JSON.stringify(stored)}`).not.toContain(
      vendors.env.TIKTOK_ACCESS_TOKEN,
    );
  });

  it("need the variable that the configuration names", async () => {
    await expect(bench.load({ env: {} })).rejects.toThrow(/TIKTOK_ACCESS_TOKEN is not set/);
  });
});

describe("a row", () => {
  const drift: string[] = [];
  const outcome = (delivered: unknown) =>
    adOutcome(delivered, { id: "1", timeZone: "Europe/Rome" }, "request", (path) =>
      drift.push(path),
    );
  const dimensions = { ad_id: "2", stat_time_day: "2026-10-01 00:00:00" };

  it("of a Smart+ ad keeps that ad's id, and what was not expected counts as drift", () => {
    const metrics = { spend: "1.20", reach: "-", smart_plus_ad_id: "3", video_views: "7" };
    expect(outcome({ dimensions, metrics })).toMatchObject({
      row: { stat_date: "2026-10-01", spend: "1.20", reach: undefined, smart_plus_ad_id: "3" },
    });
    expect(drift).toEqual(["metrics.video_views"]);
  });

  it.each([
    [{ dimensions, metrics: { spend: "1,20" } }, "metrics.spend"],
    [{ dimensions, metrics: { clicks: 3 } }, "metrics.clicks"],
    [
      { dimensions: { ...dimensions, stat_time_day: "2026-10-01 13:00:00" }, metrics: {} },
      "dimensions.stat_time_day",
    ],
    [{ dimensions: { stat_time_day: "2026-10-01" }, metrics: {} }, "dimensions.ad_id"],
  ])("of another shape is refused with the field", (wrong, field) => {
    expect(outcome(wrong)).toMatchObject({ reject: expect.stringMatching(/^wrong_value/), field });
  });
});
