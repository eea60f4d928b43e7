import { decimal } from "../money.ts";
import { stream } from "../random.ts";
import { anonymousIdOn } from "../world/people.ts";
import { sku } from "../world/products.ts";
import type { Order, Refund, World } from "../world/types.ts";
import type { Call } from "./segment.ts";
import { call, consent, SERVER } from "./segment-calls.ts";

/** Amount as a JSON number. */
const amount = (cents: number): number => Number(decimal(cents));

/** Properties of `Order Completed`. */
export function orderProperties(order: Order, email: string): string {
  const paid = order.gross - order.discount;
  return JSON.stringify({
    order_id: order.webOrder,
    checkout_id: checkoutId(order),
    affiliation: "web",
    total: amount(paid + order.shipping),
    subtotal: amount(paid - order.tax),
    revenue: amount(paid - order.tax),
    shipping: amount(order.shipping),
    tax: amount(order.tax),
    discount: amount(order.discount),
    ...((order.promoCode ?? order.coupon) && { coupon: order.promoCode ?? order.coupon }),
    currency: "EUR",
    ...(order.collection
      ? { delivery_method: "click_and_collect", pickup_store: order.collection.shop.code }
      : { delivery_method: "home" }),
    email,
    products: order.lines.map((line, i) => ({
      product_id: line.product.id,
      sku: sku(line),
      name: line.product.name,
      price: amount(line.unit),
      quantity: line.quantity,
      category: line.product.category,
      position: i + 1,
    })),
  });
}

/** Checkouts of carts that are bought in a shop later have numbers of their own. */
export const checkoutId = ({ webOrder, index }: Order): string =>
  webOrder === "" ? `ck9${String(index).padStart(6, "0")}` : `ck${webOrder.slice(1)}`;

/** `Order Refunded`, sent by the shop's server when the parcel is back. */
export function orderRefunded(world: World, refund: Refund): Call {
  const { order } = refund;
  const person = order.person;
  const day = world.calendar.dayAt(order.at).index;
  const account = person?.account && person.account.day <= day ? person.account : null;
  const device = person?.devices[0];
  const sender = {
    world,
    archive: "segment" as const,
    own: "",
    prefix: "node-next" as const,
    number: order.index,
    random: stream(world.seed, `refund call ${order.purpose}`, order.key),
    anonymousId: account || !device ? null : anonymousIdOn(device, day),
    userId: account?.userId ?? null,
    context: `${SERVER},${consent(device?.analytics ?? false, device?.advertising ?? false)}`,
    skew: 0,
    delay: 0,
    sent: 0,
  };
  const properties = JSON.stringify({
    refund_id: refund.id,
    order_id: order.webOrder,
    total: amount(refund.total),
    tax: amount(refund.tax),
    revenue: amount(refund.total - refund.tax),
    currency: "EUR",
    reason: "reso_per_posta",
    products: refund.pieces.map(({ line, paid }) => ({
      product_id: line.product.id,
      sku: sku(line),
      name: line.product.name,
      price: amount(paid),
      quantity: 1,
    })),
  });
  return call(sender, refund.at, "track", `"event":"Order Refunded","properties":${properties},`);
}
