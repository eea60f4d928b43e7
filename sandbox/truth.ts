import { join } from "node:path";
import { writeAppointmentTruth } from "./drops/appointments.ts";
import { writeConsentTruth } from "./drops/consents.ts";
import type { SegmentSummary } from "./drops/segment.ts";
import { iso } from "./drops/segment-calls.ts";
import type { TillFile } from "./drops/till.ts";
import { writeJson, writeNdjson } from "./files.ts";
import { decimal, euros } from "./money.ts";
import { heldOut } from "./truth-messages.ts";
import { campaignDays, effects, totals } from "./truth-sums.ts";
import { closingRows, pointBalances } from "./truth-tills.ts";
import { receiptId, returnReference } from "./world/documents.ts";
import { netRefund, sold } from "./world/orders.ts";
import type { Order, ReceiptKey, World } from "./world/types.ts";

/** Who stands behind a source record, with the identifiers as the source delivered them. */
export interface SourceRecord {
  readonly source:
    | "segment"
    | "till"
    | "loyalty"
    | "event_signups"
    | "postcards"
    | "hubspot"
    | "consents"
    | "appointments"
    | "twilio"
    | "commify"
    | "newsletter"
    | "holdouts"
    | "promo_codes";
  readonly key: string;
  readonly person_id: string;
  readonly email: string;
  readonly phone: string;
  readonly loyalty_card: string;
  readonly user_id: string;
  readonly anonymous_id: string;
  /** Where the source names a contact of the CRM. */
  readonly crm_contact_id?: string;
  readonly mistyped: boolean;
}

const receiptColumns = (receipt: ReceiptKey | null) =>
  receipt && {
    store: receipt.shop.code,
    till: String(receipt.till),
    business_date: receipt.date,
    receipt: receipt.number,
  };

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
      spend: euros(spend),
    })),
  );
  writeConsentTruth(world, join(dir, "consents.ndjson"));
  writeAppointmentTruth(world, join(dir, "appointments.ndjson"));
  writeNdjson(join(dir, "holdouts.ndjson"), heldOut(world));
  writeNdjson(join(dir, "till_closings.ndjson"), closingRows(world));
  writeNdjson(join(dir, "loyalty_points.ndjson"), pointBalances(world));
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
    const { gross, discount, tax, net } = sold(order);
    yield {
      channel: order.channel,
      order_type: order.type,
      ...(order.channel === "online"
        ? { web_order: order.webOrder }
        : receiptColumns(order.receipt)),
      person_id: order.person?.id ?? null,
      ordered_at: iso(order.at),
      order_date: world.calendar.dayAt(order.at).date,
      gross: decimal(gross),
      discount: decimal(discount),
      tax: decimal(tax),
      refund: decimal(refund),
      net_revenue: decimal(net - refund),
      promo_code: order.promoCode ?? order.coupon,
      delivery: order.collection ? "click_and_collect" : order.channel === "online" ? "home" : null,
      pickup_store: order.collection?.shop.code ?? null,
      collected_at: order.collection?.at ? iso(order.collection.at) : null,
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
      exchanged: refund.exchange !== null,
      tax: decimal(refund.tax),
    };
  }
}
