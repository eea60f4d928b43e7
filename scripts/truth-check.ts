import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { textTable } from "./table.ts";
import type { Warehouse } from "./warehouse.ts";

/** What the report says of a simulated world: each total of the marts beside the truth, and whether all are equal. */
export interface TruthCheck {
  readonly holds: boolean;
  readonly text: string;
}

const net = z.object({ net_revenue: z.string() });
const truthTotals = z.object({
  receipts: net,
  web_orders: net,
  spend: z.object({ platforms: z.record(z.string(), z.string()) }),
});

/**
 * Compares net revenue and spend with the simulated retailer's truth, to the cent. Only the report of a simulated
 * world does this; no loader and no model reads the truth.
 */
export async function checkAgainstTruth(
  dir: string,
  { bigquery, datasets }: Warehouse,
): Promise<TruthCheck> {
  const truth = truthTotals.parse(
    JSON.parse(readFileSync(join(dir, "truth", "totals.json"), "utf8")),
  );
  const marts = datasets("marts");
  const [rows] = await bigquery.query(`
    select 'net revenue in the shops' as name, cast(sum(net_revenue_amount) as string) as amount
    from ${marts}.fct_orders where sales_channel = 'store'
    union all
    select 'net revenue online', cast(sum(net_revenue_amount) as string)
    from ${marts}.fct_orders where sales_channel <> 'store'
    union all
    select concat('spend on ', platform), cast(sum(spend_amount) as string)
    from ${marts}.mart_roas_daily where spend_amount <> 0 group by platform`);
  const found = new Map(
    rows.map((row: { name: string; amount: string }) => [row.name, row.amount]),
  );
  const expected: [string, string][] = [
    ["net revenue in the shops", truth.receipts.net_revenue],
    ["net revenue online", truth.web_orders.net_revenue],
    ...Object.entries(truth.spend.platforms).map(([platform, amount]): [string, string] => [
      `spend on ${platform}`,
      amount,
    ]),
  ];
  const compared = expected.map(([name, amount]) => {
    const mart = found.get(name) ?? "0";
    return { name, mart, amount, equal: cents(mart) === cents(amount) };
  });
  const table = textTable(
    ["against the truth", "marts", "truth", ""],
    compared.map((c) => [c.name, c.mart, c.amount, c.equal ? "equal" : "DIFFERS"]),
    ["marts", "truth"],
  );
  return { holds: compared.every((c) => c.equal), text: `${table}\n` };
}

/** A decimal amount in hundredths, exactly; what lies below the cent stays visible as a difference. */
function cents(amount: string): string {
  const [whole = "0", fraction = ""] = amount.split(".");
  return `${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
}
