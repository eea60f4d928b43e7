import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookerLink } from "../../dashboard/looker.ts";
import { filo } from "../night/world.ts";

test("a link names project, dataset and table as the Linking API wants them", () => {
  const link = new URL(lookerLink({ project: "shop-eu", dataset: "marts_dev" }, "mart_roas_daily"));
  expect(link.origin + link.pathname).toBe("https://lookerstudio.google.com/reporting/create");
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    "ds.connector": "bigQuery",
    "ds.type": "TABLE",
    "ds.projectId": "shop-eu",
    "ds.datasetId": "marts_dev",
    "ds.tableId": "mart_roas_daily",
  });
});

test("for a warehouse on this machine it says what to configure, exit code 2", async () => {
  const dir = mkdtempSync(join(tmpdir(), "filo-looker-"));
  const config = join(dir, "filo.json");
  writeFileSync(
    config,
    JSON.stringify({ warehouse: { type: "embedded", dataDir: "warehouse" }, sources: {} }),
  );
  const { code, stdout, stderr } = await filo(["looker", "--config", config]);
  rmSync(dir, { recursive: true });
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain('"type": "bigquery"');
});
