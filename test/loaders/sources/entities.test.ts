import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entities, inspectFile, mappingExample, readMapping } from "../../../loaders/index.ts";
import { ENTITIES, fieldsOf } from "../../../loaders/sources/file-feed/entities.ts";
import { mappingSchema } from "../../../loaders/sources/file-feed/mapping.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

/** A feed of each entity: its mapping, a file of one good line and one bad, and what becomes of them. */
interface Feed {
  readonly mapping: Record<string, unknown>;
  readonly header: string;
  readonly good: string;
  readonly bad: string;
  readonly table: string;
  readonly row: Record<string, unknown>;
  readonly reject: { readonly reason: string; readonly field_path: string | null };
  readonly contact?: Record<string, unknown>;
  readonly dataUntil?: string;
}

const italian = { decimal: ",", thousands: ".", dateFormat: "dd/MM/yyyy", timeFormat: "HH:mm" };

const FEEDS: Readonly<Record<string, Feed>> = {
  payments: {
    mapping: {
      ...italian,
      columns: {
        payment_no: "No",
        store_code: "Shop",
        till_code: "Till",
        rt_serial: "Serial",
        receipt_number: "Receipt",
        business_date: "Day",
        method: "Paid by",
        amount: "Amount",
      },
      values: { method: { CONTANTI: "cash", CARTA: "card" } },
      footer: { pattern: "^total", total: "amount" },
    },
    header: "No;Shop;Till;Serial;Receipt;Day;Paid by;Amount",
    good: "1;S1;2;99IT0001;0007;19/09/2026;Contanti;1.039,90",
    bad: "2;S1;2;99IT0001;0007;19/09/2026;Shells;40,00\nTotal;;;;;;;1.079,90",
    table: "raw_pos_payments",
    row: {
      payment_no: 1,
      store_code: "S1",
      till_code: "2",
      rt_serial: "99IT0001",
      receipt_number: "0007",
      business_date: "2026-09-19",
      method: "cash",
      amount: "1039.9",
    },
    reject: { reason: "unknown_value", field_path: "Paid by" },
    dataUntil: "2026-09-19",
  },
  till_closings: {
    mapping: {
      ...italian,
      columns: {
        store_code: "Shop",
        till_code: "Till",
        business_date: "Day",
        closing_number: "Closing",
        receipts: "Receipts",
        total_amount: "Total",
        vat_amount: "VAT",
      },
    },
    header: "Shop;Till;Day;Closing;Receipts;Total;VAT",
    good: "S1;2;19/09/2026;0323;41;2.247,80;396,33",
    bad: "S1;2;20/09/2026;0324;41;;0,00",
    table: "raw_till_closings",
    row: {
      store_code: "S1",
      closing_number: "0323",
      receipts: 41,
      total_amount: "2247.8",
      vat_amount: "396.33",
    },
    reject: { reason: "required_missing", field_path: "Total" },
    dataUntil: "2026-09-19",
  },
  stores: {
    mapping: {
      ...italian,
      columns: {
        store_code: "Code",
        store_name: "Name",
        city: "City",
        phone: "Phone",
        opened_on: "Opened",
      },
      constants: { country: "IT", brand: "Coats & Co", valid_from: "2025-01-01" },
      attributes: { square_metres: "m2" },
    },
    header: "Code;Name;City;Phone;Opened;m2",
    good: "S1;Harbour;Genova;+39 010 1;01/03/2019;120",
    bad: "S2;Station;Genova;;2019;80",
    table: "raw_stores",
    row: {
      store_code: "S1",
      store_name: "Harbour",
      phone: "+39 010 1",
      country: "IT",
      opened_on: "2019-03-01",
      valid_from: "2025-01-01",
      attributes: '{"square_metres":"120"}',
    },
    reject: { reason: "not_a_date", field_path: "Opened" },
  },
  products: {
    mapping: {
      ...italian,
      columns: { sku: "Item", product_code: "Model", season: "Season", cost: "Cost" },
      attributes: { colour: "Colour" },
    },
    header: "Item;Model;Season;Cost;Colour",
    good: "C-1;C;AW26;61,50;blue",
    bad: "C-2;C;AW26;1.234;blue",
    table: "raw_products",
    row: { sku: "C-1", product_code: "C", season: "AW26", cost: "61.5" },
    reject: { reason: "not_a_money", field_path: "Cost" },
  },
  promo_codes: {
    mapping: {
      ...italian,
      columns: {
        promo_code: "Code",
        campaign_id: "Campaign",
        loyalty_card: "Card",
        valid_from: "From",
        valid_to: "To",
      },
      constants: { channel: "sms" },
      contacts: { phone: "Mobile" },
    },
    header: "Code;Campaign;Card;From;To;Mobile",
    good: "AB12;AW26;290001;01/10/2026;31/10/2026;+39 312 1",
    bad: ";AW26;290002;01/10/2026;31/10/2026;",
    table: "raw_promo_codes",
    row: { promo_code: "AB12", channel: "sms", loyalty_card: "290001", valid_to: "2026-10-31" },
    reject: { reason: "required_missing", field_path: "Code" },
    contact: { phone: "+39 312 1" },
  },
  loyalty_movements: {
    mapping: {
      ...italian,
      columns: {
        loyalty_card: "Card",
        moved_at: { date: "Day", time: "Time" },
        store_code: "Shop",
        reason: "Reason",
        points: "Points",
        amount: "Amount",
        receipt_number: "Receipt",
      },
    },
    header: "Card;Day;Time;Shop;Reason;Points;Amount;Receipt",
    good: "0290001;19/09/2026;17:02;S1;Reversal;-50;-50,00;0041",
    bad: "0290001;19/09/2026;17:02;S1;Reversal;;;0041",
    table: "raw_loyalty_movements",
    row: {
      loyalty_card: "0290001",
      moved_at: "2026-09-19T15:02:00.000Z",
      points: -50,
      amount: "-50",
      receipt_number: "0041",
    },
    reject: { reason: "neither_points_nor_amount", field_path: null },
    dataUntil: "2026-09-19",
  },
  consents: {
    mapping: {
      columns: {
        person_ref: "subject",
        channel: "channel",
        purpose: "purpose",
        status: "status",
        collected_at: "at",
        origin: "origin",
        text_version: "version",
      },
      contacts: { email: "mail" },
      values: { status: { yes: "granted", no: "withdrawn" } },
    },
    header: "subject;mail;channel;purpose;status;at;origin;version",
    good: ";x@y.example;SMS;marketing;No;2026-09-19T12:31:00+02:00;sms_stop;v3",
    bad: "c1;;fax;marketing;yes;2026-09-19T12:31:00+02:00;;",
    table: "raw_consents",
    row: {
      person_ref: null,
      channel: "sms",
      purpose: "marketing",
      status: "withdrawn",
      collected_at: "2026-09-19T10:31:00.000Z",
      origin: "sms_stop",
      text_version: "v3",
    },
    reject: {
      reason: "not_one_of: email, sms, whatsapp, post, phone, all",
      field_path: "channel",
    },
    contact: { email: "x@y.example" },
    dataUntil: "2026-09-19",
  },
  appointments: {
    mapping: {
      timestampFormat: "dd/MM/yyyy HH:mm",
      columns: {
        appointment_id: "Id",
        status: "State",
        starts_at: "Starts",
        updated_at: "Changed",
        store_code: "Shop",
      },
      contacts: { first_name: "Name" },
      values: { status: { "no show": "no_show", done: "held" } },
    },
    header: "Id;State;Starts;Changed;Shop;Name",
    good: "90001;No Show;20/12/2026 16:00;19/09/2026 19:10;S1;Zoë",
    bad: "90002;Maybe;20/12/2026 16:00;19/09/2026 19:10;S1;",
    table: "raw_appointments",
    row: {
      appointment_id: "90001",
      status: "no_show",
      starts_at: "2026-12-20T15:00:00.000Z",
      updated_at: "2026-09-19T17:10:00.000Z",
    },
    reject: { reason: "not_one_of: booked, held, no_show, cancelled", field_path: "State" },
    contact: { first_name: "Zoë" },
    dataUntil: "2026-09-19",
  },
};

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe("a feed of", () => {
  it.each(Object.entries(FEEDS))(
    "%s loads what is right and says what is not",
    async (entity, feed) => {
      const { header, good, bad, table } = feed;
      bench.drop(`mappings/${entity}.json`, JSON.stringify({ entity, ...feed.mapping }));
      bench.drop(`${entity}/a.csv`, `${header}\n${good}\n${bad}\n`);
      bench.source(entity, {
        type: "file-feed",
        path: entity,
        mapping: `mappings/${entity}.json`,
      });
      const report = await bench.loadOne({ only: [entity] });
      expect(report).toMatchObject({ status: "ok", rows: { read: 2, loaded: 1, rejected: 1 } });
      expect(lawHolds(report)).toBe(true);
      // Lists have no day that they reach, and an appointment of December says nothing of the data's age.
      expect(report.dataUntil).toBe(feed.dataUntil);
      const columns = Object.keys(feed.row).map((name) =>
        name === "attributes" ? "to_json_string(attributes) as attributes" : name,
      );
      expect(
        await bench.query(
          `select feed, line_no_in_file, ${columns.join(", ")} from raw.${table} where feed = '${entity}'`,
        ),
      ).toEqual([{ feed: entity, line_no_in_file: 2, ...feed.row }]);
      expect(
        await bench.query(
          `select line, reason, field_path from ops.dead_letters where source = '${entity}'`,
        ),
      ).toEqual([{ line: 3, ...feed.reject }]);
      if (feed.contact) {
        expect(
          await bench.query(`select ${Object.keys(feed.contact).join(", ")} from pii.contacts
          join raw.${table} using (contact_key) where source = '${entity}'`),
        ).toEqual([feed.contact]);
        const kept = `select to_json_string(_payload) as payload from raw.${table} where feed = '${entity}'`;
        for (const value of Object.values(feed.contact)) {
          expect(JSON.stringify(await bench.query(kept))).not.toContain(value);
        }
      }
    },
  );

  it.each(Object.entries(FEEDS))("%s can be inspected without loading it", async (entity, feed) => {
    bench.drop(`inspected/${entity}.json`, JSON.stringify({ entity, ...feed.mapping }));
    bench.drop(`inspected/${entity}.csv`, `${feed.header}\n${feed.good}\n${feed.bad}\n`);
    const mapping = readMapping(`${bench.dir}/inspected/${entity}.json`);
    const found = await inspectFile(`${bench.dir}/inspected/${entity}.csv`, mapping, "Europe/Rome");
    expect(found).toMatchObject({
      read: 2,
      rejected: 1,
      rejects: [{ reject: feed.reject.reason }],
    });
    expect(found.refusal).toBeUndefined();
    for (const value of Object.values(feed.contact ?? {})) {
      expect(JSON.stringify(found)).not.toContain(value);
    }
  });
});

describe("the README", () => {
  const readme = readFileSync(
    join(import.meta.dirname, "../../../loaders/sources/file-feed/README.md"),
    "utf8",
  );

  it("shows mappings that are valid", () => {
    const examples = [...readme.matchAll(/```json\n(.*?)```/gs)].map(([, json = ""]) => json);
    expect(examples.length).toBeGreaterThan(2);
    for (const json of examples)
      expect(mappingSchema.safeParse(JSON.parse(json)).error).toBeUndefined();
  });

  it.each(Object.entries(ENTITIES))("names table and fields of %s", (entity, { table }) => {
    const line = readme
      .split("\n")
      .find((text) => text.startsWith(`| \`${entity}\`, \`${table}\``));
    const named = new Set(line?.match(/\w+\*?/g));
    const fields = Object.entries(fieldsOf(entity as keyof typeof ENTITIES));
    const missing = fields.filter(
      ([name, field]) => !named.has(field.isRequired ? `${name}*` : name),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
    for (const value of fields.flatMap(([, { oneOf }]) => oneOf ?? []))
      expect(readme).toContain(value);
  });
});

describe("an entity", () => {
  it.each(entities)("%s has an example of a mapping that is valid", (entity) => {
    expect(mappingSchema.safeParse(mappingExample(entity)).error).toBeUndefined();
  });
});
