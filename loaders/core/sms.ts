import { z } from "zod";
import { column } from "./schema.ts";
import { rawTable } from "./tables.ts";

/** What a text message has come to, whoever sends it, by rank: a lower one never replaces a higher one. */
export const STATUS_RANK = {
  queued: 10,
  sent: 30,
  received: 30,
  failed: 40,
  blocked: 40,
  /** A delivery that is told after a failure counts. */
  delivered: 50,
} as const;

export type SmsStatus = keyof typeof STATUS_RANK;

const text = () => column.string().nullish();
const time = () => column.timestamp().nullish();

export const smsMessages = rawTable({
  name: "raw_sms_messages",
  description: "One row per text message of a provider, SMS or WhatsApp, sent or received.",
  key: ["provider", "message_id"],
  partitionBy: "created_at",
  clusterBy: ["provider", "campaign_key"],
  columns: z.object({
    provider: column.string(),
    message_id: column.string(),
    order_id: text(),
    channel: column.string(),
    direction: column.string(),
    campaign_key: text(),
    purpose: column.string(),
    contact_key: text(),
    sender: text(),
    body_tag: text(),
    segments: column.int64().nullish(),
    status: column.string(),
    status_rank: column.int64(),
    error_code: text(),
    price: column.numeric().nullish(),
    price_currency: text(),
    price_is_estimated: column.bool(),
    created_at: time(),
    sent_at: time(),
    delivered_at: time(),
    updated_at: time(),
  }),
});

export const smsOptouts = rawTable({
  name: "raw_sms_optouts",
  description:
    "One row per phone number, provider and instant at which its owner refused messages.",
  key: ["provider", "contact_key", "since"],
  clusterBy: ["provider"],
  columns: z.object({
    provider: column.string(),
    contact_key: column.string(),
    origin: text(),
    since: column.timestamp(),
  }),
});

/** How both tables are written. */
export const SMS_WRITE = { mode: "merge", updatedAt: "updated_at", rank: "status_rank" } as const;

/** A pattern of the configuration. */
const pattern = (example: string) =>
  z.string().refine(isPattern, "must be a regular expression").default(example);

function isPattern(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

/** What every SMS source's configuration has. @param campaignKey the default pattern; its first group is the key */
export const smsSettings = (campaignKey: string) => ({
  campaignKeyPattern: pattern(campaignKey).describe(
    "A regular expression whose first group is the campaign's key",
  ),
  serviceKeyPattern: pattern("^(?:[Ss]ervi|SERVI)").describe(
    "A regular expression: keys of messages about an order, which never earn",
  ),
});

/** Finds out which campaign a message belongs to, and whether it advertises. */
export function createClassifier(settings: {
  readonly campaignKeyPattern: string;
  readonly serviceKeyPattern: string;
}) {
  const keyPattern = new RegExp(settings.campaignKeyPattern, "u");
  const servicePattern = new RegExp(settings.serviceKeyPattern, "u");
  return (named: string): { readonly key: string | undefined; readonly purpose: string } => {
    const key = keyPattern.exec(named)?.[1];
    // A message that no campaign claims advertises nothing that could be measured.
    const isService = key === undefined || servicePattern.test(key);
    return { key, purpose: isService ? "service" : "marketing" };
  };
}
