import { between, type Random } from "../random.ts";
import type { World } from "../world/types.ts";
import type { Archive, Call } from "./segment.ts";

/** What the calls of one visit have in common, as JSON text; they are a million, so text is joined, not objects. */
export interface Sender {
  readonly world: World;
  /** Which vendor's library is at work. */
  readonly archive: Archive;
  /** With `number`, makes messageIds unique. */
  readonly prefix: "ajs-next" | "node-next" | "rudder-js";
  readonly number: number;
  readonly random: Random;
  readonly anonymousId: string | null;
  userId: string | null;
  /** Members of `context` that every call of the visit has. */
  readonly context: string;
  /** Members that every call has beside those common to both vendors. */
  readonly own: string;
  /** How far the device's clock is off, in milliseconds. */
  readonly skew: number;
  /** How long the device held its calls back. */
  readonly delay: number;
  sent: number;
}

/**
 * One call; `members` end with a comma. `at` becomes `timestamp`: when it happened, by Segment's clock. The device says something else
 * (`originalTimestamp`), and the call arrives when the device has sent it.
 */
export function call(
  sender: Sender,
  at: number,
  type: string,
  members: string,
  context = "",
): Call & { messageId: string } {
  const { random, world } = sender;
  const way = between(random, 80, 900);
  const held = at + sender.delay < world.calendar.end ? sender.delay : 0;
  const original = at - way + sender.skew;
  const receivedAt = Math.min(at + held + between(random, 20, 400), world.calendar.end - 1);
  const messageId = `${sender.prefix}-${at}-${sender.number.toString(36)}x${(sender.sent++).toString(36)}`;
  const nobody = sender.archive === "rudderstack" ? '""' : "null";
  const user = sender.userId === null ? nobody : `"${sender.userId}"`;
  const sentAt = sender.archive === "rudderstack" ? `"sentAt":"${iso(original + held + 50)}",` : "";
  const anonymous = sender.anonymousId === null ? "null" : `"${sender.anonymousId}"`;
  return {
    messageId,
    receivedAt,
    archive: sender.archive,
    text:
      `{"type":"${type}","messageId":"${messageId}","anonymousId":${anonymous},"userId":${user},${members}` +
      `${sender.own}"context":{${sender.context}${context}},"originalTimestamp":"${iso(original)}",${sentAt}` +
      `"timestamp":"${iso(at)}","receivedAt":"`,
  };
}

const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, "0")}Z`);
const seconds = { now: Number.NaN, text: "" };

/** `toISOString`, faster for the instants of a visit, which share their seconds: there are three million. */
export function iso(instant: number): string {
  const second = Math.floor(instant / 1000);
  if (second !== seconds.now) {
    seconds.now = second;
    seconds.text = new Date(second * 1000).toISOString().slice(0, 19);
  }
  return seconds.text + MILLISECONDS[instant - second * 1000];
}

export const BROWSER = '"library":{"name":"analytics.js"}';
export const RUDDERSTACK = '"library":{"name":"RudderLabs JavaScript SDK"}';
export const SERVER = '"library":{"name":"analytics-node"}';

export const consent = (analytics: boolean, advertising: boolean): string =>
  `"consent":{"categoryPreferences":{"analytics":${analytics},"advertising":${advertising}}}`;

/** The same consents as RudderStack's library writes them: as ids, allowed or denied. */
export function consentIds(analytics: boolean, advertising: boolean): string {
  const ids = (answer: boolean) =>
    JSON.stringify([
      ...(analytics === answer ? ["analytics"] : []),
      ...(advertising === answer ? ["advertising"] : []),
    ]);
  return `"consentManagement":{"allowedConsentIds":${ids(true)},"deniedConsentIds":${ids(false)}}`;
}
