import { createDateReader, type DateReader } from "../../core/dates.ts";
import type { Outcome } from "../../core/define-stream.ts";
import { contactKey, pseudonym, rowHash } from "../../core/pii.ts";
import {
  createClassifier,
  type SmsStatus,
  STATUS_RANK,
  smsMessages,
  smsOptouts,
} from "../../core/sms.ts";
import {
  blacklistRecord,
  type CommifyConfig,
  type OrderRecord,
  recipientRecord,
} from "./schema.ts";

const STATUS: Readonly<Record<string, SmsStatus>> = {
  WAITING: "queued",
  SCHEDULED: "queued",
  SENT: "sent",
  WAIT4DLVR: "sent",
  ERROR: "failed",
  TIMEOUT: "failed",
  KO: "failed",
  UNKNRCPT: "failed",
  UNKNPFX: "failed",
  INVALIDDST: "failed",
  INVALIDCONTENTS: "failed",
  TOOM4NUM: "failed",
  TOOM4USER: "failed",
  BLACKLISTED: "blocked",
  DLVRD: "delivered",
};

/** A trial: nothing was sent and nothing is charged. */
const TRIAL = "DEMO";

const PROVIDER = "commify";

export interface CommifyReader {
  /** A recipient of an order as the row of a message; none for a trial. */
  message(order: OrderRecord, delivered: unknown): readonly Outcome[];
  optOut(delivered: unknown): Outcome;
}

/** @param note a warning for the report, each text once */
export function createReader(
  config: CommifyConfig,
  source: string,
  timeZone: string,
  note: (text: string) => void,
): CommifyReader {
  const classify = createClassifier(config);
  const compact = reader("yyyyMMdd", "HHmmss", "yyyyMMddHHmmss", timeZone);
  const spaced = reader("yyyy-MM-dd", "HH:mm:ss", "yyyy-MM-dd HH:mm:ss", timeZone);

  return {
    message(order, delivered) {
      const parsed = recipientRecord.safeParse(delivered);
      const { order_id, message_type } = order;
      const refused = (reject: string, field?: string) => ({
        reject,
        field,
        requestId: order_id,
        payload: { order_id, message_type },
      });
      if (!parsed.success) return [refused("wrong_value", parsed.error.issues[0]?.path.join("."))];
      const { destination, status: told, delivery_date } = parsed.data;
      if (told === TRIAL) {
        note(`trials (${TRIAL}) are no messages and are left out`);
        return [];
      }
      const status = STATUS[told];
      if (status === undefined) return [refused("unknown_status", "status")];
      const created = compact(order.create_time);
      const scheduled = compact(order.schedule_time || order.create_time);
      const deliveredAt = delivery_date ? compact(delivery_date) : undefined;
      if (created === undefined || scheduled === undefined) return [refused("not_a_date", "order")];
      if (delivery_date && deliveredAt === undefined)
        return [refused("not_a_date", "delivery_date")];
      const { key, purpose } = classify(order_id);
      const own = {
        provider: PROVIDER,
        message_id: `${order_id}:${pseudonym(source, destination)}`,
        order_id,
        channel: "sms",
        direction: "outbound",
        campaign_key: key,
        purpose,
        sender: order.sender ?? undefined,
        status,
        status_rank: STATUS_RANK[status],
        error_code: status === "failed" || status === "blocked" ? told : undefined,
        price: status === "blocked" ? undefined : price(config, order, note),
        price_currency: config.currency,
        price_is_estimated: true,
        created_at: created,
        sent_at: status === "queued" || status === "blocked" ? undefined : scheduled,
        delivered_at: deliveredAt,
        // The gateway tells no time of change but the delivery's.
        updated_at: deliveredAt ?? created,
        _payload: { status: told, message_type },
      };
      const row = { ...own, _row_hash: rowHash(JSON.stringify(own)) };
      return [{ table: smsMessages, row, contact: { phone: destination } }];
    },

    optOut(delivered) {
      const parsed = blacklistRecord.safeParse(delivered);
      const since = parsed.success ? spaced(parsed.data.date) : undefined;
      if (!parsed.success || since === undefined) {
        return { reject: parsed.success ? "not_a_date" : "wrong_value", field: "blacklist" };
      }
      const { phone_number: phone, origin } = parsed.data;
      const own = { provider: PROVIDER, origin: origin ?? undefined, since };
      const row = {
        ...own,
        contact_key: contactKey(source, [PROVIDER, phone, since]),
        _row_hash: rowHash(JSON.stringify(own)),
      };
      return { table: smsOptouts, row, contact: { phone } };
    },
  };
}

/** Reads local times of one form as ISO 8601 in UTC; undefined where it is none. */
function reader(date: string, time: string, timestamp: string, zone: string) {
  const dates: DateReader = createDateReader({ date, time, timestamp, zone });
  return (text: string): string | undefined => {
    const moment = dates.timestamp(text);
    return "problem" in moment ? undefined : moment.utc;
  };
}

/** What the contract charges for a message of the order; undefined, and noted, where it does not say. */
function price(
  { prices }: CommifyConfig,
  { message_type: type, create_time: time }: OrderRecord,
  note: (text: string) => void,
): string | undefined {
  const day = `${time.slice(0, 4)}-${time.slice(4, 6)}-${time.slice(6, 8)}`;
  const [found] = prices
    .filter(({ messageType, from = "" }) => messageType === type && from <= day)
    .sort((a, b) => ((a.from ?? "") < (b.from ?? "") ? 1 : -1));
  if (!found) note(`messages of type ${type} have no price: add one to \`prices\` in filo.json`);
  return found?.price;
}
