import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, generate, startVendors, type Vendors } from "../../sandbox/index.ts";
import { cents, type Json, readJson, readNdjson, sum, tempDir } from "./worlds.ts";

const { dir, remove } = tempDir();
const ADVERTISER = "7301122334455667788";
let vendors: Vendors;

beforeAll(async () => {
  await generate({ seed: 13, customers: 2_000, events: 10_000, outDir: dir });
  vendors = await startVendors(dir);
});
afterEach(() => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
});
afterAll(async () => {
  await vendors.close();
  remove();
});

async function get(path: string, query: Record<string, string>, token?: string): Promise<Response> {
  const url = `${vendors.addresses.tiktok}/open_api/v1.3/${path}?${new URLSearchParams(query)}`;
  return fetch(url, { headers: { "access-token": token ?? vendors.env.TIKTOK_ACCESS_TOKEN } });
}

const ALL = [{ field_name: "ad_status", filter_type: "IN", filter_value: '["STATUS_ALL"]' }];
const report = (from: string, to: string, more: Record<string, string> = {}) => ({
  advertiser_id: ADVERTISER,
  report_type: "BASIC",
  data_level: "AUCTION_AD",
  dimensions: '["ad_id","stat_time_day"]',
  metrics: JSON.stringify([
    "campaign_id",
    "campaign_name",
    "adgroup_name",
    "ad_name",
    "spend",
    "impressions",
    "clicks",
    "reach",
    "complete_payment",
    "total_complete_payment_rate",
    "total_purchase_value",
  ]),
  start_date: from,
  end_date: to,
  page_size: "100",
  filtering: JSON.stringify(ALL),
  ...more,
});
const september = report("2026-09-07", "2026-10-06");

const ask = async (query: Record<string, string>, token?: string): Promise<Json> => {
  const response = await get("report/integrated/get/", query, token);
  // Whatever happened, the status is 200.
  expect(response.status).toBe(200);
  return response.json();
};

/** All pages of a report. */
async function rowsOf(query: Record<string, string>): Promise<Json[]> {
  const rows: Json[] = [];
  for (let page = 1; ; page++) {
    const { data } = await ask({ ...query, page: String(page) });
    rows.push(...data.list);
    if (page >= data.page_info.total_page) return rows;
  }
}

/** The whole period, in ranges of 30 days. */
async function everything(): Promise<Json[]> {
  const rows: Json[] = [];
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const end = Date.parse("2026-10-31");
  for (let start = Date.parse("2025-05-01"); start <= end; start += 30 * 86_400_000) {
    rows.push(...(await rowsOf(report(day(start), day(Math.min(start + 29 * 86_400_000, end))))));
  }
  return rows;
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}) =>
  vendors.setFaults([{ vendor: "tiktok", kind, route, ...more }]);

describe("the report", () => {
  it("spends what the truth says, by campaign and day, once per ad", async () => {
    const rows = await everything();
    const keys = rows.map(({ dimensions }) => `${dimensions.stat_time_day} ${dimensions.ad_id}`);
    expect(new Set(keys).size).toBe(rows.length);
    const spent = new Map<string, number>();
    for (const { dimensions, metrics } of rows) {
      if (Number(metrics.spend) === 0) continue;
      const key = `${metrics.campaign_id} ${dimensions.stat_time_day}`;
      spent.set(key, (spent.get(key) ?? 0) + cents(metrics.spend));
    }
    const truth = readNdjson(dir, "truth", "spend.ndjson").filter(
      (row) => row.platform === "tiktok",
    );
    expect([...spent].sort()).toEqual(
      truth.map((row) => [`${row.campaign_id} ${row.date} 00:00:00`, cents(row.spend)]).sort(),
    );
    expect(sum(spent.values(), (amount) => amount)).toBe(
      cents(readJson(dir, "truth", "totals.json").spend.platforms.tiktok),
    );
    const bought = rows.filter(({ metrics }) => Number(metrics.complete_payment) > 0);
    expect(bought.length).toBeGreaterThan(3);
    for (const { metrics } of bought) {
      expect(Number(metrics.total_complete_payment_rate)).toBeGreaterThan(1);
      expect(metrics.total_purchase_value).toBe("0.00");
    }
  });

  it("leaves deleted ads out, unless all statuses are asked for", async () => {
    const campaigns = (rows: Json[]) => new Set(rows.map(({ metrics }) => metrics.campaign_name));
    const { filtering: _, ...unfiltered } = september;
    expect(campaigns(await rowsOf(september))).toContain("VL_TT_SPARK");
    expect(campaigns(await rowsOf(unfiltered))).not.toContain("VL_TT_SPARK");
  });

  it("says - where there is nothing, and everything as text", async () => {
    const rows = await rowsOf(september);
    const idle = rows.filter(({ metrics }) => metrics.impressions === "0");
    expect(idle.length).toBeGreaterThan(0);
    for (const { metrics } of idle) {
      expect(metrics).toMatchObject({ spend: "0.00", reach: "-", complete_payment: "-" });
    }
    for (const { metrics } of rows) {
      expect(Object.values(metrics).every((value) => typeof value === "string")).toBe(true);
    }
  });

  it("pages by number, and announces how many rows and pages there are", async () => {
    const rows = await rowsOf({ ...september, page_size: "1000" });
    expect(await rowsOf({ ...september, page_size: "7" })).toEqual(rows);
    const { data } = await ask({ ...september, page_size: "50" });
    expect(data.page_info).toEqual({
      page: 1,
      page_size: 50,
      total_number: rows.length,
      total_page: Math.ceil(rows.length / 50),
    });
  });

  it("describes the advertiser, whose offset knows no summer time", async () => {
    const response = await get("advertiser/info/", {
      advertiser_ids: JSON.stringify([ADVERTISER]),
    });
    const { data }: Json = await response.json();
    expect(data.list).toMatchObject([
      {
        advertiser_id: ADVERTISER,
        currency: "EUR",
        timezone: "Etc/GMT-1",
        display_timezone: "Europe/Rome",
      },
    ]);
  });

  it.each([
    ["more than 30 days", report("2026-09-01", "2026-10-01"), 40002],
    ["days in the wrong order", report("2026-09-02", "2026-09-01"), 40002],
    ["a metric it does not know", { ...september, metrics: '["nonsense"]' }, 40002],
    ["another level", { ...september, data_level: "AUCTION_CAMPAIGN" }, 40002],
    ["another grain", { ...september, dimensions: '["ad_id"]' }, 40002],
    ["too large a page", { ...september, page_size: "1001" }, 40002],
    ["filters that are no JSON", { ...september, filtering: "all" }, 40002],
    ["another advertiser", { ...september, advertiser_id: "7000000000000000009" }, 40001],
  ])("refuses %s, with a code", async (_, query, code) => {
    expect(await ask(query)).toMatchObject({ code, data: {} });
  });

  it("refuses a foreign token", async () => {
    expect(await ask(september, "other")).toMatchObject({ code: 40105 });
  });
});

describe("as of a day", () => {
  it("knows nothing later, and restates the last day's spend the morning after", async () => {
    const spend = (rows: Json[], day: string) =>
      sum(
        rows.filter(({ dimensions }) => dimensions.stat_time_day.startsWith(day)),
        ({ metrics }) => cents(metrics.spend),
      );
    vendors.setAsOf("2026-09-20");
    const early = await rowsOf(september);
    vendors.setAsOf("2026-09-21");
    const late = await rowsOf(september);
    expect(spend(early, "2026-09-20")).toBeLessThan(spend(late, "2026-09-20"));
    expect(spend(early, "2026-09-19")).toBe(spend(late, "2026-09-19"));
    expect(spend(early, "2026-09-21")).toBe(0);
  });

  it("learns of purchases as they are made, dated to the click", async () => {
    const purchases = async (range: Record<string, string>) =>
      sum(await rowsOf(range), ({ metrics }) => Number(metrics.complete_payment.replace("-", "0")));
    const learned: number[] = [];
    for (const week of ["2025-10-05", "2025-11-16", "2026-03-22", "2026-09-20", "2026-10-11"]) {
      const range = report(`${week.slice(0, 8)}01`, week);
      vendors.setAsOf(week);
      const early = await purchases(range);
      vendors.setAsOf(null);
      learned.push((await purchases(range)) - early);
    }
    expect(Math.min(...learned)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...learned)).toBeGreaterThan(0);
  });
});

describe("faults", () => {
  it("come as codes with status 200: throttling, an expired token, an error, a timeout", async () => {
    for (const [kind, code] of [
      ["throttled", 40100],
      ["expired_token", 40105],
      ["server_error", 50000],
      ["too_much_data", 40200],
    ] as const) {
      fault(kind, "report");
      expect(await ask(september)).toMatchObject({ code });
      expect(await ask(september)).toMatchObject({ code: 0 });
    }
  });

  it("or as connections that break, close without an answer or end politely too soon", async () => {
    fault("no_answer", "report");
    await expect(ask(september)).rejects.toThrow();
    fault("reset", "report");
    await expect(ask(september)).rejects.toThrow();
    fault("truncated_body", "report");
    await expect(ask(september)).rejects.toThrow(SyntaxError);
  });

  it("or in the rows: one repeated, one dropped, one vanished", async () => {
    const rows = await rowsOf(september);
    fault("repeated_row", "report", { after: 1 });
    expect(await rowsOf(september)).toEqual(rows.toSpliced(100, 0, rows[99]));
    fault("dropped_row", "report", { after: 1 });
    expect(await rowsOf(september)).toEqual(rows.toSpliced(100, 1));
    fault("vanished_row", "report");
    expect(await rowsOf(september)).toEqual(rows.slice(1));
    expect(await rowsOf(september)).toEqual(rows);
  });
});
