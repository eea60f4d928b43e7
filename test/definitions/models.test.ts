import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TableField, TableMetadata } from "@google-cloud/bigquery";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../scripts/config.ts";
import { PROJECT_DIR, spawnDataform } from "../../scripts/dataform.ts";
import { compiledModels } from "../../scripts/docs.ts";
import { openWarehouse, type Warehouse } from "../../scripts/warehouse.ts";
import { type Ended, filo } from "../night/world.ts";
import { CONTRACT } from "./contract.ts";

let dir: string;
let warehouse: Warehouse;
let run: Ended;
let models: Awaited<ReturnType<typeof compiledModels>>;

// A warehouse of which nothing is known yet: every table is there, and empty.
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "filo-models-"));
  const config = join(dir, "filo.json");
  writeFileSync(
    config,
    JSON.stringify({
      warehouse: { type: "embedded", dataDir: "warehouse" },
      timeZone: "Europe/Rome",
      currency: "EUR",
      sources: {},
    }),
  );
  warehouse = await openWarehouse(readConfig({ config }));
  models = await compiledModels();
  run = await filo(["transform", "--config", config, "--as-of", "2026-10-31"]);
}, 180_000);
afterAll(async () => {
  await warehouse.close();
  rmSync(dir, { recursive: true, force: true });
});

test("the models run on an empty warehouse, and every law holds", () => {
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toMatch(/\d{2,} laws hold, 0 do not/);
});

describe("unit tests of models", () => {
  const outcomes = new Map<string, string>();
  let errors = "";
  beforeAll(async () => {
    const args = ["test", PROJECT_DIR, `--credentials=${warehouse.credentialsFile}`];
    const ended = await spawnDataform(args, warehouse.env, (line) => {
      const [, name, outcome] = /^(test_\w+): (\w+)/.exec(line.trim()) ?? [];
      if (name && outcome) outcomes.set(name, outcome);
    });
    errors = ended.errors;
  }, 120_000);

  test("all pass", () => {
    const failed = [...outcomes].filter(([, outcome]) => outcome !== "passed");
    expect(failed, errors).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(50);
  });

  test("are there for every intermediate model", () => {
    const tested = new Set([...outcomes.keys()].map((name) => /^test_(\w+?)__/.exec(name)?.[1]));
    const written = models.map(({ target }) => target.name);
    expect(written.filter((name) => /^int_/.test(name) && !tested.has(name))).toEqual([]);
  });
});

describe("the columns of the contract", () => {
  /** The fields of each table of marts and of the contract, as the BigQuery API shows them. */
  async function realTables(): Promise<Map<string, readonly TableField[]>> {
    const [marts] = await warehouse.bigquery.dataset("marts").getTables();
    const names = [...marts.map(({ id }) => `marts.${id}`), ...Object.keys(CONTRACT)];
    const real = new Map<string, readonly TableField[]>();
    for (const name of new Set(names)) {
      const [dataset = "", table = ""] = name.split(".");
      const [metadata]: [TableMetadata, unknown] = await warehouse.bigquery
        .dataset(dataset)
        .table(table)
        .getMetadata();
      real.set(name, metadata.schema?.fields ?? []);
    }
    return real;
  }

  test("are there, and have the type that their name promises", async () => {
    const real = await realTables();
    const missing = Object.entries(CONTRACT).flatMap(([table, columns]) => {
      const found = new Set(real.get(table)?.map(({ name }) => name));
      return columns.filter((column) => !found.has(column)).map((column) => `${table}.${column}`);
    });
    expect(missing).toEqual([]);
    const promised = (table: string, name: string) =>
      table.startsWith("marts.") || CONTRACT[table]?.includes(name)
        ? promisedType(name)
        : undefined;
    const odd = [...real].flatMap(([table, fields]) =>
      fields
        .map(({ name = "", type }) => ({ name, type, expected: promised(table, name) }))
        .filter(({ type, expected }) => expected !== undefined && expected !== type)
        .map(({ name, type }) => `${table}.${name} is ${type}`),
    );
    expect(odd).toEqual([]);
  });

  test("are documented, and nothing else is: what BigQuery shows is what the models say", async () => {
    const documented = new Map(
      models.map(({ target, actionDescriptor }) => [
        `${target.schema}.${target.name}`,
        new Map(
          actionDescriptor.columns.map(({ path, description }) => [path.join("."), description]),
        ),
      ]),
    );
    for (const [table, fields] of await realTables()) {
      const shown = fields.map(({ name, description }) => [name, description]);
      expect(new Map(shown as [string, string][]), table).toEqual(documented.get(table));
      for (const [name, description] of shown) expect(description, `${table}.${name}`).toBeTruthy();
    }
  });
});

/** The type that a column's name promises. */
function promisedType(name: string): string | undefined {
  if (/^(is|has|consent)_/.test(name)) return "BOOLEAN";
  if (name.endsWith("_at")) return "TIMESTAMP";
  if (name === "date" || (name.endsWith("_date") && name !== "birth_date")) return "DATE";
  if (name.endsWith("_amount")) return "NUMERIC";
  return name.endsWith("_id") ? "STRING" : undefined;
}
