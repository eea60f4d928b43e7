import { defineSource } from "../../../loaders/core/define-source.ts";
import { affiliateConfig, affiliateDaily } from "./schema.ts";
import { dailyStream } from "./streams.ts";

/** What partners of an affiliate network brought and cost, per day. */
export const affiliateNet = defineSource({
  type: "affiliate-net",
  config: affiliateConfig,
  example: {
    type: "affiliate-net",
    startDate: "2026-01-01",
    apiKey: { env: "AFFILIATE_NET_KEY" },
  },
  tables: [affiliateDaily],
  streams: (config, context) => [dailyStream(config, context)],
});
