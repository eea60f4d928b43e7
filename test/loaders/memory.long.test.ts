import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { openBench } from "./harness.ts";

const EVENTS = 400_000;
const PER_FILE = 50_000;

it("a loader's memory does not grow with what it loads", async () => {
  const bench = await openBench();
  try {
    for (let from = 0; from < EVENTS; from += PER_FILE) {
      const lines = Array.from({ length: PER_FILE }, (_, i) => eventText(from + i)).join("\n");
      bench.drop(`segment/${from}.json.gz`, gzipSync(lines, { level: 1 }));
    }
    const consentCategories = { analytics: "analytics", advertising: "advertising" };
    const sources = { segment: { type: "segment", path: "segment", consentCategories } };
    bench.drop("sources.json", JSON.stringify(sources));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "test/loaders/load-child.ts", bench.dir, "long"],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const [, megabytes] = /ended ok, at most (\d+) MB/.exec(stdout) ?? [];
    expect(Number(megabytes)).toBeLessThan(350);
    const [loaded] = await bench.query("select count(*) as n from raw.raw_cdp_tracks");
    expect(loaded?.n).toBe(EVENTS);
  } finally {
    await bench.close();
  }
});

function eventText(i: number): string {
  const at = new Date(Date.UTC(2026, 0, 1) + i * 10_000).toISOString();
  const url = `https://shop.example/p/${i % 900}?utm_source=facebook&utm_medium=paid_social&fbclid=Iw${i}`;
  return JSON.stringify({
    type: "track",
    messageId: `ajs-next-${i}`,
    anonymousId: `00000000-0000-4000-8000-${String(i % 30_000).padStart(12, "0")}`,
    event: "Product Viewed",
    properties: { sku: `SKU-${i % 900}`, name: "Linen shirt", price: 59.9, currency: "EUR" },
    context: { ip: "198.51.100.7", userAgent: "Mozilla/5.0", page: { url, title: "Linen shirt" } },
    timestamp: at,
    receivedAt: at,
  });
}
