import { z } from "zod";
import { smsSettings } from "../../core/sms.ts";

const secret = z.strictObject({ env: z.string() });

/** A source of type `twilio` in filo.json: the messages of one account of Twilio. */
export const twilioConfig = z.strictObject({
  type: z.literal("twilio"),
  baseUrl: z.string().default("https://api.twilio.com"),
  accountSid: z.string().regex(/^AC[0-9a-f]{32}$/, "must look like AC and 32 hexadecimal digits"),
  startDate: z.iso.date().describe("The first day to load"),
  apiKey: secret.describe("The environment variable that holds the API key (SK…)"),
  apiSecret: secret.describe("The environment variable that holds the key's secret"),
  /** Looked for in the text: the sender ends a campaign's messages with `#KEY`. */
  ...smsSettings("#([A-Za-z0-9][A-Za-z0-9_-]*)\\s*$"),
  stopWords: z
    .array(z.string())
    .default(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ANNULLA"])
    .describe("Answers that end all messages to a number"),
});

export type TwilioConfig = z.infer<typeof twilioConfig>;

export const accountBody = z.looseObject({ sid: z.string() });

/** A page of the list: numbers are the positions of its first and last message, and next is a relative address. */
export const messagesPage = z.looseObject({
  messages: z.array(z.unknown()),
  start: z.number(),
  end: z.number(),
  next_page_uri: z.string().nullish(),
});

/** RFC 2822: `Thu, 19 Nov 2026 09:00:01 +0000`; becomes ISO 8601 in UTC. */
const rfc2822 = z
  .string()
  .regex(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .transform((text) => new Date(text).toISOString());

/** What the loader reads of a message; counts and prices are text. */
export const messageRecord = z.looseObject({
  sid: z.string().min(1),
  messaging_service_sid: z.string().nullish(),
  direction: z.string(),
  from: z.string().nullish(),
  to: z.string().nullish(),
  body: z.string().nullish(),
  status: z.string(),
  error_code: z.union([z.number(), z.string()]).nullish(),
  num_segments: z
    .string()
    .regex(/^\d{1,4}$/)
    .nullish(),
  num_media: z.string().nullish(),
  price: z
    .string()
    .regex(/^-?\d{1,9}(\.\d{1,9})?$/)
    .nullish(),
  price_unit: z.string().nullish(),
  date_created: rfc2822,
  date_sent: rfc2822.nullish(),
  date_updated: rfc2822,
});

export type MessageRecord = z.infer<typeof messageRecord>;

/** What is left out of the row on purpose; anything else unknown is counted as drift. */
export const IGNORED_FIELDS: ReadonlySet<string> = new Set([
  "account_sid",
  "api_version",
  "error_message",
  "subresource_uris",
  "uri",
]);
