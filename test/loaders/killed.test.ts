import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { type Bench, openBench } from "./harness.ts";

const SOURCES = {
  segment: {
    type: "segment",
    path: "segment",
    consentCategories: { analytics: "analytics", advertising: "advertising" },
  },
  cards: { type: "file-feed", path: "cards", mapping: "cards.json" },
};

const MAPPING = {
  entity: "people",
  columns: { loyalty_card: "card", recorded_at: { date: "since" } },
  contacts: { email: "mail" },
};

/** Two days of events that overlap, and a file of people in a second version. */
function fill({ drop }: Bench): void {
  const event = (i: number) => ({
    type: i % 7 === 0 ? "identify" : "track",
    messageId: `m${i}`,
    anonymousId: `a${i % 50}`,
    event: "Product Viewed",
    traits: { email: `person${i}@shop.example` },
    timestamp: "2026-05-01T10:00:00.000Z",
    receivedAt: new Date(Date.UTC(2026, 4, 1) + i * 60_000).toISOString(),
    context: {},
  });
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => JSON.stringify(event(from + i))).join("\n");
  drop("segment/1.json", lines(0, 1500));
  drop("segment/2.json", lines(1400, 2800));
  drop("cards.json", JSON.stringify(MAPPING));
  drop("cards/list.csv", "card;since;mail\n1;2026-01-01;a@b.example\n2;2026-01-02;\n");
  drop("sources.json", JSON.stringify(SOURCES));
}

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

async function filledBench(): Promise<Bench> {
  const bench = await openBench();
  benches.push(bench);
  for (const [name, config] of Object.entries(SOURCES)) bench.source(name, config);
  fill(bench);
  return bench;
}

/** Everything that was loaded, without what differs from run to run. */
async function content(bench: Bench): Promise<string> {
  const tables = ["raw.raw_cdp_tracks", "raw.raw_cdp_identifies", "raw.raw_people", "pii.contacts"];
  const all = await Promise.all(
    tables.map((table) =>
      bench.query(
        `select to_json_string(t) as row from (select * except (_run_id, _loaded_at) from ${table}) as t order by row`,
      ),
    ),
  );
  const files = await bench.query("select path, status, rows_ok from ops.files order by path");
  return JSON.stringify([all, files]);
}

/** Loads in a process of its own and kills it when it says that it has come so far. */
async function killAt(bench: Bench, runId: string, moment: string): Promise<void> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", "test/loaders/load-child.ts", bench.dir, runId],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exit = once(child, "exit");
  let wasThere = false;
  if (!child.stdout) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    if (wasThere || !line.startsWith(moment)) continue;
    wasThere = true;
    child.kill("SIGKILL");
  }
  await exit;
  expect(wasThere).toBe(true);
}

it("a load that is killed anywhere and run again has the rows of an undisturbed one", async () => {
  const undisturbed = await filledBench();
  await undisturbed.load();
  const expected = await content(undisturbed);

  const bench = await filledBench();
  const moments = ["segment reading 2.json", "cards committing", "segment committing"];
  for (const [index, moment] of moments.entries()) await killAt(bench, `killed_${index}`, moment);

  const report = await bench.load();
  expect(report.status).toBe("ok");
  expect(await content(bench)).toBe(expected);
  const staging = await bench.query(
    "select table_name from raw.INFORMATION_SCHEMA.TABLES where starts_with(table_name, '_stage')",
  );
  expect(staging).toEqual([]);
  const owners = readdirSync(tmpdir()).flatMap((name) => /^filo-load-(\d+)-/.exec(name)?.[1] ?? []);
  expect(owners.filter((pid) => !isAlive(Number(pid)))).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
