import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { PROJECT, testWarehouse } from "../emulator/script/warehouse.ts";
import { include } from "../includes/load.ts";
import { compiled } from "./project.ts";

const { run, rows } = testWarehouse();
const { WINDOWS, INTERACTION_RANKS } = include<{
  WINDOWS: { channel: string; interaction: string; days: number }[];
  INTERACTION_RANKS: Record<string, number>;
}>("attribution");

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIRST = Date.UTC(2026, 2, 1);

interface Order {
  readonly id: string;
  readonly customer: string | null;
  readonly at: number;
  readonly cents: number;
  readonly type: string;
}

interface Touch {
  readonly id: string;
  readonly customer: string | null;
  readonly at: number;
  readonly channel: string;
  readonly interaction: string;
  readonly message: string | null;
  readonly purpose: string;
  readonly consent: boolean;
}

const hour = fc.integer({ min: 0, max: 45 * 24 }).map((hours) => FIRST + hours * HOUR);
const customer = fc.constantFrom("a", "b", null);
const kind = fc.constantFrom<[string, string][]>(
  ["paid_search", "click"],
  ["paid_social", "click"],
  ["email", "click"],
  ["email", "sent"],
  ["sms", "delivered"],
  ["sms", "click"],
  ["sms", "suppressed"],
  ["direct_mail", "sent"],
  ["direct_mail", "suppressed"],
  ["qr_code", "scan"],
  ["direct", "visit"],
);
const orders = fc.array(
  fc.record({
    customer,
    at: hour,
    cents: fc.integer({ min: -5_000, max: 50_000 }),
    type: fc.constantFrom("consumer", "consumer", "consumer", "staff"),
  }),
  { minLength: 1, maxLength: 8 },
);
const touches = fc.array(
  fc.record({
    customer,
    at: hour,
    kind,
    message: fc.constantFrom("m1", "m2", null, null),
    purpose: fc.constantFrom("marketing", "marketing", "marketing", "service"),
    consent: fc.constantFrom(true, true, true, false),
  }),
  { maxLength: 25 },
);

let paths = "";
let credits = "";
beforeAll(async () => {
  const { tables } = compiled(PROJECT);
  const query = (name: string) => tables.find(({ target }) => target.name === name)?.query ?? "";
  paths = query("int_touches_eligible");
  credits = query("int_credits_weighted");
  await run("create schema intermediate");
}, 60_000);

const text = (value: string | null) => (value === null ? "null" : `'${value}'`);
const time = (at: number) => `timestamp '${new Date(at).toISOString()}'`;

async function creditsOf(given: readonly Order[], touched: readonly Touch[]) {
  await run(`create or replace table intermediate.int_orders_built as
    select *, date(ordered_at) as order_date, 'store' as sales_channel, false as is_return, false as is_first_order,
      cast(null as string) as anonymous_id
    from unnest(array<struct<order_id string, customer_id string, ordered_at timestamp, net_revenue_amount numeric,
      order_type string>>[${given.map((o) => `('${o.id}', ${text(o.customer)}, ${time(o.at)}, ${o.cents / 100}, '${o.type}')`).join(", ")}])`);
  await run(`create or replace table intermediate.int_touchpoints_unioned as
    select *, cast(null as string) as anonymous_id, cast(null as string) as platform, cast(null as string) as campaign_id,
      cast(null as string) as campaign_name, date(touched_at) as touch_date
    from unnest(array<struct<touchpoint_id string, customer_id string, touched_at timestamp, channel string,
      interaction string, message_id string, purpose string, has_measurement_consent bool>>[${touched
        .map(
          (t) =>
            `('${t.id}', ${text(t.customer)}, ${time(t.at)}, '${t.channel}', '${t.interaction}', ${text(t.message)}, '${t.purpose}', ${t.consent})`,
        )
        .join(", ")}])`);
  await run(`create or replace table intermediate.int_touches_eligible as ${paths}`);
  const found = await rows(
    `select order_id, model, coalesce(touchpoint_id, channel), credit, cast(attributed_revenue_amount * 100 as int64)
     from (${credits}) order by 1, 2, 3`,
  );
  return found as [string, string, string, number, number][];
}

/** The path of an order: what may earn it, in the order of time. */
function pathOf(order: Order, all: readonly Touch[]): readonly Touch[] {
  const best = new Map<string, Touch>();
  const rank = ({ interaction }: Touch) => INTERACTION_RANKS[interaction] ?? 0;
  for (const touch of all) {
    const window = WINDOWS.find(
      ({ channel, interaction }) =>
        channel === touch.channel && [touch.interaction, "*"].includes(interaction),
    );
    const age = order.at - touch.at;
    if (!window || touch.interaction === "suppressed" || touch.purpose !== "marketing") continue;
    if (touch.customer === null || touch.customer !== order.customer) continue;
    if (age <= 0 || age > window.days * DAY) continue;
    const key = touch.message ?? touch.id;
    const rival = best.get(key);
    const wins =
      !rival ||
      rank(touch) - rank(rival) > 0 ||
      (rank(touch) === rank(rival) &&
        (touch.at > rival.at || (touch.at === rival.at && touch.id < rival.id)));
    if (wins) best.set(key, touch);
  }
  return [...best.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** The weights of a path, by the definitions of the models. */
function weightsOf(model: string, order: Order, path: readonly Touch[]): readonly number[] {
  const last = path.length - 1;
  const notDirect = path.findLastIndex(({ channel }) => channel !== "direct");
  const only = (place: number) => path.map((_, i) => (i === place ? 1 : 0));
  switch (model) {
    case "first_touch":
      return only(0);
    case "last_touch":
      return only(last);
    case "last_non_direct":
      return only(notDirect < 0 ? last : notDirect);
    case "linear":
      return path.map(() => 1);
    case "position_based":
      if (path.length < 3) return path.map(() => 1);
      return path.map((_, i) => (i === 0 || i === last ? 0.4 : 0.2 / (path.length - 2)));
    default:
      return path.map(({ at }) => 2 ** (-(order.at - at) / DAY / 7));
  }
}

it("shares what an order earned by the definition of each model, to the cent, whatever the input", async () => {
  await fc.assert(
    fc.asyncProperty(orders, touches, async (someOrders, someTouches) => {
      const given = someOrders.map((order, i): Order => ({ id: `o${i}`, ...order }));
      const touched = someTouches.map(
        ({ kind: [channel, interaction], ...rest }, i): Touch => ({
          id: `t${String(i).padStart(2, "0")}`,
          channel,
          interaction,
          ...rest,
        }),
      );
      const found = await creditsOf(given, touched);
      for (const order of given) {
        const path = pathOf(order, touched);
        const mine = found.filter(([id]) => id === order.id);
        if (order.type !== "consumer") {
          expect(mine).toEqual([]);
          continue;
        }
        for (const model of new Set(found.map(([, name]) => name))) {
          const credited = mine.filter(([, name]) => name === model);
          expect(credited.reduce((sum, [, , , , cents]) => sum + cents, 0)).toBe(order.cents);
          const weights = weightsOf(model, order, path);
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const expected = new Map<string, number>();
          path.forEach(({ id, consent }, i) => {
            const share = (weights[i] ?? 0) / total;
            if (share === 0) return;
            const name = consent ? id : "no_consent";
            expected.set(name, (expected.get(name) ?? 0) + share);
          });
          if (path.length === 0)
            expected.set(order.customer === null ? "unidentified" : "unattributed", 1);
          expect(credited.map(([, , name]) => name)).toEqual([...expected.keys()].sort());
          for (const [, , name, credit, cents] of credited) {
            const share = expected.get(name) ?? 0;
            expect(Math.abs(credit - share)).toBeLessThan(1e-6);
            // A part gets its whole cents and at most one of those left over.
            expect(Math.abs(cents - order.cents * share)).toBeLessThan(1.001);
          }
        }
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);

it("does not depend on the order of the rows", async () => {
  const given: Order[] = [
    { id: "o", customer: "a", at: FIRST + 5 * DAY, cents: 10_001, type: "consumer" },
  ];
  const touched = Array.from(
    { length: 7 },
    (_, i): Touch => ({
      id: `t${i}`,
      customer: "a",
      at: FIRST + Math.floor(i / 2) * DAY,
      channel: "direct",
      interaction: "visit",
      message: null,
      purpose: "marketing",
      consent: i !== 3,
    }),
  );
  const straight = await creditsOf(given, touched);
  expect(straight.length).toBeGreaterThan(20);
  expect(await creditsOf(given, touched.toReversed())).toEqual(straight);
}, 60_000);
