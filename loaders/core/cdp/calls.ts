import { isPhone, mayHoldContacts, takeContacts } from "../contact-values.ts";
import { isoTimestamp } from "../dates.ts";
import type { Outcome, RejectOutcome } from "../define-stream.ts";
import { type ContactValues, pseudonym, rowHash, truncateIp } from "../pii.ts";
import type { Table } from "../tables.ts";
import { identifies, pages, tracks } from "./tables.ts";

export type JsonObject = Record<string, unknown>;

/** Names of the two consents. */
export interface ConsentCategories {
  readonly analytics: string;
  readonly advertising: string;
}

/** Whether a category was agreed to; undefined where the call does not say. */
export type ConsentOf = (context: JsonObject, category: string) => boolean | undefined;

/** In what a vendor's calls differ from those of Segment's specification. */
export interface Dialect {
  /** Brings a call into Segment's shape, in place. */
  readonly normalise?: (call: JsonObject) => void;
  readonly consentOf: ConsentOf;
}

export interface EventContext {
  readonly source: string;
  readonly dialect: Dialect;
  readonly consentCategories: ConsentCategories;
  /** Counts what was not expected. */
  readonly drift: (path: string, kind: string) => void;
}

const COMMON = ["type", "messageId", "anonymousId", "userId", "timestamp", "receivedAt", "context"];

/** Fields of an event that have a column of their own; the rest is kept in `_payload`. */
const WITH_COLUMN: ReadonlyMap<Table, ReadonlySet<string>> = new Map([
  [tracks, new Set([...COMMON, "event", "properties"])],
  [identifies, new Set([...COMMON, "traits"])],
  [pages, new Set([...COMMON, "name", "properties"])],
]);

/**
 * One line of an archive as a row. Checked by hand rather than by a zod schema, which was measured to take as long again
 * as parsing the JSON: two seconds for each million lines.
 */
export function eventOutcome(text: string, line: number, context: EventContext): Outcome {
  const event = parseObject(text);
  if (!event) return { reject: "not_json", line };
  const flaw = SUSPECT.test(text) ? flawOf(event) : undefined;
  if (flaw) return { reject: flaw, line };
  context.dialect.normalise?.(event);
  event.messageId = idOf(event.messageId, context.source);
  event.anonymousId = idOf(event.anonymousId, context.source);
  const contact = contactOf(event, text);
  truncateIpOf(event);
  event.userId = userIdOf(event.userId, context.source);
  const table = tableOf(event.type);
  if (!table) {
    context.drift(`type: ${String(event.type).slice(0, 40)}`, "unsupported_type");
    return { ...rejected(event, "unsupported_type", "type", line), isTolerated: true };
  }
  const { messageId, anonymousId, userId } = event;
  if (!textOf(messageId)) return rejected(event, "required_missing", "messageId", line);
  if (!textOf(anonymousId) && !textOf(userId)) {
    return rejected(event, "required_missing", "anonymousId", line);
  }
  if (table === tracks && !textOf(event.event)) {
    return rejected(event, "required_missing", "event", line);
  }
  const timestamp = isoTimestamp(event.timestamp);
  if (timestamp === undefined) return rejected(event, "not_a_timestamp", "timestamp", line);
  const receivedAt = isoTimestamp(event.receivedAt);
  if (receivedAt === undefined) return rejected(event, "not_a_timestamp", "receivedAt", line);
  const times = { timestamp, received_at: receivedAt };
  return { table, row: rowOf(event, table, times, text, context), contact };
}

function rejected(event: JsonObject, reason: string, field: string, line: number): RejectOutcome {
  return { reject: reason, field, line, payload: event };
}

function tableOf(type: unknown): Table | undefined {
  if (type === "track") return tracks;
  if (type === "page") return pages;
  return type === "identify" ? identifies : undefined;
}

/** One literal, so that all rows have one shape in memory; undefined columns are left out when it is written. */
function rowOf(
  event: JsonObject,
  table: Table,
  times: { readonly timestamp: string; readonly received_at: string },
  text: string,
  { dialect, consentCategories }: EventContext,
) {
  const own = objectOf(table === identifies ? event.traits : event.properties);
  const context = objectOf(event.context);
  const page = objectOf(context.page);
  const campaign = objectOf(context.campaign);
  const url = textOf(own.url) ?? textOf(page.url);
  const query = queryOf(url, textOf(own.search) ?? textOf(page.search));
  return {
    message_id: textOf(event.messageId),
    anonymous_id: textOf(event.anonymousId),
    user_id: event.userId,
    event: table === tracks ? event.event : undefined,
    name: table === pages ? textOf(event.name) : undefined,
    timestamp: times.timestamp,
    received_at: times.received_at,
    url,
    referrer: textOf(own.referrer) ?? textOf(page.referrer),
    context: event.context,
    properties: table === identifies ? undefined : event.properties,
    traits: table === identifies ? event.traits : undefined,
    loyalty_card: loyaltyCardOf(own) ?? loyaltyCardOf(objectOf(context.traits)),
    gclid: query?.get("gclid"),
    fbclid: query?.get("fbclid"),
    ttclid: query?.get("ttclid"),
    msclkid: query?.get("msclkid"),
    utm_source: textOf(campaign.source) ?? query?.get("utm_source"),
    utm_medium: textOf(campaign.medium) ?? query?.get("utm_medium"),
    utm_campaign: textOf(campaign.name) ?? query?.get("utm_campaign"),
    utm_content: textOf(campaign.content) ?? query?.get("utm_content"),
    utm_term: textOf(campaign.term) ?? query?.get("utm_term"),
    utm_id: textOf(campaign.id) ?? query?.get("utm_id"),
    consent_analytics: dialect.consentOf(context, consentCategories.analytics),
    consent_advertising: dialect.consentOf(context, consentCategories.advertising),
    _payload: restOf(event, table),
    _row_hash: rowHash(text),
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const NOTHING: JsonObject = {};

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : NOTHING;
}

/** Text that says something; ids written as numbers are text, too. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

/** An id that may be an e-mail address becomes a stand-in, so that ids that differ stay different. */
function idOf(id: unknown, source: string): unknown {
  return typeof id === "string" && /@|%40/.test(id) ? pseudonym(source, id) : id;
}

function contactOf(event: JsonObject, text: string): ContactValues | undefined {
  const found = mayHoldContacts(text) ? takeContacts(event) : undefined;
  const userId = textOf(event.userId);
  if (userId?.includes("@")) return { ...found, email: found?.email || userId };
  return userId && isPhone(userId) ? { ...found, phone: found?.phone || userId } : found;
}

/** Some sites use e-mail address or phone as user id: the contact value is kept apart, the id is a stand-in for it. */
function userIdOf(userId: unknown, source: string): string | undefined {
  const text = textOf(userId);
  if (text === undefined) return undefined;
  if (text.includes("@")) return `email:${pseudonym(source, text.trim().toLowerCase())}`;
  if (!isPhone(text)) return text;
  return `phone:${pseudonym(source, text.replace(/\D/g, "").replace(/^00/, ""))}`;
}

const CLICK_AND_CAMPAIGN =
  /[?&](gclid|fbclid|ttclid|msclkid|utm_(?:source|medium|campaign|content|term|id))=([^&#]*)/g;

/** Click ids and campaign of a page's address; they stand nowhere else in an event. */
function queryOf(
  url: string | undefined,
  search: string | undefined,
): ReadonlyMap<string, string> | undefined {
  const text = url?.includes("?") ? url : search;
  if (text === undefined || text === "") return undefined;
  let found: Map<string, string> | undefined;
  for (const [, name = "", value = ""] of text.matchAll(CLICK_AND_CAMPAIGN)) {
    if (value === "" || found?.has(name)) continue;
    found ??= new Map();
    found.set(name, decoded(value));
  }
  return found;
}

function decoded(value: string): string {
  if (!value.includes("%") && !value.includes("+")) return value;
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}

function loyaltyCardOf(object: JsonObject): string | undefined {
  return textOf(
    object.loyalty_card ?? object.loyaltyCard ?? object.loyalty_card_id ?? object.loyaltyCardId,
  );
}

/** The last number of an IP address says more about a person than a shop needs to know. */
function truncateIpOf(event: JsonObject): void {
  const { context } = event;
  if (isObject(context) && typeof context.ip === "string") context.ip = truncateIp(context.ip);
}

function restOf(event: JsonObject, table: Table): JsonObject {
  const withColumn = WITH_COLUMN.get(table);
  const rest: JsonObject = {};
  for (const key in event) if (!withColumn?.has(key)) rest[key] = event[key];
  return rest;
}

/** May hold a NUL, half a surrogate pair, or a number with more digits than JavaScript keeps. */
const SUSPECT = /\\u(?:0000|d[89a-f])|[:,[]\s*-?\d{16}/i;
const NO_TEXT = /\0|\p{Surrogate}/u;

/** What a warehouse would refuse, or what would be loaded as something else than was sent. */
function flawOf(value: unknown): "not_text" | "number_too_large" | undefined {
  if (typeof value === "string") return NO_TEXT.test(value) ? "not_text" : undefined;
  if (typeof value === "number") {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? "number_too_large" : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const flaw = flawOf(key) ?? flawOf(inner);
    if (flaw) return flaw;
  }
  return undefined;
}
