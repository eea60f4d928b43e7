import { appointmentTotals } from "./drops/appointments.ts";
import { consentTotals } from "./drops/consents.ts";
import { newsletterRows } from "./drops/newsletters.ts";
import type { SegmentSummary } from "./drops/segment.ts";
import type { TillFile } from "./drops/till.ts";
import { type Cents, decimal, euros, UNITS_PER_CENT, type Units } from "./money.ts";
import { messageDays, messageTotals } from "./truth-messages.ts";
import { tillTotals } from "./truth-tills.ts";
import { contactTotals } from "./vendors/hubspot-data.ts";
import { isHeld, PERSONAL_SHOPPER } from "./world/appointments.ts";
import { postcardCost } from "./world/campaigns.ts";
import { groupBy } from "./world/group.ts";
import { netRefund, netSales, sold } from "./world/orders.ts";
import { NEWSLETTER } from "./world/purchases.ts";
import { type AdPlatform, adCampaigns } from "./world/settings.ts";
import type { Order, RefundKind, World } from "./world/types.ts";

const sum = <T>(items: Iterable<T>, of: (item: T) => Cents): Cents => {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
};

interface CampaignDay {
  readonly platform: AdPlatform | "postcard" | "twilio" | "commify";
  readonly campaign_id: string;
  readonly campaign_name: string;
  readonly day: number;
  readonly spend: Units;
}

/** Spend by campaign and day, in the order of days. */
export function campaignDays(world: World): CampaignDay[] {
  const ads = groupBy(world.adDays, ({ ad, day }) => `${ad.campaign.id} ${day}`);
  const rows: CampaignDay[] = [...ads.values()].flatMap((adDays) => {
    const [first] = adDays;
    if (!first) return [];
    const { campaign, platform } = first.ad;
    return {
      platform,
      campaign_id: campaign.id,
      campaign_name: campaign.name,
      day: first.day,
      spend: UNITS_PER_CENT * sum(adDays, ({ spend }) => spend),
    };
  });
  for (const mailing of world.settings.postcards) {
    const pieces = world.contacts.get(mailing.id)?.length ?? 0;
    rows.push({
      platform: "postcard",
      campaign_id: mailing.id,
      campaign_name: mailing.name,
      day: world.calendar.indexOf(mailing.day),
      spend: UNITS_PER_CENT * pieces * postcardCost(world.settings, mailing.id),
    });
  }
  rows.push(...messageDays(world));
  return rows.sort((a, b) => a.day - b.day);
}

/** What each campaign was set to cause, and what it caused. */
export function effects(world: World) {
  const { settings } = world;
  const caused = groupBy(world.orders, (order) => order.cause?.id ?? "");
  const spend = groupBy(campaignDays(world), (row) => row.campaign_id);
  let newslettersSent = 0;
  for (const { fate } of newsletterRows(world)) if (fate === "sent") newslettersSent++;
  const delivered = groupBy(
    world.messages.sent.filter(({ state }) => state === "delivered"),
    ({ key }) => key,
  );
  const causes = [
    ...adCampaigns(settings).map(({ id, name, effectPerEuro }) => ({
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
      ...PERSONAL_SHOPPER,
      per: "contact",
      effect: settings.appointments.effectPerContact,
      contacts: world.appointments.filter(isHeld).length,
    },
    ...settings.messages.campaigns.map(({ key, name, effectPerContact }) => ({
      id: key,
      name,
      per: "contact",
      effect: effectPerContact,
      contacts: delivered.get(key)?.length ?? 0,
    })),
    {
      ...NEWSLETTER,
      per: "contact",
      effect: settings.newsletter.effectPerContact,
      contacts: newslettersSent,
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
      spend: euros(sum(spend.get(id) ?? [], (row) => row.spend)),
      orders_caused: orders.length,
      online_net_revenue_caused: net("online"),
      store_net_revenue_caused: net("store"),
    };
  });
}

/** Every sum that a load or a model can be held against, to the cent. */
export function totals(world: World, segment: SegmentSummary, till: readonly TillFile[]) {
  const ordersOf = (channel: Order["channel"]) =>
    world.orders.filter((order) => order.channel === channel);
  const receipts = ordersOf("store");
  const webOrders = ordersOf("online");
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
      [...groups].map(([key, rows]) => [key, euros(sum(rows, (row) => row.spend))]),
    );
  return {
    people: world.people.length,
    segment,
    receipts: {
      ...orderTotals(receipts),
      staff: orderTotals(receipts.filter((order) => order.type === "staff")),
      named: world.orders.filter((order) => order.named).length,
      voids: world.receipts.filter(({ document }) => document.kind === "void").length,
      gift_cards: { count: giftCards.length, amount: decimal(sum(giftCards, (amount) => amount)) },
    },
    web_orders: {
      ...orderTotals(webOrders),
      click_and_collect: orderTotals(webOrders.filter((order) => order.collection)),
    },
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
    ...tillTotals(world, till),
    contacts: contactTotals(world),
    consents: consentTotals(world),
    appointments: appointmentTotals(world),
    messages: messageTotals(world),
    spend: {
      total: euros(sum(spend, (row) => row.spend)),
      platforms: spent(byPlatform),
      campaigns: spent(byCampaign),
    },
  };
}

/** Sums of orders, with what was taken in exchange under its order. */
function orderTotals(orders: readonly Order[]) {
  const sales = orders.map(sold);
  const refund = sum(orders, (order) => (order.refund ? netRefund(order.refund) : 0));
  return {
    count: orders.length,
    gross: decimal(sum(sales, ({ gross }) => gross)),
    discount: decimal(sum(sales, ({ discount }) => discount)),
    tax: decimal(sum(sales, ({ tax }) => tax)),
    refund: decimal(refund),
    net_revenue: decimal(sum(sales, ({ net }) => net) - refund),
  };
}
