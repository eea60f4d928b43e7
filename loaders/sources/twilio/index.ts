import { defineSource } from "../../core/define-source.ts";
import { smsMessages, smsOptouts } from "../../core/sms.ts";
import { twilioConfig } from "./schema.ts";
import { messagesStream } from "./streams.ts";

/** SMS and WhatsApp messages of one account of Twilio. */
export const twilio = defineSource({
  type: "twilio",
  config: twilioConfig,
  example: {
    type: "twilio",
    accountSid: "AC0123456789abcdef0123456789abcdef",
    startDate: "2026-01-01",
    apiKey: { env: "TWILIO_API_KEY" },
    apiSecret: { env: "TWILIO_API_SECRET" },
  },
  tables: [smsMessages, smsOptouts],
  streams: (config, context) => [messagesStream(config, context)],
});
