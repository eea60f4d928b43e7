import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../sandbox/index.ts";
import { newsletterDays, newsletterName } from "../../sandbox/world/campaigns.ts";
import { groupBy } from "../../sandbox/world/group.ts";
import { newsletterFate } from "../../sandbox/world/newsletters.ts";
import { readSettings } from "../../sandbox/world/settings.ts";
import { simulate } from "../../sandbox/world/simulate.ts";
import type { Order, World } from "../../sandbox/world/types.ts";
import { filesIn, type Json, readJson, readNdjson, sum, tempDir } from "./worlds.ts";

const worlds = [201, 202].map((seed) => simulate({ seed, customers: 3_000 }));
const caused = (world: World) =>
  world.orders.filter(({ cause }) => cause?.kind === "sms" || cause?.kind === "whatsapp");
const net = (order: Order) => (order.gross - order.discount - order.tax) / 100;

describe.each(worlds.map((world) => [world.seed, world] as const))(
  "the messages of seed %i",
  (_, world) => {
    const { sent, heldOut, optOuts } = world.messages;
    const { campaigns } = world.settings.messages;

    it("come four to six to a person, by both providers and both channels", () => {
      expect(sent.length / world.people.length).toBeGreaterThan(3.5);
      expect(sent.length / world.people.length).toBeLessThan(6);
      const kinds = new Set(sent.map(({ provider, channel }) => `${provider} ${channel}`));
      expect(kinds).toEqual(new Set(["twilio sms", "twilio whatsapp", "commify sms"]));
      expect(campaigns.length).toBeGreaterThanOrEqual(8);
    });

    it("go to nobody of the control group, who neither buy nor click because of them", () => {
      const control = new Set(
        heldOut.map(({ campaign, person }) => `${campaign.key} ${person.id}`),
      );
      const clicks = world.visits.filter(({ source }) =>
        campaigns.some(({ key }) => key === source.campaign),
      );
      expect(clicks.length).toBeGreaterThan(100);
      for (const { key, person } of sent) expect(control.has(`${key} ${person.id}`)).toBe(false);
      for (const order of caused(world))
        expect(control.has(`${order.cause?.id} ${order.person?.id}`)).toBe(false);
      for (const { source, person } of clicks)
        expect(control.has(`${source.campaign} ${person?.id}`)).toBe(false);
    });

    it("leave out a tenth to a fifth of each audience, at random", () => {
      for (const { key } of campaigns) {
        const people = (list: readonly { readonly person: { readonly id: string } }[]) =>
          new Set(list.map(({ person }) => person.id)).size;
        const control = people(heldOut.filter(({ campaign }) => campaign.key === key));
        const reached = people(sent.filter((message) => message.key === key));
        expect(control / (control + reached)).toBeGreaterThan(0.06);
        expect(control / (control + reached)).toBeLessThan(0.26);
      }
    });

    it("reach a phone once per occasion, and never after its owner has opted out", () => {
      const once = new Set(
        sent
          .filter(({ purpose }) => purpose === "marketing")
          .map(({ key, phone, occurrence }) => `${key} ${phone} ${occurrence}`),
      );
      expect(once.size).toBe(sent.filter(({ purpose }) => purpose === "marketing").length);
      const stopped = new Map(optOuts.map(({ phone, at }) => [phone, at]));
      expect(stopped.size).toBeGreaterThan(20);
      for (const { phone, at } of sent)
        expect(at).toBeLessThan(stopped.get(phone) ?? Number.POSITIVE_INFINITY);
    });

    it("cause what they cause after they arrived; those about an order cause nothing", () => {
      const byKey = groupBy(sent, ({ key, person }) => `${key} ${person.id}`);
      const service = new Set(world.settings.messages.service.map(({ key }) => key));
      for (const order of caused(world)) {
        const messages = byKey.get(`${order.cause?.id} ${order.person?.id}`) ?? [];
        const before = messages.filter(
          ({ state, finalAt }) => state === "delivered" && finalAt < order.at,
        );
        expect(before.length).toBeGreaterThan(0);
        expect(service.has(order.cause?.id ?? "")).toBe(false);
      }
    });

    it("say that an order can be collected before it is, and that a parcel left to nobody who collects", () => {
      const orders = groupBy(
        world.orders.filter((order) => order.channel === "online"),
        (order) => order.person,
      );
      const of = (key: string) => sent.filter((message) => message.key === key);
      expect(of("SERVIZIO-RITIRO").length).toBeGreaterThan(20);
      for (const { person, at } of of("SERVIZIO-RITIRO")) {
        const meant = (orders.get(person) ?? []).some(
          (order) => order.collection && order.at < at && (order.collection.at ?? at + 1) > at,
        );
        expect(meant).toBe(true);
      }
      for (const { person, at } of of("SERVIZIO-SPEDIZIONE"))
        expect((orders.get(person) ?? []).some((o) => !o.collection && o.at < at)).toBe(true);
    });

    it("carry codes of their own, each redeemed once, in time, mostly by whom they made buy", () => {
      const codes = new Map(
        sent.flatMap((message) => (message.promoCode ? [[message.promoCode.code, message]] : [])),
      );
      expect(codes.size).toBe(sent.filter(({ promoCode }) => promoCode).length);
      const redeemed = world.orders.filter((order) => order.promoCode);
      expect(new Set(redeemed.map((order) => order.promoCode)).size).toBe(redeemed.length);
      for (const order of redeemed) {
        const message = codes.get(order.promoCode ?? "");
        if (!message?.promoCode) throw new Error(`nobody was sent ${order.promoCode}`);
        expect(message.person).toBe(order.person);
        expect(order.at).toBeGreaterThan(message.finalAt);
        expect(world.calendar.dayAt(order.at).index).toBeLessThanOrEqual(message.promoCode.until);
        // A code is a proof, no discount: the order has no other coupon to be mixed up with.
        expect(order.coupon).toBeNull();
      }
      expect(redeemed.some((order) => order.cause?.kind === "sms")).toBe(true);
      expect(redeemed.some((order) => order.cause === null)).toBe(true);
    });

    it("are newsletters too, which cause nothing and are not clicked where they were held back", () => {
      const { seed, settings, calendar } = world;
      const orders = world.orders.filter(({ cause }) => cause?.kind === "newsletter");
      expect(orders.length).toBeGreaterThan(20);
      for (const { person, causedDay } of orders)
        expect(person && newsletterFate(seed, settings, causedDay, person)).toBe("sent");
      const days = new Map(
        newsletterDays(settings, calendar).map((day) => [newsletterName(calendar, day), day]),
      );
      for (const { person, source } of world.visits) {
        const day = days.get(source.campaign);
        if (person && day !== undefined)
          expect(newsletterFate(seed, settings, day, person)).toBe("sent");
      }
    });
  },
);

describe("a message's effect", () => {
  it("comes to what world.json sets, over the worlds together", () => {
    const effects = new Map(
      readSettings().messages.campaigns.map(({ key, effectPerContact }) => [key, effectPerContact]),
    );
    const set = sum(
      worlds.flatMap(({ messages }) => messages.sent),
      ({ key, state }) => (state === "delivered" ? (effects.get(key) ?? 0) : 0),
    );
    const came = sum(worlds.flatMap(caused), net);
    expect(came / set).toBeGreaterThan(0.8);
    expect(came / set).toBeLessThan(1.2);
  });

  it("moves nobody who has nothing to do with it", () => {
    const settings = readSettings();
    const without = { ...settings, messages: { ...settings.messages, campaigns: [], service: [] } };
    const organic = (world: World) =>
      world.orders
        .filter((order) => order.purpose === "organic")
        .map(({ at, lines, person }) => ({ at, lines, person: person?.id }));
    const size = { seed: 7, customers: 300 };
    const [before, after] = [simulate(size, settings), simulate(size, without)];
    expect(organic(after)).toEqual(organic(before));
    expect(after.adDays).toEqual(before.adDays);
  });
});

describe("what is left of the messages", () => {
  const { dir, remove } = tempDir();
  let truth: Json;
  beforeAll(async () => {
    await generate({ seed: 9, customers: 500, events: 500, outDir: dir });
    truth = readJson(dir, "truth", "totals.json");
  });
  afterAll(remove);

  /** Decimal text to hundred-thousandths. */
  const units = (text: string) => BigInt(Math.round(Number(text) * 1e5));
  const total = (texts: readonly string[]) => texts.reduce((all, text) => all + units(text), 0n);

  it("sums up, to the last decimal, in the providers' books", () => {
    const charged = readNdjson(dir, "vendors", "twilio.ndjson").flatMap(({ price }) => price ?? []);
    expect(charged.every((price) => price.startsWith("-"))).toBe(true);
    const { by_provider, twilio_replies } = truth.messages;
    expect(-total(charged)).toBe(total([by_provider.twilio.price, twilio_replies.price]));

    const { prices } = readJson(dir, "truth", "settings.json").settings.messages.commify;
    let contract = 0n;
    let count = 0;
    for (const order of readNdjson(dir, "vendors", "commify_orders.ndjson")) {
      const day = order.create_time.replace(/^(\d{4})(\d{2})(\d{2}).*/, "$1-$2-$3");
      const price = prices
        .filter((row: Json) => row.messageType === order.message_type && row.from <= day)
        .at(-1).price;
      const real = order.recipients.filter(({ status }: Json) => status !== "DEMO");
      count += real.length;
      for (const { status } of real) if (status !== "BLACKLISTED") contract += units(price);
    }
    expect(count).toBe(by_provider.commify.count);
    expect(contract).toBe(units(by_provider.commify.price));
  });

  it("is spend per campaign and day, of marketing only", () => {
    const rows = readNdjson(dir, "truth", "spend.ndjson");
    const own = rows.filter(({ platform }) => ["twilio", "commify"].includes(platform));
    const { spend, messages } = truth;
    expect(total(own.map((row) => row.spend))).toBe(units(messages.by_purpose.marketing.price));
    for (const platform of ["twilio", "commify"]) {
      const rows = own.filter((row) => row.platform === platform);
      expect(units(spend.platforms[platform])).toBe(total(rows.map((row) => row.spend)));
    }
    for (const [id, amount] of Object.entries<string>(spend.campaigns)) {
      if (id in messages.by_campaign)
        expect(units(amount)).toBe(units(messages.by_campaign[id].price));
    }
    expect(new Set(own.map((row) => `${row.campaign_id} ${row.date}`)).size).toBe(own.length);
  });

  it("is an effect per campaign, per message that arrived", () => {
    const effects: Json[] = readJson(dir, "truth", "effects.json");
    const { campaigns } = readJson(dir, "truth", "settings.json").settings.messages;
    for (const { key, effectPerContact } of campaigns) {
      const effect = effects.find(({ campaign_id }) => campaign_id === key);
      expect(effect).toMatchObject({ net_revenue_per: "contact", effect_set: effectPerContact });
      expect(effect.contacts).toBeLessThanOrEqual(truth.messages.by_campaign[key].count);
    }
    const newsletter = effects.find(({ campaign_id }) => campaign_id === "newsletter");
    expect(newsletter.contacts).toBe(truth.messages.newsletters.sent);
  });

  it("is a list per newsletter, control group and set of codes", () => {
    const lines = (folder: string) =>
      filesIn(join(dir, "drops", folder)).flatMap((name) =>
        readFileSync(join(dir, "drops", folder, name), "utf8")
          .trimEnd()
          .split("\r\n")
          .slice(1),
      );
    const outcomes = groupBy(lines("newsletter"), (line) => line.split(";").at(-1));
    const { newsletters, held_out, promo_codes } = truth.messages;
    expect(outcomes.get("INVIATA")).toHaveLength(newsletters.sent);
    expect(outcomes.get("RESPINTA")).toHaveLength(newsletters.bounced);
    expect(outcomes.get("CONTROLLO")).toHaveLength(newsletters.held_out);
    const control = sum(Object.values<number>(held_out), (count) => count);
    expect(lines("holdouts")).toHaveLength(control);
    expect(readNdjson(dir, "truth", "holdouts.ndjson")).toHaveLength(
      control + newsletters.held_out,
    );
    expect(lines("promo-codes")).toHaveLength(promo_codes.sent);
  });
});
