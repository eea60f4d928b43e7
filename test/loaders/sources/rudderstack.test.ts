import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EventContext, eventOutcome } from "../../../loaders/core/cdp/calls.ts";
import { rudderstackDialect } from "../../../loaders/sources/rudderstack/dialect.ts";
import { segmentDialect } from "../../../loaders/sources/segment/index.ts";
import { type Bench, openBench } from "../harness.ts";

type Call = Record<string, unknown>;

const context = (dialect: EventContext["dialect"]): EventContext => ({
  source: "web",
  dialect,
  consentCategories: { analytics: "analytics", advertising: "advertising" },
  drift: () => {},
});

function row(call: Call, dialect = rudderstackDialect) {
  const outcome = eventOutcome(JSON.stringify(call), 1, context(dialect));
  if ("reject" in outcome) throw new Error(outcome.reject);
  return outcome;
}

const TIMES = {
  originalTimestamp: "2026-06-01T10:00:00.000Z",
  timestamp: "2026-06-01T10:00:00.100Z",
  receivedAt: "2026-06-01T10:00:01.000Z",
};
const TRAITS = { email: "anna@shop.example", loyalty_card: "2901", tier: "gold" };
const CAMPAIGN = { source: "newsletter", medium: "email", name: "NL_2026_22" };
const URL = "https://shop.example/?utm_source=newsletter&gclid=g1";

/** The same call as each vendor archives it. */
const pairs: [string, { segment: Call; rudderstack: Call }][] = [
  ["page", { name: "Home", properties: { url: URL, title: "Shop" } }],
  ["track", { event: "Order Completed", properties: { order_id: "W1", revenue: 81.97 } }],
  ["identify", {}],
].map(([type, members]) => {
  const common = { type, messageId: "m1", anonymousId: "a1", ...TIMES, ...(members as Call) };
  const isIdentify = type === "identify";
  const browser = { userAgent: "Chrome", campaign: CAMPAIGN, page: { url: URL, referrer: "" } };
  return [
    String(type),
    {
      segment: {
        ...common,
        userId: null,
        ...(isIdentify ? { traits: TRAITS } : {}),
        context: {
          ...browser,
          ip: "198.51.100.77",
          consent: { categoryPreferences: { analytics: true, advertising: false } },
        },
      },
      rudderstack: {
        ...common,
        userId: "",
        channel: "web",
        rudderId: "r1",
        sentAt: "2026-06-01T10:00:00.500Z",
        request_ip: "198.51.100.77",
        context: {
          ...browser,
          ...(isIdentify ? { traits: TRAITS } : {}),
          consentManagement: {
            allowedConsentIds: ["analytics"],
            deniedConsentIds: ["advertising"],
          },
        },
      },
    },
  ];
});

describe("one call", () => {
  it.each(pairs)("of type %s is the same row, whoever delivers it", (_, given) => {
    const own = (outcome: ReturnType<typeof row>) => {
      const { context: _context, _payload, _row_hash, ...columns } = outcome.row;
      return { table: outcome.table.name, columns, contact: outcome.contact };
    };
    const bySegment = own(row(given.segment, segmentDialect));
    expect(own(row(given.rudderstack))).toEqual(bySegment);
    expect(bySegment.columns).toMatchObject({ consent_analytics: true, utm_source: "newsletter" });
  });

  it("keeps what is RudderStack's own, but of an address what names nobody", () => {
    for (const [, { rudderstack }] of pairs) {
      const { row: columns } = row(rudderstack);
      expect(columns._payload).toMatchObject({
        channel: "web",
        rudderId: "r1",
        request_ip: "198.51.100.0",
      });
      expect(JSON.stringify(columns)).not.toMatch(/anna|198\.51\.100\.77/);
    }
  });

  it("loses the traits that later calls repeat to pii, and keeps their card", () => {
    const track = { ...pairs[1]?.[1].rudderstack, context: { traits: TRAITS } };
    const outcome = row(track);
    expect(outcome.contact).toEqual({ email: "anna@shop.example" });
    expect(outcome.row).toMatchObject({
      loyalty_card: "2901",
      context: { traits: { tier: "gold" } },
    });
    expect(JSON.stringify(outcome.row)).not.toContain("anna");
  });

  it("says nothing of a consent that it does not name", () => {
    const consentManagement = { allowedConsentIds: ["analytics"] };
    const { row: columns } = row({ ...pairs[0]?.[1].rudderstack, context: { consentManagement } });
    expect(columns).toMatchObject({ consent_analytics: true, consent_advertising: undefined });
  });
});

describe("archives of both", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it("fill the same tables, each call once", async () => {
    bench.source("segment", { type: "segment", path: "segment" });
    bench.source("rudderstack", { type: "rudderstack", path: "rudderstack" });
    const lines = (shape: "segment" | "rudderstack", messageId: string) =>
      gzipSync(pairs.map(([, of]) => JSON.stringify({ ...of[shape], messageId })).join("\n"));
    bench.drop("segment/2026-06-01/part-1.json.gz", lines("segment", "s1"));
    bench.drop("rudderstack/2026-06-01/part-1.json.gz", lines("rudderstack", "r1"));
    const { streams } = await bench.load();
    expect(streams.map(({ source, stream }) => [source, stream])).toEqual([
      ["segment", "events"],
      ["rudderstack", "events"],
    ]);
    for (const { status, rows } of streams) {
      expect(status).toBe("ok");
      expect(rows).toMatchObject({ read: 3, loaded: 3 });
    }
    expect(
      await bench.query(`select message_id, email, loyalty_card from raw.raw_cdp_identifies
        join pii.contacts using (contact_key) order by message_id`),
    ).toEqual(
      ["r1", "s1"].map((message_id) => ({
        message_id,
        email: "anna@shop.example",
        loyalty_card: "2901",
      })),
    );
    expect((await bench.load()).streams.map(({ rows }) => rows.read)).toEqual([0, 0]);
  });
});
