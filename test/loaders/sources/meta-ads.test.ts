import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LoadOptions } from "../../../loaders/index.ts";
import { pauseMs } from "../../../loaders/sources/meta-ads/errors.ts";
import { type Fault, generate, startVendors, type Vendors } from "../../../sandbox/index.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

const ACCOUNT = "act_770011223344556";

let bench: Bench;
let vendors: Vendors;
let world: string;

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 5, customers: 60, events: 500, outDir: world });
  vendors = await startVendors(world, { polls: 1 });
});
afterAll(async () => {
  await vendors.close();
  await bench.close();
});
beforeEach(() => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
});

/** A source of its own for each test: two months, in two slices and a rest. */
function configure(startDate = "2026-09-01"): void {
  bench.source("meta", {
    type: "meta-ads",
    baseUrl: vendors.addresses.meta,
    accountId: ACCOUNT,
    startDate,
    accessToken: { env: "META_ACCESS_TOKEN" },
  });
}

async function forget(): Promise<void> {
  await bench.query("delete from ops.load_state where true");
  await bench.query("delete from raw.raw_meta_insights_daily where true");
}

async function load(options: Partial<LoadOptions> = {}, faults: readonly Fault[] = []) {
  vendors.setFaults(faults);
  const report = await bench.loadOne({ env: vendors.env, ...options });
  expect(lawHolds(report)).toBe(true);
  return report;
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}): Fault => ({
  vendor: "meta",
  kind,
  route,
  ...more,
});

const rows = () =>
  bench.query(`select date_start, campaign_id, ad_id, spend, impressions, to_json_string(actions) as actions
    from raw.raw_meta_insights_daily order by date_start, ad_id`);

const cursor = async () => (await bench.query("select cursor from ops.load_state"))[0]?.cursor;

/** Spend per day as the sandbox's truth knows it. */
function trueSpend(from: string, to: string): string {
  const cents = readFileSync(join(world, "truth", "spend.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { platform: string; date: string; spend: string })
    .filter(({ platform, date }) => platform === "meta" && date >= from && date <= to)
    .reduce((sum, { spend }) => sum + Math.round(Number(spend) * 100), 0);
  return (cents / 100).toFixed(2);
}

const loadedSpend = async (from: string, to: string) => {
  const [row] = await bench.query(
    `select sum(spend) as spend from raw.raw_meta_insights_daily where date_start between '${from}' and '${to}'`,
  );
  return Number(row?.spend).toFixed(2);
};

describe("insights", () => {
  beforeEach(async () => {
    configure();
    await load({ asOf: "2026-08-01" });
    await forget();
  });

  it("load every day to the cent, in the account's zone and currency", async () => {
    const report = await load();
    expect(report).toMatchObject({ status: "ok", dataUntil: "2026-10-31", rows: { rejected: 0 } });
    expect(report.rows.loaded).toBeGreaterThan(100);
    expect(await loadedSpend("2026-09-01", "2026-10-31")).toBe(
      trueSpend("2026-09-01", "2026-10-31"),
    );
    const [row] = await bench.query(
      "select distinct account_id, account_currency, account_timezone from raw.raw_meta_insights_daily",
    );
    expect(row).toEqual({
      account_id: "770011223344556",
      account_currency: "EUR",
      account_timezone: "Europe/Rome",
    });
    expect(await cursor()).toBe("2026-10-31");
  });

  it("are read again for 28 days, and yesterday's provisional figures are replaced", async () => {
    vendors.setAsOf("2026-10-20");
    await load({ asOf: "2026-10-20" });
    const before = vendors.requests()["meta submit"] ?? 0;
    vendors.setAsOf(null);
    const again = await load();
    // 2026-09-23 to 2026-10-31 is 39 days: two slices of at most 30.
    expect((vendors.requests()["meta submit"] ?? 0) - before).toBe(2);
    expect(again.status).toBe("ok");
    const corrected = await rows();
    await forget();
    await load();
    const fresh = await rows();
    const since = (list: typeof fresh) =>
      list.filter((row) => String(row.date_start) >= "2026-09-23");
    expect(since(corrected)).toEqual(since(fresh));
  });

  it("stop at the day asked for", async () => {
    await load({ asOf: "2026-09-15" });
    const [last] = await bench.query(
      "select max(date_start) as day from raw.raw_meta_insights_daily",
    );
    expect(last).toEqual({ day: "2026-09-15" });
    expect(await cursor()).toBe("2026-09-15");
  });

  it("loaded twice are the same rows, and a backfill leaves the state alone", async () => {
    const first = await load();
    const once = await rows();
    const again = await load();
    expect(await rows()).toEqual(once);
    // What did not change is left as it is, down to the run that loaded it.
    expect(again.rows).toMatchObject({ loaded: 0, duplicate: again.rows.read });
    const [runs] = await bench.query(
      "select count(distinct _run_id) as n from raw.raw_meta_insights_daily",
    );
    expect(runs?.n).toBe(1);
    expect(first.rows.duplicate).toBe(0);
    await load({ from: "2026-08-01", to: "2026-08-31" });
    expect(await cursor()).toBe("2026-10-31");
    expect(await loadedSpend("2026-08-01", "2026-10-31")).toBe(
      trueSpend("2026-08-01", "2026-10-31"),
    );
  });

  it("lose a row that vanished at the source", async () => {
    await load();
    const count = (await rows()).length;
    await load({}, [fault("vanished_row", "submit")]);
    expect(await rows()).toHaveLength(count - 1);
  });

  it.each([
    ["a 500", [fault("server_error", "rows", { times: 3 })]],
    ["a connection that breaks", [fault("reset", "rows", { times: 2 })]],
    ["half a page", [fault("truncated_body", "rows", { times: 2 })]],
    ["a slow page", [fault("slow_body", "rows")]],
    ["a storm of throttling", [fault("throttled", "submit", { times: 12, minutes: 1 })]],
    ["throttling without a hint", [fault("throttled", "poll", { times: 3, code: 17 })]],
    ["reports that are too large", [fault("too_much_data", "submit", { times: 4 })]],
    ["a report that fails", [fault("job_failed", "submit", { times: 2 })]],
  ])("recover from %s without losing or doubling a row", async (_, faults) => {
    await load();
    const undisturbed = await rows();
    await forget();
    const report = await load({}, faults);
    expect(report.problem).toBeUndefined();
    expect(report.status).toBe("ok");
    expect(await rows()).toEqual(undisturbed);
  });

  it("count a row that a page repeats as a duplicate", async () => {
    configure("2026-10-02");
    const report = await load({}, [fault("repeated_row", "rows", { times: 1, after: 1 })]);
    expect(report).toMatchObject({ status: "ok", rows: { duplicate: 1 } });
    expect(report.rows.loaded).toBe(report.rows.read - 1);
  });

  it("with an expired token leave the source stale, and the remedy names the variable", async () => {
    const report = await load({}, [fault("expired_token", "account", { times: Infinity })]);
    expect(report).toMatchObject({ status: "stale", rows: { read: 0, loaded: 0 } });
    expect(report.remedy).toContain("META_ACCESS_TOKEN");
    expect(
      await bench.query(
        "select status, error_class from ops.load_slices where rows_read = 0 and status != 'ok' order by committed_at desc limit 1",
      ),
    ).toEqual([{ status: "failed", error_class: "AuthError" }]);
  });

  it("that fail in the middle keep whole slices only; the next run goes on from there", async () => {
    const report = await load({}, [
      fault("expired_token", "rows", { after: 3, times: Number.POSITIVE_INFINITY }),
    ]);
    expect(report.status).toBe("stale");
    const days = await bench.query(`select slice_from, slice_to from ops.load_slices
      where status = 'ok' and run_id = (select max_by(run_id, committed_at) from ops.load_slices)`);
    const [all] = await bench.query("select count(*) as n from raw.raw_meta_insights_daily");
    expect(all?.n).toBe(report.rows.loaded);
    for (const { slice_from, slice_to } of days) {
      const range = [String(slice_from), String(slice_to)] as const;
      expect(await loadedSpend(...range)).toBe(trueSpend(...range));
    }
    expect((await load()).status).toBe("ok");
    expect(await loadedSpend("2026-09-01", "2026-10-31")).toBe(
      trueSpend("2026-09-01", "2026-10-31"),
    );
    expect(await cursor()).toBe("2026-10-31");
  });

  it("throttled beyond the time of a slice stop politely", async () => {
    const report = await load({}, [
      fault("throttled", "submit", { times: Number.POSITIVE_INFINITY, minutes: 90 }),
    ]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.remedy).toMatch(/next run/);
  });

  it("never show the token", async () => {
    await load({}, [fault("server_error", "rows", { times: Number.POSITIVE_INFINITY })]);
    await load({}, [fault("expired_token", "poll", { times: Number.POSITIVE_INFINITY })]);
    const token = vendors.env.META_ACCESS_TOKEN;
    const stored = await bench.query(
      "select to_json_string(t) as row from ops.load_slices as t union all select to_json_string(t) from ops.dead_letters as t",
    );
    expect(`${bench.logged()}${JSON.stringify(stored)}`).not.toContain(token);
  });

  it("need the variable that the configuration names", async () => {
    await expect(bench.load({ env: {} })).rejects.toThrow(/META_ACCESS_TOKEN is not set/);
  });
});

describe("usage headers", () => {
  const headers = (name: string, value: unknown) => new Headers({ [name]: JSON.stringify(value) });

  it("ask for a pause at 95 percent", () => {
    expect(pauseMs(headers("x-app-usage", { call_count: 94.9, total_time: 3 }))).toBe(0);
    expect(pauseMs(headers("x-fb-ads-insights-throttle", { acc_id_util_pct: 97.4 }))).toBe(60_000);
    const entry = { type: "ads_insights", call_count: 98, estimated_time_to_regain_access: 12 };
    expect(pauseMs(headers("x-business-use-case-usage", { 7700: [entry] }))).toBe(12 * 60_000);
    expect(pauseMs(new Headers({ "x-app-usage": "broken" }))).toBe(0);
  });
});
