import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generate, startVendors, type Vendors } from "../../sandbox/index.ts";
import { type Bench, openBench } from "./harness.ts";

/**
 * No secret and no personal data in logs, reports and `ops`, however a vendor fails. Each source of the simulated
 * retailer that speaks HTTP is loaded again and again, and each time a later request begins to fail, with an answer
 * that repeats the whole request, its credentials included, and the rows that a good answer would have held.
 *
 * A new vendor is in this test as soon as the sandbox's filo.json has a source of it.
 */
type Json = Record<string, unknown>;

const sources = new Map<string, Json>();
const secrets = new Set<string>();
let bench: Bench;
let vendors: Vendors;

beforeAll(async () => {
  bench = await openBench();
  const world = join(bench.dir, "world");
  await generate({ seed: 11, customers: 120, outDir: world });
  vendors = await startVendors(world, { polls: 1 });
  for (const value of Object.values(vendors.env)) secrets.add(value);
  const { sources: all } = JSON.parse(readFileSync(join(world, "filo.json"), "utf8"));
  for (const [name, config] of Object.entries(all as Record<string, Json>)) {
    if (!("baseUrl" in config)) continue;
    const recent = "startDate" in config ? { startDate: "2026-10-01" } : {};
    sources.set(name, { ...withAddresses(config), ...recent });
  }
});
afterAll(async () => {
  await vendors.close();
  await bench.close();
});

/** `sandbox://NAME`, wherever it stands, becomes the address of the vendor. */
function withAddresses(config: Json): Json {
  const entries = Object.entries(config).map(([key, value]) => {
    const name = typeof value === "string" ? value.match(/^sandbox:\/\/(\w+)/)?.[1] : undefined;
    return [key, vendors.addresses[name as keyof Vendors["addresses"]] ?? value];
  });
  return Object.fromEntries(entries);
}

/** Turns what was asked and what a good answer holds into a bad answer. */
type Failure = (asked: string, good: string) => Response | never;

/** In the words of many vendors: whatever a loader looks for in an error, it finds the whole request. */
const vendorError = (asked: string) => ({
  error: { message: asked, type: asked, code: 2, status: "INTERNAL", fbtrace_id: "T", errors: [] },
  ...{ message: asked, code: 50000, more_info: asked, request_id: "R", detail: asked },
  ...{ error_description: asked, status: "error", category: "VALIDATION_ERROR", title: asked },
  errors: [{ message: asked, detail: asked }],
});

const json = (body: unknown, status: number) => Response.json(body, { status });

const FAILURES: Readonly<Record<string, Failure>> = {
  "500 with everything as text": (asked, good) => new Response(asked + good, { status: 500 }),
  "400 as vendors say it": (asked, good) => json(vendorError(`${good} ${asked}`), 400),
  "401 as vendors say it": (asked, good) => json(vendorError(`${asked} ${good}`), 401),
  "429 with everything as text": (asked, good) => new Response(good + asked, { status: 429 }),
  "200 as some vendors fail": (asked, good) => json(vendorError(asked + good), 200),
  "200 of another shape": (asked, good) => json([asked, { [asked]: good }], 200),
  "200 cut short": (asked, good) => new Response(good.slice(0, good.length / 2) + asked),
  "a connection that breaks": (asked, good) => {
    throw new TypeError(`fetch failed: ${asked} ${good}`);
  },
};

/** Answers as the vendor would, up to a request; from then on as `failure` says. */
function failingFetch(from: number, failure: Failure) {
  let seen = 0;
  const failing: typeof fetch = async (input, init) => {
    const number = seen++;
    const headers = Object.fromEntries(new Headers(init?.headers));
    for (const [name, value] of Object.entries(headers)) {
      // Tokens that a vendor gave out for the session are secrets, too; a user's number is none.
      const secret = value.replace(/^(Bearer|Basic) /, "");
      if (/auth|token|key|session/i.test(name) && secret.length > 7) secrets.add(secret);
    }
    const answer = await fetch(input, init);
    if (number < from) return answer;
    const asked = `${init?.method} ${input} ${JSON.stringify(headers)} ${init?.body ?? ""}`;
    return failure(asked, await answer.text());
  };
  return { failing, seen: () => seen };
}

let feeds = 0;
/** Loads a source anew, under a name that has no state. Returns everything that a person gets to see. */
async function seen(config: Json, from: number, failure: Failure) {
  const name = `source_${++feeds}`;
  bench.source(name, config);
  const { failing, seen: requests } = failingFetch(from, failure);
  const events: unknown[] = [];
  const report = await bench.load({
    only: [name],
    env: vendors.env,
    fetch: failing,
    progress: (event) => events.push(event),
  });
  return { requests: requests(), text: JSON.stringify([report, events]), report };
}

const E_MAIL = /[\w.+-]+(@|%40)[\w-]+\.\w+/;
/** Italian mobile numbers, however written; not digits within an id. */
const PHONE = /(?<![\w-])(\+|00)?(39)?[ .-]?3[2-9]\d[ .-]?\d{3}[ .-]?\d{3,4}(?![\w-])/;

function expectClean(text: string, where: string): void {
  for (const secret of secrets) {
    const at = text.indexOf(secret);
    expect(at === -1 ? "" : text.slice(Math.max(0, at - 200), at + 50), where).toBe("");
  }
  expect(text.match(E_MAIL)?.[0], where).toBeUndefined();
  expect(text.match(PHONE)?.[0], where).toBeUndefined();
}

it("shows neither secrets nor personal data, whichever request fails and however", async () => {
  expect(sources.size).toBeGreaterThan(0);
  for (const [source, config] of sources) {
    const { requests, report } = await seen(config, Number.POSITIVE_INFINITY, () => json({}, 500));
    expect([source, report.status]).toEqual([source, "ok"]);
    const kinds = Object.entries(FAILURES);
    // Every failure of the first request and of the second; then of later ones, each in another way.
    const firsts = kinds.flatMap(([kind, failure]) =>
      [0, 1].map((from) => ({ from, kind, failure })),
    );
    const later = kinds.map(([kind, failure], i) => ({ from: 2 ** (i + 1), kind, failure }));
    for (const { from, kind, failure } of [...firsts, ...later]) {
      if (from >= requests) continue;
      const { text, report: failed } = await seen(config, from, failure);
      const where = `${source}, request ${from}: ${kind}`;
      expect([where, failed.status]).toEqual([where, "stale"]);
      expectClean(text, where);
    }
    expectClean(bench.logged(), `the log, after ${source}`);
  }
  for (const table of ["load_slices", "dead_letters", "schema_drift", "load_state"]) {
    const rows = await bench.query(`select to_json_string(t) as text from ops.${table} as t`);
    expectClean(rows.map(({ text }) => text).join("\n"), `ops.${table}`);
  }
}, 120_000);
