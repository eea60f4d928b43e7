import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { entities, exampleSources, readMapping } from "../../loaders/index.ts";
import { init } from "../../scripts/commands/init.ts";
import { readConfig } from "../../scripts/config.ts";

let dir: string;
const printed: string[] = [];
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "filo-init-"));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

const vendors = exampleSources.map(({ type }) => type).filter((type) => type !== "file-feed");
const everything = [...vendors, ...entities];

it("writes a configuration and mappings that the command line accepts, for every source there is", async () => {
  const out = join(dir, "filo.json");
  expect(await init({ out, source: everything })).toBe(0);
  const config = readConfig({ config: out });
  expect(Object.keys(config.sources)).toHaveLength(everything.length);
  for (const source of Object.values(config.sources)) {
    if (source.type === "file-feed") readMapping(join(dir, source.mapping));
  }
});

it("holds no secret, and says which variables to set", () => {
  const text = readFileSync(join(dir, "filo.json"), "utf8");
  const variables = [...text.matchAll(/"env": "([^"]+)"/g)].map(([, name]) => name);
  expect(variables.length).toBeGreaterThan(0);
  for (const name of variables) expect(printed.join("")).toContain(`${name}=`);
});

it("leaves a configuration that is there alone", async () => {
  await expect(init({ out: join(dir, "filo.json"), source: ["segment"] })).rejects.toThrow(
    "is there already",
  );
});

it("asks for what is missing: a source that exists, a project for BigQuery, a time zone", async () => {
  const out = join(dir, "other.json");
  await expect(init({ out, source: ["facebook"] })).rejects.toThrow("there is no such source");
  await expect(init({ out, source: [], warehouse: "bigquery" })).rejects.toThrow("--project");
  await expect(init({ out, source: [], timeZone: "Roma" })).rejects.toThrow("timeZone");
  await expect(init({ out })).rejects.toThrow("--source");
});

it("begins with BigQuery in the EU, and knows no environment but those in the file", async () => {
  const out = join(dir, "bigquery.json");
  await init({ out, source: ["segment"], warehouse: "bigquery", project: "acme" });
  expect(readConfig({ config: out }).warehouse).toEqual({
    type: "bigquery",
    project: "acme",
    location: "EU",
  });
  expect(() => readConfig({ config: out, env: "dev" })).toThrow("no such environment");
});
