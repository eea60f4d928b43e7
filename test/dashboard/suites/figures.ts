import { describe, expect, test } from "vitest";
import { GRAINS } from "../../../dashboard/queries/roas.ts";
import { ask } from "../../night/world.ts";
import { client, FROM, type Overview, sum } from "../client.ts";
import { AS_OF, DAYS_WITHOUT_META, META_UNTIL, type StaleWorld } from "../stale-world.ts";

const PERIOD = `date between '${FROM}' and '${AS_OF}'`;

export function figures(world: () => StaleWorld): void {
  describe("the figures", () => {
    const { get, overview } = client(world);

    test.each(["position_based", "last_touch"])(
      "by platform equal a query's: %s",
      async (model) => {
        const expected = await ask<{ name: string; roas: string | null; online: string | null }>(
          world().config,
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
      },
    );

    test("platforms add up to what customers paid, whatever the model", async () => {
      const [sold] = await ask<{ net: string }>(
        world().config,
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
      const known = platforms.reduce((total, row) => total + Number(row.revenue_amount), 0);
      const blended = known / Number(totals.spend_amount);
      expect(known).toBeLessThan(Number(totals.net_revenue_amount));
      expect(Number(totals.blended_roas)).toBeCloseTo(blended, 8);
    });

    test("receipts with a name, by shop and in all", async () => {
      const { receipts } = await overview("linear");
      const [all, ...shops] = receipts;
      const [expected] = await ask<{ n: number; named: number }>(
        world().config,
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
      const about = await get<{ sources: { source: string; is_stale: boolean; remedy: string }[] }>(
        "about",
      );
      const meta = about.sources.find(({ source }) => source === "meta");
      expect(meta).toMatchObject({ is_stale: true });
      expect(meta?.remedy).toContain("META_TOKEN_EXPIRED");
      const [earned] = await ask<{ amount: string }>(
        world().config,
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
      const nothing = await get<Overview>("overview", query);
      expect(nothing.totals).toMatchObject({ net_revenue_amount: "0", roas: null });
      expect(nothing.buckets).toHaveLength(7);
      expect(nothing.platforms).toEqual([]);
    });
  });
}
