import { describe, expect, test } from "vitest";
import { client, FROM, sum } from "../client.ts";
import { AS_OF, type StaleWorld } from "../stale-world.ts";

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

export function journeys(world: () => StaleWorld): void {
  describe("the way to one order", () => {
    const { get } = client(world);
    const lastOrders = (more: Record<string, string> = {}) =>
      get<{ order_id: string; touches: number }[]>("orders", { from: FROM, to: AS_OF, ...more });

    test("its touches in time order; by each model their credit makes the order", async () => {
      const list = await lastOrders();
      const longest = list.reduce((a, b) => (b.touches > a.touches ? b : a));
      expect(longest.touches).toBeGreaterThan(1);
      const { order, touches } = await get<OrderAnswer>("journey", { order: longest.order_id });
      expect(touches).toHaveLength(longest.touches);
      const times = touches.map(({ touched_at }) => touched_at ?? "");
      expect(times).toEqual([...times].sort());
      expect((times.at(-1) ?? "") <= order.ordered_at).toBe(true);
      const { models } = await get<{ models: string[] }>("about");
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
      const response = await fetch(`${world().url}/api/journey?order=nobody's`);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ error: "There is no order nobody's." });
    });
  });
}
