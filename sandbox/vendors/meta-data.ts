import { join } from "node:path";
import { writeJson, writeNdjson } from "../files.ts";
import { type Cents, decimal } from "../money.ts";
import { chance, logNormal, pick, stream } from "../random.ts";
import { groupBy } from "../world/group.ts";
import type { Ad, AdDay, World } from "../world/types.ts";
import { adVisits, byPerson, paid } from "./ad-clicks.ts";

/** A purchase that Meta claims for an ad on a day; `windows` are the attribution windows that hold it. */
export interface Conversion {
  /** Day of the purchase: before it, Meta cannot know. */
  readonly on: string;
  readonly value: string;
  readonly windows: readonly string[];
}

/** One ad on one day, as Meta's books have it. */
export interface MetaDay {
  readonly date: string;
  readonly ad_id: string;
  readonly spend: string;
  /** What was reported on the first morning after. */
  readonly first_spend: string;
  readonly impressions: number;
  readonly reach: number;
  readonly clicks: number;
  readonly link_clicks: number;
  readonly conversions: readonly Conversion[];
}

export interface MetaAccount {
  readonly account: World["settings"]["meta"]["account"];
  readonly campaigns: readonly {
    readonly id: string;
    readonly name: string;
    readonly objective: string;
  }[];
  readonly adsets: readonly {
    readonly id: string;
    readonly name: string;
    readonly campaign_id: string;
  }[];
  readonly ads: readonly {
    readonly id: string;
    readonly name: string;
    readonly adset_id: string;
    readonly campaign_id: string;
  }[];
}

const DAY = 86_400_000;

/** Writes what the vendor server answers from: the account's objects, and a row per ad and day. */
export function writeMetaData(world: World, dir: string): void {
  const { account, campaigns } = world.settings.meta;
  const ads = world.ads.filter((ad) => ad.platform === "meta");
  const adsets = new Map(
    ads.map((ad) => [
      ad.adsetId,
      { id: ad.adsetId, name: ad.adsetName, campaign_id: ad.campaign.id },
    ]),
  );
  const data: MetaAccount = {
    account,
    campaigns: campaigns.map(({ id, name, objective }) => ({ id, name, objective })),
    adsets: [...adsets.values()],
    ads: ads.map((ad) => ({
      id: ad.id,
      name: ad.name,
      adset_id: ad.adsetId,
      campaign_id: ad.campaign.id,
    })),
  };
  writeJson(join(dir, "meta.json"), data);
  writeNdjson(join(dir, "meta_daily.ndjson"), days(world));
}

const slot = (ad: Ad, day: number): string => `${ad.id} ${day}`;

function* days(world: World): Generator<MetaDay> {
  const { calendar } = world;
  const landed = new Map<string, number>();
  for (const { source, at } of adVisits(world, "meta")) {
    const key = slot(source.ad, calendar.dayAt(at).index);
    landed.set(key, (landed.get(key) ?? 0) + 1);
  }
  const conversions = groupBy(claims(world), ([key]) => key);
  for (const { ad, day, spend } of world.adDays) {
    if (ad.platform !== "meta") continue;
    const key = slot(ad, day);
    const random = stream(world.seed, `insights ${ad.id}`, day);
    const visits = landed.get(key) ?? 0;
    const links = visits + Math.round(visits * (0.1 + 0.2 * random()));
    const impressions = links + Math.round((spend / 100 / 6.5) * 1000 * logNormal(random, 0.15));
    yield {
      date: calendar.day(day).date,
      ad_id: ad.id,
      spend: decimal(spend),
      first_spend: decimal(provisional(spend, random())),
      impressions,
      reach: Math.round(impressions * (0.72 + 0.15 * random())),
      clicks: Math.round(links * (1.2 + 0.4 * random())),
      link_clicks: links,
      conversions: (conversions.get(key) ?? []).map(([, conversion]) => conversion),
    };
  }
}

/** Up to 6 % less than in the end: invalid clicks and late impressions settle overnight. */
const provisional = (spend: Cents, draw: number): Cents =>
  Math.max(0, spend - Math.ceil(spend * 0.06 * draw));

/**
 * What Meta claims of the web orders: those with a click of the same browser's person up to 28 days before, dated to the
 * click, and some seen and not clicked. Nobody asks whether the ad caused them, and the same order may be
 * claimed by the newsletter as well.
 */
function* claims(world: World): Generator<[string, Conversion]> {
  const { calendar, settings } = world;
  const clicks = byPerson(adVisits(world, "meta"));
  const shown = groupBy(
    world.adDays.filter(({ ad }) => ad.platform === "meta"),
    (adDay) => adDay.day,
  );
  for (const order of world.orders) {
    if (order.channel !== "online" || !order.person) continue;
    const click = (clicks.get(order.person.index) ?? [])
      .filter((visit) => visit.at <= order.at)
      .at(-1);
    const day = calendar.dayAt(order.at);
    const conversion = (windows: string[]): Conversion => ({
      on: day.date,
      value: decimal(paid(order)),
      windows,
    });
    const days = click ? (order.at - click.at) / DAY : Number.POSITIVE_INFINITY;
    if (click && days <= 28) {
      const windows = [days <= 1 && "1d_click", days <= 7 && "7d_click", "28d_click"].filter(
        (window) => window !== false,
      );
      yield [slot(click.source.ad, calendar.dayAt(click.at).index), conversion(windows)];
      continue;
    }
    const random = stream(world.seed, `seen ${order.purpose}`, order.key);
    const ads: AdDay[] = shown.get(day.index) ?? [];
    if (ads.length > 0 && chance(random, settings.difficulty.viewsClaimedByMeta)) {
      yield [slot(pick(random, ads).ad, day.index), conversion(["1d_view"])];
    }
  }
}
