import type { Calendar } from "../calendar.ts";
import { between, chance, pick, type Random, stream } from "../random.ts";
import { formatPhone } from "./contacts.ts";
import { groupBy } from "./group.ts";
import { instantOn } from "./instants.ts";
import { hasAgreed, type Messages } from "./messages.ts";
import { cardOn } from "./people.ts";
import type { Settings } from "./settings.ts";
import type { Person } from "./types.ts";

export type ConsentChannel = "email" | "sms" | "whatsapp" | "post" | "all";
export type ConsentPurpose = "marketing" | "profiling" | "ads" | "measurement";

/** One entry of the log: it is never changed, a withdrawal is an entry of its own. */
export interface ConsentEntry {
  readonly person: Person;
  readonly at: number;
  readonly channel: ConsentChannel;
  readonly purpose: ConsentPurpose;
  readonly granted: boolean;
  readonly origin:
    | "iscrizione_tessera"
    | "form_newsletter"
    | "area_personale"
    | "link_disiscrizione"
    | "risposta_stop";
  readonly textVersion: string;
  /** As the system wrote the subject down: card, or e-mail or phone. */
  readonly card: string;
  readonly email: string;
  readonly phone: string;
}

export interface ConsentInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly people: readonly Person[];
  readonly messages: Messages;
}

/** What the text messages say of a person's agreement. */
interface Texting {
  /** First day on which one was written to; undefined where none was. */
  readonly since: number | undefined;
  readonly stoppedAt: number | undefined;
}

/**
 * The log in the order of time. What it says last of a person's e-mail marketing is whether they get the newsletter;
 * somebody of whom it says nothing gets none. Nobody gets a text message who has not agreed, or has answered STOP.
 */
export function planConsents(input: ConsentInput): ConsentEntry[] {
  const { messages, calendar } = input;
  const sent = groupBy(
    messages.sent.filter(({ purpose }) => purpose === "marketing"),
    ({ person }) => person,
  );
  const stops = new Map(messages.optOuts.map(({ person, at }) => [person, at]));
  return input.people
    .flatMap((person) => {
      const first = sent.get(person)?.[0];
      const since = first && calendar.dayAt(first.at).index;
      return entriesOf(input, person, { since, stoppedAt: stops.get(person) });
    })
    .sort((a, b) => a.at - b.at || a.person.index - b.person.index);
}

type Entry = Pick<ConsentEntry, "channel" | "purpose" | "granted" | "origin"> & {
  readonly day: number;
  /** Where it is known to the second. */
  readonly at?: number;
};

function entriesOf(input: ConsentInput, person: Person, texting: Texting): ConsentEntry[] {
  const { seed, settings, calendar } = input;
  const random = stream(seed, "consents", person.index);
  const last = calendar.days.length - 1;
  const card = person.cards[0]?.day ?? last;
  const account = person.account?.day ?? last;
  const first = Math.min(card, account, between(random, 0, last));
  const origin =
    card === first && person.cards.length > 0
      ? "iscrizione_tessera"
      : account === first && person.account
        ? "area_personale"
        : "form_newsletter";
  const asked = { random, person, first, last, origin } as const;
  const entries: Entry[] = [
    ...emailMarketing(asked),
    ...textMarketing(asked, hasAgreed(input, person), texting, calendar),
    ...others(asked, settings),
  ];
  return entries
    .sort((a, b) => a.day - b.day || (a.at ?? 0) - (b.at ?? 0))
    .map(({ day, at: known, ...entry }, n) => {
      // The entries of one day in the order of the list.
      const minute = 9 * 60 + Math.min(n * 60 + between(random, 0, 40), 600);
      const at = known ?? instantOn(calendar, day, minute) + between(random, 0, 59) * 1000;
      const isForm = entry.granted || entry.origin === "iscrizione_tessera";
      return {
        ...entry,
        person,
        at,
        textVersion: isForm ? textVersion(at) : "",
        ...subject(random, person, day, entry),
      };
    });
}

/** When, where and of whom it is asked first. */
interface Asked {
  readonly random: Random;
  readonly person: Person;
  readonly first: number;
  readonly last: number;
  readonly origin: ConsentEntry["origin"];
}

/** Ends as `subscribed` says; on a card's form, which the list of enrolments repeats, it begins so, too. */
function emailMarketing({ random, person, first, last, origin }: Asked): Entry[] {
  if (person.emails.length === 0) return [];
  const of = (day: number, granted: boolean, by: ConsentEntry["origin"]): Entry => ({
    day,
    channel: "email",
    purpose: "marketing",
    granted,
    origin: by,
  });
  const later = (from: number) => between(random, Math.min(from + 1, last), last);
  const course = random();
  if (person.subscribed) {
    if (course < 0.9 || first >= last - 1) return [of(first, true, origin)];
    const left = later(first);
    if (left >= last) return [of(first, true, origin)];
    return [
      of(first, true, origin),
      of(left, false, "link_disiscrizione"),
      of(later(left), true, "area_personale"),
    ];
  }
  if (course < 0.25 && first < last && person.cards.length === 0)
    return [of(first, true, origin), of(later(first), false, "link_disiscrizione")];
  // Only who fills in a form can refuse on it.
  return course < 0.6 && origin !== "form_newsletter" ? [of(first, false, origin)] : [];
}

/** Who agreed did so before the first message; a STOP takes it back for both kinds. */
function textMarketing(
  { random, person, first, origin }: Asked,
  agreed: boolean,
  { since, stoppedAt }: Texting,
  calendar: Calendar,
): Entry[] {
  if (person.phones.length === 0) return [];
  const day = since === undefined ? first : Math.min(first, since - 1);
  const of = (channel: ConsentChannel, granted: boolean): Entry => ({
    day,
    channel,
    purpose: "marketing",
    granted,
    origin,
  });
  if (!agreed) return chance(random, 0.2) ? [of("sms", false)] : [];
  const granted = [of("sms", true), of("whatsapp", true)];
  if (stoppedAt === undefined) return granted;
  const stop = { day: calendar.dayAt(stoppedAt).index, at: stoppedAt, granted: false };
  return [
    ...granted,
    ...granted.map((entry) => ({ ...entry, ...stop, origin: "risposta_stop" as const })),
  ];
}

function others({ random, person, first, last, origin }: Asked, { consents }: Settings): Entry[] {
  const entries: Entry[] = [];
  const ask = (
    channel: ConsentChannel,
    purpose: ConsentPurpose,
    { granted, withdrawn }: Settings["consents"]["ads"],
  ) => {
    if (!chance(random, granted)) return;
    entries.push({ day: first, channel, purpose, granted: true, origin });
    if (first >= last || !chance(random, withdrawn)) return;
    const day = between(random, first + 1, last);
    entries.push({ day, channel, purpose, granted: false, origin: "area_personale" });
  };
  if (person.cards.length > 0) ask("post", "marketing", consents.post);
  if (person.cards.length > 0 || person.account) {
    ask("all", "profiling", consents.profiling);
    ask("all", "ads", consents.ads);
    ask("all", "measurement", consents.measurement);
  }
  return entries;
}

/** The forms were reworded twice. */
function textVersion(at: number): string {
  const date = new Date(at).toISOString();
  return date < "2025-01" ? "2023-05" : date < "2026-02" ? "2025-01" : "2026-02";
}

/** An unsubscribe link knows the e-mail and a STOP the phone; a form of the card's knows the card. */
function subject(
  random: Random,
  person: Person,
  day: number,
  { channel, origin }: Pick<ConsentEntry, "channel" | "origin">,
): Pick<ConsentEntry, "card" | "email" | "phone"> {
  const none = { card: "", email: "", phone: "" };
  const email = person.emails[0] ?? "";
  const phone = person.phones[0] ?? "";
  if (origin === "risposta_stop" && phone !== "") return { ...none, phone };
  const card = cardOn(person, day)?.number;
  const byCard =
    origin === "iscrizione_tessera" || (origin !== "link_disiscrizione" && chance(random, 0.3));
  if (card !== undefined && byCard) return { ...none, card };
  if (email !== "" && (channel !== "sms" || chance(random, 0.5))) return { ...none, email };
  if (phone !== "") return { ...none, phone: pick(random, [phone, formatPhone(random, phone)]) };
  return { ...none, card: card ?? person.cards[0]?.number ?? "" };
}
