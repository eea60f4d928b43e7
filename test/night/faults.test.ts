import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fault, startVendors, type Vendors } from "../../sandbox/index.ts";
import { ask, type Ended, filo, makeWorld, type World } from "./world.ts";

/** Rows of Meta and of the till as the truth has them, whatever went wrong on the way. */
async function totals(world: World): Promise<{ spend: string; till: string }> {
  const [row] = await ask<{ spend: string; till: string }>(
    world.config,
    `select
       (select format('%.2f', sum(spend)) from raw.raw_meta_insights_daily) as spend,
       (select format('%.2f', sum(line_gross)) from raw.raw_pos_lines) as till`,
  );
  return row ?? { spend: "", till: "" };
}

/** The row law, slice by slice. */
async function lawOfRows(world: World): Promise<void> {
  const broken = await ask(
    world.config,
    `select * from ops.load_slices
     where rows_read <> rows_loaded + rows_duplicate + rows_suppressed + rows_rejected`,
  );
  expect(broken).toEqual([]);
}

const truthOf = (world: World) =>
  JSON.parse(readFileSync(join(world.dir, "truth/totals.json"), "utf8"));

describe("a vendor that fails", () => {
  let world: World;
  let vendors: Vendors;

  beforeAll(async () => {
    world = await makeWorld(11, 120);
    vendors = await startVendors(world.dir);
    const config = JSON.parse(readFileSync(world.config, "utf8"));
    config.sources = { meta: { ...config.sources.meta, baseUrl: vendors.addresses.meta } };
    config.sandbox = undefined;
    writeFileSync(world.config, JSON.stringify(config));
  });
  afterAll(async () => {
    await vendors.close();
    world.remove();
  });

  const load = (faults: readonly Fault[]): Promise<Ended> => {
    vendors.setFaults(faults);
    return filo(["load", "--config", world.config, "--as-of", "2026-10-31"], vendors.env);
  };

  test("an expired token: the source is stale, the report names the remedy, exit code 3", async () => {
    const ended = await load([{ vendor: "meta", kind: "expired_token", times: Infinity }]);
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stdout).toMatch(/meta\/insights_daily +stale/);
    expect(ended.stdout).toContain("META_ACCESS_TOKEN");
    expect(ended.stdout + ended.stderr).not.toContain(Object.values(vendors.env)[0]);
  });

  test("throttling, a 500, a reset and a truncated page: recovered, nothing twice, nothing lost", async () => {
    const ended = await load([
      { vendor: "meta", route: "submit", kind: "throttled", times: 2 },
      { vendor: "meta", route: "poll", kind: "server_error", after: 1 },
      { vendor: "meta", route: "rows", kind: "truncated_body", after: 1 },
      { vendor: "meta", route: "rows", kind: "reset", after: 4 },
    ]);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect((await totals(world)).spend).toBe(truthOf(world).spend.platforms.meta);
    await lawOfRows(world);
  });

  test("a second load finds the same figures", async () => {
    const ended = await load([]);
    expect(ended.code).toBe(0);
    expect((await totals(world)).spend).toBe(truthOf(world).spend.platforms.meta);
  });
});

describe("a till file that is broken", () => {
  let world: World;
  let file: string;
  let original: Buffer;

  beforeAll(async () => {
    world = await makeWorld(12, 120);
    const config = JSON.parse(readFileSync(world.config, "utf8"));
    const { till, till_south } = config.sources;
    config.sources = { till, till_south };
    writeFileSync(world.config, JSON.stringify(config));
    file = join(world.dir, "drops/till/vendite_MIL1_2025-12.csv");
    original = readFileSync(file);
  });
  afterAll(() => world.remove());

  const load = (): Promise<Ended> => filo(["load", "--config", world.config]);
  const lines = (): string[] => iconv.decode(original, "windows-1252").split(/\r?\n/);
  const write = (text: readonly string[]) =>
    writeFileSync(file, iconv.encode(text.join("\r\n"), "windows-1252"));

  test("a wrong total row: the file is refused whole with its reason, the others load, exit code 3", async () => {
    write(
      lines().map((line) => (line.startsWith("TOTALE") ? line.replace(/\d,\d\d/, "9,99") : line)),
    );
    const ended = await load();
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stdout).toContain("vendite_MIL1_2025-12.csv");
    const [refused] = await ask<{ reason: string; rows: number }>(
      world.config,
      `select files.reason, (select count(*) from raw.raw_pos_lines
         where file_id = files.file_id) as \`rows\`
       from ops.files as files where files.status = 'rejected'`,
    );
    expect(refused?.reason).toContain("control_total");
    expect(refused?.rows).toBe(0);
    await lawOfRows(world);
  });

  test("another encoding than the mapping's: refused, not loaded with broken letters", async () => {
    writeFileSync(file, iconv.encode(lines().join("\r\n"), "utf-8"));
    const ended = await load();
    expect(ended.code, ended.stdout).toBe(3);
    const [strange] = await ask<{ n: number }>(
      world.config,
      "select count(*) as n from raw.raw_pos_lines where regexp_contains(description, 'Ã')",
    );
    expect(strange?.n).toBe(0);
  });

  test("a broken line: a dead letter with file, line and reason; the rest loads", async () => {
    const text = lines();
    const index = text.findIndex((line) => /;VEN;/.test(line));
    const broken = (text[index] ?? "").replace(/;\d{2}\/\d{2}\/\d{4};/, ";31/02/2025;");
    write(text.map((line, i) => (i === index ? broken : line)));
    const ended = await load();
    expect(ended.code, ended.stdout).toBe(0);
    const letters = await ask<{ path: string; line: number; reason: string }>(
      world.config,
      `select path, line, reason from ops.dead_letters
       where run_id = (select max(run_id) from ops.load_runs)`,
    );
    expect(letters).toEqual([
      { path: "vendite_MIL1_2025-12.csv", line: index + 1, reason: expect.stringMatching(/date/) },
    ]);
    await lawOfRows(world);
  });

  test("the corrected file replaces it: every line once, the till's total to the cent", async () => {
    writeFileSync(file, original);
    const ended = await load();
    expect(ended.code, ended.stdout).toBe(0);
    expect((await totals(world)).till).toBe(truthOf(world).till.total);
    // The same content under another name is known already.
    renameSync(file, file.replace(".csv", "-bis.csv"));
    expect((await load()).code).toBe(0);
    expect((await totals(world)).till).toBe(truthOf(world).till.total);
  });
});
