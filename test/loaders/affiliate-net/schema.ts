import { z } from "zod";
import { column } from "../../../loaders/core/schema.ts";
import { rawTable } from "../../../loaders/core/tables.ts";

/** A source of type `affiliate-net` in filo.json. */
export const affiliateConfig = z.strictObject({
  type: z.literal("affiliate-net"),
  baseUrl: z.string().default("https://api.affiliate-net.example"),
  startDate: z.iso.date().describe("The first day to load"),
  apiKey: z.strictObject({ env: z.string() }).describe("The environment variable of the API key"),
});

export type AffiliateConfig = z.infer<typeof affiliateConfig>;

export const affiliateDaily = rawTable({
  name: "raw_affiliate_daily",
  description: "One row per day, account and partner, as the network bills it.",
  columns: z.object({
    day: column.date(),
    account_id: column.string(),
    partner_id: column.string(),
    partner_name: column.string().nullish(),
    clicks: column.int64(),
    commission: column.numeric(),
    currency: column.string(),
  }),
  key: ["day", "account_id", "partner_id"],
  partitionBy: "day",
  clusterBy: ["account_id"],
});

/** What the vendor answers, as far as it must hold; more is welcome. */
export const accountBody = z.looseObject({ id: z.string(), timezone: z.string() });
export const pageBody = z.looseObject({
  rows: z.array(z.unknown()),
  next: z.string().nullish(),
});

/** What a row must hold. Amounts stay text until SQL. */
export const delivered = z.looseObject({
  day: z.iso.date(),
  partner: z.looseObject({ id: z.string().min(1), name: z.string().nullish() }),
  clicks: z.int().min(0),
  commission: z.string().regex(/^\d{1,9}(\.\d{1,4})?$/),
  currency: z.string().length(3),
});
