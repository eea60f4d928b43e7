import { join } from "node:path";
import { writeJson } from "./files.ts";
import type { Settings } from "./world/settings.ts";

const contact = { first_name: "Nome", last_name: "Cognome" };

/** The retailer's mapping files, in the form that the file-feed loader's README describes. */
const MAPPINGS = {
  till: {
    entity: "receipts",
    encoding: "windows-1252",
    delimiter: ";",
    decimal: ",",
    thousands: ".",
    dateFormat: "dd/MM/yyyy",
    timeFormat: "HH:mm",
    columns: {
      store_code: "Negozio",
      till_code: "Cassa",
      rt_serial: "Matricola RT",
      receipt_number: "Scontrino",
      business_date: "Data",
      receipt_ts: { date: "Data", time: "Ora" },
      line_no: "Riga",
      line_type: "Causale",
      sku: "Articolo",
      description: "Descrizione",
      qty: "Q.tà",
      unit_gross: "Prezzo €",
      discount: "Sconto €",
      vat_rate: "Aliquota IVA",
      vat_nature: "Natura IVA",
      vat_amount: "di cui IVA €",
      line_gross: "Importo €",
      loyalty_card: "Tessera",
      operator: "Addetto",
      return_of: "Rif. documento",
    },
    contacts: { phone: "Cellulare", email: "E-mail" },
    lineTypes: [
      { type: "RETURN", when: { line_type: "^RES$" } },
      { type: "VOID", when: { line_type: "^ANN$" } },
      { type: "GIFT_CARD", when: { line_type: "^BUO$" } },
      { type: "SALE", when: { line_type: "^VEN$" } },
    ],
    footer: { pattern: "^TOTALE", total: "line_gross" },
  },
  loyalty: {
    entity: "people",
    encoding: "utf-8",
    delimiter: ";",
    dateFormat: "dd/MM/yyyy",
    columns: {
      loyalty_card: "Tessera",
      store_code: "Negozio",
      recorded_at: { date: "Data iscrizione" },
    },
    contacts: {
      ...contact,
      email: "E-mail",
      phone: "Cellulare",
      birth_date: "Data di nascita",
      street: "Indirizzo",
      postal_code: "CAP",
      city: "Città",
    },
    attributes: { replaces_loyalty_card: "Sostituisce", marketing_consent: "Consenso marketing" },
    required: ["loyalty_card"],
  },
  event_signups: {
    entity: "touches",
    encoding: "utf-8",
    delimiter: ",",
    timestampFormat: "yyyy-MM-dd HH:mm",
    columns: {
      touch_ref: "Iscrizione",
      campaign_id: "Evento",
      campaign_name: "Nome evento",
      touched_at: "Data e ora",
      store_code: "Negozio",
    },
    contacts: { ...contact, email: "E-mail", phone: "Telefono" },
    constants: { channel: "event", platform: "event", interaction: "visit", purpose: "marketing" },
  },
  postcards: {
    entity: "touches",
    encoding: "windows-1252",
    delimiter: ";",
    decimal: ",",
    thousands: ".",
    dateFormat: "dd/MM/yyyy",
    columns: {
      touch_ref: "Invio",
      campaign_id: "Campagna",
      campaign_name: "Nome campagna",
      touched_at: { date: "Data spedizione" },
      loyalty_card: "Tessera",
      cost: "Costo €",
    },
    contacts: { ...contact, street: "Indirizzo", postal_code: "CAP", city: "Città" },
    constants: {
      channel: "direct_mail",
      platform: "postcard",
      interaction: "sent",
      purpose: "marketing",
    },
    footer: { pattern: "^TOTALE", total: "cost" },
  },
};

/** Writes `mappings/` and the `filo.json` that points at the world's drops and vendors. */
export function writeConfiguration(settings: Settings, dir: string): void {
  for (const [name, mapping] of Object.entries(MAPPINGS)) {
    writeJson(join(dir, "mappings", `${name}.json`), mapping);
  }
  const feed = (name: string, folder: string) => ({
    type: "file-feed",
    path: `drops/${folder}`,
    mapping: `mappings/${name}.json`,
  });
  writeJson(join(dir, "filo.json"), {
    warehouse: { type: "embedded", dataDir: "warehouse" },
    timeZone: settings.timeZone,
    currency: settings.meta.account.currency,
    defaultModel: "position_based",
    sandbox: { dir: ".", lastDay: settings.lastDay },
    sources: {
      segment: { type: "segment", path: "drops/segment" },
      meta: {
        type: "meta-ads",
        baseUrl: "sandbox://meta",
        accountId: settings.meta.account.id,
        startDate: settings.firstDay,
        accessToken: { env: "META_ACCESS_TOKEN" },
      },
      till: feed("till", "till"),
      loyalty: feed("loyalty", "loyalty"),
      event_signups: feed("event_signups", "event-signups"),
      postcards: feed("postcards", "postcards"),
    },
  });
}
