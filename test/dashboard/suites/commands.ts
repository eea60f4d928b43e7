import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { filo, startFilo } from "../../night/world.ts";
import type { StaleWorld } from "../stale-world.ts";

export function commands(world: () => StaleWorld): void {
  describe("the commands", () => {
    test("dashboard prints its address, leaves filo query its work, and ends when interrupted", async () => {
      const { child, ended } = startFilo(["dashboard", "--config", world().config]);
      const address = await new Promise<string>((done) =>
        child.stdout?.once("data", (text) => done(String(text).trim())),
      );
      const about = await fetch(`${address}/api/about`);
      expect(await about.json()).toMatchObject({ currency: "EUR", defaultModel: "position_based" });
      const query = await filo(["query", "--config", world().config, "select 1 as one"]);
      expect(query.code).toBe(0);
      child.kill("SIGINT");
      expect((await ended).code).toBe(0);
    });

    test("a taken port is said to be so, exit code 2", async () => {
      const { port } = new URL(world().url);
      const { code, stderr } = await filo([
        "dashboard",
        "--config",
        world().config,
        "--port",
        port,
      ]);
      expect(code, stderr).toBe(2);
      expect(stderr).toContain(`port ${port} is taken`);
    });

    test("looker prints a link for each table that the marts have", async () => {
      const config = join(dirname(world().config), "in-bigquery.json");
      writeFileSync(
        config,
        JSON.stringify({ warehouse: { type: "bigquery", project: "local" }, sources: {} }),
      );
      const { code, stdout, stderr } = await filo(["looker", "--config", config]);
      expect(code, stderr).toBe(0);
      const links = stdout.match(/https:\/\/\S+/g) ?? [];
      const tables = links.map((link) => new URL(link).searchParams.get("ds.tableId"));
      expect(tables[0]).toMatch(/^mart_/);
      expect(tables).toEqual(
        expect.arrayContaining(["mart_roas_daily", "fct_orders", "dim_stores"]),
      );
    });
  });
}
