import { z } from "zod";
import { column } from "../../core/schema.ts";
import { rawTable } from "../../core/tables.ts";

/** A source of type `tiktok-ads` in filo.json: one advertiser on TikTok. */
export const tiktokAdsConfig = z.strictObject({
  type: z.literal("tiktok-ads"),
  baseUrl: z.string().default("https://business-api.tiktok.com"),
  advertiserId: z.string().regex(/^\d{5,25}$/, "must be the digits of an advertiser id"),
  startDate: z.iso.date().describe("The first day to load"),
  accessToken: z
    .strictObject({ env: z.string() })
    .describe("The environment variable that holds the access token (scope Reporting)"),
});

export type TiktokAdsConfig = z.infer<typeof tiktokAdsConfig>;

const text = () => column.string().nullish();
const count = () => column.int64().nullish();
const amount = () => column.numeric().nullish();

export const adDaily = rawTable({
  name: "raw_tiktok_ad_daily",
  description:
    "One row per day, advertiser and ad, in the advertiser's currency and zone; deleted ads too.",
  key: ["stat_date", "advertiser_id", "ad_id"],
  partitionBy: "stat_date",
  clusterBy: ["advertiser_id", "campaign_id"],
  columns: z.object({
    stat_date: column.date(),
    advertiser_id: column.string(),
    currency: text(),
    timezone: text(),
    campaign_id: text(),
    campaign_name: text(),
    adgroup_id: text(),
    adgroup_name: text(),
    ad_id: column.string(),
    ad_name: text(),
    smart_plus_ad_id: text(),
    spend: amount(),
    impressions: count(),
    clicks: count(),
    reach: count(),
    conversion: count(),
    complete_payment: count(),
    complete_payment_value: amount(),
    total_purchase_value: amount(),
  }),
});

/** What is asked of each ad and day; ids and names of the parents are metrics in TikTok's words. */
export const AD_METRICS = [
  "campaign_id",
  "campaign_name",
  "adgroup_id",
  "adgroup_name",
  "ad_name",
  "currency",
  "spend",
  "impressions",
  "clicks",
  "reach",
  "conversion",
  "complete_payment",
  "total_complete_payment_rate",
  "total_purchase_value",
] as const;

/** `-` says that there is nothing to say, which is not zero. */
const absent = z.literal("-").transform(() => undefined);
const label = z.union([absent, z.string()]).optional();
const wholeNumber = z
  .union([
    absent,
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .optional();
const decimal = z.union([absent, z.string().regex(/^\d{1,18}(\.\d{1,9})?$/)]).optional();

/** One row of the report: every number is text. */
export const adRow = z.looseObject({
  dimensions: z.looseObject({
    ad_id: z.string().min(1),
    stat_time_day: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}( 00:00:00)?$/)
      .transform((time) => time.slice(0, 10))
      .pipe(z.iso.date()),
  }),
  metrics: z.looseObject({
    campaign_id: label,
    campaign_name: label,
    adgroup_id: label,
    adgroup_name: label,
    ad_name: label,
    currency: label,
    smart_plus_ad_id: label,
    spend: decimal,
    impressions: wholeNumber,
    clicks: wholeNumber,
    reach: wholeNumber,
    conversion: wholeNumber,
    complete_payment: wholeNumber,
    total_complete_payment_rate: decimal,
    total_purchase_value: decimal,
  }),
});

export const advertiserBody = z.looseObject({
  data: z.looseObject({
    list: z
      .array(
        z.looseObject({
          advertiser_id: z.string(),
          currency: z.string(),
          timezone: z.string(),
          display_timezone: z.string().optional(),
        }),
      )
      .min(1),
  }),
});

export const reportBody = z.looseObject({
  request_id: z.string().optional(),
  data: z.looseObject({
    page_info: z.looseObject({
      page: z.number(),
      total_page: z.number(),
      total_number: z.number(),
    }),
    list: z.array(z.unknown()),
  }),
});
