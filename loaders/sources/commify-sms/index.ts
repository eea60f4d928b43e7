import { defineSource } from "../../core/define-source.ts";
import { smsMessages, smsOptouts } from "../../core/sms.ts";
import { commifyConfig } from "./schema.ts";
import { messagesStream } from "./streams.ts";

/** SMS messages of one user of a gateway of the Commify family. */
export const commifySms = defineSource({
  type: "commify-sms",
  config: commifyConfig,
  example: {
    type: "commify-sms",
    baseUrl: "https://api.skebby.it",
    user: "shop",
    password: { env: "COMMIFY_PASSWORD" },
    startDate: "2026-01-01",
    prices: [{ messageType: "GP", price: "0.0449" }],
  },
  tables: [smsMessages, smsOptouts],
  streams: (config, context) => [messagesStream(config, context)],
});
