import type { Calendar } from "../calendar.ts";
import { between, chance, type Random, stream } from "../random.ts";
import { groupBy } from "./group.ts";
import type { Message } from "./messages.ts";
import type { MessageCampaign, Settings } from "./settings.ts";
import type { Order, Source, Visit } from "./types.ts";

const MINUTE = 60_000;
/** Of those who buy because of a message and have a device, this share opens its link. */
const CLICKS_OF_BUYERS = 0.6;

/** Visits by the link of a message, after it arrived; a buyer's come before the purchase. */
export function messageClicks(input: {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly messages: readonly Message[];
  readonly orders: readonly Order[];
}): Visit[] {
  const { seed, settings, calendar, messages, orders } = input;
  const campaigns = new Map(settings.messages.campaigns.map((item) => [item.key, item]));
  const sources = new Map(settings.messages.campaigns.map((item) => [item.key, linkOf(item)]));
  const bought = groupBy(
    orders.filter(({ cause }) => cause && sources.has(cause.id)),
    (order) => `${order.cause?.id} ${order.person?.index} ${order.causedDay}`,
  );
  return messages.flatMap((message) => {
    const { key, person, state, finalAt, occurrence } = message;
    const campaign = campaigns.get(key);
    const source = sources.get(key);
    if (!campaign || !source || state !== "delivered" || person.devices.length === 0) return [];
    const day = calendar.dayAt(finalAt).index;
    const [order] = bought.get(`${key} ${person.index} ${day}`) ?? [];
    const random = stream(seed, `click ${key}`, person.index * 8 + (occurrence % 8));
    if (!chance(random, order ? CLICKS_OF_BUYERS : campaign.clicks)) return [];
    const wished = finalAt + MINUTE + minutesToClick(random) * MINUTE + between(random, 0, 59_999);
    // Room for the visit's last events before its order, and before the calendar ends.
    const at = Math.min(wished, (order?.at ?? calendar.end) - 90 * MINUTE);
    return at > finalAt ? [{ at, person, stranger: 0, source, order: null }] : [];
  });
}

/** Most within the hour, some in the evening. */
const minutesToClick = (random: Random): number => Math.floor(-Math.log(1 - random()) * 100);

const linkOf = ({ key, channel }: MessageCampaign): Source => ({
  kind: channel,
  ad: null,
  referrers: [],
  campaign: key,
});
