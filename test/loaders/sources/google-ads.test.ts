import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LoadOptions } from "../../../loaders/index.ts";
import { campaignOutcome } from "../../../loaders/sources/google-ads/rows.ts";
import { type Fault, generate, startVendors, type Vendors } from "../../../sandbox/index.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

const CUSTOMER = "4815162342";

let bench: Bench;
let vendors: Vendors;
let world: string;

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 6, customers: 60, events: 500, outDir: world });
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
function configure(startDate = "2026-09-01", more: Record<string, unknown> = {}): void {
  bench.source("google", {
    type: "google-ads",
    baseUrl: vendors.addresses.google,
    oauthBaseUrl: vendors.addresses.google,
    customerId: CUSTOMER,
    startDate,
    clientId: { env: "GOOGLE_ADS_CLIENT_ID" },
    clientSecret: { env: "GOOGLE_ADS_CLIENT_SECRET" },
    refreshToken: { env: "GOOGLE_ADS_REFRESH_TOKEN" },
    ...more,
  });
}

async function forget(): Promise<void> {
  await bench.query("delete from ops.load_state where true");
  await bench.query("delete from raw.raw_google_ads_campaign_daily where true");
}

async function load(options: Partial<LoadOptions> = {}, faults: readonly Fault[] = []) {
  vendors.setFaults(faults);
  const report = await bench.loadOne({ env: vendors.env, ...options });
  expect(lawHolds(report)).toBe(true);
  return report;
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}): Fault => ({
  vendor: "google",
  kind,
  route,
  ...more,
});
const forGood = { times: Number.POSITIVE_INFINITY };

const rows = () =>
  bench.query(`select segments_date, customer_id, currency_code, time_zone, campaign_id, campaign_name, channel_type, status,
      impressions, clicks, cost_micros, conversions, conversions_value, all_conversions, view_through_conversions
    from raw.raw_google_ads_campaign_daily order by segments_date, campaign_id`);

const cursor = async () => (await bench.query("select cursor from ops.load_state"))[0]?.cursor;
const requests = (route: string) => vendors.requests()[`google ${route}`] ?? 0;

/** Spend in micros per campaign and day as the sandbox's truth knows it. */
function trueSpend(from = "2026-09-01", to = "2026-10-31"): string[] {
  return readFileSync(join(world, "truth", "spend.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ platform, date }) => platform === "google" && date >= from && date <= to)
    .map(({ date, campaign_id, spend }) => `${date} ${campaign_id} ${Math.round(spend * 1e6)}`)
    .sort();
}

const loadedSpend = async (from = "2026-09-01", to = "2026-10-31") =>
  (await rows())
    .filter(({ segments_date: day }) => String(day) >= from && String(day) <= to)
    .map((row) => `${row.segments_date} ${row.campaign_id} ${row.cost_micros}`)
    .sort();

describe("campaigns", () => {
  it("load every day and campaign to the cent, Performance Max and removed ones too", async () => {
    const report = await load();
    expect(report).toMatchObject({ status: "ok", dataUntil: "2026-10-31", rows: { rejected: 0 } });
    expect(await loadedSpend()).toEqual(trueSpend());
    const loaded = await rows();
    expect(new Set(loaded.map((row) => row.channel_type))).toEqual(
      new Set(["SEARCH", "SHOPPING", "PERFORMANCE_MAX", "VIDEO"]),
    );
    expect(new Set(loaded.map((row) => row.status))).toContain("REMOVED");
    expect(loaded[0]).toMatchObject({
      customer_id: CUSTOMER,
      currency_code: "EUR",
      time_zone: "Europe/Rome",
    });
    expect(await cursor()).toBe("2026-10-31");
  });

  it("are read again for 30 days, and restated cost and conversions replace what was there", async () => {
    vendors.setAsOf("2026-10-15");
    await load({ asOf: "2026-10-15" });
    const early = await rows();
    vendors.setAsOf(null);
    await load();
    const corrected = await rows();
    await forget();
    await load();
    expect(corrected).toEqual(await rows());
    const until = corrected.filter((row) => String(row.segments_date) <= "2026-10-15");
    expect(until).not.toEqual(early);
    expect(await loadedSpend()).toEqual(trueSpend());
  });

  it("are read again for 90 days with a Sunday, because a conversion window may be as long", async () => {
    configure("2026-06-01");
    await load({ asOf: "2026-10-24" });
    const first = async () =>
      (
        await bench.query(
          "select min(slice_from) as day from ops.load_slices where run_id = (select max_by(run_id, committed_at) from ops.load_slices)",
        )
      )[0];
    // The 24th is a Saturday, the 25th a Sunday, the 26th a Monday.
    await load({ asOf: "2026-10-25" });
    expect(await first()).toEqual({ day: "2026-07-27" });
    await load({ asOf: "2026-10-26" });
    expect(await first()).toEqual({ day: "2026-09-26" });
  });

  it("loaded twice are the same rows, and a backfill leaves the state alone", async () => {
    await load();
    const once = await rows();
    const again = await load();
    expect(await rows()).toEqual(once);
    expect(again.rows).toMatchObject({ loaded: 0, duplicate: again.rows.read });
    await load({ from: "2026-08-01", to: "2026-08-31" });
    expect(await cursor()).toBe("2026-10-31");
    expect(await loadedSpend("2026-08-01")).toEqual(trueSpend("2026-08-01"));
  });

  it("lose a row that vanished at the source", async () => {
    await load();
    const count = (await rows()).length;
    await load({}, [fault("vanished_row", "search", { after: 1 })]);
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
    ["a 500", [fault("server_error", "search", { times: 3 })]],
    ["a connection that breaks", [fault("reset", "search", { times: 2 })]],
    ["a connection without an answer", [fault("no_answer", "search", { times: 2 })]],
    ["half a page", [fault("truncated_body", "search", { times: 2 })]],
    ["a slow page", [fault("slow_body", "search")]],
    ["a storm of throttling", [fault("throttled", "search", { times: 12, minutes: 1 })]],
    ["throttling without a delay", [fault("throttled", "search", { times: 3, after: 1 })]],
    ["an access token that is over", [fault("expired_token", "search", { after: 2 })]],
    ["a token endpoint that fails", [fault("server_error", "token", { times: 3 })]],
    ["a deadline now and then", [fault("too_much_data", "search", { times: 2, after: 1 })]],
  ])("recover from %s without losing or doubling a row", async (_, faults) => {
    const report = await load({}, faults);
    expect(report.problem).toBeUndefined();
    expect(report.status).toBe("ok");
    expect(await rows()).toEqual(undisturbed);
  });

  it("ask for fewer days where the deadline passes again and again", async () => {
    configure("2026-10-02");
    const before = requests("search");
    const report = await load({}, [fault("too_much_data", "search", { times: 10, after: 1 })]);
    expect(report.status).toBe("ok");
    // The account, five attempts at 30 days, five at the first 15, then 7, 8 and 15 days, in pages.
    expect(requests("search") - before).toBeGreaterThan(1 + 10 + 3);
    expect(await rows()).toEqual(
      undisturbed.filter((row) => String(row.segments_date) >= "2026-10-02"),
    );
  });

  it("count a row that a page repeats as a duplicate", async () => {
    configure("2026-10-02");
    const report = await load({}, [fault("repeated_row", "search", { after: 2 })]);
    expect(report).toMatchObject({ status: "ok", rows: { duplicate: 1 } });
    expect(report.rows.loaded).toBe(report.rows.read - 1);
  });

  it("notice a row that a page leaves out, load nothing of the slice, and read it the next time", async () => {
    configure("2026-10-02");
    const report = await load({}, [fault("dropped_row", "search", { after: 2 })]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.problem).toMatch(/announced \d+ rows .* delivered \d+/);
    expect(await rows()).toEqual([]);
    expect(await load()).toMatchObject({ status: "ok" });
    expect(await loadedSpend("2026-10-02")).toEqual(trueSpend("2026-10-02"));
  });

  it("renew the access token where a load outlives it", async () => {
    configure("2025-05-01");
    const before = requests("token");
    expect(await load()).toMatchObject({ status: "ok" });
    // Its life is 20 requests here.
    expect(requests("token") - before).toBeGreaterThan(1);
    expect(await loadedSpend("2025-05-01")).toEqual(trueSpend("2025-05-01"));
  });

  it("with a revoked refresh token leave the source stale, and the remedy names the variable", async () => {
    const report = await load({}, [fault("expired_token", "token", forGood)]);
    expect(report).toMatchObject({ status: "stale", rows: { read: 0, loaded: 0 } });
    expect(report.remedy).toContain("GOOGLE_ADS_REFRESH_TOKEN");
    expect(
      await bench.query(
        "select status, error_class from ops.load_slices where rows_read = 0 and status != 'ok' order by committed_at desc limit 1",
      ),
    ).toEqual([{ status: "failed", error_class: "AuthError" }]);
  });

  it("with a wrong client name its variables, and with a foreign account the account", async () => {
    const env = { ...vendors.env, GOOGLE_ADS_CLIENT_SECRET: "wrong" };
    expect((await load({ env })).remedy).toMatch(/GOOGLE_ADS_CLIENT_ID.*GOOGLE_ADS_CLIENT_SECRET/);
    configure("2026-10-01", { customerId: "1112223334" });
    const report = await load();
    expect(report.status).toBe("stale");
    expect(report.remedy).toContain("1112223334");
  });

  it("that end the access for good keep whole slices only; the next run goes on from there", async () => {
    const report = await load({}, [fault("expired_token", "search", { after: 5, ...forGood })]);
    expect(report.status).toBe("stale");
    const days = await bench.query(`select slice_from, slice_to from ops.load_slices
      where status = 'ok' and run_id = (select max_by(run_id, committed_at) from ops.load_slices)`);
    expect(await rows()).toHaveLength(report.rows.loaded);
    for (const { slice_from, slice_to } of days) {
      const range = [String(slice_from), String(slice_to)] as const;
      expect(await loadedSpend(...range)).toEqual(trueSpend(...range));
    }
    expect(
      await bench.query(
        "select distinct error_class from ops.load_slices where status != 'ok' and run_id = (select max_by(run_id, committed_at) from ops.load_slices)",
      ),
    ).toEqual([{ error_class: "AuthError" }]);
    expect((await load()).status).toBe("ok");
    expect(await loadedSpend()).toEqual(trueSpend());
    expect(await cursor()).toBe("2026-10-31");
  });

  it("throttled for longer than a slice may take stop politely", async () => {
    const report = await load({}, [fault("throttled", "search", { ...forGood, minutes: 240 })]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.remedy).toMatch(/next run/);
  });

  it("never show a secret", async () => {
    await load({}, [fault("server_error", "search", { after: 1, ...forGood })]);
    await load({}, [fault("expired_token", "search", forGood)]);
    await load({}, [fault("expired_token", "token", forGood)]);
    await load({}, [fault("server_error", "token", forGood)]);
    const stored = await bench.query(
      "select to_json_string(t) as row from ops.load_slices as t union all select to_json_string(t) from ops.dead_letters as t",
    );
    const shown = `${bench.logged()}${JSON.stringify(stored)}`;
    const { GOOGLE_ADS_CLIENT_SECRET, GOOGLE_ADS_REFRESH_TOKEN } = vendors.env;
    for (const secret of [GOOGLE_ADS_CLIENT_SECRET, GOOGLE_ADS_REFRESH_TOKEN, "ya29."]) {
      expect(shown).not.toContain(secret);
    }
  });

  it("need the variables that the configuration names", async () => {
    const env = { ...vendors.env, GOOGLE_ADS_REFRESH_TOKEN: "" };
    await expect(bench.load({ env })).rejects.toThrow(/GOOGLE_ADS_REFRESH_TOKEN is not set/);
  });
});

describe("a configuration", () => {
  it("names a manager and a developer token only where there are any", async () => {
    const sent: Headers[] = [];
    const spy: typeof fetch = (url, init) => {
      if (String(url).includes(":search")) sent.push(new Headers(init?.headers));
      return fetch(url, init);
    };
    configure("2026-10-30");
    await load({ fetch: spy });
    const bare = sent.splice(0);
    expect(bare.length).toBeGreaterThan(0);
    expect(bare.some((headers) => headers.has("login-customer-id"))).toBe(false);
    expect(bare.some((headers) => headers.has("developer-token"))).toBe(false);

    const developerToken = { env: "GOOGLE_ADS_DEVELOPER_TOKEN" };
    configure("2026-10-30", { loginCustomerId: "2223334445", developerToken });
    const env = { ...vendors.env, GOOGLE_ADS_DEVELOPER_TOKEN: "developer" };
    await load({ fetch: spy, env });
    for (const headers of sent) {
      expect(headers.get("login-customer-id")).toBe("2223334445");
      expect(headers.get("developer-token")).toBe("developer");
    }
  });

  it("that names a manager's account is told so", async () => {
    const manager = {
      customer: { id: CUSTOMER, currencyCode: "EUR", timeZone: "Europe/Rome", manager: true },
    };
    const report = await load({
      fetch: async (url, init) =>
        String(url).includes(":search") ? Response.json({ results: [manager] }) : fetch(url, init),
    });
    expect(report).toMatchObject({ status: "stale", rows: { read: 0 } });
    expect(report.remedy).toContain("loginCustomerId");
  });
});

describe("a row", () => {
  const drift: string[] = [];
  const outcome = (delivered: unknown) =>
    campaignOutcome(delivered, "request", (path) => drift.push(path));
  const delivered = {
    customer: { resourceName: "customers/1", id: "1" },
    campaign: { resourceName: "customers/1/campaigns/2", id: "2", startDate: "2026-01-01" },
    segments: { date: "2026-10-01" },
  };

  it("without a number has 0, and what was not expected counts as drift", () => {
    expect(outcome(delivered)).toMatchObject({
      row: { impressions: 0, cost_micros: 0, conversions: 0, campaign_name: undefined },
    });
    expect(drift).toEqual(["campaign.startDate"]);
  });

  it.each([
    [{ ...delivered, metrics: { costMicros: 12 } }, "metrics.costMicros"],
    [{ ...delivered, metrics: { conversions: "1.5" } }, "metrics.conversions"],
    [{ ...delivered, segments: {} }, "segments.date"],
    [{ ...delivered, campaign: {} }, "campaign.id"],
  ])("of another shape is refused with the field", (wrong, field) => {
    expect(outcome(wrong)).toMatchObject({ reject: expect.stringMatching(/^wrong_value/), field });
  });
});
