import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LoadOptions } from "../../../loaders/index.ts";
import { type Fault, generate, startVendors, type Vendors } from "../../../sandbox/index.ts";
import { type Json, readJson, readNdjson } from "../../sandbox/worlds.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

let bench: Bench;
let vendors: Vendors;
let world: string;
let account: string;

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 5, customers: 900, events: 500, outDir: world });
  vendors = await startVendors(world);
  account = readJson(world, "truth", "settings.json").settings.messages.twilio.account;
  configure();
  await load({ asOf: "2025-05-01" });
});
afterAll(async () => {
  await vendors.close();
  await bench.close();
});
beforeEach(async () => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
  configure();
  await forget();
});

function configure(more: Record<string, unknown> = {}): void {
  bench.source("twilio", {
    type: "twilio",
    baseUrl: vendors.addresses.twilio,
    accountSid: account,
    startDate: "2025-05-01",
    apiKey: { env: "TWILIO_API_KEY" },
    apiSecret: { env: "TWILIO_API_SECRET" },
    ...more,
  });
}

async function forget(): Promise<void> {
  const tables = ["ops.load_state", "ops.dead_letters", "ops.schema_drift", "pii.contacts"];
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

const fault = (kind: Fault["kind"], more: Partial<Fault> = {}): Fault => ({
  vendor: "twilio",
  kind,
  route: "messages",
  ...more,
});

/** Rows with their phones, without what tells one run from another. */
const rows = () =>
  bench.query(`select m.* except (_run_id, _loaded_at, _payload), c.phone
    from raw.raw_sms_messages as m left join pii.contacts as c using (contact_key) order by message_id`);
const optOuts = () =>
  bench.query(`select o.origin, o.since, c.phone
    from raw.raw_sms_optouts as o join pii.contacts as c using (contact_key) order by since, phone`);

const totals = (): Json => readJson(world, "truth", "totals.json").messages;
const amount = (text: unknown) => BigInt(Math.round(Number(text) * 1e5));

describe("messages", () => {
  it("load with the state and price of each, to the last decimal, those never sent among them", async () => {
    const report = await load();
    expect(report).toMatchObject({ status: "ok", dataUntil: "2026-10-31", rows: { rejected: 0 } });
    const truth = totals();
    const found = await bench.query(`select status, count(*) as n, sum(price) as price,
      countif(price is null) as unpriced from raw.raw_sms_messages group by status`);
    const byStatus = Object.fromEntries(found.map((row) => [row.status, row]));
    for (const state of ["delivered", "failed", "blocked"]) {
      const expected = truth.by_provider_and_state[`twilio ${state}`];
      expect(byStatus[state]).toMatchObject({ n: expected.count, unpriced: expected.unpriced });
      expect(amount(byStatus[state]?.price)).toBe(amount(expected.price));
    }
    expect(byStatus.received?.n).toBe(truth.twilio_replies.count);
    expect(amount(byStatus.received?.price)).toBe(amount(truth.twilio_replies.price));
    const [unsent] = await bench.query(
      "select count(*) as n from raw.raw_sms_messages where sent_at is null",
    );
    expect(Number(unsent?.n)).toBeGreaterThan(2);
  });

  it("belong to the campaign of the tag; those about an order are service", async () => {
    await load();
    const found = await bench.query(`select campaign_key, purpose, channel, count(*) as n
      from raw.raw_sms_messages where direction = 'outbound' group by all`);
    const { campaigns, service } = readJson(world, "truth", "settings.json").settings.messages;
    for (const { key, provider, channel } of campaigns) {
      if (provider !== "twilio") continue;
      const n = totals().by_campaign[key].count;
      expect(found).toContainEqual({ campaign_key: key, purpose: "marketing", channel, n });
    }
    const [key] = service.flatMap((one: Json) => (one.provider === "twilio" ? one.key : []));
    const n = totals().by_campaign[key].count;
    expect(found).toContainEqual({ campaign_key: key, purpose: "service", channel: "sms", n });
    expect(found.every((row) => row.campaign_key !== null)).toBe(true);
  });

  it("keep their phones apart, as the truth has them", async () => {
    await load();
    const truth = readNdjson(world, "truth", "records.ndjson").filter(
      ({ source }) => source === "twilio",
    );
    const loaded = new Map((await rows()).map((row) => [row.message_id, row.phone]));
    expect(new Map(truth.map(({ key, phone }) => [key, phone]))).toEqual(loaded);
    const raw = await bench.query(`select to_json_string(t) as row from raw.raw_sms_messages as t
      union all select to_json_string(t) from raw.raw_sms_optouts as t
      union all select to_json_string(t) from ops.dead_letters as t
      union all select to_json_string(t) from ops.load_slices as t`);
    const text = `${JSON.stringify(raw)}${bench.logged()}`;
    for (const phone of new Set(truth.map((record) => record.phone)))
      expect(text).not.toContain(phone.slice(3));
    for (const secret of Object.values(vendors.env)) expect(text).not.toContain(secret);
  });

  it("answered with STOP are opt-outs", async () => {
    await load();
    const replies = readNdjson(world, "vendors", "twilio.ndjson")
      .filter(({ body }) => body === "STOP")
      .map(({ from, created }) => ({ origin: "STOP", since: created, phone: from }));
    expect(replies.length).toBeGreaterThan(2);
    expect(await optOuts()).toEqual(replies);
  });

  it("get the states and prices that came late: no price is not yet a price of nothing", async () => {
    configure({ startDate: "2026-09-20" });
    vendors.setAsOf("2026-09-24");
    await load({ asOf: "2026-09-24" });
    const [morning] = await bench.query(`select countif(price is null) as unpriced,
      countif(price = 0) as free, countif(status = 'sent') as sent from raw.raw_sms_messages`);
    expect(Number(morning?.unpriced)).toBeGreaterThan(2);
    expect(Number(morning?.sent)).toBeGreaterThan(2);
    expect(morning?.free).toBe(0);
    vendors.setAsOf(null);
    await load({ asOf: "2026-10-02" });
    const healed = await rows();
    await forget();
    await load({ asOf: "2026-10-02" });
    expect(healed).toEqual(await rows());
  });

  it("loaded twice are the same rows", async () => {
    await load();
    const once = [await rows(), await optOuts()];
    const again = await load();
    expect(again.rows).toMatchObject({ loaded: 0, duplicate: again.rows.read });
    await load({ from: "2026-01-01", to: "2026-03-31" });
    expect([await rows(), await optOuts()]).toEqual(once);
  });

  it("that the list lacks for once stay", async () => {
    await load();
    const before = await rows();
    await load({}, [fault("vanished_row")]);
    expect(await rows()).toEqual(before);
  });
});

describe("Twilio's troubles", () => {
  let undisturbed: unknown[];
  const late = { startDate: "2026-09-01" };
  beforeAll(async () => {
    await forget();
    configure(late);
    await load();
    undisturbed = [await rows(), await optOuts()];
  });

  it.each([
    ["a 500", [fault("server_error", { times: 3 })]],
    ["a connection that breaks", [fault("reset", { times: 2 })]],
    ["half a page", [fault("truncated_body", { times: 2 })]],
    ["no answer", [fault("no_answer", { times: 2 })]],
    ["a slow page", [fault("slow_body")]],
    ["throttling that says how long", [fault("throttled", { times: 8, minutes: 1 })]],
    ["throttling without a hint", [fault("throttled", { times: 3 })]],
  ])("%s: recovered, without losing or doubling a row", async (_, faults) => {
    configure(late);
    const report = await load({}, faults);
    expect(report.problem).toBeUndefined();
    expect([await rows(), await optOuts()]).toEqual(undisturbed);
  });

  it("a page that repeats a row: counted as a duplicate", async () => {
    const report = await load({}, [fault("repeated_row", { after: 1 })]);
    expect(report.status).toBe("ok");
    const { by_provider, twilio_replies } = totals();
    expect(await rows()).toHaveLength(by_provider.twilio.count + twilio_replies.count);
  });

  it("a page that lacks a row it counts: the slice fails and the next run has it", async () => {
    configure(late);
    const report = await load({}, [fault("dropped_row", { after: 1 })]);
    expect(report.status).toBe("stale");
    expect(report.problem).toMatch(/counts messages \d+ to \d+ and holds \d+/);
    expect((await load()).status).toBe("ok");
    expect([await rows(), await optOuts()]).toEqual(undisturbed);
  });

  it("a refused key: stale, and the remedy names the variables", async () => {
    for (const route of ["account", "messages"]) {
      const report = await load({}, [fault("expired_token", { route, times: Infinity })]);
      expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
      expect(report.remedy).toMatch(/TWILIO_API_KEY and TWILIO_API_SECRET/);
      expect(report.problem).toContain("code 20003");
    }
  });

  it("throttling beyond the time of a slice: politely stale", async () => {
    const report = await load({}, [fault("throttled", { times: Infinity, minutes: 90 })]);
    expect(report).toMatchObject({ status: "stale", rows: { loaded: 0 } });
    expect(report.remedy).toMatch(/next run/);
  });
});

/** Twilio as far as one page goes. */
function onePage(messages: readonly Json[]): typeof fetch {
  return async (input) => {
    const url = new URL(String(input));
    const list = url.searchParams.has("DateSent>")
      ? messages.filter((message) => message.date_sent !== null)
      : messages;
    const body = url.pathname.endsWith("/Messages.json")
      ? { messages: list, start: 0, end: Math.max(0, list.length - 1), next_page_uri: null }
      : { sid: account };
    return Response.json(body);
  };
}

const message = (more: Json = {}): Json => ({
  sid: "SM1",
  direction: "outbound-api",
  from: "VENTOLANA",
  to: "+393125550000",
  body: "Saldi #SMS-SALDI",
  status: "delivered",
  error_code: null,
  num_segments: "1",
  price: "-0.07450",
  price_unit: "EUR",
  date_created: "Thu, 01 Oct 2026 09:00:00 +0000",
  date_sent: "Thu, 01 Oct 2026 09:00:01 +0000",
  date_updated: "Thu, 01 Oct 2026 09:00:05 +0000",
  ...more,
});

describe("a message", () => {
  beforeEach(() => configure({ startDate: "2026-10-01" }));
  const loadThese = (messages: readonly Json[]) =>
    load({ asOf: "2026-10-01", fetch: onePage(messages) });

  it("without a tag is no campaign's and earns nothing; its text is not kept", async () => {
    await loadThese([message({ body: "Il tuo codice segreto e' 4711" })]);
    const [row] = await bench.query("select * from raw.raw_sms_messages");
    expect(row).toMatchObject({ campaign_key: null, body_tag: null, purpose: "service" });
    expect(JSON.stringify(row)).not.toContain("4711");
  });

  it("takes its campaign and purpose from configured patterns", async () => {
    configure({
      startDate: "2026-10-01",
      campaignKeyPattern: "^\\[([^\\]]+)\\]",
      serviceKeyPattern: "^info",
    });
    await loadThese([
      message({ sid: "SM1", body: "[estate] Saldi" }),
      message({ sid: "SM2", body: "[info-ritiro] Pronto" }),
    ]);
    const found = await bench.query(
      "select campaign_key, purpose from raw.raw_sms_messages order by message_id",
    );
    expect(found).toEqual([
      { campaign_key: "estate", purpose: "marketing" },
      { campaign_key: "info-ritiro", purpose: "service" },
    ]);
  });

  it("of an unknown state or another shape is kept apart without phone and text", async () => {
    const many = Array.from({ length: 8 }, (_, i) => message({ sid: `SM${i}` }));
    const report = await loadThese([
      ...many,
      message({ sid: "SMx", status: "teleported" }),
      message({ sid: "SMy", price: "free" }),
      message({ sid: "SMz", date_created: "2026-10-01", date_updated: "yesterday" }),
    ]);
    expect(report).toMatchObject({ status: "ok", rows: { loaded: 8, rejected: 3 } });
    const letters = await bench.query(
      "select reason, field_path, to_json_string(payload) as payload from ops.dead_letters order by reason, field_path",
    );
    expect(letters.map(({ field_path }) => field_path)).toEqual([
      "status",
      "date_created",
      "price",
    ]);
    expect(JSON.stringify(letters)).not.toMatch(/3125550000|Saldi/);
  });

  it("with a field that nobody knows loads, and the field is noted", async () => {
    await loadThese([message({ carrier: "x" })]);
    expect(await bench.query("select path, kind from ops.schema_drift")).toEqual([
      { path: "carrier", kind: "unknown_field" },
    ]);
  });

  it("never falls in rank, and a delivery told after a failure counts", async () => {
    const rank: Record<string, number> = {
      queued: 10,
      sent: 30,
      undelivered: 40,
      failed: 40,
      delivered: 50,
    };
    const told = fc.record({
      status: fc.constantFrom(...Object.keys(rank)),
      second: fc.integer({ min: 0, max: 59 }),
    });
    const histories = fc.array(fc.array(told, { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(histories, async (all) => {
        await forget();
        for (const step of [0, 1, 2]) {
          await loadThese(
            all.map((history, i) => {
              const { status, second } = history[step] ?? { status: "queued", second: 0 };
              const date_updated = `Thu, 01 Oct 2026 09:00:${String(second).padStart(2, "0")} +0000`;
              return message({ sid: `SM${String(i).padStart(3, "0")}`, status, date_updated });
            }),
          );
        }
        const found = await bench.query(
          "select status_rank from raw.raw_sms_messages order by message_id",
        );
        expect(found.map((row) => row.status_rank)).toEqual(
          all.map((history) => Math.max(...history.map(({ status }) => rank[status] ?? 0))),
        );
      }),
      { numRuns: 4 },
    );
  });
});
