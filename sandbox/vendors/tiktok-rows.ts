import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TiktokAccount, TiktokConversion, TiktokDay } from "./tiktok-data.ts";

export interface TiktokBooks {
  readonly account: TiktokAccount;
  readonly days: readonly TiktokDay[];
}

/** Reads what a world's generation left in `vendors/`. */
export function readTiktokBooks(dir: string): TiktokBooks {
  const read = (name: string) => readFileSync(join(dir, "vendors", name), "utf8");
  const lines = read("tiktok_daily.ndjson").split("\n").filter(Boolean);
  return {
    account: JSON.parse(read("tiktok.json")) as TiktokAccount,
    days: lines.map((line) => JSON.parse(line) as TiktokDay),
  };
}

/** What a report asks for, checked. */
export interface ReportRequest {
  readonly from: string;
  readonly to: string;
  readonly metrics: readonly string[];
  /** Whether ads that were deleted are wanted, too. */
  readonly withDeleted: boolean;
}

export interface Row {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, string>>;
}

interface Context {
  readonly ad: TiktokAccount["ads"][number];
  readonly day: TiktokDay;
  readonly account: TiktokAccount;
  readonly asOf: string | null;
}

/** What stands for a value that there is none of. */
const NOTHING = "-";

const known = ({ day, asOf }: Context): readonly TiktokConversion[] =>
  day.conversions.filter(({ on }) => asOf === null || on <= asOf);
const isShown = ({ day }: Context): boolean => day.impressions > 0;
const purchases = (context: Context): string =>
  isShown(context) ? String(known(context).length) : NOTHING;

function value(context: Context): string {
  if (!isShown(context)) return NOTHING;
  const cents = known(context).reduce((sum, { value }) => sum + Math.round(Number(value) * 100), 0);
  return (cents / 100).toFixed(2);
}

/** Every metric that a report can be asked for; names and ids of the parents are asked for as metrics, too. */
const METRICS: Readonly<Record<string, (context: Context) => string>> = {
  campaign_id: ({ ad }) => ad.campaign_id,
  campaign_name: ({ ad }) => ad.campaign_name,
  adgroup_id: ({ ad }) => ad.adgroup_id,
  adgroup_name: ({ ad }) => ad.adgroup_name,
  ad_name: ({ ad }) => ad.name,
  currency: ({ account }) => account.advertiser.currency,
  spend: ({ day, asOf }) => (day.date === asOf ? day.first_spend : day.spend),
  impressions: ({ day }) => String(day.impressions),
  clicks: ({ day }) => String(day.clicks),
  reach: (context) => (isShown(context) ? String(context.day.reach) : NOTHING),
  conversion: purchases,
  complete_payment: purchases,
  /** The value of all purchases on the website, in spite of its name. */
  total_complete_payment_rate: value,
  /** Purchases in an app: this advertiser has none. */
  total_purchase_value: () => "0.00",
};

export const isMetric = (name: string): boolean => name in METRICS;

/** Rows of a report as of a day: nothing later, that day's spend provisional, purchases made by then. */
export function reportRows(
  { account, days }: TiktokBooks,
  request: ReportRequest,
  asOf: string | null,
): Row[] {
  const ads = new Map(account.ads.map((ad) => [ad.id, ad]));
  return days.flatMap((day) => {
    const ad = ads.get(day.ad_id);
    const isAsked = day.date >= request.from && day.date <= request.to;
    if (!ad || !isAsked || (asOf !== null && day.date > asOf)) return [];
    if (ad.is_deleted && !request.withDeleted) return [];
    const context = { ad, day, account, asOf };
    return {
      dimensions: { ad_id: ad.id, stat_time_day: `${day.date} 00:00:00` },
      metrics: Object.fromEntries(
        request.metrics.map((name) => [name, METRICS[name]?.(context) ?? NOTHING]),
      ),
    };
  });
}
