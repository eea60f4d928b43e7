import { between, chance, pick, type Random, stream, uuid } from "../random.ts";
import { anonymousIdOn } from "../world/people.ts";
import type { Device, Person, Visit, World } from "../world/types.ts";
import { landingQuery } from "./landing-query.ts";
import {
  type Add,
  accountTraits,
  type Browser,
  identify,
  page,
  type RecordRow,
  track,
} from "./segment-browser.ts";
import { BROWSER, consent, consentIds, RUDDERSTACK, type Sender } from "./segment-calls.ts";
import {
  cartSteps,
  categoryPath,
  checkoutSteps,
  plainName,
  productPath,
  productProperties,
  renderLeftCart,
} from "./segment-carts.ts";
import { orderProperties } from "./segment-orders.ts";

/** Renders a visit into its calls. Everything is drawn from the visit's own stream. */
export function renderVisit(
  world: World,
  visit: Visit,
  number: number,
  add: Add,
  record: RecordRow,
): void {
  const who = visit.person?.index ?? -visit.stranger;
  const random = stream(world.seed, "visit", Math.imul(visit.at / 1000, 0x9e3779b1) ^ who);
  const { settings, calendar } = world;
  const day = calendar.dayAt(visit.at).index;
  const person = visit.person;
  const device = person ? chooseDevice(random, person) : strangersDevice(world, visit.stranger);
  const query = landingQuery(random, visit.source, settings.difficulty);
  const account = person?.account && person.account.day <= day ? person.account : null;
  const late = chance(random, settings.difficulty.cdpLate);
  const anonymousId = anonymousIdOn(device, day);
  const sender: Sender = {
    world,
    number,
    random,
    anonymousId,
    userId: account && chance(random, 0.3) ? account.userId : null,
    ...library(world, device, day, anonymousId, `203.0.113.${between(random, 1, 254)}`),
    skew: device.skew,
    delay: late ? between(random, 3_600_000, 5 * 86_400_000 - 10_000) : 0,
    sent: 0,
  };
  const referrers = visit.source.referrers;
  const browser: Browser = {
    sender,
    add,
    site: settings.retailer.site,
    query,
    campaign: campaignContext(query),
    from: referrers.length > 0 ? pick(random, referrers) : "",
    url: "",
    referrer: "",
    clock: visit.at,
  };
  if (person && visit.order?.channel === "store")
    renderLeftCart(browser, visit.order, person, day, record);
  else if (visit.order && person) renderCheckout(browser, visit, person, record);
  else renderBrowsing(browser, visit, person, record);
}

/** Visits with Android are RudderStack's from a day on: what its library says, and where. */
function library(
  { settings, calendar }: World,
  { userAgent, analytics, advertising }: Device,
  day: number,
  anonymousId: string,
  ip: string,
): Pick<Sender, "archive" | "prefix" | "context" | "own"> {
  const agent = `"userAgent":"${userAgent}"`;
  if (!userAgent.includes("Android") || day < calendar.indexOf(settings.rudderstack.since)) {
    const context = `"ip":"${ip}",${agent},${BROWSER},${consent(analytics, advertising)}`;
    return { archive: "segment", prefix: "ajs-next", context, own: "" };
  }
  const context = `${agent},${RUDDERSTACK},${consentIds(analytics, advertising)}`;
  const own = `"channel":"web","rudderId":"${anonymousId}","request_ip":"${ip}","integrations":{"All":true},`;
  return { archive: "rudderstack", prefix: "rudder-js", context, own };
}

function chooseDevice(random: Random, person: Person): Device {
  const first = person.devices[0];
  if (!first) throw new RangeError(`${person.id} has no device`);
  return chance(random, 0.6) ? first : pick(random, person.devices);
}

function strangersDevice(world: World, stranger: number): Device {
  const random = stream(world.seed, "stranger", stranger);
  const analytics = !chance(random, world.settings.difficulty.analyticsRefused);
  return {
    userAgent: "Mozilla/5.0 (Linux; Android 15) Chrome/138.0",
    analytics,
    advertising: analytics && !chance(random, world.settings.difficulty.advertisingRefused),
    skew: 0,
    cookies: [{ day: 0, anonymousId: uuid(random) }],
  };
}

/** `context.campaign`, which the browser's library makes of the UTM in the address. */
function campaignContext(query: string): string {
  if (query === "") return "";
  const parameters = new URLSearchParams(query);
  const members: Record<string, string> = {};
  for (const [key, name] of [
    ["source", "utm_source"],
    ["medium", "utm_medium"],
    ["name", "utm_campaign"],
    ["id", "utm_id"],
    ["content", "utm_content"],
  ] as const) {
    const value = parameters.get(name);
    if (value) members[key] = value;
  }
  return Object.keys(members).length > 0 ? `,"campaign":${JSON.stringify(members)}` : "";
}

function renderBrowsing(
  browser: Browser,
  visit: Visit,
  person: Person | null,
  record: RecordRow,
): void {
  const { sender } = browser;
  const { random, world } = sender;
  const day = world.calendar.dayAt(visit.at).index;
  const pages = chance(random, 0.28) ? 1 : between(random, 2, 6);
  const logsIn = person && sender.userId === null && chance(random, 0.25) ? person : null;
  for (let i = 0; i < pages; i++) {
    if (i > 0) browser.clock += between(random, 6_000, 110_000);
    const product = pick(random, world.products);
    const kind = random();
    if (i === 0 && visit.source.kind === "direct") page(browser, "Home", "/", "Ventolana");
    else if (kind < 0.1) page(browser, "Stores", "/negozi", "I nostri negozi");
    else if (kind < 0.5) page(browser, "Category", categoryPath(product), product.category);
    else {
      page(browser, "Product", productPath(product), plainName(product));
      const size = pick(random, product.sizes);
      browser.clock += 400;
      track(browser, "Product Viewed", productProperties(product, size, 1, day));
      if (chance(random, 0.1)) {
        browser.clock += between(random, 5_000, 40_000);
        track(browser, "Product Added", productProperties(product, size, 1, day));
      }
    }
    if (i === 0 && logsIn) signIn(browser, logsIn, day, record);
  }
}

/** A log-in where there is an account; else, now and then, a newsletter sign-up. */
function signIn(browser: Browser, person: Person, day: number, record: RecordRow): void {
  const { sender } = browser;
  const { account } = person;
  browser.clock += between(sender.random, 3_000, 20_000);
  if (account && account.day <= day) {
    sender.userId = account.userId;
    identify(browser, person, accountTraits(person, day), record);
  } else if (person.subscribed && chance(sender.random, 0.3)) {
    identify(browser, person, { email: pick(sender.random, person.emails) }, record);
  }
}

function renderCheckout(browser: Browser, visit: Visit, person: Person, record: RecordRow): void {
  const { order } = visit;
  if (!order) return;
  const { sender } = browser;
  const { random, world } = sender;
  const day = world.calendar.dayAt(order.at).index;
  const steps = cartSteps(browser, order, day);
  const account = person.account && person.account.day <= day ? person.account : null;
  const email = account ? (person.emails[0] ?? "") : pick(random, person.emails);
  const traits = account
    ? accountTraits(person, day)
    : {
        email,
        ...(chance(random, 0.6) && person.phones[0] && { phone: person.phones[0] }),
        firstName: person.firstName,
        lastName: person.lastName,
      };
  steps.push(...checkoutSteps(browser, order), () => {
    sender.userId = account?.userId ?? null;
    identify(browser, person, traits, record);
  });
  const step = Math.floor((order.at - visit.at) / (steps.length + 1));
  for (const take of steps) {
    take();
    browser.clock += between(random, Math.floor(step / 2), step);
  }
  completeOrder(browser, visit, person, email, record);
}

function completeOrder(
  browser: Browser,
  visit: Visit,
  person: Person,
  email: string,
  record: RecordRow,
): void {
  const { order } = visit;
  const { sender } = browser;
  const { random, world } = sender;
  if (!order) return;
  // The bank's payment page sends the buyer back: its address is then the referrer.
  if (chance(random, 0.3)) browser.from = world.settings.retailer.paymentSite;
  browser.clock = order.at - between(random, 200, 900);
  page(browser, "Order Confirmation", "/ordine/grazie", "Grazie");
  browser.clock = order.at;
  const made = track(browser, "Order Completed", orderProperties(order, email));
  record({
    source: "segment",
    key: made.messageId,
    person_id: person.id,
    email,
    phone: "",
    loyalty_card: "",
    user_id: sender.userId ?? "",
    anonymous_id: sender.anonymousId ?? "",
    mistyped: false,
  });
  if (!chance(random, world.settings.difficulty.ordersSentTwice)) return;
  browser.clock += between(random, 20_000, 600_000);
  track(browser, "Order Completed", orderProperties(order, email));
}
