import type { Calendar } from "../calendar.ts";
import { between, pick, poisson, stream } from "../random.ts";
import type { Settings } from "./settings.ts";
import { isClosed, OPENING } from "./shops.ts";
import type { Order, Receipt, ReceiptKey, Refund, Shop, TillDocument } from "./types.ts";

const OPERATORS = ["A03", "A07", "A11", "A12", "A15"];

interface Printed {
  readonly at: number;
  readonly shop: Shop;
  readonly document: TillDocument;
}

export interface TillInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
  readonly orders: readonly Order[];
  readonly refunds: readonly Refund[];
}

/**
 * Everything the tills print, by shop and then by time. Numbers restart each day behind the number of the
 * daily closing. Sets `receipt` of the orders and refunds.
 */
export function printReceipts(input: TillInput): Receipt[] {
  const printed = [...sales(input.orders), ...returns(input.refunds), ...others(input)];
  printed.sort((a, b) => a.shop.index - b.shop.index || a.at - b.at);
  const counters = new Map<string, number>();
  return printed.map(({ at, shop, document }) => {
    const minute = Math.floor(at / 60_000);
    const till = 1 + (minute % shop.tillCount);
    const day = input.calendar.dayAt(at);
    const counter = `${shop.code}-${till}-${day.index}`;
    const progressive = (counters.get(counter) ?? 0) + 1;
    counters.set(counter, progressive);
    const closing = 100 * till + 7 * shop.index + day.index - shop.firstDay + 1;
    const number = `${pad(closing)}-${pad(progressive)}`;
    const key: ReceiptKey = { shop, till, date: day.date, number };
    if (document.kind === "sale") document.order.receipt = key;
    if (document.kind === "return") document.refund.receipt = key;
    return { key, at, operator: OPERATORS[minute % OPERATORS.length] ?? "", document };
  });
}

const pad = (value: number): string => String(value).padStart(4, "0");

const sales = (orders: readonly Order[]): Printed[] =>
  orders.flatMap((order) =>
    order.shop
      ? { at: order.at, shop: order.shop, document: { kind: "sale" as const, order } }
      : [],
  );

const returns = (refunds: readonly Refund[]): Printed[] =>
  refunds.flatMap((refund) =>
    refund.shop
      ? { at: refund.at, shop: refund.shop, document: { kind: "return" as const, refund } }
      : [],
  );

/** Voids and gift cards: documents that are no order. */
function others({ seed, settings, calendar, shops, orders }: TillInput): Printed[] {
  const receipts = new Map<Shop, number>();
  for (const { shop } of orders) if (shop) receipts.set(shop, (receipts.get(shop) ?? 0) + 1);
  return shops.flatMap((shop) => {
    const random = stream(seed, "voids and gift cards", shop.index);
    const count = receipts.get(shop) ?? 0;
    const draw = (share: number, make: () => TillDocument): Printed[] =>
      Array.from({ length: poisson(random, count * share) }, () => {
        let day = calendar.day(between(random, shop.firstDay, calendar.days.length - 1));
        if (isClosed(day.date)) day = calendar.day(day.index - 3);
        return {
          at: calendar.instant(day, between(random, OPENING.from, OPENING.to)),
          shop,
          document: make(),
        };
      });
    return [
      ...draw(settings.difficulty.voidReceipts, () => ({ kind: "void" })),
      ...draw(settings.difficulty.giftCardReceipts, () => ({
        kind: "gift_card",
        amount: pick(random, [25_00, 50_00, 100_00]),
      })),
    ];
  });
}

/** Serial number of a till's fiscal recorder: 11 characters. */
export const fiscalSerial = (shop: Shop, till: number): string =>
  `9VSRT${String(shop.index + 1).padStart(3, "0")}${String(till).padStart(3, "0")}`;
