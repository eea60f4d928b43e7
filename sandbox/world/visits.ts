import type { Calendar } from "../calendar.ts";
import {
  between,
  chance,
  logNormal,
  pick,
  poisson,
  type Random,
  stream,
  type Weighted,
  weighted,
} from "../random.ts";
import { newsletterDays, newsletterName } from "./campaigns.ts";
import { groupBy } from "./group.ts";
import { messageClicks } from "./message-clicks.ts";
import type { Message } from "./messages.ts";
import { BLOGS } from "./names.ts";
import { newsletterFate } from "./newsletters.ts";
import { webMinute } from "./planner.ts";
import { reach } from "./purchases.ts";
import {
  AD_PLATFORMS,
  type AdCampaign,
  type AdPlatform,
  adCampaigns,
  type Settings,
} from "./settings.ts";
import type { Ad, AdDay, Campaign, Order, Person, Source, Visit } from "./types.ts";

export interface VisitInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly people: readonly Person[];
  readonly ads: readonly Ad[];
  readonly adDays: readonly AdDay[];
  readonly orders: readonly Order[];
  readonly messages: readonly Message[];
  /** How many CDP events the world shall have at least. */
  readonly events: number;
}

/** Events of a visit on average, by what it is for; measured, used to meet `events`. */
const EVENTS_PER_VISIT = { browse: 4.88, checkout: 11.6 };

const source = (kind: Source["kind"], referrers: readonly string[]): Source => ({
  kind,
  ad: null,
  referrers,
  campaign: "",
});

const FREE_SOURCES = [
  source("organic_search", [
    "https://www.google.com/",
    "https://www.google.com/",
    "https://www.bing.com/",
  ]),
  source("direct", []),
  source("organic_social", ["https://www.instagram.com/", "https://www.pinterest.com/"]),
  source("referral", BLOGS),
] as const;
const FREE_SHARES = weighted([0.46, 0.36, 0.11, 0.07]);

/** The page from which a click on an ad comes; an app's own browser often names none. */
const AD_REFERRERS: Readonly<Record<AdPlatform, readonly string[]>> = {
  meta: ["https://l.facebook.com/", "https://l.instagram.com/", "https://l.instagram.com/"],
  google: ["https://www.google.com/"],
  tiktok: ["https://www.tiktok.com/", ""],
};

const isByAd = (cause: Campaign | null): boolean =>
  AD_PLATFORMS.some((platform) => platform === cause?.kind);

/** Plans every visit of the site, in the order of time. */
export function planVisits(input: VisitInput): Visit[] {
  const { people, orders, events } = input;
  const web = people.filter((person) => person.devices.length > 0);
  const planner = makePlanner(input, web);
  const visits = [
    ...planner.checkouts(),
    ...planner.leftCarts(),
    ...planner.intents(),
    ...planner.newsletters(),
    ...planner.adClicks(),
    ...messageClicks(input),
  ];
  const checkouts = orders.filter((order) => order.channel === "online").length;
  const planned =
    checkouts * EVENTS_PER_VISIT.checkout + (visits.length - checkouts) * EVENTS_PER_VISIT.browse;
  visits.push(
    ...planner.browsing(
      Math.max(0, Math.ceil((atLeast(events) - planned) / EVENTS_PER_VISIT.browse)),
    ),
  );
  return visits.sort((a, b) => a.at - b.at || number(a) - number(b));
}

/** Five standard deviations above, because visits differ in length, and 1 % for what the averages miss. */
const atLeast = (events: number): number => 1.01 * events + 8 * Math.sqrt(events);

const number = (visit: Visit): number => visit.person?.index ?? 1_000_000_000 + visit.stranger;

function makePlanner(input: VisitInput, web: readonly Person[]) {
  const { seed, settings, calendar, orders } = input;
  const last = calendar.days.length - 1;
  const strangers = Math.round(input.people.length * settings.demand.strangersPerPerson);
  const newsletters = new Map(
    newsletterDays(settings, calendar).map((day) => [day, newsletter(calendar, day)]),
  );
  const adSources = input.ads.map(
    (ad): Source => ({
      kind: ad.platform,
      ad,
      referrers: AD_REFERRERS[ad.platform],
      campaign: "",
    }),
  );
  const adsOn = new Map<string, { sources: Source[]; spend: Weighted }>();
  const campaigns = adCampaigns(settings);
  for (const campaign of campaigns) {
    const own = input.adDays.filter(({ ad }) => ad.campaign.id === campaign.id);
    for (const [day, adDays] of groupBy(own, (adDay) => adDay.day)) {
      adsOn.set(`${campaign.id} ${day}`, {
        sources: adDays.flatMap(({ ad }) => adSources[ad.index] ?? []),
        spend: weighted(adDays.map(({ spend }) => spend)),
      });
    }
  }

  const at = (random: Random, day: number): number =>
    calendar.instant(calendar.day(day), webMinute(random, day >= last)) +
    between(random, 0, 59_999);
  const visit = (random: Random, who: Person | number, day: number, from: Source): Visit => ({
    at: at(random, Math.min(Math.max(day, 0), last)),
    person: typeof who === "number" ? null : who,
    stranger: typeof who === "number" ? who : 0,
    source: from,
    order: null,
  });
  const free = (random: Random): Source =>
    FREE_SOURCES[FREE_SHARES.draw(random)] ?? FREE_SOURCES[1];
  const adOn = (random: Random, campaign: string, day: number): Source | undefined => {
    const shown = adsOn.get(`${campaign} ${day}`);
    return shown?.sources[shown.spend.draw(random)];
  };

  /** The visit in which a web order is made. */
  function checkouts(): Visit[] {
    return orders.flatMap((order) => {
      if (order.channel !== "online" || !order.person) return [];
      const random = stream(seed, `checkout ${order.purpose}`, order.key);
      const inAdVisit = isByAd(order.cause) && calendar.dayAt(order.at).index === order.causedDay;
      const from =
        inAdVisit && order.cause ? adOn(random, order.cause.id, order.causedDay) : undefined;
      const start = Math.max(order.at - between(random, 4, 15) * 60_000, calendar.day(0).start);
      return [
        { at: start, person: order.person, stranger: 0, source: from ?? free(random), order },
      ];
    });
  }

  /** Carts left behind by people who then buy the same in a shop. */
  function leftCarts(): Visit[] {
    return orders.flatMap((order) => {
      const { person } = order;
      if (order.channel !== "store" || !person || person.devices.length === 0) return [];
      const random = stream(seed, `left cart ${order.purpose}`, order.key);
      if (!chance(random, settings.difficulty.cartsBoughtInShop)) return [];
      const day = calendar.dayAt(order.at).index - between(random, 1, 4);
      return day < 0 ? [] : [{ ...visit(random, person, day, free(random)), order }];
    });
  }

  /** Visits on the way to an order: the ad or mail that caused it, and looking around while wanting something. */
  function intents(): Visit[] {
    return orders.flatMap((order) => {
      const { person, cause } = order;
      if (!person || person.devices.length === 0) return [];
      const random = stream(seed, `intent ${order.purpose}`, order.key);
      const day = calendar.dayAt(order.at).index;
      const visits = Array.from(
        { length: poisson(random, order.channel === "online" ? 1.4 : 0.7) },
        () => visit(random, person, day - between(random, 1, 14), free(random)),
      ).filter((planned) => planned.at < order.at);
      const ad =
        cause && isByAd(cause) && chance(random, 0.75)
          ? adOn(random, cause.id, order.causedDay)
          : undefined;
      const mail = cause?.kind === "newsletter" ? newsletters.get(order.causedDay) : undefined;
      const touch = ad ?? mail;
      if (touch && order.causedDay < day)
        visits.push(visit(random, person, order.causedDay, touch));
      return visits;
    });
  }

  function newsletterClicks(): Visit[] {
    return web.flatMap((person) => {
      if (!person.subscribed) return [];
      const random = stream(seed, "newsletter clicks", person.index);
      return [...newsletters].flatMap(([day, from]) =>
        chance(random, settings.newsletter.clicks) &&
        newsletterFate(seed, settings, day, person) === "sent"
          ? [visit(random, person, day + (chance(random, 0.7) ? 0 : 1), from)]
          : [],
      );
    });
  }

  /** Clicks that cause nothing: strangers, people who look only, and people who would buy anyway. */
  function adClicks(): Visit[] {
    const wanting = groupBy(
      orders.filter((order) => order.person && order.person.devices.length > 0),
      (order) => calendar.dayAt(order.at).index,
    );
    return campaigns.flatMap((campaign) => {
      const audience = weighted(web.map((person) => reach(campaign.audience, person)));
      const mix = clickMix(campaign);
      return calendar.days.flatMap((day) => {
        const random = stream(seed, `clicks ${campaign.id}`, day.index);
        const shown = adsOn.get(`${campaign.id} ${day.index}`);
        if (!shown) return [];
        return Array.from(
          { length: poisson(random, shown.spend.total / 100 / campaign.costPerVisit) },
          () => {
            const from = shown.sources[shown.spend.draw(random)] ?? FREE_SOURCES[1];
            const who = random();
            const soon =
              who < mix.aboutToBuy ? wanting.get(day.index + between(random, 1, 6)) : undefined;
            const buyer = soon && soon.length > 0 ? pick(random, soon).person : null;
            if (buyer) return visit(random, buyer, day.index, from);
            const known = who < mix.people ? web[audience.draw(random)] : undefined;
            return visit(random, known ?? between(random, 1, strangers), day.index, from);
          },
        );
      });
    });
  }

  /** Everyday visits, so many that the world has the events it shall have. */
  function browsing(count: number): Visit[] {
    const random = stream(seed, "browsing");
    const interest = weighted(
      web.map((person) => logNormal(stream(seed, "interest", person.index), 0.8)),
    );
    return Array.from({ length: count }, () => {
      const known = chance(random, settings.demand.visitsByStrangers)
        ? undefined
        : web[interest.draw(random)];
      return visit(
        random,
        known ?? between(random, 1, strangers),
        between(random, 0, last),
        free(random),
      );
    });
  }

  return { checkouts, leftCarts, intents, newsletters: newsletterClicks, adClicks, browsing };
}

/** Of the clicks: by people about to buy anyway, and by people known to the retailer at all. */
function clickMix({ audience }: AdCampaign): { aboutToBuy: number; people: number } {
  if (audience === "seeking") return { aboutToBuy: 0.45, people: 0.7 };
  if (audience === "returning") return { aboutToBuy: 0.25, people: 0.6 };
  return { aboutToBuy: 0.03, people: 0.28 };
}

const newsletter = (calendar: Calendar, day: number): Source => ({
  kind: "newsletter",
  ad: null,
  referrers: [],
  campaign: newsletterName(calendar, day),
});
