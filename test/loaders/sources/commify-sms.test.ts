import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "../../../loaders/core/dates.ts";
import type { LoadOptions } from "../../../loaders/index.ts";
import { type Fault, generate, startVendors, type Vendors } from "../../../sandbox/index.ts";
import { type Json, readJson, readNdjson } from "../../sandbox/worlds.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

let bench: Bench;
let vendors: Vendors;
let world: string;
let settings: Json;

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 5, customers: 400, events: 500, outDir: world });
  vendors = await startVendors(world);
  settings = readJson(world, "truth", "settings.json").settings.messages;
  configure();
  await load({ asOf: "2025-05-01" });
});
afterAll(async () => {
  await vendors.close();
  await bench.close();
});
beforeEach(() => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
  configure();
});

function configure(more: Record<string, unknown> = {}): void {
  bench.source("sms", {
    type: "commify-sms",
    baseUrl: vendors.addresses.commify,
    user: settings.commify.user,
    password: { env: "COMMIFY_PASSWORD" },
    startDate: "2025-05-01",
    prices: settings.commify.prices,
    ...more,
  });
}

async function forget(): Promise<void> {
  const tables = ["ops.load_state", "ops.dead_letters", "pii.contacts"];
  const raw = ["raw.raw_sms_messages", "raw.raw_sms_optouts"];
  await bench.query(
    [...tables, ...raw].map((table) => `delete from ${table} where true`).join(";"),
  );
}

async function load(options: Partial<LoadOptions> = {}, faults: readonly Fault[] = []) {
  vendors.setFaults(faults);
  const report = await bench.loadOne({ env: vendors.env, ...options });
  expect(lawHolds(report)).toBe(true);
  return report;
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}): Fault => ({
  vendor: "commify",
  kind,
  route,
  ...more,
});

/** Rows with their phones, without what tells one run from another. */
const rows = () =>
  bench.query(`select m.* except (_run_id, _loaded_at, _payload), c.phone
    from raw.raw_sms_messages as m left join pii.contacts as c using (contact_key) order by message_id`);
const optOuts = () =>
  bench.query(`select o.origin, format_timestamp('%F %T', o.since, 'Europe/Rome') as date, c.phone
    from raw.raw_sms_optouts as o join pii.contacts as c using (contact_key) order by since, phone`);

const totals = (): Json => readJson(world, "truth", "totals.json").messages;
const amount = (text: unknown) => BigInt(Math.round(Number(text) * 1e5));

describe("messages", () => {
  let report: Awaited<ReturnType<typeof load>>;
  beforeAll(async () => {
    await forget();
    configure();
    report = await load();
  });

  it("load with the state of each, at the contract's price, to the last decimal", async () => {
    expect(report).toMatchObject({ status: "ok", dataUntil: "2026-10-31", rows: { rejected: 0 } });
    // Somebody tried the gateway out.
    expect(report.notes).toEqual([expect.stringMatching(/trials \(DEMO\) are no messages/)]);
    const found = await bench.query(`select status, count(*) as n, sum(price) as price,
      countif(price is null) as unpriced, logical_and(price_is_estimated) as estimated
      from raw.raw_sms_messages group by status order by status`);
    for (const { status, n, price, unpriced, estimated } of found) {
      const expected = totals().by_provider_and_state[`commify ${status}`];
      expect({ n, unpriced, estimated }).toEqual({
        n: expected.count,
        unpriced: expected.unpriced,
        estimated: true,
      });
      expect(amount(price)).toBe(amount(expected.price));
    }
    const campaigns = await bench.query(`select campaign_key, purpose, sum(price) as price
      from raw.raw_sms_messages group by all`);
    expect(campaigns.length).toBeGreaterThan(5);
    for (const { campaign_key, purpose, price } of campaigns) {
      const key = String(campaign_key);
      expect(amount(price)).toBe(amount(totals().by_campaign[key].price));
      expect(purpose).toBe(key.startsWith("SERVIZIO") ? "service" : "marketing");
    }
  });

  it("happened when the local time says, in summer and in winter", async () => {
    const [first] = await bench.query(`select
      min(if(campaign_key = 'SMS-SALDI-PE26', created_at, null)) as summer,
      min(if(campaign_key = 'SMS-SALDI-AI25', created_at, null)) as winter
      from raw.raw_sms_messages`);
    expect(first?.summer).toMatch(/^2026-07-03T07:0\d/);
    expect(first?.winter).toMatch(/^2026-01-02T08:0\d/);
  });

  it("keep their phones apart, as the truth has them, and opt-outs too", async () => {
    const truth = readNdjson(world, "truth", "records.ndjson").filter(
      ({ source }) => source === "commify",
    );
    const sent = truth.filter(({ key }) => !key.startsWith("blacklist"));
    const loaded = (await rows()).map(({ order_id, phone }) => `${order_id} ${phone}`);
    expect(loaded.sort()).toEqual(sent.map(({ key }) => key).sort());
    const blacklist = readJson(world, "vendors", "commify.json").blacklist;
    expect(blacklist.length).toBeGreaterThan(1);
    expect(await optOuts()).toEqual(
      blacklist.map(({ phone_number: phone, date, origin }: Json) => ({ origin, date, phone })),
    );
    const raw = await bench.query(`select to_json_string(t) as row from raw.raw_sms_messages as t
      union all select to_json_string(t) from raw.raw_sms_optouts as t
      union all select to_json_string(t) from ops.dead_letters as t
      union all select to_json_string(t) from ops.load_slices as t`);
    const text = `${JSON.stringify(raw)}${bench.logged()}`;
    for (const phone of new Set(truth.map((record) => record.phone)))
      expect(text).not.toContain(phone.slice(3));
    const { COMMIFY_PASSWORD: password } = vendors.env;
    const basic = Buffer.from(`${settings.commify.user}:${password}`).toString("base64");
    for (const secret of [password, basic, "SandboxSession"]) expect(text).not.toContain(secret);
  });
});

describe("messages of some days", () => {
  beforeEach(forget);

  it("whose type has no price have none, and the report says what to do", async () => {
    configure({ prices: [{ messageType: "TI", price: "0.04" }], startDate: "2026-07-01" });
    const report = await load({ asOf: "2026-07-05" });
    expect(report.notes).toEqual([
      expect.stringMatching(/messages of type GP have no price: add one to `prices`/),
    ]);
    const [row] = await bench.query(
      "select logical_and(price is null) as unknown from raw.raw_sms_messages where purpose = 'marketing'",
    );
    expect(row?.unknown).toBe(true);
  });

  it("get the states that came late", async () => {
    configure({ startDate: "2026-07-01" });
    vendors.setAsOf("2026-07-03");
    await load({ asOf: "2026-07-03" });
    const [morning] = await bench.query(
      "select countif(status = 'sent') as sent, countif(price is null) as unpriced from raw.raw_sms_messages",
    );
    expect(Number(morning?.sent)).toBeGreaterThan(2);
    vendors.setAsOf(null);
    await load({ asOf: "2026-07-09" });
    const healed = await rows();
    await forget();
    await load({ asOf: "2026-07-09" });
    expect(healed).toEqual(await rows());
  });

  it("loaded twice are the same rows, and are asked for one at a time", async () => {
    let open = 0;
    let most = 0;
    const counting: typeof fetch = async (...request) => {
      most = Math.max(most, ++open);
      try {
        return await fetch(...request);
      } finally {
        open--;
      }
    };
    configure({ startDate: "2026-05-01" });
    await load({ fetch: counting });
    expect(most).toBe(1);
    const once = [await rows(), await optOuts()];
    const again = await load();
    const { loaded, read, duplicate } = again.rows;
    expect([loaded, duplicate]).toEqual([0, read]);
    await load({ from: "2026-06-20", to: "2026-07-10" });
    expect([await rows(), await optOuts()]).toEqual(once);
  });
});

describe("the gateway's troubles", () => {
  let undisturbed: unknown[];
  let recent: { startDate: string };
  beforeAll(async () => {
    const last = readJson(world, "vendors", "commify.json").blacklist.at(-1).date.slice(0, 10);
    recent = { startDate: addDays(last, -20) };
    await forget();
    configure(recent);
    await load();
    undisturbed = [await rows(), await optOuts()];
  });
  beforeEach(forget);
  const table = async () => [await rows(), await optOuts()];

  it.each([
    ["a 500", [fault("server_error", "recipients", { times: 3 })]],
    ["a 500 at the login", [fault("server_error", "login", { times: 2 })]],
    ["a connection that breaks", [fault("reset", "orders", { times: 2 })]],
    ["half a page", [fault("truncated_body", "recipients", { times: 2 })]],
    ["no answer", [fault("no_answer", "recipients", { times: 2 })]],
    ["a slow page", [fault("slow_body", "blacklist")]],
    ["throttling", [fault("throttled", "recipients", { times: 4 })]],
    ["throttling that says how long", [fault("throttled", "orders", { times: 8, minutes: 1 })]],
  ])("%s: recovered, without losing or doubling a row", async (_, faults) => {
    configure(recent);
    const report = await load({}, faults);
    expect(report.problem).toBeUndefined();
    expect(await table()).toEqual(undisturbed);
  });

  it("a session that ends: renewed once, where it ended", async () => {
    configure(recent);
    const before = vendors.requests()["commify login"] ?? 0;
    const report = await load({}, [fault("expired_token", "recipients", { after: 3, times: 1 })]);
    expect(report.problem).toBeUndefined();
    expect((vendors.requests()["commify login"] ?? 0) - before).toBe(2);
    expect(await table()).toEqual(undisturbed);
  });

  it.each([
    ["a session that no login renews", "orders"],
    ["a refused password", "login"],
  ])("%s: stale, and the remedy names the variable", async (_, route) => {
    const before = vendors.requests()["commify login"] ?? 0;
    const report = await load({}, [fault("expired_token", route, { times: Infinity })]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.remedy).toContain("COMMIFY_PASSWORD");
    expect((vendors.requests()["commify login"] ?? 0) - before).toBeLessThanOrEqual(2);
  });

  it.each([
    ["orders", /orders of .* announces \d+ and delivers \d+/],
    ["recipients", /recipients of order .* announces \d+ and delivers \d+/],
    ["blacklist", /opt-outs of .* announces \d+ and delivers \d+/],
  ])(
    "%s that lack one announced: the slice fails and the next run has it",
    async (route, problem) => {
      configure(recent);
      const report = await load({}, [fault("dropped_row", route, { times: 2 })]);
      expect(report.status).toBe("stale");
      expect(report.problem).toMatch(problem);
      expect((await load()).status).toBe("ok");
      expect(await table()).toEqual(undisturbed);
    },
  );

  it("throttling beyond the time of a slice: politely stale", async () => {
    const report = await load({}, [fault("throttled", "orders", { times: Infinity, minutes: 90 })]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.remedy).toMatch(/next run/);
  });
});

/** A gateway with one order, whose recipients are given. */
function oneOrder(recipients: readonly Json[], order: Json = {}): typeof fetch {
  return async (input) => {
    const { pathname } = new URL(String(input));
    if (pathname.endsWith("/login")) return new Response("1;session-key");
    if (pathname.endsWith("/smshistory")) {
      const smshistory = [
        {
          order_id: "SALDI-001",
          create_time: "20261001090000",
          schedule_time: "20261001090000",
          message_type: "GP",
          sender: "VENTOLANA",
          num_recipients: recipients.length,
          ...order,
        },
      ];
      return Response.json({ result: "OK", total: 1, smshistory });
    }
    return pathname.endsWith("/blacklist/sms")
      ? Response.json({ result: "OK", total: 0, blacklist: [] })
      : Response.json({ result: "OK", recipient_number: recipients.length, recipients });
  };
}

describe("a message", () => {
  beforeEach(async () => {
    configure({ startDate: "2026-10-01" });
    await forget();
  });
  const loadThese = (recipients: readonly Json[], order: Json = {}) =>
    load({ asOf: "2026-10-01", fetch: oneOrder(recipients, order) });
  const phone = (i: number) => `+39312555${String(i).padStart(4, "0")}`;

  it("is read once where a page repeats the last order of the one before", async () => {
    const one = oneOrder([{ destination: phone(1), status: "SENT" }]);
    const order = (i: number) => ({
      order_id: `SALDI-${i}`,
      create_time: "20261001090000",
      message_type: "GP",
      num_recipients: 1,
    });
    const paged: typeof fetch = async (input) => {
      const { pathname, searchParams } = new URL(String(input));
      if (!pathname.endsWith("/smshistory")) return one(input);
      const size = Number(searchParams.get("pageSize"));
      const start = (Number(searchParams.get("pageNumber")) - 1) * size;
      const listed = Array.from({ length: size + 7 }, (_, i) => order(i));
      const smshistory = listed.slice(Math.max(0, start - 1), start + size);
      return Response.json({ result: "OK", total: listed.length, smshistory });
    };
    const report = await load({ asOf: "2026-10-01", fetch: paged });
    expect(report).toMatchObject({ status: "ok", rows: { loaded: 57, duplicate: 0 } });
  });

  it("of an order without a key is no campaign's", async () => {
    await loadThese([{ destination: phone(1), status: "DLVRD", delivery_date: "20261001090005" }], {
      order_id: "6A5F3C00AB",
    });
    const [row] = await rows();
    expect(row).toMatchObject({ campaign_key: null, purpose: "service", order_id: "6A5F3C00AB" });
  });

  it("of an unknown state or time is kept apart without its number", async () => {
    const fine = Array.from({ length: 8 }, (_, i) => ({ destination: phone(i), status: "SENT" }));
    const report = await loadThese([
      ...fine,
      { destination: phone(20), status: "TELEPORTED" },
      { destination: phone(21), status: "DLVRD", delivery_date: "2026-10-01" },
      { number: phone(22), status: "DLVRD" },
    ]);
    expect(report).toMatchObject({ status: "ok", rows: { loaded: 8, rejected: 3 } });
    const letters = await bench.query(
      "select reason, field_path, to_json_string(payload) as payload from ops.dead_letters order by reason",
    );
    expect(letters.map(({ reason }) => reason)).toEqual([
      "not_a_date",
      "unknown_status",
      "wrong_value",
    ]);
    expect(JSON.stringify(letters)).not.toContain("312555");
  });

  it("never falls in rank, and a delivery told after a failure counts", async () => {
    const rank: Record<string, number> = {
      WAITING: 10,
      SENT: 30,
      ERROR: 40,
      BLACKLISTED: 40,
      DLVRD: 50,
    };
    const history = fc.array(fc.constantFrom(...Object.keys(rank)), {
      minLength: 3,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(history, { minLength: 1, maxLength: 60 }), async (all) => {
        await forget();
        for (const step of [0, 1, 2]) {
          await loadThese(
            all.map((states, i) => {
              const status = states[step] ?? "WAITING";
              const delivery_date = status === "DLVRD" ? "20261001090005" : "";
              return { destination: phone(i), status, delivery_date };
            }),
          );
        }
        const found = new Map((await rows()).map((row) => [row.phone, row.status_rank]));
        expect(all.map((_, i) => found.get(phone(i)))).toEqual(
          all.map((states) => Math.max(...states.map((state) => rank[state] ?? 0))),
        );
      }),
      { numRuns: 4 },
    );
  });
});
