import type { Calendar } from "../calendar.ts";
import { type Cents, vatInside } from "../money.ts";
import { between, chance, type Random, stream } from "../random.ts";
import { nameAtTill, namedShare } from "./contacts.ts";
import type { Purchase } from "./planner.ts";
import { type Basket, taxByLine } from "./products.ts";
import type { Settings } from "./settings.ts";
import { isClosed, OPENING } from "./shops.ts";
import { STAFF } from "./staff.ts";
import type { Collection, Order, OrderLine, Refund, Shop } from "./types.ts";

export interface OrderInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
  readonly fillBasket: (random: Random, day: Calendar["days"][number]) => Basket;
}

/** Net revenue of what was bought at first: gross − discount − VAT; neither refunds nor exchanges. */
export const netSales = (order: Order): Cents => order.gross - order.discount - order.tax;

/** What an order comes to before refunds, with the pieces for which some of it was exchanged. */
export function sold(order: Order): { gross: Cents; discount: Cents; tax: Cents; net: Cents } {
  const added = order.refund?.exchange?.order === null ? order.refund.exchange : null;
  const gross = order.gross + (added?.gross ?? 0);
  const discount = order.discount + (added?.discount ?? 0);
  const tax = order.tax + (added?.tax ?? 0);
  return { gross, discount, tax, net: gross - discount - tax };
}

export const netRefund = (refund: Refund): Cents => refund.total - refund.tax;

const FREE_SHIPPING_FROM = 60_00;
const SHIPPING = 4_90;

/** Fills each purchase with products and numbers the web orders. `purchases` are in the order of time. */
export function makeOrders(input: OrderInput, purchases: readonly Purchase[]): Order[] {
  let webOrders = 0;
  return purchases.map((purchase, index) => {
    const day = input.calendar.dayAt(purchase.at);
    const random = stream(input.seed, `basket ${purchase.purpose}`, purchase.key);
    const basket = input.fillBasket(random, day);
    const online = purchase.channel === "online";
    const welcome = online && basket.discount === 0 && chance(random, 0.1);
    const staff = purchase.purpose === STAFF;
    const percent = staff ? 30 : welcome ? 10 : null;
    const lines = percent === null ? basket.lines : basket.lines.map(percentOff(percent));
    const collection = online ? collectionOf(input, purchase) : null;
    const discount = lines.reduce((sum, line) => sum + line.discount, 0);
    const paid = basket.gross - discount;
    const till = stream(input.seed, `till ${purchase.purpose}`, purchase.key);
    return {
      index,
      purpose: purchase.purpose,
      key: purchase.key,
      person: purchase.person,
      at: purchase.at,
      channel: purchase.channel,
      type: staff ? "staff" : "consumer",
      cause: purchase.cause,
      causedDay: purchase.causedDay,
      lines,
      coupon: welcome ? "BENVENUTO10" : null,
      shipping: online && !collection && paid < FREE_SHIPPING_FROM ? SHIPPING : 0,
      gross: basket.gross,
      discount,
      tax: online ? vatInside(paid) : taxByLine(lines),
      webOrder: online ? `W${String(++webOrders).padStart(6, "0")}` : "",
      shop: purchase.shop,
      named: online
        ? null
        : nameAtTill(till, purchase.person, day.index, namedShare(input.settings), input.settings),
      collection,
      promoCode: null,
      receipt: null,
      refund: null,
    };
  });
}

const percentOff =
  (percent: number) =>
  (line: OrderLine): OrderLine => ({
    ...line,
    discount: Math.round((line.unit * line.quantity * percent) / 100),
  });

/** Some web orders are collected in the buyer's shop, a few days later; the last ones not within the period. */
function collectionOf(
  input: OrderInput,
  { purpose, key, person, at }: Purchase,
): Collection | null {
  const { seed, settings, calendar } = input;
  const ordered = calendar.dayAt(at).index;
  const shop = person?.homeShop;
  if (!shop || person.online === 1 || shop.firstDay > ordered) return null;
  const random = stream(seed, `collection ${purpose}`, key);
  if (!chance(random, settings.difficulty.collectedWebOrders)) return null;
  const from = ordered + between(random, 1, 5);
  const day = calendar.days.slice(from).find(({ date }) => !isClosed(date));
  return {
    shop,
    at: day ? calendar.instant(day, between(random, OPENING.from, OPENING.to)) : null,
    named: day ? nameAtTill(random, person, day.index, 0.6, settings) : null,
  };
}
