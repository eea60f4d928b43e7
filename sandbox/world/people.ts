import type { Calendar } from "../calendar.ts";
import {
  between,
  chance,
  logNormal,
  pick,
  type Random,
  stream,
  uuid,
  weighted,
} from "../random.ts";
import { MAIL_DOMAINS, MEN, STREETS, SURNAMES, WOMEN } from "./names.ts";
import type { Settings } from "./settings.ts";
import type { Card, Device, Person, Shop } from "./types.ts";

/** Prefixes of mobile form that no operator uses. */
const PHONE_PREFIXES = ["312", "314", "315", "317"];

/** Shortened: a real one is a fifth of an event. */
const USER_AGENTS = [
  "Mozilla/5.0 (iPhone) Safari/605.1",
  "Mozilla/5.0 (Linux; Android 15) Chrome/138.0",
  "Mozilla/5.0 (Windows NT 10.0) Chrome/138.0",
  "Mozilla/5.0 (Macintosh) Safari/605.1",
];

export interface PeopleInput {
  readonly seed: number;
  readonly customers: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
}

/** Everybody whom the retailer might come to know, families beside one another. */
export function makePeople(input: PeopleInput): Person[] {
  const { seed, customers, settings } = input;
  const taken = new Set<string>();
  const people: Person[] = [];
  for (let index = 0; index < customers; index++) {
    const previous = people[index - 1];
    const joins =
      previous !== undefined &&
      chance(stream(seed, "household", index), settings.difficulty.peopleOnAnotherPhone);
    const lender = joins && previous.phones.length > 0 ? previous : null;
    people.push(makePerson(input, index, lender, taken));
  }
  return people;
}

function makePerson(
  input: PeopleInput,
  index: number,
  lender: Person | null,
  taken: Set<string>,
): Person {
  const { seed, settings, calendar, shops } = input;
  const { difficulty, demand } = settings;
  const random = stream(seed, "person", index);
  const id = `P${String(index + 1).padStart(6, "0")}`;
  const firstName = pick(random, chance(random, 0.64) ? WOMEN : MEN);
  const own = pick(random, SURNAMES);
  const lastName = lender && chance(random, 0.7) ? lender.lastName : own;
  const drawnShop = shops[weighted(shops.map((shop) => shop.weight)).draw(random)];
  const homeShop = lender?.homeShop ?? drawnShop ?? pick(random, shops);
  const kind = random();
  const onlyInShop = kind < demand.onlyInShop;
  const online = onlyInShop
    ? 0
    : kind < demand.onlyInShop + demand.onlyOnline
      ? 1
      : 0.2 + 0.6 * random();
  const usesWeb = !onlyInShop || chance(random, 0.4);
  const birthYear = between(random, 1950, 2006);
  const birthDate = `${birthYear}-${two(between(random, 1, 12))}-${two(between(random, 1, 28))}`;
  const emails = makeEmails(
    stream(seed, "emails", index),
    { firstName, lastName, birthYear, usesWeb },
    difficulty.peopleWithTwoEmails,
    taken,
  );
  const phones = lender
    ? [lender.phones[0] ?? ""]
    : makePhones(stream(seed, "phones", index), difficulty.peopleWithTwoPhones, taken);
  const account = stream(seed, "account", index);
  return {
    index,
    id,
    firstName,
    lastName,
    birthDate,
    street: lender?.street ?? `${pick(random, STREETS)} ${between(random, 1, 120)}`,
    postalCode: lender?.postalCode ?? nearbyPostalCode(random, homeShop),
    city: homeShop.city,
    household: lender?.household ?? id,
    emails,
    phones,
    cards: makeCards(
      stream(seed, "cards", index),
      input,
      index,
      homeShop,
      onlyInShop || online < 1,
    ),
    account:
      usesWeb && !chance(account, difficulty.guestCheckouts)
        ? {
            userId: `u${String(index + 1).padStart(6, "0")}`,
            day: between(account, -400, calendar.days.length - 60),
            phone: chance(account, 0.75) ? (phones[0] ?? "") : "",
            showsCard: chance(account, 0.5),
          }
        : null,
    devices: usesWeb ? makeDevices(stream(seed, "devices", index), settings, calendar, lender) : [],
    subscribed:
      emails.length > 0 &&
      chance(stream(seed, "subscribed", index), settings.newsletter.subscribers),
    homeShop,
    online,
    rate: demand.ordersPerPerson * logNormal(stream(seed, "rate", index), demand.heterogeneity),
    openness: logNormal(stream(seed, "openness", index), 0.7),
    named: !chance(stream(seed, "named", index), difficulty.neverNamedPeople),
  };
}

const two = (value: number): string => String(value).padStart(2, "0");

const plain = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/[^a-zA-Z]/g, "")
    .toLowerCase();

const nearbyPostalCode = (random: Random, shop: Shop): string =>
  shop.postalCode.slice(0, 3) + two(between(random, 10, 60));

interface Named {
  readonly firstName: string;
  readonly lastName: string;
  readonly birthYear: number;
  readonly usesWeb: boolean;
}

function makeEmails(random: Random, person: Named, two: number, taken: Set<string>): string[] {
  if (!person.usesWeb && chance(random, 0.15)) return [];
  const count = chance(random, two) ? (chance(random, 0.12) ? 3 : 2) : 1;
  const emails: string[] = [];
  for (let i = 0; i < count; i++) emails.push(makeEmail(random, person, taken));
  return emails;
}

function makeEmail(random: Random, person: Named, taken: Set<string>): string {
  const first = plain(person.firstName);
  const last = plain(person.lastName);
  const forms = [`${first}.${last}`, `${first[0]}.${last}`, `${last}.${first}`, `${first}${last}`];
  for (;;) {
    const form = pick(random, forms);
    const local = chance(random, 0.6)
      ? `${form}${chance(random, 0.5) ? person.birthYear % 100 : between(random, 1, 999)}`
      : form;
    const email = `${local}@${pick(random, MAIL_DOMAINS)}`;
    if (taken.has(email)) continue;
    taken.add(email);
    return email;
  }
}

function makePhones(random: Random, two: number, taken: Set<string>): string[] {
  if (chance(random, 0.03)) return [];
  const phones: string[] = [];
  const count = chance(random, two) ? 2 : 1;
  while (phones.length < count) {
    const phone = `+39${pick(random, PHONE_PREFIXES)}${between(random, 1_000_000, 9_999_999)}`;
    if (taken.has(phone)) continue;
    taken.add(phone);
    phones.push(phone);
  }
  return phones;
}

function makeCards(
  random: Random,
  input: PeopleInput,
  index: number,
  shop: Shop,
  visitsShops: boolean,
): Card[] {
  const { calendar, settings } = input;
  const holders = settings.difficulty.cardHolders;
  if (!chance(random, visitsShops ? Math.min(1, holders * 1.15) : holders * 0.4)) return [];
  const last = calendar.days.length - 1;
  const earliest = Math.max(shop.firstDay, -900);
  const first =
    chance(random, 0.6) && shop.firstDay === 0
      ? between(random, -900, -1)
      : between(random, Math.max(earliest, 0), last);
  const card: Card = { number: cardNumber(index, 0), day: first, shop, replaces: null };
  const lostFrom = Math.max(first + 30, 0);
  if (lostFrom >= last || !chance(random, settings.difficulty.cardsReplaced)) return [card];
  return [
    card,
    {
      number: cardNumber(index, 1),
      day: between(random, lostFrom, last),
      shop,
      replaces: card.number,
    },
  ];
}

/** EAN-13 with prefix 29, kept by GS1 for numbers that are valid in one company only. */
function cardNumber(index: number, issue: number): string {
  const digits = `29${issue}${String(index * 7 + 1_000_003).padStart(9, "0")}`;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += Number(digits[i]) * (i % 2 === 0 ? 1 : 3);
  return digits + String((10 - (sum % 10)) % 10);
}

function makeDevices(
  random: Random,
  settings: Settings,
  calendar: Calendar,
  lender: Person | null,
): Device[] {
  const { difficulty } = settings;
  const devices: Device[] = [];
  const count = 1 + (chance(random, 0.55) ? 1 : 0) + (chance(random, 0.15) ? 1 : 0);
  const analytics = !chance(random, difficulty.analyticsRefused);
  const advertising = analytics && !chance(random, difficulty.advertisingRefused);
  for (let i = 0; i < count; i++) {
    const cookies: { day: number; anonymousId: string }[] = [];
    for (
      let day = 0;
      day < calendar.days.length;
      day += Math.ceil(difficulty.cookieLifeDays * (0.4 + 1.2 * random()))
    ) {
      cookies.push({ day, anonymousId: uuid(random) });
    }
    devices.push({
      userAgent: pick(random, USER_AGENTS),
      analytics,
      advertising,
      skew: chance(random, 0.1) ? between(random, -90_000, 90_000) : 0,
      cookies,
    });
  }
  const family = lender?.devices.at(-1);
  if (family && chance(random, difficulty.sharedDevices)) devices.push(family);
  return devices;
}

/** The anonymous id that a device has on a day. */
export function anonymousIdOn(device: Device, day: number): string {
  let id = "";
  for (const cookie of device.cookies) if (cookie.day <= day) id = cookie.anonymousId;
  return id;
}

/** The card that a person carries on a day. */
export const cardOn = (person: Person, day: number): Card | undefined =>
  person.cards.filter((card) => card.day <= day).at(-1);
