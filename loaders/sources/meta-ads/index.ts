import { defineSource } from "../../core/define-source.ts";
import { insightsDaily, metaAdsConfig } from "./schema.ts";
import { insightsStream } from "./streams.ts";

/** Spend and platform conversions of one ad account of Meta. */
export const metaAds = defineSource({
  type: "meta-ads",
  config: metaAdsConfig,
  tables: [insightsDaily],
  streams: (config, context) => [insightsStream(config, context)],
});
