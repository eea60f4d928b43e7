import type { Calendar } from "../calendar.ts";
import { chance, stream } from "../random.ts";
import { groupBy } from "./group.ts";
import type { Message } from "./messages.ts";
import type { Settings } from "./settings.ts";
import type { Order } from "./types.ts";

/**
 * Redeems personal codes, each once and while it is good: with most orders that the message caused, and with some that
 * its recipient would have made anyway. A code proves that the message was read; it takes nothing off the price. Sets
 * `promoCode` of the orders concerned, which are in the order of time.
 */
export function redeemCodes(
  input: { readonly seed: number; readonly settings: Settings; readonly calendar: Calendar },
  messages: readonly Message[],
  orders: readonly Order[],
): void {
  const { redeemed, redeemedAnyway } = input.settings.messages;
  const byPerson = groupBy(
    messages.filter(({ promoCode, state }) => promoCode && state === "delivered"),
    ({ person }) => person,
  );
  const used = new Set<string>();
  for (const order of orders) {
    const { person, at } = order;
    if (!person || order.coupon !== null) continue;
    const day = input.calendar.dayAt(at).index;
    const good = (byPerson.get(person) ?? []).filter(
      ({ promoCode, finalAt }) =>
        promoCode && !used.has(promoCode.code) && finalAt < at && day <= promoCode.until,
    );
    const cause = good.find(({ key }) => key === order.cause?.id);
    const code = (cause ?? good[0])?.promoCode?.code;
    const random = stream(input.seed, `promo code ${order.purpose}`, order.key);
    if (!code || !chance(random, cause ? redeemed : redeemedAnyway)) continue;
    order.promoCode = code;
    used.add(code);
  }
}
