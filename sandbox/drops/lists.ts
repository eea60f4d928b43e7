import { join } from "node:path";
import { italian } from "../money.ts";
import { chance, pick, stream } from "../random.ts";
import type { SourceRecord } from "../truth.ts";
import { postcardCost } from "../world/campaigns.ts";
import { formatPhone } from "../world/contacts.ts";
import { groupBy } from "../world/group.ts";
import { cardOn } from "../world/people.ts";
import type { Card, Person, World } from "../world/types.ts";
import { italianDate, quoted, writeCsv } from "./csv.ts";

type RecordRow = (row: SourceRecord) => void;

const DAY = 86_400_000;

const LOYALTY_HEADER =
  "Tessera;Sostituisce;Cognome;Nome;E-mail;Cellulare;Data di nascita;Indirizzo;CAP;Città;Negozio;Data iscrizione;Consenso marketing";

/** The enrolment lists of the loyalty programme: one file per month, one for everything before the first day. */
export function writeLoyalty(world: World, dir: string, record: RecordRow): number {
  const first = Date.parse(`${world.settings.firstDay}T00:00:00Z`);
  const issued = world.people
    .flatMap((person) =>
      person.cards.map((card) => ({
        person,
        card,
        date: new Date(first + card.day * DAY).toISOString().slice(0, 10),
      })),
    )
    .sort((a, b) => a.card.day - b.card.day || a.person.index - b.person.index);
  const byFile = groupBy(issued, ({ card, date }) => (card.day < 0 ? "storico" : date.slice(0, 7)));
  for (const [name, rows] of byFile) {
    const lines = rows.map(({ person, card, date }) =>
      enrolment(world, person, card, date, record),
    );
    writeCsv(join(dir, `iscritti_${name}.csv`), "utf8-bom", [LOYALTY_HEADER, ...lines]);
  }
  return byFile.size;
}

function enrolment(
  world: World,
  person: Person,
  card: Card,
  date: string,
  record: RecordRow,
): string {
  const random = stream(
    world.seed,
    card.replaces === null ? "enrolment" : "replacement",
    person.index,
  );
  const email = person.emails.length > 0 && chance(random, 0.8) ? pick(random, person.emails) : "";
  const phone =
    person.phones.length > 0 && chance(random, email === "" ? 0.95 : 0.75)
      ? formatPhone(random, pick(random, person.phones))
      : "";
  record({
    source: "loyalty",
    key: card.number,
    person_id: person.id,
    email,
    phone,
    loyalty_card: card.number,
    user_id: "",
    anonymous_id: "",
    mistyped: false,
  });
  return [
    card.number,
    card.replaces ?? "",
    person.lastName,
    person.firstName,
    email,
    phone,
    italianDate(person.birthDate),
    person.street,
    person.postalCode,
    person.city,
    card.shop.code,
    italianDate(date),
    person.subscribed ? "S" : "N",
  ].join(";");
}

const SIGNUP_HEADER =
  "Iscrizione,Evento,Nome evento,Data e ora,Negozio,Nome,Cognome,E-mail,Telefono";

/** The sheets that lay at the door of each event. */
export function writeSignups(world: World, dir: string, record: RecordRow): number {
  let files = 0;
  for (const event of world.settings.events) {
    const guests = world.contacts.get(event.id) ?? [];
    if (guests.length === 0) continue;
    const lines = guests.map(({ person, at, ref }) => {
      const random = stream(world.seed, `sign-up ${event.id}`, person.index);
      const email =
        person.emails.length > 0 && (person.phones.length === 0 || chance(random, 0.75))
          ? pick(random, person.emails)
          : "";
      const phone =
        person.phones.length > 0 && (email === "" || chance(random, 0.5))
          ? formatPhone(random, pick(random, person.phones))
          : "";
      record({
        source: "event_signups",
        key: ref,
        person_id: person.id,
        email,
        phone,
        loyalty_card: "",
        user_id: "",
        anonymous_id: "",
        mistyped: false,
      });
      const time = world.calendar.local(at).slice(0, 16).replace("T", " ");
      return [
        ref,
        event.id,
        event.name,
        time,
        event.shop,
        person.firstName,
        person.lastName,
        email,
        phone,
      ]
        .map(quoted)
        .join(",");
    });
    writeCsv(join(dir, `evento_${event.id}.csv`), "utf8", [SIGNUP_HEADER, ...lines]);
    files++;
  }
  return files;
}

const POSTCARD_HEADER =
  "Invio;Campagna;Nome campagna;Data spedizione;Tessera;Cognome;Nome;Indirizzo;CAP;Città;Costo €";

/** The mailing house's lists. */
export function writePostcards(world: World, dir: string, record: RecordRow): number {
  let files = 0;
  for (const mailing of world.settings.postcards) {
    const pieces = world.contacts.get(mailing.id) ?? [];
    if (pieces.length === 0) continue;
    const cost = postcardCost(world.settings, mailing.id);
    const lines = pieces.map(({ person, at, ref }) => {
      const card = cardOn(person, world.calendar.dayAt(at).index)?.number ?? "";
      record({
        source: "postcards",
        key: ref,
        person_id: person.id,
        email: "",
        phone: "",
        loyalty_card: card,
        user_id: "",
        anonymous_id: "",
        mistyped: false,
      });
      return [
        ref,
        mailing.id,
        mailing.name,
        italianDate(mailing.day),
        card,
        person.lastName,
        person.firstName,
        person.street,
        person.postalCode,
        person.city,
        italian(cost),
      ].join(";");
    });
    const footer = `TOTALE${";".repeat(10)}${italian(cost * pieces.length)}`;
    writeCsv(join(dir, `cartoline_${mailing.id}.csv`), "windows-1252", [
      POSTCARD_HEADER,
      ...lines,
      footer,
    ]);
    files++;
  }
  return files;
}
