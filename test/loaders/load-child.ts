import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BigQuery } from "@google-cloud/bigquery";
import { attachOrStart } from "../../emulator/owner.ts";
import { loadSources } from "../../loaders/index.ts";

/** Loads the sources of DIR/sources.json into DIR/warehouse as a process of its own, telling how far it is. */
const [dir = "", runId = ""] = process.argv.slice(2);
const server = await attachOrStart(join(dir, "warehouse"));
Object.assign(process.env, server.env);
const report = await loadSources({
  config: {
    dir,
    timeZone: "Europe/Rome",
    sources: JSON.parse(readFileSync(join(dir, "sources.json"), "utf8")),
  },
  warehouse: {
    bigquery: new BigQuery({ projectId: "local", location: "EU" }),
    datasets: (name) => name,
  },
  env: {},
  asOf: "2026-10-31",
  runId,
  sleep: async () => {},
  progress: ({ source, phase, detail }) => console.log(`${source} ${phase} ${detail ?? ""}`),
});
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(`ended ${report.status}, at most ${megabytes} MB`);
await server.close();
