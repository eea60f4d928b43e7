import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runStream } from "../../loaders/core/run.ts";
import { createMissingTables } from "../../loaders/core/tables.ts";
import { mappingSchema } from "../../loaders/index.ts";
import { affiliateNet } from "./affiliate-net/index.ts";
import { type Bench, lawHolds, openBench } from "./harness.ts";

/** The example of docs/adding-a-source.md: it stands there word for word, compiles and loads. */
const folder = join(import.meta.dirname, "affiliate-net");
const doc = readFileSync(join(import.meta.dirname, "../../docs/adding-a-source.md"), "utf8");

describe("the document", () => {
  it.each(readdirSync(folder))("shows %s as it is here", (name) => {
    const source = readFileSync(join(folder, name), "utf8").replaceAll(
      "../../../loaders/core/",
      "../../core/",
    );
    expect(doc).toContain(`\`\`\`ts\n// loaders/sources/affiliate-net/${name}\n${source}\`\`\``);
  });

  it("shows mappings that are valid", () => {
    const mappings = [...doc.matchAll(/```json\n(\{\n {2}"entity".*?)```/gs)];
    expect(mappings.length).toBeGreaterThan(0);
    for (const [, json = ""] of mappings) {
      expect(mappingSchema.safeParse(JSON.parse(json)).error).toBeUndefined();
    }
  });
});

describe("the example", () => {
  const KEY = "key-of-the-shop";
  const row = (day: string, partner: string, commission: unknown) => ({
    day,
    partner: { id: partner, name: `Blog ${partner}` },
    clicks: 12,
    commission,
    currency: "EUR",
  });
  /** What the network knows; a second page where there are more than two rows. */
  let known = [row("2026-10-01", "p1", "3.50"), row("2026-10-02", "p2", "1.25")];
  let busy = 0;
  const server = fastify();
  let bench: Bench;

  beforeAll(async () => {
    server.addHook("preHandler", async ({ headers }, reply) => {
      if (headers["x-api-key"] !== KEY) return reply.code(401).send({});
      if (busy-- > 0) return reply.code(429).header("retry-after", "1").send({});
    });
    server.get("/v1/account", () => ({ id: "shop", timezone: "Europe/Rome" }));
    server.get<{ Querystring: { from: string; to: string; cursor?: string } }>(
      "/v1/daily",
      ({ query: { from, to, cursor = "0" } }) => {
        const asked = known.filter(({ day }) => from <= day && day <= to);
        const end = Number(cursor) + 2;
        const next = end < asked.length ? String(end) : null;
        return { rows: asked.slice(Number(cursor), end), next };
      },
    );
    await server.listen({ host: "127.0.0.1", port: 0 });
    bench = await openBench();
    await bench.load();
    const { bigquery, datasets } = bench.warehouse;
    await createMissingTables(bigquery, affiliateNet.tables, datasets);
  });
  afterAll(async () => {
    await server.close();
    await bench.close();
  });

  let runs = 0;
  async function load(key = KEY) {
    const effects = { clock: Date.now, sleep: async () => {}, log: () => {} };
    const config = affiliateNet.config.parse({
      type: "affiliate-net",
      baseUrl: server.listeningOrigin,
      startDate: "2026-10-01",
      apiKey: { env: "KEY" },
    });
    const [stream] = affiliateNet.streams(config, {
      ...effects,
      name: "partners",
      dir: bench.dir,
      timeZone: "Europe/Rome",
      secret: () => key,
      fetch,
      random: () => 0,
    });
    if (!stream) throw new Error("no stream");
    const report = await runStream("partners", stream, {
      ...effects,
      warehouse: bench.warehouse,
      runId: `affiliate_${++runs}`,
      asOf: "2026-10-10",
      backfill: undefined,
      directory: bench.dir,
      progress: () => {},
      oneAtATime: (work) => work(),
    });
    expect(lawHolds(report)).toBe(true);
    return report;
  }

  const rows = () =>
    bench.query("select partner_id, commission from raw.raw_affiliate_daily order by partner_id");

  it("loads pages, waits where it is asked to, and rejects what is wrong", async () => {
    known = [...known, row("2026-10-03", "p3", "2.00"), row("2026-10-03", "p4", "a lot")];
    busy = 2;
    expect(await load()).toMatchObject({ status: "ok", rows: { loaded: 3, rejected: 1 } });
    expect(await rows()).toEqual([
      { partner_id: "p1", commission: "3.5" },
      { partner_id: "p2", commission: "1.25" },
      { partner_id: "p3", commission: "2" },
    ]);
  });

  it("takes what changed and forgets what vanished", async () => {
    known = [row("2026-10-01", "p1", "0.00"), row("2026-10-02", "p2", "1.25")];
    expect(await load()).toMatchObject({ rows: { read: 2, loaded: 1, duplicate: 1 } });
    expect(await rows()).toEqual([
      { partner_id: "p1", commission: "0" },
      { partner_id: "p2", commission: "1.25" },
    ]);
  });

  it("with a refused key is stale and says what to do", async () => {
    expect(await load("old")).toMatchObject({ status: "stale", remedy: "renew the key in KEY" });
  });
});
