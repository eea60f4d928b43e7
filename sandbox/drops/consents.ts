import { join } from "node:path";
import { writeNdjson } from "../files.ts";
import type { SourceRecord } from "../truth.ts";
import type { ConsentEntry } from "../world/consents.ts";
import { groupBy } from "../world/group.ts";
import { offsetTime } from "../world/instants.ts";
import type { World } from "../world/types.ts";
import { writeCsv } from "./csv.ts";
import { iso } from "./segment-calls.ts";

const HEADER = [
  "Tessera",
  "E-mail",
  "Cellulare",
  "Canale",
  "Finalità",
  "Esito",
  "Raccolto il",
  "Origine",
  "Versione testo",
];

const CHANNELS = {
  email: "E-MAIL",
  sms: "SMS",
  whatsapp: "WHATSAPP",
  post: "POSTA",
  all: "TUTTI",
} as const;

const PURPOSES = {
  marketing: "MARKETING",
  profiling: "PROFILAZIONE",
  ads: "PUBBLICITÀ",
  measurement: "MISURAZIONE",
} as const;

/** The consent platform's log: one file per month of collection, one for everything before the first day. */
export function writeConsents(
  world: World,
  dir: string,
  record: (row: SourceRecord) => void,
): number {
  const { calendar, consents } = world;
  const first = calendar.day(0).start;
  const byFile = groupBy(consents, ({ at }) =>
    at < first ? "storico" : calendar.local(at).slice(0, 7),
  );
  for (const [name, entries] of byFile) {
    const file = `consensi_${name}.csv`;
    entries.forEach((entry, i) => {
      record({
        source: "consents",
        key: `${file}:${i + 2}`,
        person_id: entry.person.id,
        email: entry.email,
        phone: entry.phone,
        loyalty_card: entry.card,
        user_id: "",
        anonymous_id: "",
        mistyped: false,
      });
    });
    const lines = entries.map((entry) => cells(world, entry).join("|"));
    writeCsv(join(dir, file), "utf8", [HEADER.join("|"), ...lines]);
  }
  return byFile.size;
}

const cells = ({ calendar }: World, entry: ConsentEntry): string[] => [
  entry.card,
  entry.email,
  entry.phone,
  CHANNELS[entry.channel],
  PURPOSES[entry.purpose],
  entry.granted ? "S" : "N",
  offsetTime(calendar, entry.at),
  entry.origin,
  entry.textVersion,
];

/** `consents.ndjson` of the truth: the log with the persons behind it. */
export function writeConsentTruth({ consents }: World, path: string): void {
  writeNdjson(
    path,
    consents.map(({ person, at, channel, purpose, granted }) => ({
      person_id: person.id,
      channel,
      purpose,
      status: granted ? "granted" : "withdrawn",
      collected_at: iso(at),
    })),
  );
}

/** Sums for `totals.json`: rows of the log by purpose and status. */
export function consentTotals({ consents }: World) {
  const granted = consents.filter((entry) => entry.granted);
  return {
    rows: consents.length,
    granted: granted.length,
    withdrawn: consents.length - granted.length,
    purposes: Object.fromEntries(
      [...groupBy(consents, ({ purpose }) => purpose)]
        .map(([purpose, entries]) => [purpose, entries.length] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}
