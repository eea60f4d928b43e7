import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generate } from "../../../sandbox/index.ts";
import { type Json, readJson, readNdjson } from "../../sandbox/worlds.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

let bench: Bench;
let world: string;
let truth: Json;

beforeAll(async () => {
  bench = await openBench();
  world = join(bench.dir, "world");
  await generate({ seed: 6, customers: 120, events: 500, outDir: world });
  truth = readJson(world, "truth", "totals.json").messages;
  const { sources } = readJson(world, "filo.json");
  for (const name of ["newsletter", "holdouts", "promo_codes"])
    bench.source(name, {
      ...sources[name],
      path: `world/${sources[name].path}`,
      mapping: `world/${sources[name].mapping}`,
    });
  const { streams } = await bench.load();
  for (const report of streams) {
    expect(report).toMatchObject({ status: "ok", rows: { rejected: 0 } });
    expect(lawHolds(report)).toBe(true);
  }
});
afterAll(() => bench.close());

it("newsletters and control groups load as touches that were sent, bounced or suppressed", async () => {
  const found = await bench.query(
    "select feed, interaction, count(*) as n from raw.raw_touches group by all order by feed, interaction",
  );
  const { newsletters, held_out } = truth;
  const control = Object.values<number>(held_out).reduce((sum, count) => sum + count, 0);
  expect(found).toEqual([
    { feed: "holdouts", interaction: "suppressed", n: control },
    { feed: "newsletter", interaction: "bounced", n: newsletters.bounced },
    { feed: "newsletter", interaction: "sent", n: newsletters.sent },
    { feed: "newsletter", interaction: "suppressed", n: newsletters.held_out },
  ]);
});

it("a control group is of the campaign, channel and provider whose messages it did not get", async () => {
  const found = await bench.query(`select campaign_id, channel, platform, count(*) as n
    from raw.raw_touches where feed = 'holdouts' group by all`);
  const { campaigns } = readJson(world, "truth", "settings.json").settings.messages;
  for (const { campaign_id, channel, platform, n } of found) {
    const campaign = campaigns.find(({ key }: Json) => key === campaign_id);
    expect({ channel, platform }).toEqual({
      channel: campaign.channel,
      platform: campaign.provider,
    });
    expect(n).toBe(truth.held_out[String(campaign_id)]);
  }
});

it("personal codes load with whom they were sent to", async () => {
  const found = await bench.query(`select promo_code, phone, loyalty_card
    from raw.raw_promo_codes as codes join pii.contacts using (contact_key)`);
  const records = readNdjson(world, "truth", "records.ndjson").filter(
    ({ source }) => source === "promo_codes",
  );
  expect(found).toHaveLength(truth.promo_codes.sent);
  const plain = (rows: readonly Json[], key: string) =>
    rows.map((row) => [row[key], row.phone, row.loyalty_card || null].join(" ")).sort();
  expect(plain(found, "promo_code")).toEqual(plain(records, "key"));
});
