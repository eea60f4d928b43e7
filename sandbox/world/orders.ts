import type { Calendar } from "../calendar.ts";
import { type Cents, vatInside } from "../money.ts";
import { between, chance, pick, type Random, stream } from "../random.ts";
import { nameAtTill, namedShare } from "./contacts.ts";
import type { Purchase } from "./planner.ts";
import { type Basket, taxByLine } from "./products.ts";
import type { Settings } from "./settings.ts";
import { isClosed, OPENING } from "./shops.ts";
import type { Order, OrderLine, Refund, RefundKind, Shop } from "./types.ts";

export interface OrderInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
  readonly fillBasket: (random: Random, day: Calendar["days"][number]) => Basket;
}

/** Net revenue before refunds: gross − discount − VAT. */
export const netSales = (order: Order): Cents => order.gross - order.discount - order.tax;
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
    const lines = welcome ? basket.lines.map(tenPercentOff) : basket.lines;
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
      cause: purchase.cause,
      causedDay: purchase.causedDay,
      lines,
      coupon: welcome ? "BENVENUTO10" : null,
      shipping: online && paid < FREE_SHIPPING_FROM ? SHIPPING : 0,
      gross: basket.gross,
      discount,
      tax: online ? vatInside(paid) : taxByLine(lines),
      webOrder: online ? `W${String(++webOrders).padStart(6, "0")}` : "",
      shop: purchase.shop,
      named: online
        ? null
        : nameAtTill(till, purchase.person, day.index, namedShare(input.settings), input.settings),
      promoCode: null,
      receipt: null,
      refund: null,
    };
  });
}

const tenPercentOff = (line: OrderLine): OrderLine => ({
  ...line,
  discount: Math.round((line.unit * line.quantity) / 10),
});

/** Decides what comes back, how and when; sets `refund` of the orders concerned. In the order of time. */
export function makeRefunds(input: OrderInput, orders: readonly Order[]): Refund[] {
  const planned = orders.flatMap((order) => planRefund(input, order) ?? []);
  planned.sort((a, b) => a.at - b.at || a.order.index - b.order.index);
  let byPost = 0;
  return planned.map((draft) => {
    const id = draft.kind === "web_by_post" ? `RW${String(++byPost).padStart(5, "0")}` : "";
    const refund: Refund = { ...draft, id, receipt: null };
    draft.order.refund = refund;
    return refund;
  });
}

type Draft = Omit<Refund, "id" | "receipt">;

function planRefund({ seed, settings, calendar, shops }: OrderInput, order: Order): Draft | null {
  const { difficulty } = settings;
  const random = stream(seed, `refund ${order.purpose}`, order.key);
  const online = order.channel === "online";
  if (!chance(random, online ? difficulty.webReturns : difficulty.tillReturns)) return null;
  const kind = refundKind(random, settings, order);
  const ordered = calendar.dayAt(order.at);
  const day =
    calendar.days[
      ordered.index + (kind === "web_by_post" ? between(random, 6, 20) : between(random, 2, 26))
    ];
  if (!day || (kind !== "web_by_post" && isClosed(day.date))) return null;
  const shop =
    kind === "web_by_post" ? null : (order.shop ?? order.person?.homeShop ?? pick(random, shops));
  if (shop && shop.firstDay > day.index) return null;
  const pieces = chance(random, 0.3) ? allPieces(order) : allPieces(order).slice(0, 1);
  return {
    kind,
    order,
    at: calendar.instant(day, between(random, OPENING.from, OPENING.to)),
    shop,
    pieces,
    total: pieces.reduce((sum, piece) => sum + piece.paid, 0),
    tax: pieces.reduce((sum, piece) => sum + piece.vat, 0),
    named: shop ? nameAtTill(random, order.person, day.index, 0.6, settings) : null,
  };
}

function refundKind(random: Random, settings: Settings, order: Order): RefundKind {
  const { webReturnsInShop, tillReturnsWithoutReference } = settings.difficulty;
  if (order.channel === "store") {
    return chance(random, tillReturnsWithoutReference)
      ? "store_without_reference"
      : "store_with_reference";
  }
  const goesToShops = order.person !== null && order.person.online < 1;
  return goesToShops && chance(random, webReturnsInShop) ? "web_in_store" : "web_by_post";
}

function allPieces(order: Order): Refund["pieces"][number][] {
  return order.lines.flatMap((line) => {
    const paid = Math.floor((line.unit * line.quantity - line.discount) / line.quantity);
    return Array.from({ length: line.quantity }, () => ({ line, paid, vat: vatInside(paid) }));
  });
}
