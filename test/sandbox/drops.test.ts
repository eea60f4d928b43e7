import { readFileSync } from "node:fs";
import { join } from "node:path";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../sandbox/index.ts";
import {
  cents,
  filesIn,
  type Json,
  readJson,
  readNdjson,
  readSegment,
  readTills,
  sum,
  type TillRow,
  tempDir,
} from "./worlds.ts";

const { dir, remove } = tempDir();
let totals: Json;
let lines: ReturnType<typeof readSegment>;
let calls: Map<string, Json>;
let till: ReturnType<typeof readTills>;

beforeAll(async () => {
  await generate({ seed: 42, customers: 600, outDir: dir });
  totals = readJson(dir, "truth", "totals.json");
  lines = readSegment(dir);
  calls = new Map(lines.map(({ call }) => [call.messageId, call]));
  till = readTills(dir);
});
afterAll(remove);

const tracks = (event: string) => [...calls.values()].filter((call) => call.event === event);
/** One `Order Completed` per order, however often it was sent. */
const webOrders = () =>
  new Map(
    tracks("Order Completed").map((call) => [call.properties.order_id as string, call.properties]),
  );

describe("the CDP's archive", () => {
  it("adds up to the truth of the web orders with what was exchanged in shops, however often they were sent", () => {
    const orders = [...webOrders().values()];
    const euro = (value: number) => Math.round(value * 100);
    const refunds = new Map(
      tracks("Order Refunded").map((call) => [call.properties.refund_id, call.properties]),
    );
    expect(orders).toHaveLength(totals.web_orders.count);
    expect(tracks("Order Completed").length).toBeGreaterThan(orders.length);
    for (const order of orders) {
      const gross = sum(order.products, (line: Json) => euro(line.price) * line.quantity);
      expect(euro(order.total)).toBe(gross - euro(order.discount) + euro(order.shipping));
      expect(euro(order.revenue)).toBe(gross - euro(order.discount) - euro(order.tax));
      expect(
        Math.abs(122 * euro(order.tax) - 22 * (gross - euro(order.discount))),
      ).toBeLessThanOrEqual(61);
    }
    const byPost = sum(refunds.values(), (refund) => euro(refund.revenue));
    expect(byPost).toBe(cents(totals.refunds.web_by_post.net));
    expect(
      sum(orders, (order) => euro(order.revenue)) +
        cents(totals.exchanges.web_in_store.net) -
        byPost -
        cents(totals.refunds.web_in_store.net),
    ).toBe(cents(totals.web_orders.net_revenue));
  });

  it("lies in the UTC day of its arrival, in order, none before it happened or after the last day", () => {
    const before = new Map<string, string>();
    for (const { archive, folder, call } of lines) {
      const arrival = `${folder} ${call.receivedAt}`;
      expect(call.receivedAt.slice(0, 10)).toBe(folder);
      expect(arrival >= (before.get(archive) ?? "")).toBe(true);
      expect(call.receivedAt > call.timestamp).toBe(true);
      before.set(archive, arrival);
    }
    expect([...before.keys()]).toEqual(["segment", "rudderstack"]);
    for (const last of before.values()) expect(last < "2026-10-31 2026-10-31T23:00").toBe(true);
  });

  it("is RudderStack's for browsers on Android from June 2026 on, and Segment's otherwise", () => {
    let told = 0;
    for (const { archive, call } of lines) {
      const isAndroid = call.context.userAgent?.includes("Android") ?? false;
      const isOther = archive === "rudderstack";
      if (isOther) told++;
      // A visit belongs to the day on which it began: around midnight the call's own day may differ.
      if (call.timestamp >= "2026-06-01T01") expect(isOther).toBe(isAndroid);
      if (call.timestamp < "2026-05-31T22") expect(isOther).toBe(false);
    }
    expect(told).toBe(totals.segment.rudderstack.lines);
    expect(told).toBeGreaterThan(1_000);
  });

  it("repeats some lines and brings some days late", () => {
    expect(lines).toHaveLength(totals.segment.lines);
    expect(calls.size).toBe(totals.segment.events);
    const repeated = 1 - calls.size / lines.length;
    expect(repeated).toBeGreaterThan(0.01);
    expect(repeated).toBeLessThan(0.02);
    const late = lines.filter(
      ({ call }) => Date.parse(call.receivedAt) - Date.parse(call.timestamp) > 86_400_000,
    );
    expect(late.length / lines.length).toBeGreaterThan(0.003);
    expect(
      late.every(
        ({ call }) => Date.parse(call.receivedAt) - Date.parse(call.timestamp) < 6 * 86_400_000,
      ),
    ).toBe(true);
    const content = ({ receivedAt: _, ...rest }: Json) => rest;
    for (const { call } of lines) {
      const kept = calls.get(call.messageId);
      if (kept !== call) expect(content(call)).toEqual(content(kept));
    }
  });

  it("tags the visits of ads and newsletters, in all the ways that world.json states", () => {
    const urls = [...calls.values()]
      .filter((call) => call.type === "page")
      .map((call) => ({ url: new URL(call.properties.url), call }));
    for (const [clickId, sources, otherwise] of [
      ["fbclid", ["facebook", "instagram", "fb"], "fb"],
      ["gclid", ["google", "adwords"], "adwords"],
      ["ttclid", ["tiktok", "tik_tok"], "tik_tok"],
    ] as const) {
      const source = ({ url }: { url: URL }) => url.searchParams.get("utm_source");
      const paid = urls.filter(
        (visit) =>
          visit.url.searchParams.has(clickId) || sources.some((name) => name === source(visit)),
      );
      expect(paid.length).toBeGreaterThan(100);
      expect(paid.some((visit) => source(visit) === null)).toBe(true);
      expect(paid.some(({ url }) => !url.searchParams.has(clickId))).toBe(true);
      expect(paid.some((visit) => source(visit) === otherwise)).toBe(true);
    }
    const byId = urls.filter(({ url }) => url.searchParams.get("utm_source") === "google");
    // Shopping and Performance Max: the template knows the campaign's id only.
    expect(byId.every(({ url }) => url.searchParams.has("utm_id"))).toBe(true);
    expect(byId.some(({ url }) => !url.searchParams.has("utm_campaign"))).toBe(true);
    expect(urls.some(({ url }) => url.searchParams.get("utm_medium") === "email")).toBe(true);
    for (const { url, call } of urls) {
      expect(call.context.campaign?.name).toBe(url.searchParams.get("utm_campaign") ?? undefined);
      expect(call.context.campaign?.id).toBe(url.searchParams.get("utm_id") ?? undefined);
    }
    expect(urls.some(({ call }) => call.properties.referrer.startsWith("https://pay."))).toBe(true);
  });
});

describe("the truth of source records", () => {
  it("names the person behind each identify call, card, guest, piece and named receipt", () => {
    const records = readNdjson(dir, "truth", "records.ndjson");
    const people = new Set(
      readNdjson(dir, "truth", "people.ndjson").map((person) => person.person_id),
    );
    const of = (source: string) => records.filter((record) => record.source === source);
    for (const record of records) expect(people.has(record.person_id)).toBe(true);
    for (const record of of("segment")) expect(calls.get(record.key)).toBeDefined();
    const identifies = [...calls.values()].filter((call) => call.type === "identify");
    const keys = new Set(records.map((record) => record.key));
    expect(identifies.every((call) => keys.has(call.messageId))).toBe(true);

    const typed = new Map<string, TillRow>();
    for (const row of till.flatMap((file) => file.rows)) {
      if (row.card || row.phone || row.email) typed.set(row.document, row);
    }
    expect(
      of("till")
        .map((record) => record.key)
        .sort(),
    ).toEqual([...typed.keys()].sort());
    for (const record of of("till")) {
      const row = typed.get(record.key);
      expect([record.loyalty_card, record.phone, record.email]).toEqual([
        row?.card,
        row?.phone,
        row?.email,
      ]);
    }
  });
});

describe("the lists", () => {
  const read = (folder: string, encoding: string) =>
    filesIn(join(dir, "drops", folder)).flatMap((name) =>
      iconv
        .decode(readFileSync(join(dir, "drops", folder, name)), encoding)
        .trimEnd()
        .split("\r\n")
        .slice(1),
    );

  it("hold every card once, and the card that a new one replaces", () => {
    const rows = read("loyalty", "utf8").map((line) => line.split(";"));
    const cards = rows.map(([card]) => card ?? "");
    expect(new Set(cards).size).toBe(cards.length);
    for (const card of cards) {
      const digits = [...card].map(Number);
      expect(
        sum(digits, (digit) => digit) +
          2 *
            sum(
              digits.filter((_, i) => i % 2 === 1),
              (digit) => digit,
            ),
      ).toSatisfy((n: number) => n % 10 === 0);
    }
    const replaced = rows.flatMap(([, old]) => (old ? [old] : []));
    expect(replaced.length).toBeGreaterThan(0);
    for (const old of replaced) expect(cards).toContain(old);
  });

  it("cost what the truth says", () => {
    const rows = read("postcards", "win1252").map((line) => line.split(";"));
    const pieces = rows.filter(([first]) => first !== "TOTALE");
    const footers = rows.filter(([first]) => first === "TOTALE");
    expect(sum(pieces, (cells) => cents(cells.at(-1)))).toBe(
      cents(totals.spend.platforms.postcard),
    );
    expect(sum(footers, (cells) => cents(cells.at(-1)))).toBe(
      cents(totals.spend.platforms.postcard),
    );
    expect(rows.every((cells) => cells.length === 11)).toBe(true);
  });

  it("hold guests whom a phone or an e-mail names", () => {
    const guests = read("event-signups", "utf8").map((line) =>
      line.split(",").map((cell) => cell.replaceAll('"', "")),
    );
    expect(guests.length).toBeGreaterThan(0);
    for (const guest of guests) expect(`${guest[7]}${guest[8]}`).not.toBe("");
  });
});
