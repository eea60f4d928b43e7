import { defineSource } from "../../core/define-source.ts";
import { campaignDaily, googleAdsConfig } from "./schema.ts";
import { campaignStream } from "./streams.ts";

/** Spend and platform conversions of one account of Google Ads. */
export const googleAds = defineSource({
  type: "google-ads",
  config: googleAdsConfig,
  example: {
    type: "google-ads",
    customerId: "1234567890",
    startDate: "2026-01-01",
    clientId: { env: "GOOGLE_ADS_CLIENT_ID" },
    clientSecret: { env: "GOOGLE_ADS_CLIENT_SECRET" },
    refreshToken: { env: "GOOGLE_ADS_REFRESH_TOKEN" },
  },
  tables: [campaignDaily],
  streams: (config, context) => [campaignStream(config, context)],
});
