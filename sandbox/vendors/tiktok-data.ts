import { join } from "node:path";
import { writeJson, writeNdjson } from "../files.ts";
import { decimal } from "../money.ts";
import { chance, logNormal, pick, stream } from "../random.ts";
import { groupBy } from "../world/group.ts";
import type { Ad, Order, World } from "../world/types.ts";
import { adVisits, byPerson, paid } from "./ad-clicks.ts";

/** A purchase that TikTok claims for an ad on a day. */
export interface TiktokConversion {
  /** Day of the purchase: before it, TikTok cannot know. */
  readonly on: string;
  readonly value: string;
}

/** One ad on one day, as TikTok's books have it. */
export interface TiktokDay {
  readonly date: string;
  readonly ad_id: string;
  readonly spend: string;
  /** What was reported on the first morning after. */
  readonly first_spend: string;
  readonly impressions: number;
  readonly reach: number;
  readonly clicks: number;
  readonly conversions: readonly TiktokConversion[];
}

export interface TiktokAccount {
  readonly advertiser: World["settings"]["tiktok"]["advertiser"];
  readonly ads: readonly {
    readonly id: string;
    readonly name: string;
    readonly adgroup_id: string;
    readonly adgroup_name: string;
    readonly campaign_id: string;
    readonly campaign_name: string;
    readonly is_deleted: boolean;
  }[];
}

const DAY = 86_400_000;
/** Days after a click in which a purchase counts as its conversion. */
const CLICK_DAYS = 7;

/** Writes what the vendor server answers from: the advertiser, its ads, and a row per ad and day. */
export function writeTiktokData(world: World, dir: string): void {
  const { advertiser, campaigns } = world.settings.tiktok;
  const deleted = new Set(campaigns.filter(({ state }) => state === "removed").map(({ id }) => id));
  const data: TiktokAccount = {
    advertiser,
    ads: tiktokAds(world).map((ad) => ({
      id: ad.id,
      name: ad.name,
      adgroup_id: ad.adsetId,
      adgroup_name: ad.adsetName,
      campaign_id: ad.campaign.id,
      campaign_name: ad.campaign.name,
      is_deleted: deleted.has(ad.campaign.id),
    })),
  };
  writeJson(join(dir, "tiktok.json"), data);
  writeNdjson(join(dir, "tiktok_daily.ndjson"), days(world));
}

const tiktokAds = (world: World): Ad[] => world.ads.filter((ad) => ad.platform === "tiktok");
const slot = (ad: Ad, day: number): string => `${ad.id} ${day}`;

function* days(world: World): Generator<TiktokDay> {
  const { calendar, seed } = world;
  const landed = groupBy(adVisits(world, "tiktok"), ({ source, at }) =>
    slot(source.ad, calendar.dayAt(at).index),
  );
  const conversions = groupBy(claims(world), ([key]) => key);
  const spent = new Map(world.adDays.map(({ ad, day, spend }) => [slot(ad, day), spend]));
  for (const { index: day, date } of calendar.days) {
    for (const ad of tiktokAds(world)) {
      const key = slot(ad, day);
      const spend = spent.get(key);
      if (spend === undefined) {
        // On the day after its last delivery, an ad still has a row, with nothing in it.
        if (spent.has(slot(ad, day - 1))) yield nothing(date, ad);
        continue;
      }
      const random = stream(seed, `tiktok ${ad.id}`, day);
      const clicks = Math.round((landed.get(key)?.length ?? 0) * (1.15 + 0.3 * random()));
      const impressions = clicks + Math.round((spend / 100 / 4.2) * 1000 * logNormal(random, 0.2));
      yield {
        date,
        ad_id: ad.id,
        spend: decimal(spend),
        first_spend: decimal(Math.max(0, spend - Math.ceil(spend * 0.08 * random()))),
        impressions,
        reach: Math.round(impressions * (0.6 + 0.2 * random())),
        clicks,
        conversions: (conversions.get(key) ?? []).map(([, conversion]) => conversion),
      };
    }
  }
}

const nothing = (date: string, ad: Ad): TiktokDay => ({
  date,
  ad_id: ad.id,
  spend: "0.00",
  first_spend: "0.00",
  impressions: 0,
  reach: 0,
  clicks: 0,
  conversions: [],
});

/**
 * What TikTok claims of the web orders: those with a click of the same person up to seven days before, dated to the
 * click, and some on whose day an ad was only shown. The other platforms claim them, too.
 */
function* claims(world: World): Generator<[string, TiktokConversion]> {
  const { calendar, seed, settings } = world;
  const clicks = byPerson(adVisits(world, "tiktok"));
  const shown = groupBy(
    world.adDays.filter(({ ad }) => ad.platform === "tiktok"),
    ({ day }) => day,
  );
  for (const order of world.orders) {
    if (order.channel !== "online" || !order.person) continue;
    const click = (clicks.get(order.person.index) ?? []).filter(({ at }) => at <= order.at).at(-1);
    if (click && order.at - click.at <= CLICK_DAYS * DAY) {
      yield [slot(click.source.ad, calendar.dayAt(click.at).index), claim(world, order)];
      continue;
    }
    const random = stream(seed, `seen on tiktok ${order.purpose}`, order.key);
    const day = calendar.dayAt(order.at).index;
    const ads = shown.get(day) ?? [];
    if (ads.length > 0 && chance(random, settings.difficulty.viewsClaimedByTiktok)) {
      yield [slot(pick(random, ads).ad, day), claim(world, order)];
    }
  }
}

const claim = ({ calendar }: World, order: Order): TiktokConversion => ({
  on: calendar.dayAt(order.at).date,
  value: decimal(paid(order)),
});
