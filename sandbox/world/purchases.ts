import type { Calendar } from "../calendar.ts";
import { between, chance, pick, poisson, type Random, stream, weighted } from "../random.ts";
import { type Appointment, appointmentPurchases } from "./appointments.ts";
import { newsletterDays } from "./campaigns.ts";
import { causeOf, type Message } from "./messages.ts";
import { newsletterFate } from "./newsletters.ts";
import { makePlanner, type Planner, type Purchase } from "./planner.ts";
import { type AdCampaign, adCampaigns, type Settings } from "./settings.ts";
import { staffPurchases } from "./staff.ts";
import type { AdDay, Campaign, Contact, Person, Shop } from "./types.ts";

export interface PurchaseInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
  readonly people: readonly Person[];
  readonly adDays: readonly AdDay[];
  readonly contacts: ReadonlyMap<string, readonly Contact[]>;
  readonly appointments: readonly Appointment[];
  /** Of campaigns. */
  readonly messages: readonly Message[];
  /** Net revenue in euro that an order brings on average: turns effects into numbers of orders. */
  readonly averageNet: number;
}

/**
 * Organic purchases follow a person's own rate; caused ones are drawn on top, so many that their net revenue per
 * euro (or per contact) is what `world.json` sets. A campaign that is shown to people who buy anyway gets none for that.
 */
export function planPurchases(input: PurchaseInput): Purchase[] {
  const planner = makePlanner(input.calendar, input.shops);
  const purchases = [
    ...organic(input, planner),
    ...adCampaigns(input.settings).flatMap((campaign) => byAds(input, planner, campaign)),
    ...byContacts(input, planner),
    ...byNewsletter(input, planner),
    ...appointmentPurchases(input, planner),
    ...byMessages(input, planner),
    ...nightOpening(input),
  ];
  purchases.push(...passersBy(input, planner, purchases));
  purchases.push(...staffPurchases(input, planner, purchases));
  return purchases.sort((a, b) => a.at - b.at || (a.purpose < b.purpose ? -1 : 1) || a.key - b.key);
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
export function reach(audience: AdCampaign["audience"], person: Person): number {
  switch (audience) {
    case "new":
      return person.openness;
    case "returning":
    case "seeking":
      return person.devices.length > 0 ? person.rate : 0;
    case "all":
      return person.openness + person.rate;
    case "near_shops":
      return person.online < 1 ? person.openness : 0;
  }
}

function byAds(input: PurchaseInput, planner: Planner, campaign: AdCampaign): Purchase[] {
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
    const sent = days.filter((day) => newsletterFate(seed, settings, day, person) === "sent");
    const count = poisson(
      random,
      (sent.length * settings.newsletter.effectPerContact) / averageNet,
    );
    return Array.from({ length: count }, (_, n) => {
      const causedDay = pick(random, sent);
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

/** By what arrived: nothing is bought because of a message that failed, or that one was spared. */
function byMessages(input: PurchaseInput, planner: Planner): Purchase[] {
  const { seed, settings, calendar, messages, averageNet } = input;
  const campaigns = new Map(settings.messages.campaigns.map((item) => [item.key, item]));
  return messages.flatMap((message) => {
    const campaign = campaigns.get(message.key);
    if (!campaign || message.state !== "delivered") return [];
    const { person, occurrence, finalAt } = message;
    const key = person.index * 64 + (occurrence % 8) * 8;
    const random = stream(seed, `caused ${message.key}`, key);
    const causedDay = calendar.dayAt(finalAt).index;
    return Array.from(
      { length: poisson(random, campaign.effectPerContact / averageNet) },
      (_, n) => {
        const wish = {
          purpose: message.key,
          key: key + n,
          person,
          day: causedDay + lag(random, 5),
          storeShare: campaign.storeShare,
          cause: causeOf(message),
          causedDay,
        };
        const purchase = planner.plan(random, wish);
        // Bought before it was read: then the day after.
        return purchase && purchase.at <= finalAt
          ? planner.plan(random, { ...wish, day: causedDay + 1 })
          : purchase;
      },
    ).filter(present);
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
