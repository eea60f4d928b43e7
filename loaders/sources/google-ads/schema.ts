import { z } from "zod";
import { column } from "../../core/schema.ts";
import { rawTable } from "../../core/tables.ts";

const secret = (what: string) =>
  z.strictObject({ env: z.string() }).describe(`The environment variable that holds ${what}`);
const customer = () => z.string().regex(/^\d{10}$/, "must be ten digits, without dashes");

/** A source of type `google-ads` in filo.json: one account of Google Ads. */
export const googleAdsConfig = z.strictObject({
  type: z.literal("google-ads"),
  baseUrl: z.string().default("https://googleads.googleapis.com"),
  oauthBaseUrl: z.string().default("https://oauth2.googleapis.com"),
  customerId: customer().describe("The account that advertises; no manager, which has no figures"),
  loginCustomerId: customer()
    .optional()
    .describe("The manager through which the user has access, if any"),
  startDate: z.iso.date().describe("The first day to load"),
  clientId: secret("the id of the OAuth client"),
  clientSecret: secret("the secret of the OAuth client"),
  refreshToken: secret("the refresh token (scope adwords)"),
  developerToken: secret("a developer token, sent only where it is configured").optional(),
});

export type GoogleAdsConfig = z.infer<typeof googleAdsConfig>;

const text = () => column.string().nullish();

export const campaignDaily = rawTable({
  name: "raw_google_ads_campaign_daily",
  description:
    "One row per day, account and campaign with delivery, in the account's currency and zone; removed campaigns too.",
  key: ["segments_date", "customer_id", "campaign_id"],
  partitionBy: "segments_date",
  clusterBy: ["customer_id", "campaign_id"],
  columns: z.object({
    segments_date: column.date(),
    customer_id: column.string(),
    currency_code: text(),
    time_zone: text(),
    campaign_id: column.string(),
    campaign_name: text(),
    channel_type: text(),
    status: text(),
    impressions: column.int64(),
    clicks: column.int64(),
    cost_micros: column.int64(),
    conversions: column.float64(),
    conversions_value: column.float64(),
    all_conversions: column.float64(),
    view_through_conversions: column.int64(),
  }),
});

/** What is asked of each campaign and day. */
export const CAMPAIGN_FIELDS = [
  "customer.id",
  "customer.currency_code",
  "customer.time_zone",
  "campaign.id",
  "campaign.name",
  "campaign.status",
  "campaign.advertising_channel_type",
  "segments.date",
  "metrics.impressions",
  "metrics.clicks",
  "metrics.cost_micros",
  "metrics.conversions",
  "metrics.conversions_value",
  "metrics.all_conversions",
  "metrics.view_through_conversions",
] as const;

/** 64-bit numbers are text; absent is the default of the type, which is 0. */
const int64 = z
  .string()
  .regex(/^\d{1,15}$/)
  .default("0")
  .transform(Number);
const double = z.number().default(0);

/** One row of the search, as JSON of protocol buffers: nested, in camel case, without values that are the default. */
export const campaignRow = z.looseObject({
  customer: z.looseObject({
    id: z.string().min(1),
    currencyCode: z.string().optional(),
    timeZone: z.string().optional(),
  }),
  campaign: z.looseObject({
    id: z.string().min(1),
    name: z.string().optional(),
    status: z.string().optional(),
    advertisingChannelType: z.string().optional(),
  }),
  segments: z.looseObject({ date: z.iso.date() }),
  metrics: z
    .looseObject({
      impressions: int64,
      clicks: int64,
      costMicros: int64,
      conversions: double,
      conversionsValue: double,
      allConversions: double,
      viewThroughConversions: int64,
    })
    .prefault({}),
});

export const customerRow = z.looseObject({
  customer: z.looseObject({
    id: z.string(),
    currencyCode: z.string(),
    timeZone: z.string(),
    manager: z.boolean().default(false),
  }),
});

export const searchPage = z.looseObject({
  results: z.array(z.unknown()).default([]),
  nextPageToken: z.string().optional(),
  totalResultsCount: z.string().regex(/^\d+$/).optional(),
  requestId: z.string().optional(),
});

export const tokenBody = z.looseObject({ access_token: z.string().min(1) });
