import { join } from "node:path";
import { stream } from "../random.ts";
import type { SourceRecord } from "../truth.ts";
import { formatPhone } from "../world/contacts.ts";
import { groupBy } from "../world/group.ts";
import { cardOn } from "../world/people.ts";
import type { World } from "../world/types.ts";
import { italianDate, writeCsv } from "./csv.ts";

type RecordRow = (row: SourceRecord) => void;

const HOLDOUT_HEADER =
  "Riferimento;Fornitore;Canale;Campagna;Nome campagna;Data;Cellulare;Tessera;Gruppo";

/** The control group of each campaign, as the CRM manager keeps it. */
export function writeHoldouts(world: World, dir: string, record: RecordRow): number {
  const byCampaign = groupBy(world.messages.heldOut, ({ campaign }) => campaign);
  for (const [campaign, rows] of byCampaign) {
    const lines = rows.map(({ person, phone, at }, i) => {
      const { index, date } = world.calendar.dayAt(at);
      const ref = `CG-${campaign.key}-${String(i + 1).padStart(5, "0")}`;
      const card = cardOn(person, index)?.number ?? "";
      record({ ...named("holdouts", ref, person.id), phone, loyalty_card: card });
      const { provider, channel, key, name } = campaign;
      return [ref, provider, channel, key, name, italianDate(date), phone, card, "CONTROLLO"].join(
        ";",
      );
    });
    writeCsv(join(dir, `controllo_${campaign.key}.csv`), "utf8", [HOLDOUT_HEADER, ...lines]);
  }
  return byCampaign.size;
}

const CODE_HEADER = "Codice;Campagna;Nome campagna;Canale;Cellulare;Tessera;Valido dal;Valido al";

/** The personal codes of each campaign, with whom each was sent to. */
export function writePromoCodes(world: World, dir: string, record: RecordRow): number {
  const coded = world.messages.sent.filter(({ promoCode }) => promoCode);
  const byCampaign = groupBy(coded, ({ key }) => key);
  for (const [key, messages] of byCampaign) {
    const lines = messages.flatMap(({ promoCode, name, channel, person, phone, at }) => {
      if (!promoCode) return [];
      const random = stream(world.seed, `code list ${promoCode.code}`, person.index);
      const { index, date } = world.calendar.dayAt(at);
      const typed = formatPhone(random, phone);
      const card = cardOn(person, index)?.number ?? "";
      record({
        ...named("promo_codes", promoCode.code, person.id),
        phone: typed,
        loyalty_card: card,
      });
      const until = world.calendar.day(promoCode.until).date;
      return [
        promoCode.code,
        key,
        name,
        channel,
        typed,
        card,
        italianDate(date),
        italianDate(until),
      ].join(";");
    });
    writeCsv(join(dir, `codici_${key}.csv`), "utf8", [CODE_HEADER, ...lines]);
  }
  return byCampaign.size;
}

const named = (source: SourceRecord["source"], key: string, person_id: string): SourceRecord => ({
  source,
  key,
  person_id,
  email: "",
  phone: "",
  loyalty_card: "",
  user_id: "",
  anonymous_id: "",
  mistyped: false,
});
