import { join } from "node:path";
import { writeJson, writeNdjson } from "../files.ts";
import type { Cents } from "../money.ts";
import { between, chance, logNormal, stream } from "../random.ts";
import { groupBy } from "../world/group.ts";
import type { AdDay, World } from "../world/types.ts";
import { adVisits, byPerson, paid } from "./ad-clicks.ts";

/** A click's part of a purchase: Google divides an order among the clicks before it. */
export interface GoogleConversion {
  /** Day of the purchase: before it, Google cannot know. */
  readonly on: string;
  /** The click's part of the order, above 0 and at most 1, and of its value in euro; to six decimals. */
  readonly share: number;
  readonly value: number;
}

/** One campaign on one day, as Google's books have it. */
export interface GoogleDay {
  readonly date: string;
  readonly campaign_id: string;
  readonly cost_micros: number;
  /** What was reported until invalid clicks were credited on `credited_on`; the same where there were none. */
  readonly first_cost_micros: number;
  readonly credited_on: string;
  readonly impressions: number;
  readonly clicks: number;
  readonly view_through: number;
  /** Actions that the account does not count as conversions, such as asking for the way to a shop. */
  readonly other_actions: number;
  readonly conversions: readonly GoogleConversion[];
}

export interface GoogleAccount {
  readonly customer: World["settings"]["google"]["customer"];
  readonly campaigns: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: "ENABLED" | "PAUSED" | "REMOVED";
    readonly channel_type: string;
  }[];
}

const DAY = 86_400_000;
const MICROS_PER_CENT = 10_000;
/** Days after a click in which a purchase counts as its conversion. */
const CONVERSION_DAYS = 30;
const STATUS = { active: "ENABLED", paused: "PAUSED", removed: "REMOVED" } as const;

/** Writes what the vendor server answers from: the customer, its campaigns, and a row per campaign and day. */
export function writeGoogleData(world: World, dir: string): void {
  const { customer, campaigns } = world.settings.google;
  const data: GoogleAccount = {
    customer,
    campaigns: campaigns.map(({ id, name, state, channelType }) => ({
      id,
      name,
      status: STATUS[state],
      channel_type: channelType,
    })),
  };
  writeJson(join(dir, "google.json"), data);
  writeNdjson(join(dir, "google_daily.ndjson"), days(world));
}

const slot = (campaign: string, day: number): string => `${campaign} ${day}`;
const slotOf = ({ ad, day }: AdDay): string => slot(ad.campaign.id, day);

function* days(world: World): Generator<GoogleDay> {
  const { calendar, settings } = world;
  const visits = adVisits(world, "google");
  const landed = groupBy(visits, ({ source, at }) =>
    slot(source.ad.campaign.id, calendar.dayAt(at).index),
  );
  const conversions = groupBy(claims(world), ([key]) => key);
  const spent = groupBy(
    world.adDays.filter(({ ad }) => ad.platform === "google"),
    slotOf,
  );
  const channels = new Map(
    settings.google.campaigns.map(({ id, channelType }) => [id, channelType]),
  );
  for (const [key, adDays] of spent) {
    const [first] = adDays;
    if (!first) continue;
    const { day } = first;
    const { id } = first.ad.campaign;
    const random = stream(world.seed, `google ${id}`, day);
    const cost = adDays.reduce((sum, { spend }) => sum + spend, 0);
    const clicks = Math.round((landed.get(key)?.length ?? 0) * (1.05 + 0.2 * random()));
    const isSeen = channels.get(id) === "VIDEO" || channels.get(id) === "PERFORMANCE_MAX";
    const impressionsPerClick = isSeen ? 70 : 14;
    const isCredited = chance(random, 0.25);
    const credited = isCredited
      ? Math.min(day + between(random, 1, 20), calendar.days.length - 1)
      : day;
    yield {
      date: calendar.day(day).date,
      campaign_id: id,
      cost_micros: cost * MICROS_PER_CENT,
      first_cost_micros: (isCredited ? beforeCredit(cost, random()) : cost) * MICROS_PER_CENT,
      credited_on: calendar.day(credited).date,
      impressions: clicks + Math.round((clicks + 1) * impressionsPerClick * logNormal(random, 0.2)),
      clicks,
      view_through: isSeen ? between(random, 0, 1 + Math.floor(cost / 2000)) : 0,
      other_actions: between(random, 0, Math.ceil(clicks / 8)),
      conversions: (conversions.get(key) ?? []).map(([, conversion]) => conversion),
    };
  }
}

/** Up to 4 % more than in the end: clicks that turn out invalid are credited days later. */
const beforeCredit = (spend: Cents, draw: number): Cents => spend + Math.ceil(spend * 0.04 * draw);

const sixDecimals = (value: number): number => Math.round(value * 1e6) / 1e6;

/**
 * What Google claims of the web orders: all that a click of the same person came before, in equal parts by click, each
 * dated to its click. Nobody asks whether an ad caused them, and Meta may claim the same order whole.
 */
function* claims(world: World): Generator<[string, GoogleConversion]> {
  const { calendar } = world;
  const clicks = byPerson(adVisits(world, "google"));
  for (const order of world.orders) {
    if (order.channel !== "online" || !order.person) continue;
    const before = (clicks.get(order.person.index) ?? []).filter(
      ({ at }) => at <= order.at && order.at - at <= CONVERSION_DAYS * DAY,
    );
    const share = 1 / before.length;
    for (const { source, at } of before) {
      const conversion = {
        on: calendar.dayAt(order.at).date,
        share: sixDecimals(share),
        value: sixDecimals((share * paid(order)) / 100),
      };
      yield [slot(source.ad.campaign.id, calendar.dayAt(at).index), conversion];
    }
  }
}
