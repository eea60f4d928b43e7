import { join } from "node:path";
import { writeNdjson } from "../files.ts";
import { units, unitsText } from "../money.ts";
import { pick, stream } from "../random.ts";
import type { Message, OptOut } from "../world/messages.ts";
import type { World } from "../world/types.ts";

/** A message as Twilio's books have it: with what was known of it from which local day on. */
export interface TwilioMessage {
  readonly sid: string;
  readonly direction: "outbound-api" | "inbound";
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly segments: number;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly sent: string | null;
  readonly final: string;
  readonly priced: string;
  readonly created_on: string;
  readonly final_on: string;
  readonly priced_on: string;
  readonly status: string;
  readonly error_code: number | null;
  /** Negative, as the account is charged. */
  readonly price: string | null;
}

const SENDER = { sms: "VENTOLANA", whatsapp: "whatsapp:+393120000001" };
const REPLIES_TO = "+393120000001";
const UNDELIVERED = [30003, 30005, 30006];
const REFUSED = 30007;
const OPTED_OUT = 21610;

/** Writes what Twilio's server answers from, in the order of time. */
export function writeTwilioData(world: World, dir: string): void {
  const { sent, optOuts } = world.messages;
  const messages = [
    ...sent.filter(({ provider }) => provider === "twilio").map((one) => outbound(world, one)),
    ...optOuts.filter(({ provider }) => provider === "twilio").map((one) => reply(world, one)),
  ];
  writeNdjson(
    join(dir, "twilio.ndjson"),
    messages.sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0)),
  );
}

const iso = (at: number): string => new Date(at).toISOString();

function outbound(world: World, message: Message): TwilioMessage {
  const { sid, channel, phone, text, key, state, at, sentAt, finalAt, pricedAt, price } = message;
  const { calendar, settings } = world;
  const random = stream(world.seed, `twilio ${sid}`);
  const link = message.purpose === "marketing" ? ` ${settings.retailer.site}/l` : "";
  const code = message.promoCode ? ` ${message.promoCode.code}` : "";
  return {
    sid,
    direction: "outbound-api",
    from: SENDER[channel],
    to: channel === "whatsapp" ? `whatsapp:${phone}` : phone,
    body: `${text}${code}${link} #${key}`,
    segments: message.segments,
    created: iso(at),
    sent: sentAt === null ? null : iso(sentAt),
    final: iso(finalAt),
    priced: iso(pricedAt),
    created_on: calendar.dayAt(at).date,
    final_on: calendar.dayAt(finalAt).date,
    priced_on: calendar.dayAt(pricedAt).date,
    ...outcome(state, sentAt !== null, () => pick(random, UNDELIVERED), channel === "whatsapp"),
    price: price === null ? null : `-${unitsText(price)}`,
  };
}

function outcome(
  state: Message["state"],
  isSent: boolean,
  undelivered: () => number,
  isRead: boolean,
): Pick<TwilioMessage, "status" | "error_code"> {
  if (state === "delivered") return { status: isRead ? "read" : "delivered", error_code: null };
  if (state === "blocked") return { status: "failed", error_code: OPTED_OUT };
  return isSent
    ? { status: "undelivered", error_code: undelivered() }
    : { status: "failed", error_code: REFUSED };
}

function reply({ settings, calendar }: World, { sid, phone, at }: OptOut): TwilioMessage {
  const time = iso(at);
  const day = calendar.dayAt(at).date;
  return {
    sid,
    direction: "inbound",
    from: phone,
    to: REPLIES_TO,
    body: "STOP",
    segments: 1,
    created: time,
    sent: time,
    final: time,
    priced: time,
    created_on: day,
    final_on: day,
    priced_on: day,
    status: "received",
    error_code: null,
    price: `-${unitsText(units(settings.messages.twilio.prices.inbound))}`,
  };
}
