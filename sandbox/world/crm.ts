import type { Calendar } from "../calendar.ts";
import { between, chance, pick, type Random, stream } from "../random.ts";
import { formatPhone } from "./contacts.ts";
import { instantOn } from "./instants.ts";
import { cardOn } from "./people.ts";
import type { Settings } from "./settings.ts";
import type { Contact, Person } from "./types.ts";

/** What the CRM says of a contact from a time on. */
export interface CrmState {
  readonly at: number;
  readonly email: string;
  /** E-mails that came with absorbed contacts. */
  readonly otherEmails: readonly string[];
  readonly phone: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly card: string;
  readonly userId: string;
  readonly shop: string;
  readonly stage: "lead" | "customer";
  /** Ids of the contacts that this one has absorbed. */
  readonly merged: readonly string[];
}

/** A contact of the CRM: a person as one of its users, or an import, wrote them down. */
export interface CrmContact {
  readonly id: string;
  readonly person: Person;
  /** In the order of time; the first is its creation. */
  readonly states: readonly [CrmState, ...CrmState[]];
  readonly archivedAt: number | null;
  /** From then on the contact is part of another one. */
  readonly absorbedAt: number | null;
  /** Its phone is none: damaged by a spreadsheet, or a placeholder. */
  readonly badPhone: boolean;
}

export interface CrmInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly people: readonly Person[];
  /** Who signed up at events, among others. */
  readonly contacts: ReadonlyMap<string, readonly Contact[]>;
}

/** A contact before it has an id. */
interface Draft {
  readonly person: Person;
  readonly email: string;
  readonly random: Random;
  readonly createdAt: number;
  /** When somebody or something changed it. */
  readonly changes: readonly number[];
  readonly archivedAt: number | null;
  readonly twin: { readonly draft: Draft; readonly absorbedAt: number | null } | null;
}

/** The contacts of the CRM, with everything that became of them. */
export function planCrm(input: CrmInput): CrmContact[] {
  const signedUp = signUpDays(input);
  const drafts = input.people.flatMap((person) => {
    const draft = draftOf(input, person, signedUp.get(person.index));
    return draft ? [draft] : [];
  });
  const all = drafts
    .flatMap((draft) => (draft.twin ? [draft, draft.twin.draft] : [draft]))
    .sort((a, b) => a.createdAt - b.createdAt || a.person.index - b.person.index);
  const ids = new Map(all.map((draft, i) => [draft, String(51_200_000_019 + i * 7)]));
  const absorbed = new Map(
    drafts.flatMap(({ twin }) => (twin ? [[twin.draft, twin.absorbedAt]] : [])),
  );
  return all.map((draft) => contactOf(input, draft, ids, absorbed.get(draft) ?? null));
}

function signUpDays({ settings, calendar, contacts }: CrmInput): Map<number, number> {
  const days = new Map<number, number>();
  for (const { id } of settings.events) {
    for (const { person, at } of contacts.get(id) ?? []) {
      const day = calendar.dayAt(at).index;
      days.set(person.index, Math.min(day, days.get(person.index) ?? day));
    }
  }
  return days;
}

/** People come in when the retailer comes to know them; those known before the CRM was there, in one import. */
function draftOf(input: CrmInput, person: Person, signedUp: number | undefined): Draft | null {
  const { seed, settings, calendar } = input;
  const { crm } = settings;
  const random = stream(seed, "crm", person.index);
  const known = [person.cards[0]?.day, person.account?.day, signedUp].filter(
    (day) => day !== undefined,
  );
  const share = known.length > 0 ? crm.knownPeople : crm.otherPeople;
  if (person.emails.length + person.phones.length === 0 || !chance(random, share)) return null;
  const last = calendar.days.length - 1;
  const since = calendar.indexOf(crm.since);
  const entered =
    known.length > 0 ? Math.min(...known) + between(random, 0, 3) : between(random, since, last);
  const day = Math.max(entered, since);
  if (day > last) return null;
  const createdAt =
    entered <= since
      ? instantOn(calendar, since, 6 * 60) + between(random, 0, 40)
      : officeTime(random, calendar, day);
  const later = [...person.cards.map((card) => card.day), person.account?.day ?? -1]
    .filter((known) => known >= day)
    .map((known) => officeTime(random, calendar, known + 1));
  const touched = chance(random, crm.edited)
    ? [officeTime(random, calendar, between(random, day, last))]
    : [];
  const changes = [...later, ...touched].filter((at) => at > createdAt && at < calendar.end);
  const twin = twinOf(input, person, day);
  const archivedAt =
    !twin && chance(random, crm.archived)
      ? officeTime(random, calendar, between(random, Math.max(day, 0), last) + 1)
      : null;
  return {
    person,
    email: person.emails[0] ?? "",
    random,
    createdAt,
    changes,
    archivedAt: archivedAt !== null && archivedAt < calendar.end ? archivedAt : null,
    twin,
  };
}

/** The same person again with another e-mail, found and merged later, or not. */
function twinOf(input: CrmInput, person: Person, day: number): Draft["twin"] {
  const { seed, settings, calendar } = input;
  const { crm } = settings;
  const random = stream(seed, "crm twin", person.index);
  const email = person.emails[1];
  const last = calendar.days.length - 1;
  if (email === undefined || !chance(random, crm.twins)) return null;
  const from = Math.max(day, 0) + between(random, 3, 90);
  if (from > last) return null;
  const createdAt = officeTime(random, calendar, from);
  const mergedOn = from + between(random, 2, 200);
  const absorbedAt = officeTime(random, calendar, mergedOn);
  const isMerged = mergedOn <= last && chance(random, crm.twinsMerged);
  const draft = { person, email, random, createdAt, changes: [], archivedAt: null, twin: null };
  return { draft, absorbedAt: isMerged ? absorbedAt : null };
}

/** Between nine and six, to the millisecond. */
const officeTime = (random: Random, calendar: Calendar, day: number): number =>
  instantOn(calendar, day, between(random, 9 * 60, 18 * 60 - 1)) + between(random, 0, 59_999);

const NO_PHONES = ["0000000000", "1111111111", "n/a", "3,12E+09", "3.14E+11"];

function contactOf(
  { settings, calendar }: CrmInput,
  draft: Draft,
  ids: ReadonlyMap<Draft, string>,
  absorbedAt: number | null,
): CrmContact {
  const { person, random, email, createdAt, twin } = draft;
  const name = typedName(random, person);
  const badPhone = chance(random, settings.crm.badPhones);
  const phone = badPhone
    ? pick(random, NO_PHONES)
    : person.phones.length > 0 && (email === "" || chance(random, 0.7))
      ? formatPhone(random, pick(random, person.phones))
      : "";
  const showsCard = chance(random, 0.85);
  const showsAccount = chance(random, 0.9);
  const mergedAt = twin?.absorbedAt ?? null;
  const stateAt = (at: number): CrmState => {
    const day = Math.floor((at - calendar.day(0).start) / 86_400_000);
    const card = showsCard ? (cardOn(person, day)?.number ?? "") : "";
    const { account } = person;
    const userId = showsAccount && account && account.day <= day ? account.userId : "";
    const hasMerged = twin !== null && mergedAt !== null && at >= mergedAt;
    return {
      at,
      email,
      otherEmails: hasMerged ? [twin.draft.email] : [],
      phone,
      ...name,
      card,
      userId,
      shop: person.homeShop.code,
      stage: card !== "" || userId !== "" ? "customer" : "lead",
      merged: hasMerged ? [ids.get(twin.draft) ?? ""] : [],
    };
  };
  const until = draft.archivedAt ?? absorbedAt ?? calendar.end;
  const changes = [...new Set([...draft.changes, ...(mergedAt === null ? [] : [mergedAt])])]
    .filter((at) => at < until)
    .sort((a, b) => a - b);
  return {
    id: ids.get(draft) ?? "",
    person,
    states: [stateAt(createdAt), ...changes.map(stateAt)],
    archivedAt: draft.archivedAt,
    absorbedAt,
    badPhone,
  };
}

/** A name as people type it. */
function typedName(
  random: Random,
  { firstName, lastName }: Person,
): { firstName: string; lastName: string } {
  const style = random();
  if (style < 0.72) return { firstName, lastName };
  if (style < 0.82) return { firstName: firstName.toUpperCase(), lastName: lastName.toUpperCase() };
  if (style < 0.9) return { firstName: firstName.toLowerCase(), lastName: lastName.toLowerCase() };
  if (style < 0.96) return { firstName: `${firstName} `, lastName: ` ${lastName}` };
  return { firstName: lastName, lastName: firstName };
}

/** The contact's state at a time; undefined before its creation. */
export const stateOf = ({ states }: CrmContact, at: number): CrmState | undefined =>
  states.filter((state) => state.at <= at).at(-1);
