import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, generate, startVendors, type Vendors } from "../../sandbox/index.ts";
import { cents, type Json, readJson, readNdjson, sum, tempDir } from "./worlds.ts";

const { dir, remove } = tempDir();
let vendors: Vendors;
let headers: Record<string, string>;
const ACCOUNT = "act_770011223344556";

beforeAll(async () => {
  await generate({ seed: 11, customers: 400, events: 10_000, outDir: dir });
  vendors = await startVendors(dir, { polls: 2 });
  headers = { authorization: `Bearer ${vendors.env.META_ACCESS_TOKEN}` };
});
afterEach(() => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
});
afterAll(async () => {
  await vendors.close();
  remove();
});

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${vendors.addresses.meta}/v26.0/${path}`, { headers, ...init });
const json = async (response: Response): Promise<Json> => response.json();

const FIELDS =
  "account_id,account_currency,campaign_id,campaign_name,adset_id,ad_id,ad_name,impressions,reach,clicks,inline_link_clicks,spend,actions,action_values,attribution_setting,objective";
const june = { since: "2026-06-01", until: "2026-06-30" };

async function submit(range = june, more: Record<string, string> = {}): Promise<Response> {
  const body = new URLSearchParams({
    level: "ad",
    time_increment: "1",
    time_range: JSON.stringify(range),
    fields: FIELDS,
    action_attribution_windows: '["1d_click","7d_click","28d_click","1d_view"]',
    ...more,
  });
  return get(`${ACCOUNT}/insights`, { method: "POST", body });
}

async function finish(id: string): Promise<Json> {
  for (;;) {
    const status = await json(await get(id));
    if (["Job Completed", "Job Failed"].includes(status.async_status)) return status;
  }
}

/** Pages through a finished report by its cursors. */
async function rowsOf(id: string, limit = 100): Promise<Json[]> {
  const rows: Json[] = [];
  for (let after = ""; ; ) {
    const page = await json(
      await get(`${id}/insights?limit=${limit}${after && `&after=${after}`}`),
    );
    rows.push(...page.data);
    if (!page.paging?.next) return rows;
    after = page.paging.cursors.after;
  }
}

async function report(range = june, more: Record<string, string> = {}): Promise<Json[]> {
  const { report_run_id: id } = await json(await submit(range, more));
  await finish(id);
  return rowsOf(id);
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}) =>
  vendors.setFaults([{ vendor: "meta", kind, route, ...more }]);
const whole = { since: "2025-05-01", until: "2026-10-31" };

describe("the insights API", () => {
  it("runs a report: accepted, not started, completed, paged", async () => {
    const { report_run_id: id } = await json(await submit());
    expect(await json(await get(id))).toMatchObject({
      id,
      async_status: "Job Not Started",
      async_percent_completion: 0,
    });
    expect(await json(await get(id))).toMatchObject({
      async_status: "Job Completed",
      async_percent_completion: 100,
      date_start: june.since,
    });
    const rows = await rowsOf(id, 7);
    expect(await rowsOf(id, 500)).toEqual(rows);
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      expect(row.date_start >= june.since && row.date_stop <= june.until).toBe(true);
      expect(typeof row.spend).toBe("string");
    }
  });

  it("takes three polls for the first report and one for most", async () => {
    const others = await startVendors(dir);
    const call = async (path: string, method = "GET") =>
      json(await fetch(`${others.addresses.meta}/v26.0/${path}`, { method, headers }));
    const polls: number[] = [];
    for (let i = 0; i < 11; i++) {
      const query = new URLSearchParams({
        level: "ad",
        time_increment: "1",
        time_range: JSON.stringify(june),
        fields: "spend",
      });
      const { report_run_id: id } = await call(`${ACCOUNT}/insights?${query}`, "POST");
      let count = 1;
      while ((await call(id)).async_status !== "Job Completed") count++;
      polls.push(count);
    }
    await others.close();
    expect(polls).toEqual([3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
  });

  it("gives rows before the report is done to nobody", async () => {
    const { report_run_id: id } = await json(await submit());
    expect((await get(`${id}/insights`)).status).toBe(400);
  });

  it("spends what the truth says, by campaign and day, once per ad", async () => {
    const rows = await report(whole);
    expect(new Set(rows.map((row) => `${row.date_start} ${row.ad_id}`)).size).toBe(rows.length);
    const spent = new Map<string, number>();
    for (const row of rows) {
      const key = `${row.campaign_id} ${row.date_start}`;
      spent.set(key, (spent.get(key) ?? 0) + cents(row.spend));
    }
    const truth = readNdjson(dir, "truth", "spend.ndjson").filter((row) => row.platform === "meta");
    expect([...spent].sort()).toEqual(
      truth.map((row) => [`${row.campaign_id} ${row.date}`, cents(row.spend)]).sort(),
    );
    expect(sum(spent.values(), (amount) => amount)).toBe(
      cents(readJson(dir, "truth", "totals.json").spend.platforms.meta),
    );
  });

  it("claims purchases in overlapping names and nested windows", async () => {
    const action = (row: Json, type: string) =>
      row.actions?.find((item: Json) => item.action_type === type);
    const rows = (await report(whole)).filter((row) => action(row, "purchase"));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      const claimed = action(row, "purchase");
      const count = (window: string) => Number(claimed[window] ?? 0);
      expect(action(row, "omni_purchase")).toEqual({ ...claimed, action_type: "omni_purchase" });
      expect(
        count("1d_click") <= count("7d_click") && count("7d_click") <= count("28d_click"),
      ).toBe(true);
      expect(count("value")).toBe(count("7d_click") + count("1d_view"));
    }
  });

  it("serves account and objects, gives only the fields asked for, and filters by campaign", async () => {
    expect(await json(await get(`${ACCOUNT}?fields=currency,timezone_name`))).toEqual({
      id: ACCOUNT,
      currency: "EUR",
      timezone_name: "Europe/Rome",
    });
    const { data } = await json(await get(`${ACCOUNT}/campaigns?fields=id,name&limit=100`));
    expect(data).toHaveLength(6);
    const [row] = await report(june, { fields: "spend" });
    expect(Object.keys(row).sort()).toEqual(["date_start", "date_stop", "spend"]);
    const filtering = JSON.stringify([
      { field: "campaign.id", operator: "IN", value: [data[0].id] },
    ]);
    const filtered = await report(june, { filtering });
    expect(new Set(filtered.map((item) => item.campaign_id))).toEqual(new Set([data[0].id]));
  });

  it("takes the token as a parameter too, and puts it into the address of the next page", async () => {
    const token = vendors.env.META_ACCESS_TOKEN;
    const page = await json(
      await get(`${ACCOUNT}/ads?limit=2&access_token=${token}`, { headers: {} }),
    );
    expect(page.data).toHaveLength(2);
    expect(page.paging.next).toContain(token);
    expect((await json(await fetch(page.paging.next))).data[0].id).not.toBe(page.data[0].id);
  });

  it("refuses what it does not know, with a code", async () => {
    const code = async (response: Response) => [response.status, (await json(response)).error.code];
    expect(await code(await get(ACCOUNT, { headers: { authorization: "Bearer other" } }))).toEqual([
      400, 190,
    ]);
    expect(await code(await submit(june, { fields: "spend,nonsense" }))).toEqual([400, 100]);
    expect(await code(await submit({ since: "2026-06-30", until: "2026-06-01" }))).toEqual([
      400, 100,
    ]);
    expect(await code(await submit(june, { level: "account" }))).toEqual([400, 100]);
    expect(await code(await get("123"))).toEqual([400, 100]);
  });

  it("counts requests by route and reports usage in headers", async () => {
    const before = vendors.requests()["meta account"] ?? 0;
    const response = await get(ACCOUNT);
    expect(vendors.requests()["meta account"]).toBe(before + 1);
    const usage = JSON.parse(response.headers.get("x-business-use-case-usage") ?? "{}");
    expect(usage["770011223344556"][0]).toMatchObject({
      type: "ads_insights",
      estimated_time_to_regain_access: 0,
    });
    expect(
      JSON.parse(response.headers.get("x-fb-ads-insights-throttle") ?? "{}").acc_id_util_pct,
    ).toBeLessThan(95);
  });
});

describe("as of a day", () => {
  const lastDay = { since: "2026-06-14", until: "2026-06-20" };

  it("knows nothing later, and restates the last day's spend the morning after", async () => {
    vendors.setAsOf("2026-06-15");
    const early = await report(lastDay);
    vendors.setAsOf("2026-06-16");
    const late = await report(lastDay);
    const spend = (rows: Json[], date: string) =>
      sum(
        rows.filter((row) => row.date_start === date),
        (row) => cents(row.spend),
      );
    expect(new Set(early.map((row) => row.date_start))).toEqual(
      new Set(["2026-06-14", "2026-06-15"]),
    );
    expect(spend(early, "2026-06-15")).toBeLessThan(spend(late, "2026-06-15"));
    expect(spend(early, "2026-06-14")).toBe(spend(late, "2026-06-14"));
    vendors.setAsOf(null);
    expect(spend(await report(lastDay), "2026-06-15")).toBe(spend(late, "2026-06-15"));
  });

  it("learns of purchases as they are made, dated to the click", async () => {
    const value = (rows: Json[]) =>
      sum(rows, (row) => Number(row.action_values?.[0]?.["28d_click"] ?? 0));
    const range = { since: "2026-05-01", until: "2026-05-31" };
    vendors.setAsOf("2026-05-31");
    const early = value(await report(range));
    vendors.setAsOf("2026-06-28");
    expect(value(await report(range))).toBeGreaterThan(early);
  });
});

describe("faults", () => {
  it("expired token: 400 with code 190, as often as set, then none", async () => {
    fault("expired_token", "submit", { times: 2 });
    for (let i = 0; i < 2; i++) {
      const response = await submit();
      expect([response.status, (await json(response)).error]).toMatchObject([
        400,
        { code: 190, error_subcode: 463 },
      ]);
    }
    expect((await submit()).status).toBe(200);
  });

  it("throttling: 400 with code 80000 or 17 and the minutes in a header", async () => {
    fault("throttled", "submit", { minutes: 12 });
    const response = await submit();
    const usage = JSON.parse(response.headers.get("x-business-use-case-usage") ?? "{}");
    expect([response.status, (await json(response)).error]).toMatchObject([
      400,
      { code: 80000, is_transient: true },
    ]);
    expect(usage["770011223344556"][0]).toMatchObject({
      call_count: 100,
      estimated_time_to_regain_access: 12,
    });
    fault("throttled", "submit", { code: 17 });
    expect((await json(await submit())).error.code).toBe(17);
  });

  it("500 after one request passed, then success", async () => {
    fault("server_error", "account", { after: 1 });
    expect([
      (await get(ACCOUNT)).status,
      (await get(ACCOUNT)).status,
      (await get(ACCOUNT)).status,
    ]).toEqual([200, 500, 200]);
  });

  it("a connection reset in mid-body", async () => {
    fault("reset", "account");
    const response = await get(ACCOUNT);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect((await json(await get(ACCOUNT))).id).toBe(ACCOUNT);
  });

  it("a truncated body is politely ended and no JSON", async () => {
    fault("truncated_body", "account");
    const text = await (await get(ACCOUNT)).text();
    expect(text.length).toBeGreaterThan(0);
    expect(() => JSON.parse(text)).toThrow();
  });

  it("a slow body arrives whole", async () => {
    fault("slow_body", "account", { milliseconds: 20 });
    expect((await json(await get(ACCOUNT))).id).toBe(ACCOUNT);
  });

  it("a page that repeats a row, a page that drops one, and the truth when asked again", async () => {
    const { report_run_id: id } = await json(await submit());
    await finish(id);
    const rows = await rowsOf(id, 10);
    fault("repeated_row", "rows", { after: 1 });
    const repeated = await rowsOf(id, 10);
    expect(repeated).toHaveLength(rows.length + 1);
    expect(repeated[10]).toEqual(rows[9]);
    fault("dropped_row", "rows", { after: 1 });
    expect(await rowsOf(id, 10)).toEqual(rows.toSpliced(10, 1));
    expect(await rowsOf(id, 10)).toEqual(rows);
  });

  it("a failed job, announced with the subcode that asks for less", async () => {
    fault("job_failed", "submit");
    const { report_run_id: id } = await json(await submit());
    expect(await finish(id)).toMatchObject({
      async_status: "Job Failed",
      error_code: 2,
      error_subcode: 1504018,
    });
    expect((await get(`${id}/insights`)).status).toBe(400);
  });

  it("a vanished row", async () => {
    const rows = await report();
    fault("vanished_row", "submit");
    expect(await report()).toEqual(rows.slice(1));
  });

  it("too much data", async () => {
    fault("too_much_data", "submit");
    expect((await json(await submit())).error).toMatchObject({
      code: 1,
      message: expect.stringContaining("reduce the amount of data"),
    });
  });
});
