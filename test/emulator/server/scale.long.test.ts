import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ADDRESS_FILE } from "../../../emulator/owner.ts";
import { useServer } from "./support.ts";

const server = useServer();
const ROWS = 1_000_000;

const FIELDS = [
  { name: "message_id", type: "STRING" },
  { name: "anonymous_id", type: "STRING" },
  { name: "event", type: "STRING" },
  { name: "timestamp", type: "TIMESTAMP" },
  { name: "url", type: "STRING" },
  { name: "context", type: "JSON" },
  { name: "properties", type: "JSON" },
  { name: "amount", type: "NUMERIC" },
  { name: "position", type: "INTEGER" },
  { name: "day", type: "DATE" },
];

/** One event of about 400 bytes. */
function event(i: number): string {
  return JSON.stringify({
    message_id: `message-${i}`,
    anonymous_id: `anonymous-${i % 20_000}`,
    event: "Order Completed",
    timestamp: new Date(1.76e12 + i * 1000).toISOString(),
    url: `https://shop.example/it/product/${i % 1000}?utm_source=newsletter&utm_medium=email`,
    context: { ip: "192.0.2.1", library: { name: "analytics.js", version: "2.1.0" } },
    properties: { sku: `sku-${i % 500}`, price: (i % 100) + 0.5, quantity: 1 },
    amount: `${i % 1000}.25`,
    position: i,
    day: "2026-01-15",
  });
}

async function peakMegabytes(): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(server().dir, "data", ADDRESS_FILE), "utf8"));
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(status.match(/VmHWM:\s+(\d+) kB/)?.[1]) / 1024;
}

test.runIf(process.platform === "linux")(
  "a million rows load in seconds, and sorting and copying them stays within bounds",
  async () => {
    const { bigquery, dir } = server();
    const file = join(dir, "events.json");
    const output = createWriteStream(file);
    for (let start = 0; start < ROWS; start += 1000) {
      const lines = Array.from({ length: 1000 }, (_, i) => event(start + i)).join("\n");
      if (!output.write(`${lines}\n`)) await once(output, "drain");
    }
    output.end();
    await once(output, "finish");
    await bigquery.createDataset("scale");
    const started = performance.now();
    await bigquery
      .dataset("scale")
      .table("events")
      .load(file, { sourceFormat: "NEWLINE_DELIMITED_JSON", schema: { fields: FIELDS } });
    expect(performance.now() - started).toBeLessThan(20_000);

    const [rows] = await bigquery.query(`
    with numbered as (
      select *, row_number() over (partition by anonymous_id order by timestamp) as visit from scale.events
    )
    select count(*) as n, count(distinct anonymous_id) as people, sum(amount) as total, max(visit) as visits from numbered`);
    expect({ ...rows[0], total: rows[0].total.toString() }).toEqual({
      n: ROWS,
      people: 20_000,
      total: "499750000",
      visits: ROWS / 20_000,
    });
    await bigquery.query(
      "create or replace table scale.copy as select * from scale.events order by position desc",
    );
    const [all] = await bigquery.query({ query: "select * from scale.copy", maxResults: 1000 });
    expect(all.length).toBeGreaterThan(0);
    expect(await peakMegabytes()).toBeLessThan(900);
  },
);
