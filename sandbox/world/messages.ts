import type { Calendar } from "../calendar.ts";
import { type Units, units } from "../money.ts";
import { between, chance, pick, poisson, type Random, stream, uuid } from "../random.ts";
import { webMinute } from "./planner.ts";
import type { MessageCampaign, Settings } from "./settings.ts";
import type { Campaign, Person } from "./types.ts";

/** A text message to one person. */
export interface Message {
  /** The campaign's key, or that of a service message. */
  readonly key: string;
  readonly name: string;
  readonly provider: "twilio" | "commify";
  readonly channel: "sms" | "whatsapp";
  readonly purpose: "marketing" | "service";
  readonly text: string;
  readonly person: Person;
  /** E.164. */
  readonly phone: string;
  /** Twilio's name for it. */
  readonly sid: string;
  /** When it was handed over. */
  readonly at: number;
  readonly state: "delivered" | "failed" | "blocked";
  /** Null where it never left the provider. */
  readonly sentAt: number | null;
  /** From when on the provider tells the state and the price. */
  readonly finalAt: number;
  readonly pricedAt: number;
  readonly segments: number;
  /** Null where nothing is charged. */
  readonly price: Units | null;
  readonly promoCode: { readonly code: string; readonly until: number } | null;
  /** With the key and the person, names the random stream of what follows: the how manieth of the campaign. */
  readonly occurrence: number;
}

/** Somebody of a campaign's audience who, to measure it, got nothing. */
export interface HeldOut {
  readonly campaign: MessageCampaign;
  readonly person: Person;
  readonly phone: string;
  /** When the message would have been sent. */
  readonly at: number;
}

/** A phone whose owner answered STOP, or used the link of the message. */
export interface OptOut {
  readonly provider: Message["provider"];
  readonly origin: "STOPSMS" | "WEB";
  readonly person: Person;
  readonly phone: string;
  readonly at: number;
  readonly sid: string;
}

export interface Messages {
  /** In the order in which they were handed over. */
  readonly sent: readonly Message[];
  readonly heldOut: readonly HeldOut[];
  readonly optOuts: readonly OptOut[];
}

export interface MessageInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const causeOf = ({ key, name, channel }: Message): Campaign => ({
  id: key,
  name,
  kind: channel,
});

/** The messages of campaigns: agreed to, one per phone and occasion, none after an opt-out. */
export function planMessages(input: MessageInput, people: readonly Person[]): Messages {
  const sent: Message[] = [];
  const heldOut: HeldOut[] = [];
  const optOuts: OptOut[] = [];
  const codes = new Set<string>();
  for (const { person, phone } of recipients(input, people)) {
    let stopped = Number.POSITIVE_INFINITY;
    for (const { campaign, at, occurrence } of occasions(input, person)) {
      if (at >= stopped) break;
      const control = stream(input.seed, `holdout ${campaign.key}`, person.index);
      if (chance(control, campaign.holdout)) {
        heldOut.push({ campaign, person, phone, at });
        continue;
      }
      const random = stream(
        input.seed,
        `message ${campaign.key}`,
        person.index * 8 + (occurrence % 8),
      );
      const { key, name, provider, channel, text } = campaign;
      const draft = { key, name, provider, channel, text, purpose: "marketing", at } as const;
      const message = {
        ...draft,
        ...dispatch(input, random, draft),
        person,
        phone,
        promoCode: promoCode(input, random, campaign, at, codes),
        occurrence,
      };
      sent.push(message);
      if (message.state === "blocked") stopped = at;
      if (message.state !== "delivered" || !chance(random, input.settings.messages.stops)) continue;
      const optOut = stop(random, message);
      if (optOut.at < input.calendar.end) optOuts.push(optOut);
      stopped = optOut.at;
    }
  }
  return { sent: sent.sort(byTime), heldOut, optOuts: optOuts.sort((a, b) => a.at - b.at) };
}

/** By time; of the same time in the order in which they were planned. */
export const byTime = (a: Message, b: Message): number => a.at - b.at;

/** Whether a person has agreed to marketing by text message. */
export const hasAgreed = (
  { seed, settings }: Pick<MessageInput, "seed" | "settings">,
  person: Person,
): boolean => chance(stream(seed, "agreed", person.index), settings.messages.consent);

/** Who agreed, with the phone that gets the messages; a family's phone gets them once. */
function recipients(input: MessageInput, people: readonly Person[]) {
  const taken = new Set<string>();
  return people.flatMap((person) => {
    const phone = person.phones[0];
    if (!phone || taken.has(phone)) return [];
    if (!hasAgreed(input, person)) return [];
    taken.add(phone);
    return [{ person, phone }];
  });
}

interface Occasion {
  readonly campaign: MessageCampaign;
  readonly at: number;
  readonly occurrence: number;
}

/** When each campaign would write to a person, in the order of time. */
function occasions({ seed, settings, calendar }: MessageInput, person: Person): Occasion[] {
  return settings.messages.campaigns
    .flatMap((campaign) => {
      const random = stream(seed, `audience ${campaign.key}`, person.index);
      return moments(random, calendar, campaign, person).map((at, occurrence) => ({
        campaign,
        at,
        occurrence,
      }));
    })
    .sort((a, b) => a.at - b.at);
}

/** Campaigns go out at nine, some hundred messages a second. */
function moments(
  random: Random,
  calendar: Calendar,
  campaign: MessageCampaign,
  person: Person,
): number[] {
  const first = calendar.indexOf(campaign.from);
  const last = calendar.indexOf(campaign.to ?? campaign.from);
  const nine = (day: number) =>
    calendar.instant(calendar.day(day), 540) + between(random, 0, 120) * 1000;
  if (campaign.trigger === "cart") {
    if (person.devices.length === 0) return [];
    return Array.from({ length: Math.min(poisson(random, campaign.share), 8) }, () => {
      const day = calendar.day(between(random, first, last));
      return calendar.instant(day, webMinute(random, true)) + between(random, 0, 59) * 1000;
    }).sort((a, b) => a - b);
  }
  if (!chance(random, campaign.share)) return [];
  if (campaign.trigger === "once") return [nine(first)];
  const birthday = person.birthDate.slice(5);
  return calendar.days
    .slice(first, last + 1)
    .filter(({ date }) => date.slice(5) === birthday)
    .map(({ index }) => nine(index));
}

type Draft = Pick<Message, "provider" | "channel" | "purpose" | "text" | "at">;

/** What the provider makes of a message that was handed over. */
export function dispatch(
  { settings, calendar }: MessageInput,
  random: Random,
  draft: Draft,
): Pick<Message, "sid" | "state" | "sentAt" | "finalAt" | "pricedAt" | "segments" | "price"> {
  const { failed, blocked, late } = settings.messages;
  const fate = random();
  const state = fate < blocked ? "blocked" : fate < blocked + failed ? "failed" : "delivered";
  // Some of what fails is refused before it is sent: the number cannot be one.
  const isSent = state === "delivered" || (state === "failed" && chance(random, 0.7));
  const isLate = chance(random, late);
  const takes = isLate ? between(random, 20 * HOUR, 40 * HOUR) : between(random, 4_000, 3 * MINUTE);
  const sentAt = isSent ? draft.at + 1000 * between(random, 1, 3) : null;
  const finalAt = sentAt === null ? draft.at : Math.floor((sentAt + takes) / 1000) * 1000;
  const segments = draft.channel === "sms" && draft.text.length > 70 ? 2 : 1;
  return {
    sid: `SM${uuid(random).replaceAll("-", "")}`,
    state,
    sentAt,
    finalAt,
    pricedAt: finalAt + (chance(random, late) ? between(random, 10 * HOUR, 23 * HOUR) : 0),
    segments,
    price: priceOf(settings, draft, state, segments, calendar.dayAt(draft.at).date),
  };
}

/** Twilio charges what arrives, by segment; the gateway whatever it does not block, by its contract. */
function priceOf(
  settings: Settings,
  { provider, channel, purpose }: Draft,
  state: Message["state"],
  segments: number,
  date: string,
): Units | null {
  const { twilio } = settings.messages;
  if (provider === "twilio") {
    return state === "delivered" ? units(twilio.prices[channel]) * segments : null;
  }
  return state === "blocked" ? null : contractPrice(settings, messageType(purpose), date);
}

/** What the gateway calls an advertising message, and one about an order. */
export const messageType = (purpose: Message["purpose"]): string =>
  purpose === "marketing" ? "GP" : "TI";

function contractPrice(settings: Settings, type: string, date: string): Units {
  const { prices } = settings.messages.commify;
  const price = prices.filter((row) => row.messageType === type && row.from <= date).at(-1);
  if (!price) throw new RangeError(`no contract price of ${type} on ${date}`);
  return units(price.price);
}

/** Without letters and digits that are taken for one another. */
const CODE_LETTERS = [..."23456789ABCDEFGHJKMNPQRSTVWXYZ"];

function promoCode(
  { calendar }: MessageInput,
  random: Random,
  { promo }: MessageCampaign,
  at: number,
  codes: Set<string>,
): Message["promoCode"] {
  if (!promo) return null;
  for (;;) {
    const code = `${promo.prefix}-${Array.from({ length: 6 }, () => pick(random, CODE_LETTERS)).join("")}`;
    if (codes.has(code)) continue;
    codes.add(code);
    const until = Math.min(calendar.dayAt(at).index + promo.days, calendar.days.length - 1);
    return { code, until };
  }
}

function stop(random: Random, message: Message): OptOut {
  const { provider, person, phone, finalAt } = message;
  return {
    provider,
    origin: provider === "commify" && chance(random, 0.4) ? "WEB" : "STOPSMS",
    person,
    phone,
    at: finalAt + between(random, 2, 300) * MINUTE,
    sid: `SM${uuid(random).replaceAll("-", "")}`,
  };
}
