import { between, chance, pick } from "../random.ts";
import { priceOn, sku } from "../world/products.ts";
import type { Order, Person, Product } from "../world/types.ts";
import {
  accountTraits,
  type Browser,
  identify,
  page,
  type RecordRow,
  track,
} from "./segment-browser.ts";
import { checkoutId } from "./segment-orders.ts";

export const productProperties = (
  product: Product,
  size: string,
  quantity: number,
  day: number,
): string =>
  JSON.stringify({
    product_id: product.id,
    sku: sku({ product, size }),
    name: product.name,
    price: priceOn(product, day) / 100,
    quantity,
    category: product.category,
    currency: "EUR",
  });

export const productPath = (product: Product): string => `/prodotti/${product.slug}`;
export const categoryPath = (product: Product): string =>
  `/categorie/${product.category.toLowerCase().replaceAll(" ", "-")}`;
/** A product's name as a page has it in its title. */
export const plainName = ({ name }: Product): string => name.replaceAll('"', "");

/** Steps of a visit: looking at each piece of an order and putting it into the cart. */
export function cartSteps(browser: Browser, order: Order, day: number): (() => void)[] {
  const { random, world } = browser.sender;
  const first = () => order.lines[0]?.product ?? pick(random, world.products);
  return [
    () => page(browser, "Category", categoryPath(first()), "Categoria"),
    ...order.lines.flatMap(({ product, size, quantity }) => [
      () => page(browser, "Product", productPath(product), plainName(product)),
      () => track(browser, "Product Viewed", productProperties(product, size, 1, day)),
      () => track(browser, "Product Added", productProperties(product, size, quantity, day)),
    ]),
    () => page(browser, "Cart", "/carrello", "Carrello"),
  ];
}

/** Steps of a visit: the checkout, up to the question who the buyer is. */
export const checkoutSteps = (browser: Browser, order: Order): (() => void)[] => [
  () => page(browser, "Checkout", "/cassa", "Cassa"),
  () =>
    track(
      browser,
      "Checkout Started",
      `{"checkout_id":"${checkoutId(order)}","value":${(order.gross - order.discount) / 100},"currency":"EUR"}`,
    ),
];

/** A cart that is left behind, half of them in the checkout: its pieces are bought in a shop later. */
export function renderLeftCart(
  browser: Browser,
  order: Order,
  person: Person,
  day: number,
  record: RecordRow,
): void {
  const { sender } = browser;
  const { random } = sender;
  const steps = cartSteps(browser, order, day);
  if (chance(random, 0.5)) steps.push(...checkoutSteps(browser, order));
  const account = person.account && person.account.day <= day ? person.account : null;
  if (account && chance(random, 0.5)) {
    steps.push(() => {
      sender.userId = account.userId;
      identify(browser, person, accountTraits(person, day), record);
    });
  }
  for (const step of steps) {
    step();
    browser.clock += between(random, 4_000, 60_000);
  }
}
