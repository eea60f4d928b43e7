import type { Day } from "../calendar.ts";
import { vatInside } from "../money.ts";
import { between, chance, pick, type Random, stream } from "../random.ts";
import { nameAtTill } from "./contacts.ts";
import type { OrderInput } from "./orders.ts";
import { taxByLine } from "./products.ts";
import type { Settings } from "./settings.ts";
import { isClosed, OPENING } from "./shops.ts";
import type { Exchange, Order, OrderLine, Refund, RefundKind } from "./types.ts";

/**
 * Decides what comes back, how and when, and what is taken instead; sets `refund` of the orders concerned. In the order
 * of time. Orders that an exchange makes are numbered behind the others.
 */
export function makeRefunds(input: OrderInput, orders: readonly Order[]): Refund[] {
  const planned = orders.flatMap((order) => planRefund(input, order) ?? []);
  planned.sort((a, b) => a.at - b.at || a.order.index - b.order.index);
  let byPost = 0;
  let index = orders.length;
  return planned.map((draft) => {
    const id = draft.kind === "web_by_post" ? `RW${String(++byPost).padStart(5, "0")}` : "";
    const exchange = exchangeOf(input, draft, () => index++);
    const refund: Refund = { ...draft, id, exchange, receipt: null };
    draft.order.refund = refund;
    return refund;
  });
}

type Draft = Omit<Refund, "id" | "exchange" | "receipt">;

function planRefund({ seed, settings, calendar, shops }: OrderInput, order: Order): Draft | null {
  const { difficulty } = settings;
  const random = stream(seed, `refund ${order.purpose}`, order.key);
  const online = order.channel === "online";
  if (!chance(random, online ? difficulty.webReturns : difficulty.tillReturns)) return null;
  const kind = refundKind(random, settings, order);
  const had = order.collection ? order.collection.at : order.at;
  if (had === null) return null;
  const day =
    calendar.days[
      calendar.dayAt(had).index +
        (kind === "web_by_post" ? between(random, 6, 20) : between(random, 2, 26))
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

function exchangeOf(input: OrderInput, draft: Draft, nextIndex: () => number): Exchange | null {
  const { order, shop } = draft;
  const random = stream(input.seed, `exchange ${order.purpose}`, order.key);
  if (!shop || order.type === "staff") return null;
  if (!chance(random, input.settings.difficulty.exchanges)) return null;
  const lines = takenInstead(input, random, draft, input.calendar.dayAt(draft.at));
  const taken = {
    lines,
    gross: lines.reduce((sum, line) => sum + line.unit * line.quantity, 0),
    discount: lines.reduce((sum, line) => sum + line.discount, 0),
    tax: taxByLine(lines),
  };
  if (draft.kind !== "store_without_reference") return { ...taken, order: null };
  const own: Order = {
    ...order,
    ...taken,
    index: nextIndex(),
    purpose: `exchange ${order.purpose}`,
    at: draft.at,
    shop,
    named: draft.named,
    promoCode: null,
    receipt: null,
    refund: null,
  };
  return { ...taken, order: own };
}

/** The same piece in another size, at what had been paid for it; or something else, at the day's price. */
function takenInstead(
  { fillBasket }: OrderInput,
  random: Random,
  { pieces }: Draft,
  day: Day,
): readonly OrderLine[] {
  const [piece] = pieces;
  const others = piece?.line.product.sizes.filter((size) => size !== piece.line.size) ?? [];
  if (piece && others.length > 0 && chance(random, 0.6)) {
    const { product, unit } = piece.line;
    return [
      { product, size: pick(random, others), quantity: 1, unit, discount: unit - piece.paid },
    ];
  }
  return fillBasket(random, day).lines.slice(0, 1);
}
