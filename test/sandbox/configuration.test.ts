import { readdirSync } from "node:fs";
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
  const drops = readdirSync(join(dir, "drops")).map((name) => `drops/${name}`);
  expect(paths.sort()).toEqual(drops.sort());
  for (const path of paths) expect(filesIn(join(dir, path)).length).toBeGreaterThan(0);
});

it("writes mappings that the file-feed loader accepts, each for a source", () => {
  const sources = Object.values(readConfig({ config: join(dir, "filo.json") }).sources);
  const mappings = sources.flatMap((source) => ("mapping" in source ? [source.mapping] : []));
  const names = filesIn(join(dir, "mappings"));
  expect(mappings.sort()).toEqual(names.map((name) => `mappings/${name}`));
  for (const name of names)
    expect(mappingSchema.safeParse(readJson(dir, "mappings", name)).error).toBeUndefined();
});
