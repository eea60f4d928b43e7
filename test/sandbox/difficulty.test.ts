import { describe, expect, it } from "vitest";
import { calendar as makeCalendar } from "../../sandbox/calendar.ts";
import { dailyClosings } from "../../sandbox/world/closings.ts";
import { groupBy } from "../../sandbox/world/group.ts";
import { sold } from "../../sandbox/world/orders.ts";
import {
  AD_PLATFORMS,
  adCampaigns,
  readSettings,
  type Settings,
} from "../../sandbox/world/settings.ts";

import { makeShops } from "../../sandbox/world/shops.ts";
import { simulate } from "../../sandbox/world/simulate.ts";
import type { Order, World } from "../../sandbox/world/types.ts";
import { sum } from "./worlds.ts";

const worlds = [101, 102, 103].map((seed) => simulate({ seed, customers: 3_000 }));
const share = <T>(items: readonly T[], test: (item: T) => boolean) =>
  items.filter(test).length / items.length;
const receipts = (world: World) => world.orders.filter((order) => order.channel === "store");
const net = (order: Order) => (order.gross - order.discount - order.tax) / 100;

describe.each(worlds.map((world) => [world.seed, world] as const))(
  "the world of seed %i",
  (_, world) => {
    it("names about 45 % of receipts not at all, and mistypes at least 8 % of typed contacts", () => {
      const typed = receipts(world).filter(
        ({ named }) => named && named.phone + named.email !== "",
      );
      expect(share(receipts(world), ({ named }) => named === null)).toBeGreaterThan(0.42);
      expect(share(receipts(world), ({ named }) => named === null)).toBeLessThan(0.49);
      expect(typed.length / receipts(world).length).toBeGreaterThan(0.15);
      expect(share(typed, ({ named }) => named?.mistyped ?? false)).toBeGreaterThan(0.08);
    });

    it("types what the person has, but for the mistyped", () => {
      const digits = (phone: string) =>
        phone.replace(/\D/g, "").replace(/^(0039|39(?=\d{10}$))/, "");
      for (const { person, named } of receipts(world)) {
        if (!person || !named) continue;
        const owned = [...person.phones.map(digits), ...person.emails];
        const typed = [named.phone && digits(named.phone), named.email.toLowerCase()].filter(
          Boolean,
        );
        for (const contact of typed) expect(owned.includes(contact)).toBe(!named.mistyped);
        if (named.card) expect(person.cards.map((card) => card.number)).toContain(named.card);
      }
    });

    it("shares at least 10 % of phones and gives at least 15 % of people two e-mails", () => {
      const holders = new Map<string, number>();
      for (const person of world.people)
        for (const phone of person.phones) holders.set(phone, (holders.get(phone) ?? 0) + 1);
      expect(share([...holders.values()], (count) => count > 1)).toBeGreaterThan(0.1);
      expect(share(world.people, (person) => person.emails.length > 1)).toBeGreaterThan(0.15);
    });

    it("replaces cards, and gives people several devices, some of them the family's", () => {
      const devices = world.people.flatMap((person) => person.devices);
      expect(share(world.people, (person) => person.cards.length > 1)).toBeGreaterThan(0.02);
      expect(share(world.people, (person) => person.devices.length > 1)).toBeGreaterThan(0.3);
      expect(devices.length).toBeGreaterThan(new Set(devices).size);
    });

    it("gives no two people the same e-mail or card", () => {
      for (const of of [
        (p: World["people"][number]) => p.emails,
        (p: World["people"][number]) => p.cards.map((card) => card.number),
      ]) {
        const all = world.people.flatMap(of);
        expect(new Set(all).size).toBe(all.length);
      }
    });

    it("spends with pauses and bursts", () => {
      const byDay = (adDays: World["adDays"]) => {
        const spend = new Array<number>(world.calendar.days.length).fill(0);
        for (const adDay of adDays) spend[adDay.day] = (spend[adDay.day] ?? 0) + adDay.spend;
        return spend;
      };
      for (const { id } of adCampaigns(world.settings)) {
        const spend = byDay(world.adDays.filter(({ ad }) => ad.campaign.id === id));
        expect(share(spend, (amount) => amount === 0)).toBeGreaterThan(0.05);
      }
      for (const platform of AD_PLATFORMS) {
        const account = byDay(world.adDays.filter(({ ad }) => ad.platform === platform));
        expect(Math.max(...account)).toBeGreaterThan(
          3 * (sum(account, (amount) => amount) / account.length),
        );
      }
    });

    it("brings things back: by post, across channels, with and without a reference", () => {
      for (const kind of [
        "web_by_post",
        "web_in_store",
        "store_with_reference",
        "store_without_reference",
      ]) {
        expect(world.refunds.some((refund) => refund.kind === kind)).toBe(true);
      }
      for (const { order, at, total } of world.refunds) {
        expect(at).toBeGreaterThan(order.at);
        expect(total).toBeLessThanOrEqual(order.gross - order.discount);
      }
    });

    it("exchanges goods, with the order they came from and without", () => {
      const inShops = world.refunds.filter((refund) => refund.shop);
      const exchanged = inShops.filter((refund) => refund.exchange);
      expect(exchanged.length / inShops.length).toBeGreaterThan(0.15);
      for (const kind of ["web_in_store", "store_with_reference", "store_without_reference"])
        expect(exchanged.some((refund) => refund.kind === kind)).toBe(true);
      for (const { kind, order, exchange } of exchanged) {
        expect(exchange?.order !== null).toBe(kind === "store_without_reference");
        expect(sold(order).gross).toBe(
          order.gross + (exchange?.order ? 0 : (exchange?.gross ?? 0)),
        );
      }
    });

    it("prints for staff, pick-ups and invoices, and takes gift cards and vouchers", () => {
      const kinds = (kind: string) =>
        world.receipts.filter(({ document }) => document.kind === kind).length;
      const staff = share(receipts(world), ({ type }) => type === "staff");
      expect(staff).toBeGreaterThan(0.01);
      expect(staff).toBeLessThan(0.03);
      expect(kinds("pickup")).toBeGreaterThan(100);
      expect(kinds("invoice")).toBeGreaterThan(20);
      for (const method of ["gift_card", "voucher"])
        expect(
          world.payments.filter((paid) => paid.method === method && paid.amount > 0).length,
        ).toBeGreaterThan(10);
    });

    it("names at some pick-ups whom the web order names", () => {
      const collections = world.orders.flatMap((order) => order.collection ?? []);
      const named = share(collections, (collection) => collection.named !== null);
      expect(named).toBeGreaterThan(0.3);
      expect(named).toBeLessThan(0.7);
    });

    it("leaves carts behind whose pieces are bought in a shop later, by the same person", () => {
      const left = world.visits.flatMap(({ at, person, order }) =>
        order?.channel === "store" ? { at, person, order } : [],
      );
      expect(left.length).toBeGreaterThan(30);
      for (const { at, person, order } of left) {
        expect(person).toBe(order.person);
        expect(at).toBeLessThan(order.at);
      }
    });

    it("prints no receipt in a shop that is not open yet", () => {
      const opening = world.calendar.day(world.calendar.indexOf("2026-02-14")).start;
      const verona = world.receipts.filter(({ key }) => key.shop.code === "VER1");
      expect(verona.length).toBeGreaterThan(0);
      for (const { at } of verona) expect(at).toBeGreaterThanOrEqual(opening);
    });

    it("sells through the hour that happens twice", () => {
      const night = world.receipts.filter(({ at }) => {
        const clock = world.calendar.local(at);
        return clock >= "2026-10-25T02" && clock < "2026-10-25T03";
      });
      const instants = night.map(({ at }) => new Date(at).toISOString().slice(0, 13));
      expect(new Set(instants)).toEqual(new Set(["2026-10-25T00", "2026-10-25T01"]));
    });
  },
);

describe("effects", () => {
  it("come to what world.json sets, over the worlds together and by platform", () => {
    const campaigns = adCampaigns(readSettings());
    const orders = groupBy(
      worlds.flatMap((world) => world.orders),
      ({ cause }) => cause?.id ?? "",
    );
    const spend = groupBy(
      worlds.flatMap((world) => world.adDays),
      ({ ad }) => ad.campaign.id,
    );
    const ratio = (own: typeof campaigns) => {
      const caused = sum(own, ({ id }) => sum(orders.get(id) ?? [], net));
      const set = sum(
        own,
        ({ id, effectPerEuro }) =>
          (effectPerEuro * sum(spend.get(id) ?? [], (adDay) => adDay.spend)) / 100,
      );
      return caused / set;
    };
    expect(ratio(campaigns)).toBeGreaterThan(0.88);
    expect(ratio(campaigns)).toBeLessThan(1.12);
    // Fewer orders make a rougher sum.
    for (const platform of AD_PLATFORMS) {
      const own = ratio(campaigns.filter((campaign) => campaign.platform === platform));
      expect(own).toBeGreaterThan(0.75);
      expect(own).toBeLessThan(1.25);
    }
  });

  it("follow the day on which the campaign reached the person", () => {
    for (const world of worlds) {
      for (const order of world.orders) {
        if (order.cause)
          expect(world.calendar.dayAt(order.at).index).toBeGreaterThanOrEqual(order.causedDay);
      }
    }
  });
});

describe("the shops", () => {
  it("are twelve in every world of 5,000 people and more", () => {
    const settings = readSettings();
    const calendar = makeCalendar(settings.firstDay, settings.lastDay, settings.timeZone);
    for (const customers of [5_000, 20_000])
      expect(makeShops(settings, calendar, customers)).toHaveLength(12);
    expect(makeShops(settings, calendar, 300).map(({ code }) => code)).toContain("VER1");
    const tills = makeShops(settings, calendar, 300).map((shop) => shop.tills);
    expect(new Set(tills)).toEqual(new Set(["north", "south"]));
  });
});

describe("a change of the world", () => {
  const without = (...names: (keyof Settings["difficulty"])[]): Settings => {
    const settings = readSettings();
    const none = Object.fromEntries(names.map((name) => [name, 0]));
    return { ...settings, difficulty: { ...settings.difficulty, ...none } };
  };

  it("of what staff buy, of pick-ups, exchanges or left carts moves no other purchase", () => {
    const size = { seed: 7, customers: 300 };
    const whole = simulate(size);
    const plain = simulate(
      size,
      without("staffReceipts", "collectedWebOrders", "exchanges", "cartsBoughtInShop"),
    );
    const others = (world: World) =>
      world.orders
        .filter(({ type, purpose }) => type === "consumer" && !purpose.startsWith("exchange"))
        .map(({ at, lines, named, person, shop }) => ({
          at,
          lines,
          named,
          person: person?.id,
          shop: shop?.code,
        }));
    expect(others(plain)).toEqual(others(whole));
    expect(plain.orders.length).toBeLessThan(whole.orders.length);
  });

  it("of invoices moves no closing, no payment and no point", () => {
    const size = { seed: 7, customers: 300 };
    const whole = simulate(size);
    const plain = simulate(size, without("invoicedReceipts"));
    expect(plain.receipts.length).toBeLessThan(whole.receipts.length);
    expect(dailyClosings(plain)).toEqual(dailyClosings(whole));
    const paid = ({ payments }: World) => payments.map(({ method, amount }) => [method, amount]);
    expect(paid(plain)).toEqual(paid(whole));
    const moved = ({ points }: World) => points.map(({ card, points: own }) => [card, own]);
    expect(moved(plain)).toEqual(moved(whole));
  });

  it("moves nothing that has nothing to do with it", () => {
    const settings = readSettings();
    const size = { seed: 7, customers: 300 };
    const before = simulate(size, settings);
    const after = simulate(size, { ...settings, postcards: [], events: [] });
    const organic = (world: World) =>
      world.orders
        .filter((order) => order.purpose === "organic")
        .map(({ at, lines, named, person, shop }) => ({
          at,
          lines,
          named,
          person: person?.id,
          shop: shop?.code,
        }));
    expect(after.people).toEqual(before.people);
    expect(organic(after)).toEqual(organic(before));
    expect(after.adDays).toEqual(before.adDays);
  });
});
