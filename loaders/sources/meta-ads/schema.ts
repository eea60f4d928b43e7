import { z } from "zod";
import { column } from "../../core/schema.ts";
import { rawTable } from "../../core/tables.ts";

/** A source of type `meta-ads` in filo.json: one ad account of Meta. */
export const metaAdsConfig = z.strictObject({
  type: z.literal("meta-ads"),
  baseUrl: z.string().default("https://graph.facebook.com"),
  accountId: z.string().regex(/^act_\d+$/, "must look like act_1234567890"),
  startDate: z.iso.date().describe("The first day to load"),
  accessToken: z
    .strictObject({ env: z.string() })
    .describe("The environment variable that holds the token (scope ads_read)"),
});

export type MetaAdsConfig = z.infer<typeof metaAdsConfig>;

const text = () => column.string().nullish();
const count = () => column.int64().nullish();

export const insightsDaily = rawTable({
  name: "raw_meta_insights_daily",
  description:
    "One row per day, ad account and ad with delivery, in the account's currency and zone.",
  key: ["date_start", "account_id", "ad_id"],
  partitionBy: "date_start",
  clusterBy: ["account_id", "campaign_id"],
  columns: z.object({
    date_start: column.date(),
    account_id: column.string(),
    account_currency: text(),
    account_timezone: text(),
    campaign_id: text(),
    campaign_name: text(),
    adset_id: text(),
    adset_name: text(),
    ad_id: column.string(),
    ad_name: text(),
    impressions: count(),
    reach: count(),
    clicks: count(),
    inline_link_clicks: count(),
    spend: column.numeric().nullish(),
    actions: column.json(),
    action_values: column.json(),
    attribution_setting: text(),
    objective: text(),
  }),
});

/** What is asked of the insights report; `date_start` and `date_stop` come by themselves. */
export const INSIGHT_FIELDS = [
  "account_id",
  "account_currency",
  "campaign_id",
  "campaign_name",
  "adset_id",
  "adset_name",
  "ad_id",
  "ad_name",
  "impressions",
  "reach",
  "clicks",
  "inline_link_clicks",
  "spend",
  "actions",
  "action_values",
  "attribution_setting",
  "objective",
] as const;

export const ATTRIBUTION_WINDOWS = ["1d_click", "7d_click", "28d_click", "1d_view"] as const;

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .optional();

/** A list of counts or values by kind of action; each attribution window is a key of its own. */
const actionStats = z.array(z.looseObject({ action_type: z.string() })).optional();

/** One row of the insights report: every number is text, and a field without a value is absent. */
export const insightRow = z.looseObject({
  date_start: z.iso.date(),
  date_stop: z.iso.date(),
  account_id: z.string().min(1),
  account_currency: z.string().optional(),
  campaign_id: z.string().optional(),
  campaign_name: z.string().optional(),
  adset_id: z.string().optional(),
  adset_name: z.string().optional(),
  ad_id: z.string().min(1),
  ad_name: z.string().optional(),
  impressions: wholeNumber,
  reach: wholeNumber,
  clicks: wholeNumber,
  inline_link_clicks: wholeNumber,
  spend: z
    .string()
    .regex(/^\d{1,18}(\.\d{1,9})?$/)
    .optional(),
  actions: actionStats,
  action_values: actionStats,
  attribution_setting: z.string().optional(),
  objective: z.string().optional(),
});

export const accountBody = z.looseObject({
  account_id: z.string(),
  currency: z.string(),
  timezone_name: z.string(),
});

export const submittedBody = z.looseObject({ report_run_id: z.string() });

export const reportBody = z.looseObject({
  async_status: z.string(),
  async_percent_completion: z.number().optional(),
  error_code: z.number().optional(),
  error_subcode: z.number().optional(),
});

export const insightsPage = z.looseObject({
  data: z.array(z.unknown()),
  paging: z
    .looseObject({
      cursors: z.looseObject({ after: z.string().optional() }).optional(),
      next: z.string().optional(),
    })
    .optional(),
});
