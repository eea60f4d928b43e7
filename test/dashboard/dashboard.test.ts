import { mkdirSync } from "node:fs";
import { request } from "node:http";
import { resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { type Bucket, GRAINS, type RoasFigures } from "../../dashboard/queries/roas.ts";
import { ask } from "../night/world.ts";
import { browserPath } from "./browser.ts";
import {
  AS_OF,
  DAYS_WITHOUT_META,
  META_UNTIL,
  openStaleWorld,
  type StaleWorld,
} from "./stale-world.ts";

const FROM = "2026-06-01";
const PERIOD = `date between '${FROM}' and '${AS_OF}'`;

let world: StaleWorld;
beforeAll(async () => {
  world = await openStaleWorld();
});
afterAll(() => world?.close());

/** An answer of the dashboard's server. */
async function api<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${world.url}/api/${path}?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

interface Overview {
  readonly totals: Readonly<Record<string, string>>;
  readonly buckets: readonly Bucket[];
  readonly platforms: readonly (RoasFigures & { channel: string; platform: string | null })[];
  readonly campaigns: readonly (RoasFigures & { campaign_name: string | null })[];
  readonly missing: readonly { date: string; source: string }[];
  readonly receipts: readonly {
    store_id: string | null;
    receipts: number;
    identified_receipts: number;
    identified_rate: string;
  }[];
}

const overview = (model: string, grain = "day") =>
  api<Overview>("overview", { from: FROM, to: AS_OF, model, grain });

/** Sum of decimal strings with up to nine digits after the point, exact. */
function sum(amounts: readonly string[]): bigint {
  return amounts.reduce((total, text) => {
    const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
    const units = BigInt(whole + fraction.padEnd(9, "0"));
    return text.startsWith("-") ? total - units : total + units;
  }, 0n);
}

describe("the figures", () => {
  test.each(["position_based", "last_touch"])("by platform equal a query's: %s", async (model) => {
    const expected = await ask<{ name: string; roas: string | null; online: string | null }>(
      world.config,
      `select concat(channel, '/', ifnull(platform, '')) as name,
         cast(safe_divide(sum(revenue_amount), sum(spend_amount)) as string) as roas,
         cast(safe_divide(sum(online_revenue_amount), sum(spend_amount)) as string) as online
       from marts.mart_roas_models_daily where model = '${model}' and ${PERIOD} group by name`,
    );
    const { platforms } = await overview(model);
    const found = platforms.map((row) => ({
      name: `${row.channel}/${row.platform ?? ""}`,
      roas: row.roas,
      online: row.online_roas,
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(found.sort(byName)).toEqual(expected.sort(byName));
    expect(found.some(({ roas }) => roas !== null)).toBe(true);
  });

  test("platforms add up to what customers paid, whatever the model", async () => {
    const [sold] = await ask<{ net: string }>(
      world.config,
      `select cast(sum(net_revenue_amount) as string) as net from marts.fct_orders
       where order_type = 'consumer' and order_date between '${FROM}' and '${AS_OF}'`,
    );
    for (const model of ["first_touch", "linear"]) {
      const { platforms, totals } = await overview(model);
      const parts = platforms.flatMap((p) => [p.revenue_amount, p.revenue_without_cost_amount]);
      expect(sum(parts)).toBe(sum([sold?.net ?? ""]));
      expect(sum([totals.net_revenue_amount ?? ""])).toBe(sum(parts));
    }
  });

  test.each(GRAINS)(
    "by %s, every day of the period once, and the sums of the period",
    async (grain) => {
      const { buckets, totals } = await overview("linear", grain);
      expect(buckets[0]?.start_date).toBe(FROM);
      expect(buckets.at(-1)?.end_date).toBe(AS_OF);
      buckets.slice(1).forEach((bucket, i) => {
        const dayBefore = Date.parse(bucket.start_date) - 86_400_000;
        expect(dayBefore).toBe(Date.parse(buckets[i]?.end_date ?? ""));
      });
      for (const amount of ["spend_amount", "store_revenue_amount"] as const) {
        expect(sum(buckets.map((b) => b[amount]))).toBe(sum([totals[amount] ?? ""]));
      }
    },
  );

  test("ROAS of the whole counts only platforms that cost something", async () => {
    const { platforms, totals } = await overview("position_based");
    const paid = platforms.filter((row) => Number(row.spend_amount) > 0);
    expect(paid.length).toBeGreaterThan(0);
    expect(paid.length).toBeLessThan(platforms.length);
    expect(sum(paid.map((row) => row.revenue_amount))).toBe(
      sum([totals.paid_revenue_amount ?? ""]),
    );
    const ratio = Number(totals.paid_revenue_amount) / Number(totals.spend_amount);
    expect(Number(totals.roas)).toBeCloseTo(ratio, 8);
    const blended = Number(totals.net_revenue_amount) / Number(totals.spend_amount);
    expect(Number(totals.blended_roas)).toBeCloseTo(blended, 8);
  });

  test("receipts with a name, by shop and in all", async () => {
    const { receipts } = await overview("linear");
    const [all, ...shops] = receipts;
    const [expected] = await ask<{ n: number; named: number }>(
      world.config,
      `select count(*) as n, count(customer_id) as named from marts.fct_orders
       where sales_channel = 'store' and order_type = 'consumer' and not is_return
         and order_date between '${FROM}' and '${AS_OF}'`,
    );
    expect([all?.receipts, all?.identified_receipts]).toEqual([expected?.n, expected?.named]);
    const total = (of: (row: (typeof shops)[number]) => number) =>
      shops.reduce((n, row) => n + of(row), 0);
    expect(total((row) => row.receipts)).toBe(expected?.n);
    expect(total((row) => row.identified_receipts)).toBe(expected?.named);
  });

  test("days that Meta does not reach are named, and its revenue of them stands apart", async () => {
    const { missing, platforms } = await overview("linear");
    const days = missing.filter(({ source }) => source === "meta").map(({ date }) => date);
    expect(days.at(-1)).toBe(AS_OF);
    expect(days.filter((date) => date > META_UNTIL)).toHaveLength(DAYS_WITHOUT_META);
    const about = await api<{ sources: { source: string; is_stale: boolean; remedy: string }[] }>(
      "about",
    );
    const meta = about.sources.find(({ source }) => source === "meta");
    expect(meta).toMatchObject({ is_stale: true });
    expect(meta?.remedy).toContain("META_TOKEN_EXPIRED");
    const [earned] = await ask<{ amount: string }>(
      world.config,
      `select cast(sum(attributed_revenue_amount) as string) as amount
       from marts.fct_attribution_credits
       where model = 'linear' and platform = 'meta' and channel = 'paid_social'
         and order_date > '${META_UNTIL}' and order_date <= '${AS_OF}'`,
    );
    const paid = platforms.find((row) => row.channel === "paid_social");
    expect(paid).toMatchObject({ platform: "meta", is_provisional: true });
    expect(Number(paid?.revenue_without_cost_amount)).toBeGreaterThan(0);
    expect(sum([paid?.revenue_without_cost_amount ?? ""])).toBe(sum([earned?.amount ?? ""]));
  });

  test("a period without orders is empty, not wrong", async () => {
    const query = { from: "2020-01-01", to: "2020-01-07", model: "linear", grain: "day" };
    const nothing = await api<Overview>("overview", query);
    expect(nothing.totals).toMatchObject({ net_revenue_amount: "0", roas: null });
    expect(nothing.buckets).toHaveLength(7);
    expect(nothing.platforms).toEqual([]);
  });
});

interface OrderAnswer {
  readonly order: { readonly net_revenue_amount: string; readonly ordered_at: string };
  readonly touches: readonly {
    readonly touched_at: string | null;
    readonly credits: readonly {
      readonly model: string;
      readonly credit: number;
      readonly attributed_revenue_amount: string;
    }[];
  }[];
}

const lastOrders = (more: Record<string, string> = {}) =>
  api<{ order_id: string; touches: number }[]>("orders", { from: FROM, to: AS_OF, ...more });

describe("the way to one order", () => {
  test("its touches in time order; by each model their credit makes the order", async () => {
    const list = await lastOrders();
    const longest = list.reduce((a, b) => (b.touches > a.touches ? b : a));
    expect(longest.touches).toBeGreaterThan(1);
    const { order, touches } = await api<OrderAnswer>("journey", { order: longest.order_id });
    expect(touches).toHaveLength(longest.touches);
    const times = touches.map(({ touched_at }) => touched_at ?? "");
    expect(times).toEqual([...times].sort());
    expect((times.at(-1) ?? "") <= order.ordered_at).toBe(true);
    const { models } = await api<{ models: string[] }>("about");
    expect(models.length).toBeGreaterThanOrEqual(6);
    for (const model of models) {
      const shares = touches.flatMap(({ credits }) => credits.filter((c) => c.model === model));
      expect(shares.reduce((n, { credit }) => n + credit, 0)).toBeCloseTo(1, 9);
      const amounts = shares.map((share) => share.attributed_revenue_amount);
      expect(sum(amounts)).toBe(sum([order.net_revenue_amount]));
    }
  });

  test("an order is found by a part of its number in any period", async () => {
    const [first] = await lastOrders();
    const part = (first?.order_id ?? "").slice(1).toLowerCase();
    const found = await lastOrders({ from: "2020-01-01", to: "2020-01-01", find: part });
    expect(found.map(({ order_id }) => order_id)).toContain(first?.order_id);
  });

  test("orders that no touch earned only on request", async () => {
    expect((await lastOrders()).every(({ touches }) => touches > 0)).toBe(true);
    expect((await lastOrders({ untouched: "true" })).some(({ touches }) => touches === 0)).toBe(
      true,
    );
  });

  test("an order that is not there is said to be so", async () => {
    const response = await fetch(`${world.url}/api/journey?order=nobody's`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: "There is no order nobody's." });
  });
});

describe("the server", () => {
  test("refuses what is no period", async () => {
    const response = await fetch(`${world.url}/api/overview?from=yesterday&to=${AS_OF}`);
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain("from");
  });

  test("answers this machine's own names only", async () => {
    const { port } = new URL(world.url);
    const status = (host: string) =>
      new Promise((done) => {
        const asked = request({ host: "127.0.0.1", port, path: "/", headers: { host } });
        asked.on("response", (response) => done(response.resume().statusCode)).end();
      });
    expect(await status(`127.0.0.1:${port}`)).toBe(200);
    expect(await status(`localhost:${port}`)).toBe(200);
    expect(await status("shop.example")).toBe(403);
  });

  test("allows a page to load nothing but itself", async () => {
    const { headers } = await fetch(world.url);
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
  });
});

const SHOTS = resolve(import.meta.dirname, "../../.filo/test");

/** Tables' cells and tiles as the page shows them, in English figures. */
const figure = (value: string, digits: number) =>
  new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value as Intl.StringNumericLiteral);

describe("the page in a browser", () => {
  let browser: Browser | undefined;
  const problems: string[] = [];

  beforeAll(async () => {
    const executablePath = browserPath(process.env);
    if (executablePath) browser = await chromium.launch({ executablePath });
  });
  afterAll(() => browser?.close());

  /** Opens the page; whatever the console complains of, and each request that leaves the machine, is a problem. */
  async function open(
    context: TestContext,
    query: string,
    colorScheme: "light" | "dark" = "light",
  ) {
    if (!browser) {
      context.skip("no browser here: apt-get install chromium, or name one in CHROMIUM_PATH");
    }
    const page = await (browser as Browser).newPage({
      colorScheme,
      locale: "en-GB",
      viewport: { width: 1280, height: 900 },
    });
    page.on("console", (said) => said.type() !== "log" && problems.push(said.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (asked) => {
      if (!asked.url().startsWith(`${world.url}/`)) problems.push(`asked for ${asked.url()}`);
    });
    await page.goto(`${world.url}/${query}`);
    await drawn(page);
    return page;
  }

  const drawn = (page: Page) => page.waitForSelector("#sections[aria-busy=false] #sources");
  const period = `?from=${FROM}&to=${AS_OF}`;

  test("shows the query's figures, and others when the model changes", async (context) => {
    const page = await open(context, period);
    const shown = async () => ({
      roas: await page.textContent("#roas"),
      online: await page.textContent("#roas-online"),
      platform: await page.textContent("#roas-by tbody tr:first-child strong"),
    });
    const expected = async (model: string) => {
      const { totals, platforms } = await overview(model);
      const dearest = platforms[0]?.roas;
      return {
        roas: figure(totals.roas ?? "", 2),
        online: figure(totals.online_roas ?? "", 2),
        platform: figure(dearest ?? "", 2),
      };
    };
    const first = await shown();
    expect(first).toEqual(await expected("position_based"));
    await page.selectOption("#model", "last_touch");
    await page.waitForURL(/model=last_touch/);
    await drawn(page);
    expect(await shown()).toEqual(await expected("last_touch"));
    expect(await shown()).not.toEqual(first);
    const unpointed = await page.textContent("#roas");
    await page.selectOption("#locale", "it-IT");
    await drawn(page);
    expect(await page.textContent("#roas")).toBe(unpointed?.replace(".", ","));
    expect(await page.textContent("#run")).toMatch(/Counted up to 30 ott 2026.*Run 2026-10-30_/);
    await page.close();
  });

  test("names the source that is late, the days and what to do", async (context) => {
    const page = await open(context, period);
    const notice = await page.textContent("#provisional");
    expect(notice).toContain("meta");
    expect(notice).toContain("30 Oct 2026");
    expect(notice).toContain("META_TOKEN_EXPIRED");
    expect(await page.textContent("#sources")).toContain("late");
    await page.close();
  });

  test("opens the way to an order from the list, by keyboard too", async (context) => {
    const page = await open(context, period);
    const first = page.locator("#order-list tbody button").first();
    const name = (await first.textContent()) ?? "";
    await first.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#journey .thread li");
    expect(await page.textContent("#journey h3")).toBe(`Order ${name}`);
    expect(await page.evaluate("document.activeElement.textContent")).toBe(name);
    await page.close();
  });

  test("is light and dark, and remembers which was chosen", async (context) => {
    mkdirSync(SHOTS, { recursive: true });
    const canvas = "getComputedStyle(document.body).backgroundColor";
    const dark = await open(context, period, "dark");
    await dark.screenshot({ path: `${SHOTS}/dashboard-dark.png`, fullPage: true });
    const darkCanvas = await dark.evaluate(canvas);
    await dark.click("#theme");
    await dark.reload();
    await drawn(dark);
    const light = await open(context, period);
    await light.screenshot({ path: `${SHOTS}/dashboard.png`, fullPage: true });
    expect(await light.evaluate(canvas)).not.toBe(darkCanvas);
    expect(await dark.evaluate(canvas)).toBe(await light.evaluate(canvas));
    await Promise.all([dark.close(), light.close()]);
  });

  test("fits a telephone", async (context) => {
    const page = await open(context, period);
    await page.setViewportSize({ width: 375, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
    await page.close();
  });

  test("has complained of nothing and asked for nothing elsewhere", (context) => {
    if (!browser) context.skip("no browser here");
    expect(problems).toEqual([]);
  });
});
