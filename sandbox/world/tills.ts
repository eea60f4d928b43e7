import type { Calendar } from "../calendar.ts";
import { between, chance, pick, poisson, stream } from "../random.ts";
import { nameAtTill } from "./contacts.ts";
import type { Settings } from "./settings.ts";
import { isClosed, OPENING } from "./shops.ts";
import type { Order, Receipt, ReceiptKey, Refund, Shop, TillDocument } from "./types.ts";

const MINUTE = 60_000;
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

/** Documents that the fiscal recorder does not print: they are numbered by themselves. */
const SERIES: Partial<Record<TillDocument["kind"], string>> = { pickup: "RIT", invoice: "FAT" };

/** Whether a document goes into the till's daily closing. */
export const isFiscal = ({ kind }: TillDocument): boolean => SERIES[kind] === undefined;

/** The number of the daily closing of a shop's till on a day. */
export const closingNumber = (shop: Shop, till: number, day: number): string =>
  pad(100 * till + 7 * shop.index + day - shop.firstDay + 1);

/**
 * Everything the tills print, by shop and then by time. Numbers restart each day behind the number of the
 * daily closing. Sets `receipt` of the orders and refunds.
 * @param input.orders without those that exchanges make: their pieces are on the receipts of the refunds
 */
export function printReceipts(input: TillInput): Receipt[] {
  const printed = [
    ...sales(input.orders),
    ...returns(input.refunds),
    ...pickups(input.orders),
    ...invoices(input),
    ...others(input),
  ];
  printed.sort((a, b) => a.shop.index - b.shop.index || a.at - b.at);
  const counters = new Map<string, number>();
  return printed.map(({ at, shop, document }) => {
    const minute = Math.floor(at / MINUTE);
    const till = 1 + (minute % shop.tillCount);
    const day = input.calendar.dayAt(at);
    const series = SERIES[document.kind];
    const counter = `${shop.code}-${till}-${series ?? day.index}`;
    const progressive = (counters.get(counter) ?? 0) + 1;
    counters.set(counter, progressive);
    const number = `${series ?? closingNumber(shop, till, day.index)}-${pad(progressive)}`;
    const key: ReceiptKey = { shop, till, date: day.date, number };
    if (document.kind === "sale") document.order.receipt = key;
    if (document.kind === "return") {
      document.refund.receipt = key;
      if (document.refund.exchange?.order) document.refund.exchange.order.receipt = key;
    }
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

const pickups = (orders: readonly Order[]): Printed[] =>
  orders.flatMap((order) => {
    const { collection } = order;
    if (!collection || collection.at === null) return [];
    const document = { kind: "pickup" as const, order, collection };
    return { at: collection.at, shop: collection.shop, document };
  });

/** Some customers ask for an invoice of the receipt that they have just been given. */
function invoices({ seed, settings, calendar, orders }: TillInput): Printed[] {
  return orders.flatMap((order) => {
    const { shop, person } = order;
    if (!shop || order.type === "staff") return [];
    const random = stream(seed, `invoice ${order.purpose}`, order.key);
    if (!chance(random, settings.difficulty.invoicedReceipts)) return [];
    const day = calendar.dayAt(order.at).index;
    const named = nameAtTill(random, person, day, 0.6, settings);
    return { at: order.at + 2 * MINUTE, shop, document: { kind: "invoice", order, named } };
  });
}

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
