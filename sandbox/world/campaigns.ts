import type { Calendar } from "../calendar.ts";
import { type Cents, cents } from "../money.ts";
import { logNormal, stream } from "../random.ts";
import { type AdPlatform, adCampaigns, type Settings } from "./settings.ts";
import type { Ad, AdDay, Contact, Person } from "./types.ts";

/** What the ids of ad sets and ads begin with, per platform. */
const FIRST_IDS: Readonly<Record<AdPlatform, { readonly adset: bigint; readonly ad: bigint }>> = {
  meta: { adset: 23861000000220001n, ad: 23861000000330001n },
  google: { adset: 164200110001n, ad: 718300220001n },
  tiktok: { adset: 1812300000220001n, ad: 1812300000330001n },
};

/** The ads of all platforms; ids follow from the place in `world.json`. */
export function makeAds(settings: Settings): Ad[] {
  const ads: Ad[] = [];
  for (const { platform, id, name: campaignName, adsets, isNamedInUrl } of adCampaigns(settings)) {
    const first = FIRST_IDS[platform];
    const campaign = { id, name: campaignName, kind: platform };
    for (const [adsetName, names] of Object.entries(adsets)) {
      const earlier = ads.filter((ad) => ad.platform === platform);
      const adset = new Set(earlier.map((ad) => ad.adsetId)).size;
      names.forEach((name, i) => {
        ads.push({
          index: ads.length,
          platform,
          id: String(first.ad + BigInt(earlier.length + i)),
          name,
          adsetId: String(first.adset + BigInt(adset)),
          adsetName,
          campaign,
          isNamedInUrl,
        });
      });
    }
  }
  return ads;
}

/** Spend per ad and day: flights with pauses and bursts, uneven by day and by ad. */
export function planSpend(
  seed: number,
  customers: number,
  settings: Settings,
  calendar: Calendar,
  ads: readonly Ad[],
): AdDay[] {
  const adDays: AdDay[] = [];
  const campaigns = adCampaigns(settings);
  for (const day of calendar.days) {
    for (const campaign of campaigns) {
      const flight = campaign.flights.find(({ from, to }) => from <= day.date && day.date <= to);
      if (!flight) continue;
      const random = stream(seed, `spend ${campaign.id}`, day.index);
      const budget =
        ((campaign.dailyBudgetPerThousandPeople * customers) / 1000) *
        flight.factor *
        logNormal(random, 0.25);
      const own = ads.filter((ad) => ad.campaign.id === campaign.id);
      const weights = own.map(() => logNormal(random, 0.5));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      own.forEach((ad, i) => {
        const spend = Math.round((100 * budget * (weights[i] ?? 0)) / total);
        if (spend > 0) adDays.push({ ad, day: day.index, spend });
      });
    }
  }
  return adDays;
}

/** Who got a postcard, who signed up at an event. Keyed by campaign id. */
export function planContacts(
  seed: number,
  settings: Settings,
  calendar: Calendar,
  people: readonly Person[],
): Map<string, Contact[]> {
  const contacts = new Map<string, Contact[]>();
  for (const mailing of settings.postcards) {
    const day = calendar.day(calendar.indexOf(mailing.day));
    const chosen = people.filter(
      (person) =>
        person.cards.some((card) => card.day < day.index) &&
        stream(seed, `postcard ${mailing.id}`, person.index)() < mailing.shareOfCardHolders,
    );
    contacts.set(
      mailing.id,
      chosen.map((person, i) => ({
        person,
        at: calendar.instant(day, 540),
        ref: `${mailing.id}-${number(i, 5)}`,
      })),
    );
  }
  for (const event of settings.events) {
    const day = calendar.day(calendar.indexOf(event.day));
    const local = people.filter(
      (person) =>
        person.homeShop.code === event.shop && person.emails.length + person.phones.length > 0,
    );
    const expected = (event.guestsPerThousandPeople * people.length) / 1000;
    const guests = local
      .map((person) => ({ person, random: stream(seed, `event ${event.id}`, person.index) }))
      .filter(({ random }) => random() < expected / Math.max(local.length, 1))
      .map(({ person, random }) => ({
        person,
        at: calendar.instant(day, 1080 + Math.floor(random() * 120)),
      }))
      .sort((a, b) => a.at - b.at || a.person.index - b.person.index);
    contacts.set(
      event.id,
      guests.map(({ person, at }, i) => ({ person, at, ref: `${event.id}-${number(i, 4)}` })),
    );
  }
  return contacts;
}

const number = (index: number, digits: number): string => String(index + 1).padStart(digits, "0");

/** Days on which the newsletter goes out. */
export function newsletterDays(settings: Settings, calendar: Calendar): number[] {
  const days: number[] = [];
  const { firstDay, everyDays } = settings.newsletter;
  for (let day = calendar.indexOf(firstDay); day < calendar.days.length; day += everyDays)
    days.push(day);
  return days;
}

/** `NL_2026_14`: the newsletter sent on a day. */
export function newsletterName(calendar: Calendar, day: number): string {
  const date = calendar.day(day).date;
  const year = date.slice(0, 4);
  return `NL_${year}_${String(Math.ceil((calendar.indexOf(date) - calendar.indexOf(`${year}-01-01`) + 1) / 7)).padStart(2, "0")}`;
}

export const postcardCost = (settings: Settings, id: string): Cents =>
  cents(settings.postcards.find((mailing) => mailing.id === id)?.costPerPiece ?? "0.00");
