import type { Calendar } from "../calendar.ts";
import { between, chance, type Random, stream } from "../random.ts";
import { byTime, dispatch, type Message, type MessageInput, type Messages } from "./messages.ts";
import type { Settings } from "./settings.ts";
import type { Order } from "./types.ts";

type ServiceMessage = Settings["messages"]["service"][number];

const SECOND = 1000;
/** Minutes of the day at which parcels leave, and at which collections are ready, before the shops open. */
const PARCELS_LEAVE = 18 * 60;
const COLLECTIONS_READY = 8 * 60 + 30;

/**
 * Messages about web orders, added to those of campaigns. Who has opted out gets none of these either, and what leaves or
 * is ready on one day is one message to a phone.
 */
export function withServiceMessages(
  input: MessageInput,
  messages: Messages,
  orders: readonly Order[],
): Messages {
  const stopped = new Map(
    [...messages.sent.filter(({ state }) => state === "blocked"), ...messages.optOuts].map(
      ({ phone, at }) => [phone, at],
    ),
  );
  const told = new Set<string>();
  const service = input.settings.messages.service.flatMap((kind) =>
    orders.flatMap((order) => {
      const message = about(input, order, kind);
      if (!message || message.at >= (stopped.get(message.phone) ?? Infinity)) return [];
      const occasion =
        kind.trigger === "ordered" ? order.webOrder : input.calendar.dayAt(message.at).date;
      const once = `${kind.key} ${message.phone} ${occasion}`;
      if (told.has(once)) return [];
      told.add(once);
      return [message];
    }),
  );
  return { ...messages, sent: [...messages.sent, ...service].sort(byTime) };
}

function about(
  input: MessageInput,
  order: Order,
  { key, provider, text, share, trigger }: ServiceMessage,
): Message | null {
  const { person } = order;
  const phone = person?.phones[0];
  if (order.channel !== "online" || !person || !phone) return null;
  const random = stream(input.seed, `message ${key} ${order.purpose}`, order.key);
  const at = moment(random, input.calendar, order, trigger);
  if (at === null || !chance(random, share)) return null;
  const draft = {
    key,
    name: text,
    provider,
    channel: "sms",
    text,
    purpose: "service",
    at,
  } as const;
  return {
    ...draft,
    ...dispatch(input, random, draft),
    person,
    phone,
    promoCode: null,
    occurrence: 0,
  };
}

/** Null where there is nothing to say, or not within the period. */
function moment(
  random: Random,
  calendar: Calendar,
  { at, collection }: Order,
  trigger: ServiceMessage["trigger"],
): number | null {
  if (trigger === "ordered") return Math.floor(at / SECOND) * SECOND + 60 * SECOND;
  if ((trigger === "ready") !== (collection !== null)) return null;
  const next = calendar.days[calendar.dayAt(at).index + 1];
  if (!next) return null;
  const minute = trigger === "ready" ? COLLECTIONS_READY : PARCELS_LEAVE;
  return calendar.instant(next, minute) + between(random, 0, 60) * SECOND;
}
