import { join } from "node:path";
import { newsletterDays, newsletterName } from "../world/campaigns.ts";
import { groupBy } from "../world/group.ts";
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
  const { seed, settings, calendar, people } = world;
  const subscribers = people.filter((person) => person.subscribed);
  for (const day of newsletterDays(settings, calendar)) {
    const newsletter = newsletterName(calendar, day);
    const { date } = calendar.day(day);
    let number = 0;
    for (const person of subscribers) {
      const email = person.emails[0];
      if (!email) continue;
      const ref = `${newsletter}-${String(++number).padStart(6, "0")}`;
      const fate = newsletterFate(seed, settings, day, person);
      yield { ref, newsletter, date, person, email, fate };
    }
  }
}

const HEADER = "Invio;Newsletter;Data invio;Ora invio;E-mail;Esito";

const OUTCOMES = { sent: "INVIATA", bounced: "RESPINTA", held_out: "CONTROLLO" };

/** The mail tool's list of each newsletter: who got it, whose mailbox refused it, who was held out. */
export function writeNewsletters(world: World, dir: string): number {
  const byNewsletter = groupBy(newsletterRows(world), ({ newsletter }) => newsletter);
  for (const [newsletter, rows] of byNewsletter) {
    const lines = rows.map(({ ref, date, email, fate }) =>
      [ref, newsletter, italianDate(date), "07:30", email, OUTCOMES[fate]].join(";"),
    );
    writeCsv(join(dir, `invii_${newsletter}.csv`), "utf8-bom", [HEADER, ...lines]);
  }
  return byNewsletter.size;
}
