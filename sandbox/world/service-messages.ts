import { between, chance, stream } from "../random.ts";
import { byTime, dispatch, type Message, type MessageInput, type Messages } from "./messages.ts";
import type { Order } from "./types.ts";

const MINUTE = 60_000;

/** Messages about web orders, added to those of campaigns. Who has opted out gets none of these either. */
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
  const { calendar, settings, seed } = input;
  const service = settings.messages.service.flatMap(({ key, provider, text, share, daysAfter }) =>
    orders.flatMap((order): Message[] => {
      const { person } = order;
      const phone = person?.phones[0];
      if (order.channel !== "online" || !person || !phone) return [];
      const random = stream(seed, `message ${key} ${order.purpose}`, order.key);
      const day = calendar.dayAt(order.at).index + daysAfter;
      if (!chance(random, share) || day >= calendar.days.length) return [];
      // At once, or with the parcels that leave in the evening.
      const at =
        daysAfter === 0
          ? Math.floor(order.at / 1000) * 1000 + MINUTE
          : calendar.instant(calendar.day(day), 1080) + between(random, 0, 60) * 1000;
      if (at >= (stopped.get(phone) ?? Number.POSITIVE_INFINITY)) return [];
      const draft = {
        key,
        name: text,
        provider,
        channel: "sms",
        purpose: "service",
        text,
      } as const;
      return [
        {
          ...dispatch(input, random, { ...draft, person, phone, at }),
          promoCode: null,
          occurrence: 0,
        },
      ];
    }),
  );
  return { ...messages, sent: [...messages.sent, ...service].sort(byTime) };
}
