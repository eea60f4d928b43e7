import { join } from "node:path";
import type { SegmentSummary } from "./drops/segment.ts";
import { iso } from "./drops/segment-calls.ts";
import { returnReference, type TillFile } from "./drops/till.ts";
import { writeJson, writeNdjson } from "./files.ts";
import { type Cents, decimal } from "./money.ts";
import { newsletterDays, postcardCost } from "./world/campaigns.ts";
import { groupBy } from "./world/group.ts";
import { NEWSLETTER } from "./world/purchases.ts";
import type { Order, ReceiptKey, Refund, RefundKind, World } from "./world/types.ts";

/** Who stands behind a source record, with the identifiers as the source delivered them. */
export interface SourceRecord {
  readonly source: "segment" | "till" | "loyalty" | "event_signups" | "postcards";
  readonly key: string;
  readonly person_id: string;
  readonly email: string;
  readonly phone: string;
  readonly loyalty_card: string;
  readonly user_id: string;
  readonly anonymous_id: string;
  readonly mistyped: boolean;
}

/** Net revenue before refunds: gross − discount − VAT. */
const netSales = (order: Order): Cents => order.gross - order.discount - order.tax;
const netRefund = (refund: Refund): Cents => refund.total - refund.tax;
const sum = <T>(items: Iterable<T>, of: (item: T) => Cents): Cents => {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
};

const receiptColumns = (receipt: ReceiptKey | null) =>
  receipt && {
    store: receipt.shop.code,
    till: String(receipt.till),
    business_date: receipt.date,
    receipt: receipt.number,
  };

const receiptId = ({ shop, till, number }: ReceiptKey): string => `${shop.code}-${till}-${number}`;

/** The identified documents of the tills, as source records. */
export function* tillRecords(world: World): Generator<SourceRecord> {
  for (const { key, document } of world.receipts) {
    const order =
      document.kind === "sale"
        ? document.order
        : document.kind === "return"
          ? document.refund.order
          : null;
    const named =
      document.kind === "sale"
        ? document.order.named
        : document.kind === "return"
          ? document.refund.named
          : null;
    if (!order?.person || !named) continue;
    yield {
      source: "till",
      key: receiptId(key),
      person_id: order.person.id,
      email: named.email,
      phone: named.phone,
      loyalty_card: named.card,
      user_id: "",
      anonymous_id: "",
      mistyped: named.mistyped,
    };
  }
}

/** Writes everything about a world but its source records, which are written as they occur. */
export function writeTruth(
  world: World,
  dir: string,
  segment: SegmentSummary,
  till: readonly TillFile[],
): void {
  const { calendar } = world;
  writeNdjson(join(dir, "people.ndjson"), people(world));
  writeNdjson(join(dir, "orders.ndjson"), orders(world));
  writeNdjson(join(dir, "refunds.ndjson"), refunds(world));
  writeNdjson(
    join(dir, "spend.ndjson"),
    campaignDays(world).map(({ spend, day, ...row }) => ({
      ...row,
      date: calendar.day(day).date,
      spend: decimal(spend),
    })),
  );
  writeJson(join(dir, "effects.json"), effects(world));
  writeJson(join(dir, "totals.json"), totals(world, segment, till));
}

function* people(world: World) {
  const date = (day: number) =>
    new Date(Date.parse(world.settings.firstDay) + day * 86_400_000).toISOString().slice(0, 10);
  for (const person of world.people) {
    yield {
      person_id: person.id,
      first_name: person.firstName,
      last_name: person.lastName,
      birth_date: person.birthDate,
      postal_code: person.postalCode,
      city: person.city,
      household_id: person.household,
      emails: person.emails,
      phones: person.phones,
      cards: person.cards.map((card, i) => ({
        number: card.number,
        from: date(card.day),
        replaced_by: person.cards[i + 1]?.number ?? null,
      })),
      user_ids: person.account ? [person.account.userId] : [],
      anonymous_ids: [
        ...new Set(
          person.devices.flatMap((device) => device.cookies.map((cookie) => cookie.anonymousId)),
        ),
      ],
    };
  }
}

function* orders(world: World) {
  for (const order of world.orders) {
    const refund = order.refund ? netRefund(order.refund) : 0;
    yield {
      channel: order.channel,
      ...(order.channel === "online"
        ? { web_order: order.webOrder }
        : receiptColumns(order.receipt)),
      person_id: order.person?.id ?? null,
      ordered_at: iso(order.at),
      order_date: world.calendar.dayAt(order.at).date,
      gross: decimal(order.gross),
      discount: decimal(order.discount),
      tax: decimal(order.tax),
      refund: decimal(refund),
      net_revenue: decimal(netSales(order) - refund),
      caused_by: order.cause?.id ?? null,
      identified_by: identifiedBy(order),
    };
  }
}

function identifiedBy({ channel, named }: Order): string | null {
  if (channel === "online") return "online";
  if (!named) return null;
  const ways = [named.card && "loyalty_card", named.phone && "phone", named.email && "email"];
  return ways.filter(Boolean).join("+");
}

function* refunds(world: World) {
  for (const refund of world.refunds) {
    const { order } = refund;
    yield {
      kind: refund.kind,
      ...(refund.id ? { refund_id: refund.id } : receiptColumns(refund.receipt)),
      reference: refund.id ? order.webOrder : returnReference(refund),
      order:
        order.channel === "online" ? order.webOrder : order.receipt && receiptId(order.receipt),
      person_id: order.person?.id ?? null,
      refunded_at: iso(refund.at),
      refund_date: world.calendar.dayAt(refund.at).date,
      net: decimal(netRefund(refund)),
      tax: decimal(refund.tax),
    };
  }
}

interface CampaignDay {
  readonly platform: "meta" | "postcard";
  readonly campaign_id: string;
  readonly campaign_name: string;
  readonly day: number;
  readonly spend: Cents;
}

/** Spend by campaign and day, in the order of days. */
function campaignDays(world: World): CampaignDay[] {
  const meta = groupBy(world.adDays, ({ ad, day }) => `${ad.campaign.id} ${day}`);
  const rows: CampaignDay[] = [...meta.values()].flatMap((adDays) => {
    const [first] = adDays;
    if (!first) return [];
    const { campaign } = first.ad;
    return {
      platform: "meta" as const,
      campaign_id: campaign.id,
      campaign_name: campaign.name,
      day: first.day,
      spend: sum(adDays, ({ spend }) => spend),
    };
  });
  for (const mailing of world.settings.postcards) {
    const pieces = world.contacts.get(mailing.id)?.length ?? 0;
    rows.push({
      platform: "postcard",
      campaign_id: mailing.id,
      campaign_name: mailing.name,
      day: world.calendar.indexOf(mailing.day),
      spend: pieces * postcardCost(world.settings, mailing.id),
    });
  }
  return rows.sort((a, b) => a.day - b.day);
}

/** What each campaign was set to cause, and what it caused. */
function effects(world: World) {
  const { settings } = world;
  const caused = groupBy(world.orders, (order) => order.cause?.id ?? "");
  const spend = groupBy(campaignDays(world), (row) => row.campaign_id);
  const subscribers = world.people.filter((person) => person.subscribed).length;
  const causes = [
    ...settings.meta.campaigns.map(({ id, name, effectPerEuro }) => ({
      id,
      name,
      per: "euro",
      effect: effectPerEuro,
      contacts: null,
    })),
    ...[...settings.postcards, ...settings.events].map(({ id, name, effectPerContact }) => ({
      id,
      name,
      per: "contact",
      effect: effectPerContact,
      contacts: world.contacts.get(id)?.length ?? 0,
    })),
    {
      ...NEWSLETTER,
      per: "contact",
      effect: settings.newsletter.effectPerContact,
      contacts: subscribers * newsletterDays(settings, world.calendar).length,
    },
  ];
  return causes.map(({ id, name, per, effect, contacts }) => {
    const orders = caused.get(id) ?? [];
    const net = (channel: Order["channel"]) =>
      decimal(
        sum(
          orders.filter((order) => order.channel === channel),
          netSales,
        ),
      );
    return {
      campaign_id: id,
      campaign_name: name,
      net_revenue_per: per,
      effect_set: effect,
      contacts,
      spend: decimal(sum(spend.get(id) ?? [], (row) => row.spend)),
      orders_caused: orders.length,
      online_net_revenue_caused: net("online"),
      store_net_revenue_caused: net("store"),
    };
  });
}

function totals(world: World, segment: SegmentSummary, till: readonly TillFile[]) {
  const side = (channel: Order["channel"]) => {
    const own = world.orders.filter((order) => order.channel === channel);
    const refund = sum(own, (order) => (order.refund ? netRefund(order.refund) : 0));
    const sales = sum(own, netSales);
    return {
      count: own.length,
      gross: decimal(sum(own, (order) => order.gross)),
      discount: decimal(sum(own, (order) => order.discount)),
      tax: decimal(sum(own, (order) => order.tax)),
      refund: decimal(refund),
      net_revenue: decimal(sales - refund),
    };
  };
  const receipts = side("store");
  const ofKind = (kind: RefundKind) => world.refunds.filter((refund) => refund.kind === kind);
  const kinds: RefundKind[] = [
    "web_by_post",
    "web_in_store",
    "store_with_reference",
    "store_without_reference",
  ];
  const giftCards = world.receipts.flatMap(({ document }) =>
    document.kind === "gift_card" ? document.amount : [],
  );
  const spend = campaignDays(world);
  const byPlatform = groupBy(spend, (row) => row.platform);
  const byCampaign = groupBy(spend, (row) => row.campaign_id);
  const spent = (groups: Map<string, CampaignDay[]>) =>
    Object.fromEntries(
      [...groups].map(([key, rows]) => [key, decimal(sum(rows, (row) => row.spend))]),
    );
  return {
    people: world.people.length,
    segment,
    receipts: {
      ...receipts,
      named: world.orders.filter((order) => order.named).length,
      voids: world.receipts.filter(({ document }) => document.kind === "void").length,
      gift_cards: { count: giftCards.length, amount: decimal(sum(giftCards, (amount) => amount)) },
    },
    web_orders: side("online"),
    refunds: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        {
          count: ofKind(kind).length,
          net: decimal(sum(ofKind(kind), netRefund)),
          tax: decimal(sum(ofKind(kind), (refund) => refund.tax)),
        },
      ]),
    ),
    till: {
      files: till.map((file) => ({ ...file, total: decimal(file.total) })),
      lines: sum(till, (file) => file.lines),
      total: decimal(sum(till, (file) => file.total)),
    },
    spend: {
      total: decimal(sum(spend, (row) => row.spend)),
      platforms: spent(byPlatform),
      campaigns: spent(byCampaign),
    },
  };
}
