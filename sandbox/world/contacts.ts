import { between, chance, pick, type Random } from "../random.ts";
import { cardOn } from "./people.ts";
import type { Settings } from "./settings.ts";
import type { Named, Person } from "./types.ts";

/**
 * What a till knows of its customer: nothing, a card, or a phone or e-mail as the operator typed it.
 * `share` is the chance that a person who is named at times is named now.
 */
export function nameAtTill(
  random: Random,
  person: Person | null,
  day: number,
  share: number,
  settings: Settings,
): Named | null {
  if (!person?.named || !chance(random, share)) return null;
  const card = cardOn(person, day)?.number ?? "";
  const way = random();
  const contact = card !== "" && way < 0.82 ? null : chooseContact(random, person);
  const withCard = card !== "" && (way < 0.9 || contact === null);
  if (!withCard && contact === null) return null;
  const mistyped = contact !== null && chance(random, settings.difficulty.mistypedTillContacts);
  const text = contact === null ? "" : mistyped ? mistype(random, contact) : contact;
  const isEmail = contact?.includes("@") ?? false;
  return {
    card: withCard ? card : "",
    phone: contact !== null && !isEmail ? formatPhone(random, text) : "",
    email: isEmail ? formatEmail(random, text) : "",
    mistyped,
  };
}

/** Share of the receipts of people named at times that must be named, so that the whole comes to `unnamedReceipts`. */
export function namedShare({ difficulty }: Settings): number {
  const { unnamedReceipts, passerByReceipts, neverNamedPeople } = difficulty;
  return Math.min(1, (1 - unnamedReceipts) / ((1 - passerByReceipts) * (1 - neverNamedPeople)));
}

function chooseContact(random: Random, person: Person): string | null {
  const preferred = chance(random, 0.62) ? person.phones : person.emails;
  const list = preferred.length > 0 ? preferred : [...person.phones, ...person.emails];
  return list.length > 0 ? pick(random, list) : null;
}

/** An Italian mobile in one of the forms in which people write it. */
export function formatPhone(random: Random, phone: string): string {
  const digits = phone.replace(/^\+39/, "");
  const [a, b, c] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
  const forms = [
    digits,
    digits,
    digits,
    `${a} ${b} ${c}`,
    `${a} ${b}${c}`,
    `+39 ${a} ${b}${c}`,
    `+39${digits}`,
    `0039${digits}`,
    `${a}-${b}${c}`,
    `${a}/${b}${c}`,
  ];
  return pick(random, forms);
}

const formatEmail = (random: Random, email: string): string =>
  chance(random, 0.12) ? email.toUpperCase() : email;

/** One slip of the fingers; never the same text. */
function mistype(random: Random, text: string): string {
  if (!text.includes("@")) {
    // The prefix +39 is not typed, so it cannot go wrong.
    return `+39${slip(random, text.replace(/^\+39/, ""), "0123456789")}`;
  }
  const [local = "", domain = ""] = text.split("@");
  if (chance(random, 0.25))
    return `${local}@${domain.replace(".", chance(random, 0.5) ? "," : "")}`;
  if (chance(random, 0.3))
    return `${local}@${slip(random, domain.split(".")[0] ?? "", "aeiourt")}.example`;
  return `${slip(random, local, "aeiourtsl")}@${domain}`;
}

function slip(random: Random, text: string, alphabet: string): string {
  for (;;) {
    const at = between(random, 0, text.length - 2);
    const kind = between(random, 0, 3);
    const [before, here, next, after] = [
      text.slice(0, at),
      text[at] ?? "",
      text[at + 1] ?? "",
      text.slice(at + 2),
    ];
    const letter = pick(random, [...alphabet]);
    const changed =
      kind === 0
        ? before + next + here + after
        : kind === 1
          ? before + letter + next + after
          : kind === 2
            ? before + next + after
            : before + here + letter + next + after;
    if (changed !== text) return changed;
  }
}
