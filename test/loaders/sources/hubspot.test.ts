import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "../../../loaders/core/dates.ts";
import type { LoadOptions } from "../../../loaders/index.ts";
import { contactOutcome } from "../../../loaders/sources/hubspot/rows.ts";
import { hubspotConfig } from "../../../loaders/sources/hubspot/schema.ts";
import { type Fault, generate, startVendors, type Vendors } from "../../../sandbox/index.ts";
import { readJson, readNdjson } from "../../sandbox/worlds.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

const NAMES = {
  loyaltyCard: "numero_tessera",
  shopAccountId: "id_account_shop",
  store: "negozio_preferito",
};

let bench: Bench;
let vendors: Vendors;
let world: string;
/** What a load without faults brings. */
let undisturbed: Record<string, unknown>[];

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 5, customers: 700, events: 500, outDir: world });
  vendors = await startVendors(world);
  bench.source("crm", {
    type: "hubspot",
    baseUrl: vendors.addresses.hubspot,
    startDate: "2026-05-01",
    accessToken: { env: "HUBSPOT_ACCESS_TOKEN" },
    properties: NAMES,
  });
  await load();
  undisturbed = await rows();
}, 60_000);
afterAll(async () => {
  await vendors.close();
  await bench.close();
});
beforeEach(async () => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
  await forget();
});

async function forget(): Promise<void> {
  for (const table of ["ops.load_state", "raw.raw_hubspot_contacts", "pii.contacts"]) {
    await bench.query(`delete from ${table} where true`);
  }
}

async function load(options: Partial<LoadOptions> = {}, faults: readonly Fault[] = []) {
  vendors.setFaults(faults);
  const report = await bench.loadOne({ env: vendors.env, ...options });
  expect(lawHolds(report)).toBe(true);
  return report;
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}): Fault => ({
  vendor: "hubspot",
  kind,
  route,
  ...more,
});

const rows = () =>
  bench.query(`select id, updated_at, archived, to_json_string(merged_ids) as merged_ids, loyalty_card,
      shop_account_id, store_code, lifecycle_stage, email, phone, first_name, last_name, city, postal_code
    from raw.raw_hubspot_contacts left join pii.contacts using (contact_key) order by id`);

describe("contacts", () => {
  it("are those that the truth knows, with the identifiers that HubSpot delivers", async () => {
    const report = await load();
    expect(report).toMatchObject({ status: "ok", rows: { rejected: 0, duplicate: 0 } });
    const truth = readNdjson(world, "truth", "records.ndjson").filter(
      ({ source }) => source === "hubspot",
    );
    expect(truth.length).toBeGreaterThan(400);
    const loaded = await rows();
    expect(
      loaded.map(({ id, email, phone, loyalty_card, shop_account_id }) =>
        [id, email, phone, loyalty_card, shop_account_id].map((value) => value ?? ""),
      ),
    ).toEqual(
      truth
        .map((row) => [row.key, row.email, row.phone, row.loyalty_card, row.user_id])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const { contacts } = readJson(world, "truth", "totals.json");
    expect(loaded.length).toBe(contacts.count);
    expect(loaded.filter(({ archived }) => archived).length).toBe(contacts.archived);
    expect(loaded.flatMap((row) => JSON.parse(String(row.merged_ids))).length).toBe(
      contacts.absorbed,
    );
  });

  it("leave no contact value outside pii", async () => {
    await load();
    const stored = await bench.query(
      `select to_json_string(t) as row from raw.raw_hubspot_contacts as t
        union all select to_json_string(t) from ops.load_slices as t
        union all select to_json_string(t) from ops.dead_letters as t`,
    );
    const text = `${JSON.stringify(stored)}${bench.logged()}`;
    for (const { emails, phones, last_name } of readNdjson(world, "truth", "people.ndjson")) {
      for (const value of [...emails, ...phones, last_name]) expect(text).not.toContain(value);
    }
    expect(text).not.toContain(vendors.env.HUBSPOT_ACCESS_TOKEN);
  });

  it("loaded night by night end as those loaded at once, but for those that went away", async () => {
    for (const day of ["2026-06-30", "2026-08-15", "2026-08-16", "2026-10-31"]) {
      vendors.setAsOf(day);
      expect(await load({ asOf: day })).toMatchObject({ status: "ok" });
    }
    const incremental = await rows();
    const once = undisturbed;
    const ids = new Set(once.map(({ id }) => id));
    expect(incremental.filter(({ id }) => ids.has(id))).toEqual(once);
    const merged = new Set(once.flatMap((row) => JSON.parse(String(row.merged_ids))));
    for (const row of incremental) {
      if (!ids.has(row.id)) expect(merged.has(row.id) || row.archived).toBe(true);
    }
  });

  it("changed since yesterday come along: a later change would hide this one", async () => {
    const changes = undisturbed.map((row) => String(row.updated_at).slice(0, 10));
    const lastDay = changes.sort().at(-1) ?? "";
    const clock = () => Date.parse(`${lastDay}T21:59:59Z`);
    await load({ asOf: addDays(lastDay, -1), clock });
    expect(await rows()).toEqual(undisturbed);
  });

  it("loaded twice are the same rows, and only the last day is asked for again", async () => {
    await load();
    const requests = vendors.requests()["hubspot search"] ?? 0;
    const again = await load();
    expect(await rows()).toEqual(undisturbed);
    expect(again.rows.loaded).toBe(0);
    // The last day's contacts, and their number.
    expect((vendors.requests()["hubspot search"] ?? 0) - requests).toBe(2);
  });

  it.each([
    ["a 500", [fault("server_error", "search", { times: 3 })]],
    ["a connection that breaks", [fault("reset", "search", { times: 2 })]],
    ["a connection without a byte", [fault("no_answer", "list", { times: 2 })]],
    ["half a page", [fault("truncated_body", "search", { times: 2 })]],
    ["a slow page", [fault("slow_body", "search")]],
    ["too many searches in a second", [fault("throttled", "search", { times: 12 })]],
    ["too many requests in ten seconds", [fault("throttled", "list", { times: 12 })]],
    ["a page that lacks a row", [fault("dropped_row", "search")]],
    ["an index that lags behind", [fault("late_index", "search")]],
  ])("recover from %s without losing or doubling one", async (_, faults) => {
    const report = await load({}, faults);
    expect(report.problem).toBeUndefined();
    expect(report.status).toBe("ok");
    expect(await rows()).toEqual(undisturbed);
  });

  it("count a row that a page repeats as a duplicate", async () => {
    const report = await load({}, [fault("repeated_row", "search")]);
    expect(report).toMatchObject({ status: "ok", rows: { duplicate: 1 } });
  });

  it("that the index learns of after the run come with the next one", async () => {
    const [latest] = readNdjson(world, "vendors", "hubspot_contacts.ndjson")
      .filter((contact) => !contact.archived && !contact.absorbed)
      .map(({ id, states }) => ({ id, ...states.at(-1) }))
      .sort((a, b) => (a.at < b.at ? 1 : -1));
    const asOf = latest.day;
    await load({ asOf }, [fault("late_index", "search", { times: Number.POSITIVE_INFINITY })]);
    expect((await rows()).some(({ id }) => id === latest.id)).toBe(false);
    await load({ asOf });
    expect((await rows()).some(({ id }) => id === latest.id)).toBe(true);
  });

  it("of a page that always lacks a row are not taken for all there are", async () => {
    const report = await load({}, [
      fault("dropped_row", "search", { times: Number.POSITIVE_INFINITY }),
    ]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.problem).toMatch(/announced \d+ contacts and delivered \d+/);
  });

  it("with an expired token leave the source stale, and the remedy names the variable", async () => {
    const report = await load({}, [fault("expired_token", "account", { times: 9 })]);
    expect(report.status).toBe("stale");
    expect(report.remedy).toContain("HUBSPOT_ACCESS_TOKEN");
  });

  it("stop where the day's requests are used up; the next run goes on from there", async () => {
    const report = await load({}, [
      fault("quota", "search", { after: 3, times: Number.POSITIVE_INFINITY }),
    ]);
    expect(report.status).toBe("stale");
    expect(report.problem).toContain("DAILY");
    expect(report.rows.loaded).toBeGreaterThan(0);
    expect(await load()).toMatchObject({ status: "ok" });
    expect(await rows()).toEqual(undisturbed);
  });
});

describe("a record", () => {
  const record = (properties: Record<string, string | null>, more = {}) => ({
    id: "901",
    properties: { hs_object_id: "901", ...properties },
    createdAt: "2026-02-11T09:12:00.000Z",
    updatedAt: "2026-03-01T10:00:00.000Z",
    archived: false,
    ...more,
  });
  const drift: string[] = [];
  const outcome = (delivered: unknown) =>
    contactOutcome(delivered, NAMES, (path) => drift.push(path));

  it("has empty properties as absent, and all absorbed ids", () => {
    expect(
      outcome(record({ numero_tessera: "", email: null, hs_merged_object_ids: "7;8" })),
    ).toMatchObject({
      row: { loyalty_card: undefined, merged_ids: ["7", "8"] },
      contact: undefined,
    });
  });

  it("that was archived was changed then", () => {
    const archived = record({}, { archived: true, archivedAt: "2026-04-02T08:00:00Z" });
    expect(outcome(archived)).toMatchObject({
      row: { archived: true, updated_at: "2026-04-02T08:00:00.000Z" },
    });
  });

  it("keeps other properties, without contact values whatever their names", () => {
    const delivered = record(
      {
        email: "anna@shop.example",
        hs_additional_emails: "anna.rossi@shop.example",
        mobilephone: "+39 312 0000001",
        work_email: "a@b.example",
        note: "scrivere a anna@shop.example",
        taglia: "M",
      },
      { url: "https://app.hubspot.com/contacts/1/record/0-1/901", extra: { phone: "312" } },
    );
    const found = outcome(delivered);
    expect(found).toMatchObject({
      row: { properties: { note: "scrivere a [e-mail]", taglia: "M" } },
      contact: { email: "anna@shop.example", phone: "+39 312 0000001" },
    });
    expect(JSON.stringify("row" in found && found.row)).not.toMatch(/@|312/);
    expect(drift).toContain("extra");
  });

  it.each([
    ["no id", { ...record({}), id: "x" }, "id"],
    ["no time of its last change", record({}, { updatedAt: "yesterday" }), "updatedAt"],
    ["a property that is no text", record({ size: 4 as unknown as string }), "properties.size"],
  ])("with %s is refused by name", (_, delivered, field) => {
    expect(outcome(delivered)).toMatchObject({ field });
  });
});

it("takes no property of contact values to be kept", () => {
  const config = {
    type: "hubspot",
    startDate: "2026-01-01",
    accessToken: { env: "HUBSPOT_ACCESS_TOKEN" },
  };
  expect(hubspotConfig.parse(config).properties.loyaltyCard).toBe("loyalty_card");
  expect(hubspotConfig.safeParse({ ...config, keep: ["phone"] }).success).toBe(false);
});
