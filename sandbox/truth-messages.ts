import { newsletterRows } from "./drops/newsletters.ts";
import { type Units, units, unitsText } from "./money.ts";
import type { SourceRecord } from "./truth.ts";
import { commifyOrderId } from "./vendors/commify-data.ts";
import { groupBy } from "./world/group.ts";
import type { Message } from "./world/messages.ts";
import type { World } from "./world/types.ts";

const record = (
  source: SourceRecord["source"],
  key: string,
  person: { readonly id: string },
  contact: Partial<Pick<SourceRecord, "email" | "phone" | "loyalty_card">>,
): SourceRecord => ({
  source,
  key,
  person_id: person.id,
  email: contact.email ?? "",
  phone: contact.phone ?? "",
  loyalty_card: contact.loyalty_card ?? "",
  user_id: "",
  anonymous_id: "",
  mistyped: false,
});

/** The provider's name for a message: Twilio's sid; Commify has none but order and number. */
const messageKey = (world: World, message: Message): string =>
  message.provider === "twilio"
    ? message.sid
    : `${commifyOrderId(world, message)} ${message.phone}`;

/** Messages, answers and newsletters as source records. */
export function* messageRecords(world: World): Generator<SourceRecord> {
  for (const message of world.messages.sent) {
    const { provider, person, phone } = message;
    yield record(provider, messageKey(world, message), person, { phone });
  }
  for (const { provider, sid, person, phone } of world.messages.optOuts) {
    yield record(provider, provider === "twilio" ? sid : `blacklist ${phone}`, person, { phone });
  }
  for (const { ref, person, email } of newsletterRows(world)) {
    yield record("newsletter", ref, person, { email });
  }
}

const total = (messages: readonly Message[]): Units =>
  messages.reduce((sum, { price }) => sum + (price ?? 0), 0);

const counted = (messages: readonly Message[]) => ({
  count: messages.length,
  price: unitsText(total(messages)),
  unpriced: messages.filter(({ price }) => price === null).length,
});

const byGroup = (messages: readonly Message[], keyOf: (message: Message) => string) =>
  Object.fromEntries(
    [...groupBy(messages, keyOf)].sort().map(([key, group]) => [key, counted(group)]),
  );

/** What the providers delivered in the end; prices in euro, to the last decimal. */
export function messageTotals(world: World) {
  const { sent, heldOut, optOuts } = world.messages;
  const { inbound } = world.settings.messages.twilio.prices;
  const replies = optOuts.filter(({ provider }) => provider === "twilio").length;
  const newsletters = { bounced: 0, held_out: 0, sent: 0 };
  for (const { fate } of newsletterRows(world)) newsletters[fate]++;
  return {
    by_provider: byGroup(sent, ({ provider }) => provider),
    by_provider_and_state: byGroup(sent, ({ provider, state }) => `${provider} ${state}`),
    by_channel: byGroup(sent, ({ channel }) => channel),
    by_purpose: byGroup(sent, ({ purpose }) => purpose),
    by_campaign: byGroup(sent, ({ key }) => key),
    twilio_replies: { count: replies, price: unitsText(replies * units(inbound)) },
    opt_outs: Object.fromEntries(
      [...groupBy(optOuts, ({ provider }) => provider)]
        .sort()
        .map(([key, own]) => [key, own.length]),
    ),
    held_out: Object.fromEntries(
      [...groupBy(heldOut, ({ campaign }) => campaign.key)].map(([key, own]) => [key, own.length]),
    ),
    promo_codes: {
      sent: sent.filter(({ promoCode }) => promoCode).length,
      redeemed: world.orders.filter((order) => order.promoCode).length,
      redeemed_by_others: world.orders.filter((order) => order.promoCode && !order.cause).length,
    },
    newsletters,
  };
}

export interface MessageDay {
  readonly platform: Message["provider"];
  readonly campaign_id: string;
  readonly campaign_name: string;
  readonly day: number;
  readonly spend: Units;
}

/** What marketing messages cost, by campaign and the day they were handed over. */
export function messageDays(world: World): MessageDay[] {
  const paid = world.messages.sent.filter(
    ({ purpose, price }) => purpose === "marketing" && price !== null,
  );
  const byDay = groupBy(paid, ({ key, at }) => `${key} ${world.calendar.dayAt(at).index}`);
  return [...byDay.values()].flatMap((messages) => {
    const [first] = messages;
    if (!first) return [];
    return {
      platform: first.provider,
      campaign_id: first.key,
      campaign_name: first.name,
      day: world.calendar.dayAt(first.at).index,
      spend: total(messages),
    };
  });
}

/** The control groups: who would have been written to, and was not. */
export function* heldOut(world: World) {
  for (const { campaign, person, at } of world.messages.heldOut) {
    yield {
      channel: campaign.channel,
      campaign_id: campaign.key,
      date: world.calendar.dayAt(at).date,
      person_id: person.id,
    };
  }
  for (const { newsletter, person, date, fate } of newsletterRows(world)) {
    if (fate !== "held_out") continue;
    yield { channel: "email", campaign_id: newsletter, date, person_id: person.id };
  }
}
