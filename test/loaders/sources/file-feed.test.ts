import { appendFileSync } from "node:fs";
import { join } from "node:path";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, lawHolds, openBench } from "../harness.ts";

const MAPPING = {
  entity: "receipts",
  encoding: "windows-1252",
  delimiter: ";",
  decimal: ",",
  thousands: ".",
  dateFormat: "dd/MM/yyyy",
  timeFormat: "HH:mm",
  columns: {
    store_code: ["Shop", "Branch"],
    receipt_number: "Receipt",
    business_date: "Day",
    receipt_ts: { date: "Day", time: "Time" },
    sku: "Item",
    description: "Text",
    qty: "Qty",
    unit_gross: "Price €",
    discount: "Off",
    vat_rate: "VAT",
    line_gross: "Total",
    loyalty_card: "Card",
    operator: "Clerk",
  },
  contacts: { email: "E-mail" },
  vatCodes: { EX: { rate: "0", nature: "N2" } },
  lineTypes: [
    { type: "GIFT_CARD", when: { sku: "^GIFT$" } },
    { type: "RETURN", when: { qty: "^-" } },
  ],
  footer: { pattern: "^grand total", total: "line_gross" },
};

const HEADER = "Shop;Receipt;Day;Time;Item;Text;Qty;Price €;Off;VAT;Total;Card;Clerk;E-mail;Note";
const COAT =
  'S1;0001;19/09/2026;11:11;C-1;Coat "città";1;1.169,80;20,00;22;1.149,80;290001;Ann;a@b.example;x';
const SCARF = "S1;0002;19/09/2026;11:20;C-2;Scarf;2;50,00;0;22;100,00;;Bob;;";
const RETURN = "S1;0003;19/09/2026;17:02;C-3;Bag;-1;50,00;0;22;-50,00;290001;Ann;;";
const GIFT = "S1;0004;19/09/2026;18:00;GIFT;Gift card;1;25,00;0;EX;25,00;;Ann;;";
const WRONG_DAY = "S1;0005;31/02/2026;11:11;C-1;Coat;1;10,00;0;22;10,00;;Ann;c@d.example;";

const cp1252 = (lines: readonly string[]) => iconv.encode(`${lines.join("\r\n")}\r\n`, "win1252");

/** A till file with title lines, an empty line and a total row. */
function till(lines: readonly string[], total: string): Buffer {
  const width = HEADER.split(";").length;
  const footer = ["Grand total", ...Array(9).fill(""), total, ...Array(width - 11).fill("")];
  const blank = ";".repeat(width - 1);
  return cp1252(["Sales of the day", "", HEADER, ...lines, blank, footer.join(";")]);
}

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

let folder = 0;
/** A feed of its own for each test. */
function feed(mapping: Record<string, unknown>): string {
  const name = `feed_${++folder}`;
  bench.drop(`mappings/${name}.json`, JSON.stringify(mapping));
  bench.drop(`${name}/README`, "not a csv");
  bench.source(name, { type: "file-feed", path: name, mapping: `mappings/${name}.json` });
  return name;
}

async function loadFeed(name: string) {
  const { streams } = await bench.load({ only: [name] });
  const [report] = streams;
  if (!report) throw new Error("no report");
  expect(lawHolds(report)).toBe(true);
  return report;
}

const rowsOf = (name: string, columns = "receipt_number") =>
  bench.query(
    `select ${columns} from raw.raw_pos_lines where feed = '${name}' order by receipt_number`,
  );

describe("a till file", () => {
  it("becomes typed lines, with contact values only in pii", async () => {
    const name = feed(MAPPING);
    bench.drop(`${name}/day.csv`, till([COAT, SCARF, RETURN, GIFT], "1.224,80"));
    const report = await loadFeed(name);
    expect(report).toMatchObject({
      status: "ok",
      rows: { read: 4, loaded: 4, rejected: 0 },
      dataUntil: "2026-09-19",
    });
    const rows = await rowsOf(
      name,
      `line_no_in_file, store_code, business_date, receipt_ts, line_type, description, qty, unit_gross,
       discount, vat_rate, vat_nature, vat_amount, line_gross, loyalty_card, operator_key,
       to_json_string(_payload) as payload`,
    );
    expect(rows[0]).toMatchObject({
      line_no_in_file: 4,
      store_code: "S1",
      business_date: "2026-09-19",
      receipt_ts: "2026-09-19T09:11:00.000Z",
      line_type: "SALE",
      description: 'Coat "città"',
      unit_gross: "1169.8",
      discount: "20",
      vat_rate: "22",
      // 1149.80 × 22 / 122 = 207.3409…
      vat_amount: "207.34",
      line_gross: "1149.8",
      loyalty_card: "290001",
    });
    expect(rows[2]).toMatchObject({ line_type: "RETURN", qty: "-1", vat_amount: "-9.02" });
    expect(rows[3]).toMatchObject({ line_type: "GIFT_CARD", vat_nature: "N2", vat_amount: "0" });
    expect(rows[0]?.operator_key).toBe(rows[2]?.operator_key);
    expect(rows[0]?.operator_key).not.toBe(rows[1]?.operator_key);
    expect(JSON.stringify(rows)).not.toMatch(/a@b\.example|Ann|Bob/);
    const contacts = await bench.query(
      `select email, line_gross from pii.contacts join raw.raw_pos_lines using (contact_key) where feed = '${name}'`,
    );
    expect(contacts).toEqual([{ email: "a@b.example", line_gross: "1149.8" }]);
    const drift = await bench.query(
      `select path, kind from ops.schema_drift where stream = '${name}.receipts'`,
    );
    expect(drift).toEqual([{ path: "Note", kind: "unmapped_column" }]);
  });

  it("with a broken line within the limit loads the rest; the line is a dead letter with its place", async () => {
    const name = feed(MAPPING);
    bench.drop(`${name}/day.csv`, till([COAT, WRONG_DAY, SCARF], "1.259,80"));
    const report = await loadFeed(name);
    expect(report).toMatchObject({ status: "ok", rows: { read: 3, loaded: 2, rejected: 1 } });
    const letters = await bench.query(
      `select path, line, reason, field_path, to_json_string(payload) as payload
       from ops.dead_letters where source = '${name}'`,
    );
    expect(letters).toMatchObject([
      { path: "day.csv", line: 5, reason: "not_a_date", field_path: "Day" },
    ]);
    expect(letters[0]?.payload).toContain("31/02/2026");
    expect(letters[0]?.payload).not.toContain("c@d.example");
  });

  it("whose total differs loads nothing until it is corrected", async () => {
    const name = feed(MAPPING);
    bench.drop(`${name}/day.csv`, till([COAT, SCARF], "1.249,79"));
    const refused = await loadFeed(name);
    expect(refused).toMatchObject({
      status: "stale",
      rows: { read: 2, loaded: 0, rejected: 2 },
      files: { read: 0, rejected: 1 },
    });
    expect(refused.problem).toMatch(
      /day\.csv: the total row says 1249\.79, the lines sum to 1249\.80/,
    );
    expect(refused.remedy).toBeTruthy();
    expect(await rowsOf(name)).toEqual([]);
    const letters = `select reason from ops.dead_letters where source = '${name}'`;
    expect(await bench.query(letters)).toEqual([{ reason: "control_total_differs" }]);
    await loadFeed(name);
    expect(await bench.query(letters)).toHaveLength(1);
    const ledger = `select status, reason, control_total, computed_total from ops.files where source = '${name}'`;
    expect(await bench.query(ledger)).toEqual([
      {
        status: "rejected",
        reason: "control_total_differs",
        control_total: "1249.79",
        computed_total: "1249.8",
      },
    ]);

    bench.drop(`${name}/day.csv`, till([COAT, SCARF], "1.249,80"));
    expect(await loadFeed(name)).toMatchObject({ status: "ok", rows: { loaded: 2 } });
    expect(await rowsOf(name)).toHaveLength(2);
  });

  it("whose total cannot be computed, or is missing, loads nothing", async () => {
    const name = feed(MAPPING);
    const torn = "S1;0009;19/09/2026;10:00;C-9;one; too many;1;10,00;0;22;10,00;;Ann;;";
    bench.drop(`${name}/torn.csv`, till([COAT, torn], "1.159,80"));
    bench.drop(`${name}/cut.csv`, cp1252([HEADER, SCARF]));
    const report = await loadFeed(name);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 }, files: { rejected: 2 } });
    expect(
      await bench.query(
        `select path, reason from ops.files where source = '${name}' order by path`,
      ),
    ).toEqual([
      { path: "cut.csv", reason: "control_total_missing" },
      { path: "torn.csv", reason: "control_total_not_computable" },
    ]);
  });

  it("in another encoding than agreed loads nothing and says which", async () => {
    const name = feed(MAPPING);
    const utf8 = Buffer.from(iconv.decode(till([COAT], "1.149,80"), "win1252"), "utf8");
    bench.drop(`${name}/utf8.csv`, utf8);
    const report = await loadFeed(name);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.problem).toMatch(/UTF-8, not Windows-1252/);
  });
});

describe("files", () => {
  const { footer: _, ...withoutTotal } = MAPPING;

  it("of the same content are read once, whatever their names", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, COAT]));
    bench.drop(`${name}/copy of a.csv`, cp1252([HEADER, COAT]));
    expect(await loadFeed(name)).toMatchObject({ files: { read: 1, skipped: 1 } });
    expect(await loadFeed(name)).toMatchObject({
      status: "ok",
      rows: { read: 0 },
      files: { read: 0, skipped: 2 },
    });
    expect(await rowsOf(name)).toHaveLength(1);
  });

  it("of the same name with other content replace what was there, contact values too", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, COAT, SCARF]));
    await loadFeed(name);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, SCARF, RETURN]));
    await loadFeed(name);
    expect((await rowsOf(name)).map((row) => row.receipt_number)).toEqual(["0002", "0003"]);
    expect(await bench.query(`select * from pii.contacts where source = '${name}'`)).toEqual([]);
    const ledger = await bench.query(
      `select status, supersedes is not null as supersedes from ops.files where source = '${name}' order by status`,
    );
    expect(ledger).toEqual([
      { status: "accepted", supersedes: true },
      { status: "superseded", supersedes: false },
    ]);

    bench.drop(`${name}/a.csv`, cp1252([HEADER, COAT, SCARF]));
    await loadFeed(name);
    expect((await rowsOf(name)).map((row) => row.receipt_number)).toEqual(["0001", "0002"]);
  });

  it("that are refused replace nothing", async () => {
    const name = feed(MAPPING);
    bench.drop(`${name}/a.csv`, till([SCARF], "100,00"));
    await loadFeed(name);
    bench.drop(`${name}/a.csv`, till([SCARF, RETURN], "100,00"));
    expect(await loadFeed(name)).toMatchObject({ status: "stale" });
    expect(await rowsOf(name)).toEqual([{ receipt_number: "0002" }]);
  });

  it("with more rejects than allowed load nothing", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/five.csv`, cp1252([HEADER, COAT, ...Array(5).fill(WRONG_DAY)]));
    expect(await loadFeed(name)).toMatchObject({ status: "ok", rows: { loaded: 1, rejected: 5 } });
    bench.drop(`${name}/six.csv`, cp1252([HEADER, SCARF, ...Array(6).fill(WRONG_DAY)]));
    expect(await loadFeed(name)).toMatchObject({
      status: "stale",
      rows: { loaded: 0, rejected: 7 },
    });
  });

  it("of which no line can be read load nothing, however few they are", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/four.csv`, cp1252([HEADER, ...Array(4).fill(WRONG_DAY)]));
    const report = await loadFeed(name);
    expect(report).toMatchObject({
      status: "stale",
      problem: "4 of 4 rows are rejected, all of them: 4 not_a_date in Day (first in line 2)",
      rows: { read: 4, rejected: 4 },
      files: { rejected: 1 },
    });
  });

  it("that still grow are left for the next night, unless they are marked as done", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, RETURN]));
    const grow = async () =>
      appendFileSync(join(bench.dir, name, "a.csv"), iconv.encode(`${SCARF}\r\n`, "win1252"));
    const growing = await bench.load({ only: [name], sleep: grow });
    expect(growing.streams[0]).toMatchObject({ status: "ok", rows: { read: 0 } });
    expect(growing.streams[0]?.notes.join()).toMatch(/a\.csv is still being written/);
    bench.drop(`${name}/a.csv.done`, "");
    await bench.load({ only: [name], sleep: grow });
    expect(await rowsOf(name)).toHaveLength(2);
  });

  it("are read again when the mapping has changed, and their rows replaced", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, GIFT]));
    await loadFeed(name);
    const changed = { ...withoutTotal, lineTypes: [{ type: "VOID", when: { sku: "^GIFT$" } }] };
    bench.drop(`mappings/${name}.json`, JSON.stringify(changed));
    const report = await loadFeed(name);
    expect(report.notes.join()).toMatch(/settings have changed/);
    expect(await rowsOf(name, "line_type")).toEqual([{ line_type: "VOID" }]);
  });

  it("that a changed mapping refuses keep their rows, until the mapping fits again", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, GIFT, SCARF]));
    await loadFeed(name);
    const wrong = { ...withoutTotal, columns: { ...MAPPING.columns, qty: "Quantity" } };
    bench.drop(`mappings/${name}.json`, JSON.stringify(wrong));
    expect(await loadFeed(name)).toMatchObject({ status: "stale", files: { rejected: 1 } });
    expect(await rowsOf(name)).toHaveLength(2);
    bench.drop(`mappings/${name}.json`, JSON.stringify({ ...withoutTotal, lineTypes: [] }));
    expect(await loadFeed(name)).toMatchObject({ status: "ok", rows: { loaded: 2 } });
    expect(await rowsOf(name, "line_type")).toEqual([{ line_type: "SALE" }, { line_type: "SALE" }]);
  });

  it("given to two sources are loaded by both, each with its own ledger", async () => {
    const [one, two] = [feed(withoutTotal), feed(withoutTotal)];
    for (const name of [one, two]) bench.drop(`${name}/a.csv`, cp1252([HEADER, RETURN, COAT]));
    const { streams } = await bench.load({ only: [one, two] });
    expect(streams.map(({ rows }) => rows.loaded)).toEqual([2, 2]);
    bench.drop(`${one}/a.csv`, cp1252([HEADER, RETURN]));
    await bench.load({ only: [one, two] });
    expect(await rowsOf(one)).toHaveLength(1);
    expect(await rowsOf(two)).toHaveLength(2);
    expect(
      await bench.query(
        `select source, email from pii.contacts where source in ('${one}', '${two}')`,
      ),
    ).toEqual([{ source: two, email: "a@b.example" }]);
    expect(
      await bench.query(`select source, status from ops.files where source in ('${one}', '${two}')
        order by source, status`),
    ).toEqual([
      { source: one, status: "accepted" },
      { source: one, status: "superseded" },
      { source: two, status: "accepted" },
    ]);
  });

  it("that are refused when read again keep their rows, and are replaced once they are accepted", async () => {
    const name = feed(withoutTotal);
    const remap = (mapping: unknown) =>
      bench.drop(`mappings/${name}.json`, JSON.stringify(mapping));
    bench.drop(`${name}/a.csv`, cp1252([HEADER, COAT, GIFT]));
    await loadFeed(name);
    remap({ ...withoutTotal, footer: MAPPING.footer });
    for (const _night of [1, 2]) {
      expect(await loadFeed(name)).toMatchObject({ status: "stale", files: { rejected: 1 } });
    }
    expect(await rowsOf(name)).toHaveLength(2);
    expect(await bench.query(`select status from ops.files where source = '${name}'`)).toEqual([
      { status: "accepted" },
    ]);
    remap({ ...withoutTotal, lineTypes: [{ type: "VOID", when: { sku: "^C-1$" } }] });
    expect(await loadFeed(name)).toMatchObject({ status: "ok", rows: { loaded: 2 } });
    expect(await rowsOf(name, "line_type")).toEqual([{ line_type: "VOID" }, { line_type: "SALE" }]);
  });

  it("are left alone by a backfill, and so is their state", async () => {
    const name = feed(withoutTotal);
    bench.drop(`${name}/a.csv`, cp1252([HEADER, RETURN, GIFT]));
    const { streams } = await bench.load({ only: [name], from: "2026-09-01", to: "2026-09-30" });
    expect(streams[0]).toMatchObject({ status: "ok", rows: { read: 0 } });
    expect(streams[0]?.notes.join()).toMatch(/a backfill leaves them alone/);
    expect(
      await bench.query(`select * from ops.load_state where stream = '${name}.receipts'`),
    ).toEqual([]);
    expect(await loadFeed(name)).toMatchObject({ rows: { loaded: 2 } });
  });

  it("in a folder that is gone leave the source stale with its remedy", async () => {
    const name = feed(withoutTotal);
    bench.remove(name);
    const report = await loadFeed(name);
    expect(report).toMatchObject({ status: "stale", remedy: expect.stringContaining("path") });
    expect(
      await bench.query(`select status, error_class from ops.load_slices where source = '${name}'`),
    ).toEqual([{ status: "failed", error_class: "DataError" }]);
  });
});

describe("texts that stand for values", () => {
  const { footer: _, encoding: __, ...plain } = MAPPING;
  const typed = {
    ...plain,
    columns: { ...MAPPING.columns, line_type: "Kind", price_list: "List", promo_code: "Code" },
    values: {
      line_type: { Sold: "SALE", "Picked up": "PICKUP", Invoiced: "INVOICE" },
      store_code: { "Main street": "S1", Station: "S2" },
    },
    lineTypes: [{ type: "GIFT_CARD", when: { sku: "^GIFT$" } }],
    orderTypes: [
      { type: "test", when: { operator: "^training$" } },
      { type: "staff", when: { price_list: "^staff" } },
    ],
  };
  const header = `${HEADER};Kind;List;Code`;
  const line = (number: string, store: string, clerk: string, kind: string, list: string) =>
    `${store};${number};19/09/2026;11:20;C-2;Scarf;2;50,00;0;22;100,00;;${clerk};;;${kind};${list};P1`;

  it("become them, whatever their case; rules come first and consumer is the rest", async () => {
    const name = feed(typed);
    bench.drop(
      `${name}/a.csv`,
      [
        header,
        line("1", "main street", "Ann", " SOLD", "Retail"),
        line("2", "Station", "Ann", "picked up", "Staff 20"),
        line("3", "STATION ", "Training", "Invoiced", "Staff 20"),
        line("4", "Station", "Ann", "", "").replace("C-2", "gift"),
      ].join("\n"),
    );
    expect(await loadFeed(name)).toMatchObject({ status: "ok", rows: { loaded: 4 } });
    expect(
      await rowsOf(name, "store_code, line_type, order_type, price_list, promo_code"),
    ).toMatchObject([
      { store_code: "S1", line_type: "SALE", order_type: "consumer", price_list: "Retail" },
      { store_code: "S2", line_type: "PICKUP", order_type: "staff", promo_code: "P1" },
      { store_code: "S2", line_type: "INVOICE", order_type: "test" },
      { store_code: "S2", line_type: "GIFT_CARD", order_type: "consumer", price_list: null },
    ]);
  });

  it("that nobody declared are rejected with their field, and the values there are", async () => {
    const name = feed(typed);
    bench.drop(
      `${name}/a.csv`,
      [
        header,
        line("1", "Station", "Ann", "Sold", ""),
        line("2", "Harbour", "Ann", "Sold", ""),
        line("3", "Station", "Ann", "Swapped", ""),
      ].join("\n"),
    );
    expect(await loadFeed(name)).toMatchObject({ rows: { loaded: 1, rejected: 2 } });
    expect(
      await bench.query(
        `select line, reason, field_path from ops.dead_letters where source = '${name}' order by line`,
      ),
    ).toEqual([
      { line: 3, reason: "unknown_value", field_path: "Shop" },
      {
        line: 4,
        reason: "not_one_of: SALE, RETURN, VOID, GIFT_CARD, PICKUP, INVOICE",
        field_path: "Kind",
      },
    ]);
  });

  it("returns written without a minus are given back, in rows and in the file's total", async () => {
    const name = feed({
      ...MAPPING,
      lineTypes: [{ type: "RETURN", when: { description: "^return" } }],
      returnsWritten: "positive",
    });
    const back = "S1;0003;19/09/2026;17:02;C-3;Return bag;1;60,00;10,00;22;50,00;;Ann;;";
    bench.drop(`${name}/a.csv`, till([SCARF, back], "50,00"));
    expect(await loadFeed(name)).toMatchObject({ status: "ok", rows: { loaded: 2 } });
    expect(await rowsOf(name, "line_type, qty, discount, line_gross, vat_amount")).toMatchObject([
      { line_type: "SALE", line_gross: "100" },
      { line_type: "RETURN", qty: "-1", discount: "-10", line_gross: "-50", vat_amount: "-9.02" },
    ]);
  });
});

describe("other entities", () => {
  it("people come with their contact values apart and attributes kept", async () => {
    const name = feed({
      entity: "people",
      dateFormat: "dd/MM/yyyy",
      columns: { loyalty_card: "Card", recorded_at: { date: "Since" } },
      contacts: { email: "Mail", first_name: "Name" },
      attributes: { tier: "Level" },
    });
    bench.drop(
      `${name}/cards.csv`,
      "\uFEFFCard;Since;Mail;Name;Level\n2901;01/06/2025;x@y.example;Zoë;gold\n2902;02/06/2025;;;\n;03/06/2025;;;\n",
    );
    expect(await loadFeed(name)).toMatchObject({ rows: { read: 3, loaded: 2, rejected: 1 } });
    expect(
      await bench.query(`select loyalty_card, recorded_at, json_value(attributes, '$.tier') as tier,
         contact_key is null as is_anonymous from raw.raw_people where feed = '${name}' order by loyalty_card`),
    ).toEqual([
      {
        loyalty_card: "2901",
        recorded_at: "2025-05-31T22:00:00.000Z",
        tier: "gold",
        is_anonymous: false,
      },
      {
        loyalty_card: "2902",
        recorded_at: "2025-06-01T22:00:00.000Z",
        tier: null,
        is_anonymous: true,
      },
    ]);
    expect(
      await bench.query(`select email, first_name from pii.contacts where source = '${name}'`),
    ).toEqual([{ email: "x@y.example", first_name: "Zoë" }]);
  });

  it("touches come from NDJSON with constants and numbers of JSON", async () => {
    const name = feed({
      entity: "touches",
      format: "ndjson",
      columns: { touched_at: "at", touch_ref: "id", campaign_id: "mailing.code", cost: "cost" },
      contacts: { phone: "to" },
      constants: { channel: "sms", interaction: "sent" },
    });
    bench.drop(
      `${name}/sent.ndjson`,
      [
        '{"id":7,"at":"2026-05-01T10:00:00+02:00","mailing":{"code":"M1"},"cost":0.045,"to":"+39 312 1"}',
        '{"id":8,"at":"2026-05-01T10:00:00","mailing":{"code":"M1"},"cost":"x"}',
        "{broken",
      ].join("\n"),
    );
    expect(await loadFeed(name)).toMatchObject({ rows: { read: 3, loaded: 1, rejected: 2 } });
    expect(
      await bench.query(
        `select touch_ref, touched_at, channel, campaign_id, cost from raw.raw_touches where feed = '${name}'`,
      ),
    ).toEqual([
      {
        touch_ref: "7",
        touched_at: "2026-05-01T08:00:00.000Z",
        channel: "sms",
        campaign_id: "M1",
        cost: "0.045",
      },
    ]);
    expect(
      await bench.query(
        `select line, reason from ops.dead_letters where source = '${name}' order by line`,
      ),
    ).toEqual([
      { line: 2, reason: "not_a_money" },
      { line: 3, reason: "not_json" },
    ]);
  });
});
