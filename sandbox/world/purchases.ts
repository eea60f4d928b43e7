import type { Calendar, Day } from "../calendar.ts";
import {
  between,
  chance,
  pick,
  poisson,
  type Random,
  stream,
  type Weighted,
  weighted,
} from "../random.ts";
import { newsletterDays } from "./campaigns.ts";
import { isSale } from "./products.ts";
import type { MetaCampaign, Settings } from "./settings.ts";
import { isClosed, OPENING } from "./shops.ts";
import type { AdDay, Campaign, Contact, Person, Shop } from "./types.ts";

/** A decision to buy: who, when and where, before it is known what. */
export interface Purchase {
  /** With `key`, names the random streams of everything that follows from this purchase. */
  readonly purpose: string;
  readonly key: number;
  readonly person: Person | null;
  readonly channel: "online" | "store";
  readonly shop: Shop | null;
  readonly at: number;
  readonly cause: Campaign | null;
  readonly causedDay: number;
}

export interface PurchaseInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
  readonly people: readonly Person[];
  readonly adDays: readonly AdDay[];
  readonly contacts: ReadonlyMap<string, readonly Contact[]>;
  /** Net revenue in euro that an order brings on average: turns effects into numbers of orders. */
  readonly averageNet: number;
}

/** Web orders leave room for the visit's last events before the calendar ends. */
const LAST_WEB_MINUTE = 21 * 60;

/**
 * Organic purchases follow a person's own rate; caused ones are drawn on top, so many that their net revenue per
 * euro (or per contact) is what `world.json` sets. A campaign that is shown to people who buy anyway gets none for that.
 */
export function planPurchases(input: PurchaseInput): Purchase[] {
  const planner = makePlanner(input);
  const purchases = [
    ...organic(input, planner),
    ...input.settings.meta.campaigns.flatMap((campaign) => byAds(input, planner, campaign)),
    ...byContacts(input, planner),
    ...byNewsletter(input, planner),
    ...nightOpening(input),
  ];
  purchases.push(...passersBy(input, planner, purchases));
  return purchases.sort((a, b) => a.at - b.at || (a.purpose < b.purpose ? -1 : 1) || a.key - b.key);
}

interface Wish {
  readonly purpose: string;
  readonly key: number;
  readonly person: Person | null;
  readonly day: number;
  readonly storeShare: number;
  readonly cause?: Campaign;
  readonly causedDay?: number;
}

interface Planner {
  readonly byDay: Weighted;
  /** Null where the period ends before the purchase. */
  plan(random: Random, wish: Wish): Purchase | null;
}

function makePlanner({ calendar, shops }: PurchaseInput): Planner {
  const shopChoice = weighted(shops.map((shop) => shop.weight));
  const last = calendar.days.length - 1;

  const openShop = (random: Random, wished: Shop | undefined, day: number): Shop | null => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const shop = attempt === 0 && wished ? wished : shops[shopChoice.draw(random)];
      if (shop && shop.firstDay <= day) return shop;
    }
    return null;
  };

  return {
    byDay: weighted(calendar.days.map(appetite)),
    plan(random, wish) {
      const { person } = wish;
      const inStore =
        person === null ||
        person.online === 0 ||
        (person.online < 1 && chance(random, wish.storeShare));
      let day = wish.day;
      while (inStore && day <= last && isClosed(calendar.day(day).date)) day++;
      if (day > last) return null;
      const home = person && chance(random, 0.85) ? person.homeShop : undefined;
      const shop = inStore ? openShop(random, home, day) : null;
      if (inStore && !shop) return null;
      const minute = inStore
        ? between(random, OPENING.from, OPENING.to)
        : webMinute(random, day === last);
      const seconds = inStore ? 0 : between(random, 0, 59_999);
      return {
        purpose: wish.purpose,
        key: wish.key,
        person,
        channel: inStore ? "store" : "online",
        shop,
        at: calendar.instant(calendar.day(day), minute) + seconds,
        cause: wish.cause ?? null,
        causedDay: wish.causedDay ?? day,
      };
    },
  };
}

const SHOPPING_HOURS = weighted([
  2, 1, 0.5, 0.3, 0.3, 0.5, 1, 2, 3, 4, 5, 5, 5, 6, 5, 5, 5, 6, 7, 8, 10, 12, 9, 5,
]);

/** A minute of the day at which people are online. */
export function webMinute(random: Random, isLastDay: boolean): number {
  const minute = SHOPPING_HOURS.draw(random) * 60 + between(random, 0, 59);
  return isLastDay ? Math.min(minute, LAST_WEB_MINUTE) : minute;
}

/** How much people want to buy on a day: season, weekday, sales, Christmas. */
function appetite(day: Day): number {
  const month = [0.9, 0.7, 0.9, 1, 1.05, 1, 1.05, 0.6, 1, 1.1, 1.15, 1.5][day.month - 1] ?? 1;
  const weekday = [0.8, 0.8, 0.85, 0.9, 1.1, 1.5, 1.05][day.weekday - 1] ?? 1;
  const monthDay = day.date.slice(5);
  const peak = isSale(monthDay) ? 1.3 : monthDay >= "11-24" && monthDay <= "11-30" ? 1.7 : 1;
  return month * weekday * peak;
}

const present = (purchase: Purchase | null): purchase is Purchase => purchase !== null;

function organic({ seed, people }: PurchaseInput, planner: Planner): Purchase[] {
  return people.flatMap((person) => {
    const random = stream(seed, "organic", person.index);
    return Array.from({ length: Math.min(poisson(random, person.rate), 60) }, (_, n) =>
      planner.plan(random, {
        purpose: "organic",
        key: person.index * 64 + n,
        person,
        day: planner.byDay.draw(random),
        storeShare: 1 - person.online,
      }),
    ).filter(present);
  });
}

/** How likely a campaign's audience is to hold a person. */
export function reach(audience: MetaCampaign["audience"], person: Person): number {
  switch (audience) {
    case "new":
      return person.openness;
    case "returning":
      return person.devices.length > 0 ? person.rate : 0;
    case "all":
      return person.openness + person.rate;
    case "near_shops":
      return person.online < 1 ? person.openness : 0;
  }
}

function byAds(input: PurchaseInput, planner: Planner, campaign: MetaCampaign): Purchase[] {
  const { seed, people, adDays, calendar, averageNet } = input;
  const spend = new Float64Array(calendar.days.length);
  let cause: Campaign | undefined;
  for (const { ad, day, spend: amount } of adDays) {
    if (ad.campaign.id !== campaign.id) continue;
    cause = ad.campaign;
    spend[day] = (spend[day] ?? 0) + amount / 100;
  }
  const byDay = weighted(spend);
  const orders = (campaign.effectPerEuro * byDay.total) / averageNet;
  const weights = people.map((person) => reach(campaign.audience, person));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return people.flatMap((person, i) => {
    const random = stream(seed, `caused ${campaign.id}`, person.index);
    const count = poisson(random, (orders * (weights[i] ?? 0)) / total);
    return Array.from({ length: count }, (_, n) => {
      const causedDay = byDay.draw(random);
      return planner.plan(random, {
        purpose: campaign.id,
        key: person.index * 64 + n,
        person,
        day: causedDay + lag(random, 10),
        storeShare: campaign.storeShare,
        ...(cause && { cause }),
        causedDay,
      });
    }).filter(present);
  });
}

/** Days from being reached to buying: half of them at once, most within three. */
const lag = (random: Random, longest: number): number =>
  Math.min(longest, Math.floor(-Math.log(1 - random()) * (longest / 5)));

function byContacts(input: PurchaseInput, planner: Planner): Purchase[] {
  const { seed, settings, calendar, contacts, averageNet } = input;
  const campaigns = [
    ...settings.postcards.map((item) => ({ ...item, kind: "postcard" as const })),
    ...settings.events.map((item) => ({ ...item, kind: "event" as const })),
  ];
  return campaigns.flatMap((item) => {
    const cause: Campaign = {
      id: item.id,
      name: item.name,
      kind: item.kind,
    };
    return (contacts.get(item.id) ?? []).flatMap(({ person, at }) => {
      const random = stream(seed, `caused ${item.id}`, person.index);
      const causedDay = calendar.dayAt(at).index;
      return Array.from({ length: poisson(random, item.effectPerContact / averageNet) }, (_, n) =>
        planner.plan(random, {
          purpose: item.id,
          key: person.index * 64 + n,
          person,
          day: causedDay + 1 + lag(random, 20),
          storeShare: item.storeShare,
          cause,
          causedDay,
        }),
      ).filter(present);
    });
  });
}

/** The newsletter as a cause. */
export const NEWSLETTER: Campaign = { id: "newsletter", name: "Newsletter", kind: "newsletter" };

function byNewsletter(input: PurchaseInput, planner: Planner): Purchase[] {
  const { seed, settings, calendar, people, averageNet } = input;
  const days = newsletterDays(settings, calendar);
  return people.flatMap((person) => {
    if (!person.subscribed) return [];
    const random = stream(seed, "caused newsletter", person.index);
    const count = poisson(
      random,
      (days.length * settings.newsletter.effectPerContact) / averageNet,
    );
    return Array.from({ length: count }, (_, n) => {
      const causedDay = pick(random, days);
      return planner.plan(random, {
        purpose: "newsletter",
        key: person.index * 64 + n,
        person,
        day: causedDay + lag(random, 5),
        storeShare: settings.newsletter.storeShare,
        cause: NEWSLETTER,
        causedDay,
      });
    }).filter(present);
  });
}

/** Receipts of people whom no source will ever know. */
function passersBy(
  { seed, settings }: PurchaseInput,
  planner: Planner,
  others: readonly Purchase[],
): Purchase[] {
  const share = settings.difficulty.passerByReceipts;
  const receipts = others.filter((purchase) => purchase.channel === "store").length;
  const count = Math.round((receipts * share) / (1 - share));
  return Array.from({ length: count }, (_, n) => {
    const random = stream(seed, "passer-by", n);
    return planner.plan(random, {
      purpose: "passer-by",
      key: n,
      person: null,
      day: planner.byDay.draw(random),
      storeShare: 1,
    });
  }).filter(present);
}

/** One shop sells through the night in which an hour happens twice. */
function nightOpening({ seed, settings, calendar, shops, people }: PurchaseInput): Purchase[] {
  const { shop: code, day: date, closesAtMinute } = settings.nightOpening;
  const shop = shops.find((candidate) => candidate.code === code);
  if (!shop) return [];
  const day = calendar.day(calendar.indexOf(date));
  const minutes = Math.round((calendar.instant(day, closesAtMinute) - day.start) / 60_000);
  const local = people.filter((person) => person.homeShop === shop && person.online < 1);
  return Array.from({ length: 12 + Math.round(people.length / 500) }, (_, n) => {
    const random = stream(seed, "night opening", n);
    const person = local.length > 0 && chance(random, 0.8) ? pick(random, local) : null;
    const at = day.start + between(random, 0, minutes - 1) * 60_000;
    return {
      purpose: "night opening",
      key: n,
      person,
      channel: "store" as const,
      shop,
      at,
      cause: null,
      causedDay: day.index,
    };
  });
}
