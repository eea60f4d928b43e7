import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mappingSchema } from "../../loaders/sources/file-feed/mapping.ts";
import { generate } from "../../sandbox/index.ts";
import { readConfig } from "../../scripts/config.ts";
import { filesIn, readJson, tempDir } from "./worlds.ts";

const { dir, remove } = tempDir();
beforeAll(() => generate({ seed: 1, customers: 50, events: 500, outDir: dir }));
afterAll(remove);

it("writes a configuration that the command line accepts, with every drop as a source", () => {
  const config = readConfig({ config: join(dir, "filo.json") });
  expect(config.sandbox).toEqual({ dir, lastDay: "2026-10-31" });
  const sources = Object.values(config.sources);
  const paths = sources.flatMap((source) => ("path" in source ? [source.path] : []));
  expect(paths.sort()).toEqual([
    "drops/event-signups",
    "drops/holdouts",
    "drops/loyalty",
    "drops/newsletter",
    "drops/postcards",
    "drops/promo-codes",
    "drops/segment",
    "drops/till",
  ]);
  for (const path of paths) expect(filesIn(join(dir, path)).length).toBeGreaterThan(0);
});

it("writes mappings that the file-feed loader accepts", () => {
  const names = filesIn(join(dir, "mappings"));
  expect(names).toEqual([
    "event_signups.json",
    "holdouts.json",
    "loyalty.json",
    "newsletter.json",
    "postcards.json",
    "promo_codes.json",
    "till.json",
  ]);
  for (const name of names)
    expect(mappingSchema.safeParse(readJson(dir, "mappings", name)).error).toBeUndefined();
});
