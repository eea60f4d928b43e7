import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, checksums, type Ended, filo, makeWorld, type World } from "./world.ts";

interface NamedColumn {
  readonly table_schema: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
}

function groupByTable(columns: readonly NamedColumn[]): Map<string, NamedColumn[]> {
  const tables = new Map<string, NamedColumn[]>();
  for (const column of columns) {
    const name = `${column.table_schema}.${column.table_name}`;
    tables.set(name, [...(tables.get(name) ?? []), column]);
  }
  return tables;
}

describe("a night on a small simulated retailer", () => {
  let world: World;
  let night: Ended;

  beforeAll(async () => {
    // Both tills and both archives have something on the last day: else a source would be late.
    world = await makeWorld(19, 600);
    night = await filo(["nightly", "--config", world.config]);
  });
  afterAll(() => world.remove());

  test("works, and its report says what came of it", () => {
    expect(night.code, night.stdout + night.stderr).toBe(0);
    expect(night.stdout).toMatch(/segment\/events +ok/);
    expect(night.stdout).toMatch(/customers from .* identifiers/);
    expect(night.stdout).toMatch(/till receipts, \d+\.\d % of them identified/);
    expect(night.stdout).toContain("ROAS with the shops");
    expect(night.stdout).toMatch(/\d+ laws hold, 0 do not/);
  });

  test("net revenue and spend equal the truth to the cent", async () => {
    const truth = JSON.parse(readFileSync(join(world.dir, "truth/totals.json"), "utf8"));
    const [revenue] = await ask<{ store: string; online: string }>(
      world.config,
      `select
         format('%.2f', sum(if(sales_channel = 'store', net_revenue_amount, 0))) as store,
         format('%.2f', sum(if(sales_channel <> 'store', net_revenue_amount, 0))) as online
       from marts.fct_orders`,
    );
    expect(revenue).toEqual({
      store: truth.receipts.net_revenue,
      online: truth.web_orders.net_revenue,
    });
    const spend = await ask<{ platform: string; spend: string }>(
      world.config,
      `select platform, format('%.5f', sum(spend_amount)) as spend
       from marts.mart_roas_daily where spend_amount <> 0 group by platform`,
    );
    // Prices of messages have more decimals than two.
    const expected = Object.entries(truth.spend.platforms).map(([platform, amount]) => [
      platform,
      Number(amount).toFixed(5),
    ]);
    expect(Object.fromEntries(spend.map((row) => [row.platform, row.spend]))).toEqual(
      Object.fromEntries(expected),
    );
  });

  test("a second run on the same day changes no table of marts", async () => {
    const status = () =>
      ask(world.config, "select * from marts.mart_source_status order by source");
    const before = await checksums(world.config, "marts");
    const statusBefore = await status();
    expect(before.size).toBeGreaterThan(8);
    const again = await filo(["nightly", "--config", world.config]);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(await checksums(world.config, "marts")).toEqual(before);
    expect(await status()).toEqual(statusBefore);
  });

  test("rows read are loaded, duplicate, suppressed or rejected, slice by slice", async () => {
    const broken = await ask(
      world.config,
      `select * from ops.load_slices
       where rows_read <> rows_loaded + rows_duplicate + rows_suppressed + rows_rejected`,
    );
    expect(broken).toEqual([]);
  });

  test("query prints JSON with NUMERIC as strings", async () => {
    const { stdout, code } = await filo([
      "query",
      "--config",
      world.config,
      "--format",
      "json",
      "select platform, sum(spend_amount) as spend from marts.mart_roas_daily group by platform",
    ]);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as { platform: string; spend: string }[];
    expect(rows.find((row) => row.platform === "meta")?.spend).toMatch(/^\d+(\.\d+)?$/);
  });

  test("no clear contact value of pii stands in any text of raw or ops", async () => {
    const known = await ask<{ value: string }>(
      world.config,
      `select distinct value from pii.contacts, unnest([email, phone]) as value
       where value is not null and length(value) > 6 order by farm_fingerprint(value) limit 40`,
    );
    expect(known.length).toBe(40);
    const columns = await ask<NamedColumn>(
      world.config,
      `select table_schema, table_name, column_name, data_type from raw.INFORMATION_SCHEMA.COLUMNS
       where data_type in ('STRING', 'JSON')
       union all
       select table_schema, table_name, column_name, data_type from ops.INFORMATION_SCHEMA.COLUMNS
       where data_type in ('STRING', 'JSON') and table_name <> 'customer_founders'`,
    );
    const texts = (list: readonly NamedColumn[]) =>
      list.map(({ column_name: name, data_type: type }) => {
        return `ifnull(${type === "JSON" ? `to_json_string(${name})` : name}, '')`;
      });
    // One query for all: each `ask` starts a program.
    const searches = [...groupByTable(columns)].map(
      ([table, list]) => `(select '${table}' as place, value
         from (select concat(${texts(list).join(", ")}) as text from ${table})
         cross join unnest(@known) as value where strpos(text, value) > 0 limit 1)`,
    );
    const found = await ask(world.config, searches.join(" union all "), {
      known: known.map(({ value }) => value),
    });
    expect(found).toEqual([]);
  });
});
