import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventOutcome } from "../../../loaders/core/cdp/calls.ts";
import { segmentDialect } from "../../../loaders/sources/segment/index.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

type Event = Record<string, unknown>;

const CONTEXT = {
  ip: "198.51.100.77",
  consent: { categoryPreferences: { analytics: true, advertising: false } },
};

function event(type: string, messageId: string, rest: Event = {}): Event {
  return {
    type,
    messageId,
    anonymousId: "anon-1",
    userId: null,
    timestamp: "2026-05-01T10:00:00.000Z",
    receivedAt: "2026-05-01T10:00:01.000Z",
    context: CONTEXT,
    ...(type === "track" ? { event: "Product Viewed" } : {}),
    ...rest,
  };
}

describe("one event", () => {
  const drift: string[] = [];
  const context = {
    source: "segment",
    dialect: segmentDialect,
    consentCategories: { analytics: "analytics", advertising: "advertising" },
    drift: (path: string) => drift.push(path),
  };
  function row(given: Event) {
    const outcome = eventOutcome(JSON.stringify(given), 3, context);
    if ("reject" in outcome) throw new Error(outcome.reject);
    return { ...outcome, text: JSON.stringify(outcome.row) };
  }

  it("has its click ids and campaign read from the page's address", () => {
    const url =
      "https://shop.example/?fbclid=Iw%2BAR&utm_source=face+book&utm_id=12&gclid=&x=gclid=no#f";
    const { row: page } = row(event("page", "m1", { name: "Home", properties: { url } }));
    expect(page).toMatchObject({ url, fbclid: "Iw+AR", utm_source: "face book", utm_id: "12" });
    expect(page.gclid).toBeUndefined();
  });

  it("has the campaign of its context before that of the address, and empty is absent", () => {
    const page = { url: "https://shop.example/?gclid=g1&utm_source=url&utm_term=t" };
    const campaign = { source: "google", name: "BRAND", term: "" };
    const { row: track } = row(event("track", "m1", { context: { ...CONTEXT, page, campaign } }));
    expect(track).toMatchObject({
      utm_source: "google",
      utm_campaign: "BRAND",
      utm_term: "t",
      gclid: "g1",
      consent_analytics: true,
      consent_advertising: false,
    });
  });

  it("keeps consent that is not given apart from consent that is refused", () => {
    const { row: track } = row(event("track", "m1", { context: {} }));
    expect(track.consent_advertising).toBeUndefined();
  });

  it("loses its contact values to pii, wherever they stand", () => {
    const given = event("track", "m1", {
      event: "Order Completed",
      properties: {
        order_id: "W1",
        email: "anna@shop.example",
        customer: { first_name: "Anna", LastName: "Rossi", phone: "+39 312 0000001" },
        shippingAddress: { street: "Via Roma 1", city: "Milano", postalCode: "20100" },
        products: [{ name: "Linen shirt", sku: "L-1" }],
        store_city: "Torino",
      },
      context: {
        ...CONTEXT,
        traits: { birthday: "1990-02-03", name: "Anna Maria Rossi" },
        page: { url: "https://shop.example/thanks?mail=anna%40shop.example" },
      },
    });
    const { contact, text } = row(given);
    expect(contact).toEqual({
      email: "anna@shop.example",
      first_name: "Anna",
      last_name: "Rossi",
      phone: "+39 312 0000001",
      street: "Via Roma 1",
      city: "Milano",
      postal_code: "20100",
      birth_date: "1990-02-03",
    });
    expect(text).not.toMatch(/anna|rossi|312 0000001|Via Roma|1990-02-03/i);
    expect(text).toMatch(/Linen shirt.*Torino|Torino.*Linen shirt/);
  });

  it("with an e-mail address as user id gets a stand-in, the same each time", () => {
    const first = row(event("identify", "m1", { userId: "Anna@Shop.example" }));
    const second = row(event("page", "m2", { userId: "anna@shop.example " }));
    expect(first.contact).toEqual({ email: "Anna@Shop.example" });
    expect(first.row.user_id).toBe(second.row.user_id);
    expect(first.text).not.toMatch(/shop\.example/i);
  });

  it.each([
    ["phone number", "+39 312 0000001", { phone: "+39 312 0000001" }],
    ["telefono", "312 0000001", { phone: "312 0000001" }],
    ["cellulare", "312 0000001", { phone: "312 0000001" }],
    ["shipping_phone", "312 0000001", { phone: "312 0000001" }],
    ["emailCliente", "anna.rossi", { email: "anna.rossi" }],
    ["nome", "Anna", { first_name: "Anna" }],
    ["cognome", "Rossi", { last_name: "Rossi" }],
    ["contact_name", "Anna Rossi", { first_name: "Anna", last_name: "Rossi" }],
    ["recipientName", "Anna Rossi", { first_name: "Anna", last_name: "Rossi" }],
    ["indirizzo", "Via Roma 1", { street: "Via Roma 1" }],
    ["codice_fiscale", "RSSNNA90B43F205X", undefined],
    ["taxCode", "RSSNNA90B43F205X", undefined],
  ])("loses %s", (key, value, expected) => {
    const { contact, text } = row(event("track", "m1", { properties: { [key]: value } }));
    expect(contact).toEqual(expected);
    expect(text).not.toContain(value);
  });

  it("keeps what only sounds like a contact value", () => {
    const properties = {
      store_phone: "011 5550000",
      email_campaign_id: "spring",
      customer_email_opt_in: "yes",
      has_phone: true,
      email: false,
      nome_prodotto: "Cappotto",
      mobile_app_version: "3.1",
    };
    const { contact, row: track } = row(event("track", "m1", { properties }));
    expect(track.properties).toEqual(properties);
    expect(contact).toBeUndefined();
  });

  it("has contact values blanked in addresses of pages", () => {
    const search = "?phone=%2B393120000001&first_name=Mario&utm_source=email&q=%2B39312000002&p=2";
    const url = `https://shop.example/thanks${search}`;
    const page = { url, search, path: `/thanks${search}`, referrer: url };
    const { text, row: track } = row(
      event("track", "m1", { properties: { url, referrer: url }, context: { ...CONTEXT, page } }),
    );
    expect(text).not.toMatch(/3120000|Mario/);
    const blanked = "https://shop.example/thanks?phone=&first_name=&utm_source=email&q=&p=2";
    expect(track).toMatchObject({ url: blanked, referrer: blanked, utm_source: "email" });
  });

  it("with a phone as user id gets a stand-in, the same each time", () => {
    const first = row(event("page", "m1", { userId: "+39 312 0000001" }));
    const second = row(event("page", "m2", { userId: "00393120000001" }));
    expect(first.contact).toEqual({ phone: "+39 312 0000001" });
    expect(first.row.user_id).toBe(second.row.user_id);
    expect(first.text).not.toContain("0000001");
    expect(row(event("page", "m3", { userId: "0000012345" })).row.user_id).toBe("0000012345");
  });

  it("keeps ids apart that look like e-mail addresses, the same each time", () => {
    const ids = ["1@web.example", "2@web.example", "2@web.example"].map(
      (id) => row(event("page", id, { anonymousId: id })).row,
    );
    expect(new Set(ids.map((given) => given.message_id)).size).toBe(2);
    expect(new Set(ids.map((given) => given.anonymous_id)).size).toBe(2);
    expect(JSON.stringify(ids)).not.toMatch(/web\.example/);
    expect(row(event("page", "m1")).row.message_id).toBe("m1");
  });

  it("keeps what has no column of its own", () => {
    const given = event("track", "m1", {
      name: "odd",
      traits: { tier: 1 },
      properties: [1],
      version: 2,
    });
    expect(row(given).row).toMatchObject({
      properties: [1],
      _payload: { name: "odd", traits: { tier: 1 }, version: 2 },
    });
  });

  it.each([
    ["a number whose digits would be lost", '{"order":120210000000010001}', "number_too_large"],
    ["a NUL", '{"a":"x\\u0000"}', "not_text"],
    ["half a surrogate pair", '{"a":"x\\ud83d"}', "not_text"],
  ])("with %s is refused rather than loaded as something else", (_, properties, reason) => {
    const text = JSON.stringify(event("page", "m1")).replace(
      '"context"',
      `"properties":${properties},"context"`,
    );
    expect(eventOutcome(text, 3, context)).toEqual({ reject: reason, line: 3 });
  });

  it("may hold long digits in text, and whole pairs", () => {
    const properties = { id: "a,120210000000010001", smile: "😀", small: 0.1234567890123456 };
    expect(row(event("page", "m1", { properties })).row.properties).toEqual(properties);
  });

  it("keeps of its IP address what does not name a person", () => {
    expect(row(event("page", "m1")).text).toContain('"ip":"198.51.100.0"');
    expect(row(event("page", "m1")).text).not.toContain("198.51.100.77");
  });

  it.each([
    ["no message id", event("page", ""), "required_missing"],
    [
      "a day that does not exist",
      event("page", "m", { timestamp: "2026-02-30T10:00:00.000Z" }),
      "not_a_timestamp",
    ],
    ["no time of receipt", event("page", "m", { receivedAt: undefined }), "not_a_timestamp"],
    ["a track without a name", event("track", "m", { event: "" }), "required_missing"],
    ["a call of another type", event("screen", "m"), "unsupported_type"],
  ])("with %s is refused, without contact values in the dead letter", (_, given, reason) => {
    const text = JSON.stringify({
      ...given,
      userId: "a@b.example",
      traits: { email: "a@b.example" },
    });
    const outcome = eventOutcome(text, 3, context);
    expect(outcome).toMatchObject({ reject: reason, line: 3 });
    expect(JSON.stringify(outcome)).not.toMatch(/a@b\.example|198\.51\.100\.77/);
  });
});

describe("archives", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    bench.source("segment", { type: "segment", path: "segment" });
  });
  afterAll(() => bench.close());

  const archive = (events: readonly (Event | string)[]) =>
    gzipSync(events.map((e) => (typeof e === "string" ? e : JSON.stringify(e))).join("\n"));
  const messages = async (table: string) =>
    (await bench.query(`select message_id from raw.${table} order by message_id`)).map(
      (row) => row.message_id,
    );

  it("load each message once: across lines, files, runs and days", async () => {
    const late = { timestamp: "2026-04-28T10:00:00.000Z" };
    bench.drop(
      "segment/2026-05-01/1.json.gz",
      archive([
        event("page", "p1", { name: "Home" }),
        event("track", "t1", { properties: { price: 59.9 } }),
        event("page", "p1", { name: "Home", receivedAt: "2026-05-01T10:05:00.000Z" }),
        event("identify", "i1", { traits: { email: "anna@shop.example", loyalty_card: "2901" } }),
      ]),
    );
    const first = await bench.loadOne();
    expect(first).toMatchObject({
      status: "ok",
      rows: { read: 4, loaded: 3, duplicate: 1, rejected: 0 },
      dataUntil: "2026-05-01",
    });

    bench.drop(
      "segment/2026-05-02/1.ndjson",
      [
        event("track", "t1", { receivedAt: "2026-05-02T09:00:00.000Z" }),
        event("track", "t2", { ...late, receivedAt: "2026-05-02T09:00:00.000Z" }),
      ]
        .map((e) => JSON.stringify(e))
        .join("\n"),
    );
    const second = await bench.loadOne();
    expect(second).toMatchObject({ rows: { read: 2, loaded: 1, duplicate: 1 } });
    expect(await bench.loadOne()).toMatchObject({ rows: { read: 0 }, files: { skipped: 2 } });

    expect(await messages("raw_cdp_pages")).toEqual(["p1"]);
    expect(await messages("raw_cdp_tracks")).toEqual(["t1", "t2"]);
    expect(
      await bench.query(`select email, loyalty_card, json_value(traits, '$.email') as left_behind
         from raw.raw_cdp_identifies join pii.contacts using (contact_key)`),
    ).toEqual([{ email: "anna@shop.example", loyalty_card: "2901", left_behind: null }]);
    expect(
      await bench.query(`select rows_read, rows_loaded, rows_duplicate, status, data_until
         from ops.load_slices where rows_read > 0 order by committed_at`),
    ).toEqual([
      { rows_read: 4, rows_loaded: 3, rows_duplicate: 1, status: "ok", data_until: "2026-05-01" },
      { rows_read: 2, rows_loaded: 1, rows_duplicate: 1, status: "ok", data_until: "2026-05-02" },
    ]);
  });

  it("with broken lines load the others and keep file, line and reason", async () => {
    const latin1 = Buffer.from('{"type":"page","messageId":"citt\xE0"}', "latin1");
    bench.drop(
      "segment/broken.json",
      Buffer.concat([
        Buffer.from(`${JSON.stringify(event("page", "p9"))}\n{"type":"pa\n`),
        latin1,
        Buffer.from(`\n${JSON.stringify(event("screen", "s1"))}\n`),
      ]),
    );
    const report = await bench.loadOne();
    expect(report).toMatchObject({ status: "ok", rows: { read: 4, loaded: 1, rejected: 3 } });
    expect(lawHolds(report)).toBe(true);
    expect(
      await bench.query("select path, line, reason from ops.dead_letters order by line"),
    ).toEqual([
      { path: "broken.json", line: 2, reason: "not_json" },
      { path: "broken.json", line: 3, reason: "not_utf8" },
      { path: "broken.json", line: 4, reason: "unsupported_type" },
    ]);
  });

  it("full of calls of other types are no broken delivery", async () => {
    const screens = Array.from({ length: 20 }, (_, i) => event("screen", `s${i}`));
    bench.drop(
      "segment/app.json",
      [...screens, event("page", "p10")].map((e) => JSON.stringify(e)).join("\n"),
    );
    expect(await bench.loadOne()).toMatchObject({
      status: "ok",
      rows: { loaded: 1, rejected: 20 },
    });
  });

  it("cut short load nothing, and load whole once they are whole", async () => {
    const whole = archive(Array.from({ length: 50 }, (_, i) => event("page", `cut${i}`)));
    bench.drop("segment/cut.json.gz", whole.subarray(0, whole.length - 30));
    const report = await bench.loadOne();
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 }, files: { rejected: 1 } });
    expect(report.problem).toMatch(/cut\.json\.gz.*cut short/);
    bench.drop("segment/cut.json.gz", whole);
    expect(await bench.loadOne()).toMatchObject({ status: "ok", rows: { loaded: 50 } });
  });
});
