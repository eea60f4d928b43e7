import type { Outcome } from "../../core/define-stream.ts";
import { negated } from "../../core/numbers.ts";
import { contactKey, rowHash } from "../../core/pii.ts";
import {
  createClassifier,
  type SmsStatus,
  STATUS_RANK,
  smsMessages,
  smsOptouts,
} from "../../core/sms.ts";
import { IGNORED_FIELDS, type MessageRecord, messageRecord, type TwilioConfig } from "./schema.ts";

const STATUS: Readonly<Record<string, SmsStatus>> = {
  accepted: "queued",
  scheduled: "queued",
  queued: "queued",
  sending: "queued",
  sent: "sent",
  partially_delivered: "sent",
  failed: "failed",
  undelivered: "failed",
  canceled: "failed",
  delivered: "delivered",
  read: "delivered",
  receiving: "received",
  received: "received",
};

/** The recipient has opted out. */
const OPTED_OUT = "21610";

const KNOWN: ReadonlySet<string> = new Set(Object.keys(messageRecord.shape));
const PROVIDER = "twilio";

/** Turns a delivered message into its row, and an answer that says STOP into an opt-out as well. */
export function createReader(
  config: TwilioConfig,
  source: string,
): (delivered: unknown, drift: (path: string, kind: string) => void) => readonly Outcome[] {
  const classify = createClassifier(config);
  const stopWords = new Set(config.stopWords.map((word) => word.toUpperCase()));

  return (delivered, drift) => {
    const parsed = messageRecord.safeParse(delivered);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return [rejected(delivered, `wrong_value: ${issue?.code}`, issue?.path.join("."))];
    }
    const message = parsed.data;
    const status = statusOf(message);
    if (status === undefined) return [rejected(delivered, "unknown_status", "status")];
    for (const name of Object.keys(message)) {
      if (!KNOWN.has(name) && !IGNORED_FIELDS.has(name)) drift(name, "unknown_field");
    }
    const isInbound = message.direction === "inbound";
    const { key, purpose } = classify(isInbound ? "" : (message.body ?? ""));
    const phone = address(isInbound ? message.from : message.to);
    const own = {
      provider: PROVIDER,
      message_id: message.sid,
      channel: isWhatsApp(message) ? "whatsapp" : "sms",
      direction: isInbound ? "inbound" : "outbound",
      campaign_key: key,
      purpose,
      sender: isInbound ? undefined : address(message.from),
      body_tag: key,
      segments: message.num_segments ? Number(message.num_segments) : undefined,
      status,
      status_rank: STATUS_RANK[status],
      error_code: message.error_code?.toString(),
      // Charged amounts are negative; no price is one that is not known yet.
      price: message.price ? negated(message.price) : undefined,
      price_currency: message.price_unit?.toUpperCase(),
      price_is_estimated: false,
      created_at: message.date_created,
      sent_at: message.date_sent ?? undefined,
      updated_at: message.date_updated,
      _payload: {
        status: message.status,
        messaging_service_sid: message.messaging_service_sid,
        num_media: message.num_media,
      },
    };
    const row = { ...own, _row_hash: rowHash(JSON.stringify([own, phone])) };
    const contact = phone === undefined ? {} : { contact: { phone } };
    const outcome = { table: smsMessages, row, ...contact };
    const word = message.body?.trim().toUpperCase() ?? "";
    return isInbound && phone !== undefined && stopWords.has(word)
      ? [outcome, optOut(source, phone, message.date_created)]
      : [outcome];
  };
}

function statusOf({ status, error_code }: MessageRecord): SmsStatus | undefined {
  const common = STATUS[status];
  return common === "failed" && error_code?.toString() === OPTED_OUT ? "blocked" : common;
}

const WHATSAPP = "whatsapp:";

const isWhatsApp = ({ from, to }: MessageRecord): boolean =>
  [from, to].some((text) => text?.startsWith(WHATSAPP));

const address = (text: string | null | undefined): string | undefined =>
  text?.replace(WHATSAPP, "") || undefined;

function optOut(source: string, phone: string, since: string): Outcome {
  const own = { provider: PROVIDER, origin: "STOP", since };
  const row = {
    ...own,
    contact_key: contactKey(source, [PROVIDER, phone, since]),
    _row_hash: rowHash(JSON.stringify(own)),
  };
  return { table: smsOptouts, row, contact: { phone } };
}

/** Kept without text and numbers. */
function rejected(delivered: unknown, reject: string, field: string | undefined): Outcome {
  const record = (typeof delivered === "object" && delivered !== null ? delivered : {}) as Record<
    string,
    unknown
  >;
  const { sid, direction, status, error_code, price, date_created, date_sent } = record;
  const payload = { sid, direction, status, error_code, price, date_created, date_sent };
  return { reject, field, payload };
}
