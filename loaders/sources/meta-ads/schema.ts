import { z } from "zod";

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
