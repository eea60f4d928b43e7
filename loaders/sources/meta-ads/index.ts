import { defineSource } from "../../core/define-source.ts";
import { insightsDaily, metaAdsConfig } from "./schema.ts";
import { insightsStream } from "./streams.ts";

/** Spend and platform conversions of one ad account of Meta. */
export const metaAds = defineSource({
  type: "meta-ads",
  config: metaAdsConfig,
  example: {
    type: "meta-ads",
    accountId: "act_1234567890",
    startDate: "2026-01-01",
    accessToken: { env: "META_ACCESS_TOKEN" },
  },
  tables: [insightsDaily],
  streams: (config, context) => [insightsStream(config, context)],
});
