import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../sandbox/index.ts";
import { isHeld } from "../../sandbox/world/appointments.ts";
import { groupBy } from "../../sandbox/world/group.ts";
import { readSettings } from "../../sandbox/world/settings.ts";
import { simulate } from "../../sandbox/world/simulate.ts";
import type { Order } from "../../sandbox/world/types.ts";
import { type Bench, openBench } from "../loaders/harness.ts";
import { type Json, readJson, readNdjson, sum } from "./worlds.ts";

const worlds = [301, 302].map((seed) => simulate({ seed, customers: 2_000 }));
const net = (order: Order) => (order.gross - order.discount - order.tax) / 100;
const digits = (phone: string) => phone.replace(/\D/g, "").replace(/^(0039|39(?=\d{10}$))/, "");

describe.each(worlds.map((world) => [world.seed, world] as const))(
  "the CRM of seed %i",
  (_, world) => {
    const { crm, calendar } = world;

    it("holds half to three quarters of people, some twice, some merged, some archived", () => {
      const byPerson = groupBy(crm, ({ person }) => person.id);
      expect(byPerson.size / world.people.length).toBeGreaterThan(0.5);
      expect(byPerson.size / world.people.length).toBeLessThan(0.75);
      expect([...byPerson.values()].some((contacts) => contacts.length === 2)).toBe(true);
      const absorbed = crm.filter(({ absorbedAt }) => absorbedAt !== null);
      expect(absorbed.length).toBeGreaterThan(10);
      expect(crm.filter(({ archivedAt }) => archivedAt !== null).length).toBeGreaterThan(10);
      const merged = crm.flatMap(({ states }) => states.at(-1)?.merged ?? []);
      expect(merged.sort()).toEqual(absorbed.map(({ id }) => id).sort());
    });

    it("gives ids once, in the order of creation, and changes in the order of time", () => {
      expect(new Set(crm.map(({ id }) => id)).size).toBe(crm.length);
      for (const { states, archivedAt, absorbedAt } of crm) {
        const times = states.map(({ at }) => at);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        expect(times.at(-1)).toBeLessThan(archivedAt ?? absorbedAt ?? calendar.end);
      }
      const ids = crm.map(({ id }) => Number(id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(crm.filter(({ states }) => states.length > 1).length / crm.length).toBeGreaterThan(
        0.3,
      );
    });

    it("says of a person what is true, but for phones that are none", () => {
      for (const { person, states, badPhone } of crm) {
        for (const { email, phone, card, userId } of states) {
          if (email) expect(person.emails).toContain(email);
          if (phone) expect(person.phones.map(digits).includes(digits(phone))).toBe(!badPhone);
          if (card) expect(person.cards.map(({ number }) => number)).toContain(card);
          if (userId) expect(userId).toBe(person.account?.userId);
        }
      }
      expect(crm.filter(({ badPhone }) => badPhone).length).toBeGreaterThan(10);
    });
  },
);

describe.each(worlds.map((world) => [world.seed, world] as const))(
  "consents of seed %i",
  (_, world) => {
    const { consents, messages } = world;
    const lastOf = (channel: string) =>
      new Map(
        consents
          .filter((entry) => entry.purpose === "marketing" && entry.channel === channel)
          .map(({ person, granted }) => [person, granted]),
      );

    it("say last of e-mail marketing who gets the newsletter", () => {
      const last = lastOf("email");
      for (const person of world.people) expect(last.get(person) ?? false).toBe(person.subscribed);
      expect([...last.values()].filter((granted) => !granted).length).toBeGreaterThan(100);
    });

    it("were given before the first text message, and taken back by a STOP", () => {
      const granted = new Map(
        consents
          .filter((entry) => entry.purpose === "marketing" && entry.granted)
          .map(({ person, channel, at }) => [`${person.id} ${channel}`, at]),
      );
      for (const { person, channel, purpose, at } of messages.sent) {
        if (purpose === "marketing")
          expect(granted.get(`${person.id} ${channel}`)).toBeLessThan(at);
      }
      const last = lastOf("sms");
      expect(messages.optOuts.length).toBeGreaterThan(0);
      for (const { person } of messages.optOuts) expect(last.get(person)).toBe(false);
    });

    it("name their subject, by what the person has", () => {
      for (const { person, card, email, phone } of consents) {
        expect([card, email, phone].filter(Boolean)).toHaveLength(1);
        if (card) expect(person.cards.map(({ number }) => number)).toContain(card);
        if (email) expect(person.emails).toContain(email);
        if (phone) expect(person.phones.map(digits)).toContain(digits(phone));
      }
    });

    it("are in the order of time", () => {
      const times = consents.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });
  },
);

describe("appointments", () => {
  it("are booked, then held, missed or cancelled, in a shop that is open", () => {
    for (const { appointments, calendar } of worlds) {
      expect(appointments.length).toBeGreaterThan(100);
      const ended = groupBy(appointments, ({ updates }) => updates.at(-1)?.status);
      for (const status of ["booked", "held", "no_show", "cancelled"] as const) {
        expect(ended.get(status)?.length).toBeGreaterThan(0);
      }
      for (const { updates, startsAt, shop, named } of appointments) {
        expect(updates[0].status).toBe("booked");
        expect(updates[0].at).toBeLessThan(startsAt);
        const [booked, end] = updates;
        if (end) expect(end.at - booked.at).toBeGreaterThanOrEqual(60_000);
        if (end?.status === "cancelled") expect(end.at).toBeLessThan(startsAt);
        if (startsAt < calendar.end)
          expect(calendar.dayAt(startsAt).index).toBeGreaterThanOrEqual(shop.firstDay);
        expect(Object.values(named).some(Boolean)).toBe(true);
      }
    }
  });

  it("cause what world.json sets when they are held, and nothing else", () => {
    const set = readSettings().appointments.effectPerContact;
    const held = sum(worlds, (world) => world.appointments.filter(isHeld).length);
    const orders = worlds.flatMap((world) =>
      world.orders.filter(({ cause }) => cause?.kind === "appointment"),
    );
    expect(sum(orders, net) / (set * held)).toBeGreaterThan(0.75);
    expect(sum(orders, net) / (set * held)).toBeLessThan(1.25);
    for (const world of worlds) {
      const guests = new Set(world.appointments.filter(isHeld).map(({ person }) => person));
      for (const { cause, person } of world.orders) {
        if (cause?.kind === "appointment") expect(person && guests.has(person)).toBe(true);
      }
    }
  });
});

describe("what the loaders make of the drops", () => {
  let bench: Bench;
  let world: string;
  let totals: Json;
  beforeAll(async () => {
    bench = await openBench();
    world = join(bench.dir, "world");
    await generate({ seed: 8, customers: 600, events: 500, outDir: world });
    totals = readJson(world, "truth", "totals.json");
    for (const name of ["consents", "appointments"]) {
      bench.source(name, {
        type: "file-feed",
        path: `world/drops/${name}`,
        mapping: `world/mappings/${name}.json`,
      });
    }
    const { streams } = await bench.load();
    for (const { status, rows } of streams) {
      expect(status).toBe("ok");
      expect(rows.rejected).toBe(0);
    }
  }, 120_000);
  afterAll(() => bench.close());

  const truthOf = (source: string): Json[] =>
    readNdjson(world, "truth", "records.ndjson").filter((row) => row.source === source);
  const byKey = (a: string[], b: string[]) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1);
  const text = (row: Record<string, unknown>) =>
    Object.values(row).map((value) => String(value ?? ""));

  it("is the log of consents, line by line, with its subjects", async () => {
    const loaded = await bench.query(
      `select concat(files.path, ':', cast(line_no_in_file as string)) as key, email, phone, loyalty_card
        from raw.raw_consents join ops.files as files using (file_id) left join pii.contacts using (contact_key)`,
    );
    expect(loaded.length).toBe(totals.consents.rows);
    expect(loaded.map(text).sort(byKey)).toEqual(
      truthOf("consents")
        .map((row) => [row.key, row.email, row.phone, row.loyalty_card])
        .sort(byKey),
    );
    const entries = await bench.query(
      `select channel, purpose, status, format_timestamp('%FT%H:%M:%SZ', collected_at) as moment
        from raw.raw_consents`,
    );
    const truth = readNdjson(world, "truth", "consents.ndjson").map((row) =>
      [row.channel, row.purpose, row.status, `${row.collected_at.slice(0, 19)}Z`].join(),
    );
    expect(entries.map((row) => text(row).join()).sort()).toEqual(truth.sort());
  });

  it("is every appointment as it ended, with how it was named", async () => {
    const loaded = await bench.query(
      `select appointment_id, email, phone, loyalty_card, crm_contact_id, status, store_code,
          format_timestamp('%FT%H:%M', starts_at) as starts_at
        from raw.raw_appointments left join pii.contacts using (contact_key)
        qualify row_number() over (partition by appointment_id order by updated_at desc) = 1`,
    );
    const ends = new Map(
      readNdjson(world, "truth", "appointments.ndjson").map((row) => [row.appointment_id, row]),
    );
    expect(loaded.length).toBe(totals.appointments.count);
    expect(loaded.map(text).sort(byKey)).toEqual(
      truthOf("appointments")
        .map((row) => {
          const { status, store, starts_at } = ends.get(row.key);
          const named = [row.email, row.phone, row.loyalty_card, row.crm_contact_id ?? ""];
          return [row.key, ...named, status, store, starts_at.slice(0, 16)];
        })
        .sort(byKey),
    );
    const [{ rows } = {}] = await bench.query(
      "select count(*) as `rows` from raw.raw_appointments",
    );
    expect(Number(rows)).toBeGreaterThan(loaded.length);
  });

  it("holds no contact value outside pii", async () => {
    const rows = await bench.query(
      `select to_json_string(t) as row from raw.raw_consents as t
        union all select to_json_string(t) from raw.raw_appointments as t`,
    );
    const all = JSON.stringify(rows);
    expect(all).not.toMatch(/@/);
    for (const { phone } of [...truthOf("consents"), ...truthOf("appointments")]) {
      if (phone) expect(all).not.toContain(phone);
    }
  });
});
