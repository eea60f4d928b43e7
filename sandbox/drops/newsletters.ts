import { join } from "node:path";
import { newsletterDays, newsletterName } from "../world/campaigns.ts";
import { newsletterFate } from "../world/newsletters.ts";
import type { Person, World } from "../world/types.ts";
import { italianDate, writeCsv } from "./csv.ts";

/** One newsletter for one subscriber. */
export interface NewsletterRow {
  readonly ref: string;
  readonly newsletter: string;
  /** The day it went out. */
  readonly date: string;
  readonly person: Person;
  readonly email: string;
  readonly fate: ReturnType<typeof newsletterFate>;
}

/** Every newsletter for every subscriber, by day and person. */
export function* newsletterRows(world: World): Generator<NewsletterRow> {
  for (const day of newsletterDays(world.settings, world.calendar)) yield* rowsOf(world, day);
}

function* rowsOf(
  { seed, settings, calendar, people }: World,
  day: number,
): Generator<NewsletterRow> {
  const newsletter = newsletterName(calendar, day);
  const { date } = calendar.day(day);
  let number = 0;
  for (const person of people) {
    const email = person.emails[0];
    if (!person.subscribed || !email) continue;
    const ref = `${newsletter}-${String(++number).padStart(6, "0")}`;
    const fate = newsletterFate(seed, settings, day, person);
    yield { ref, newsletter, date, person, email, fate };
  }
}

const HEADER = "Invio;Newsletter;Data invio;Ora invio;E-mail;Esito";

const OUTCOMES = { sent: "INVIATA", bounced: "RESPINTA", held_out: "CONTROLLO" };

/** The mail tool's list of each newsletter: who got it, whose mailbox refused it, who was held out. */
export function writeNewsletters(world: World, dir: string): number {
  let files = 0;
  for (const day of newsletterDays(world.settings, world.calendar)) {
    // One newsletter at a time: all of them for everybody would not be bounded.
    const lines = Array.from(rowsOf(world, day), ({ ref, newsletter, date, email, fate }) =>
      [ref, newsletter, italianDate(date), "07:30", email, OUTCOMES[fate]].join(";"),
    );
    if (lines.length === 0) continue;
    const name = newsletterName(world.calendar, day);
    writeCsv(join(dir, `invii_${name}.csv`), "utf8-bom", [HEADER, ...lines]);
    files++;
  }
  return files;
}
