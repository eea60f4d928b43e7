import { defineSource } from "../../core/define-source.ts";
import { adDaily, tiktokAdsConfig } from "./schema.ts";
import { adStream } from "./streams.ts";

/** Spend and platform conversions of one advertiser on TikTok. */
export const tiktokAds = defineSource({
  type: "tiktok-ads",
  config: tiktokAdsConfig,
  example: {
    type: "tiktok-ads",
    advertiserId: "7000000000000000001",
    startDate: "2026-01-01",
    accessToken: { env: "TIKTOK_ACCESS_TOKEN" },
  },
  tables: [adDaily],
  streams: (config, context) => [adStream(config, context)],
});
