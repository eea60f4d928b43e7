import type { LoadReport } from "../loaders/index.ts";
import { plain } from "./commands/query.ts";
import type { ModelRun } from "./dataform.ts";
import { textTable } from "./table.ts";
import type { Warehouse } from "./warehouse.ts";

/** The figures of a night, read from the marts. Amounts are decimal strings in the reporting currency. */
export interface Figures {
  readonly customers: number;
  readonly identifiers: number;
  readonly receipts: number;
  readonly identifiedReceipts: number;
  readonly netRevenue: string;
  readonly storeRevenue: string;
  readonly campaigns: readonly CampaignFigures[];
}

export interface CampaignFigures {
  readonly platform: string;
  readonly campaign: string;
  readonly spend: string;
  readonly onlineRoas: string | null;
  readonly roas: string | null;
}

/** What the identified share is counted on, as docs/metrics.md defines it. */
const isReceipt = "sales_channel = 'store' and order_type = 'consumer' and not is_return";

export async function readFigures({ bigquery, datasets }: Warehouse): Promise<Figures> {
  const marts = datasets("marts");
  const rows = async (sql: string) => {
    const [result] = await bigquery.query({ query: sql });
    return result.map(plain) as Record<string, unknown>[];
  };
  const [totals] = await rows(`
    select
      (select count(*) from ${marts}.dim_customers) as customers,
      (select count(*) from ${datasets("pii")}.customer_identifiers) as identifiers,
      countif(${isReceipt}) as receipts,
      countif(${isReceipt} and customer_id is not null) as identified_receipts,
      format('%.2f', coalesce(sum(net_revenue_amount), 0)) as net_revenue,
      format('%.2f', coalesce(sum(if(sales_channel = 'store', net_revenue_amount, 0)), 0))
        as store_revenue
    from ${marts}.fct_orders`);
  const campaigns = await rows(`
    select
      platform,
      campaign_name as campaign,
      format('%.2f', sum(spend_amount)) as spend,
      format('%.2f', safe_divide(sum(online_revenue_amount), sum(spend_amount)))
        as online_roas,
      format('%.2f', safe_divide(sum(revenue_amount), sum(spend_amount))) as roas
    from ${marts}.mart_roas_daily
    group by platform, campaign_name
    having sum(spend_amount) > 0
    order by sum(spend_amount) desc, campaign`);
  return {
    customers: Number(totals?.customers ?? 0),
    identifiers: Number(totals?.identifiers ?? 0),
    receipts: Number(totals?.receipts ?? 0),
    identifiedReceipts: Number(totals?.identified_receipts ?? 0),
    netRevenue: String(totals?.net_revenue ?? "0"),
    storeRevenue: String(totals?.store_revenue ?? "0"),
    campaigns: campaigns.map((row) => ({
      platform: String(row.platform ?? ""),
      campaign: String(row.campaign ?? ""),
      spend: String(row.spend),
      onlineRoas: row.online_roas === null ? null : String(row.online_roas),
      roas: row.roas === null ? null : String(row.roas),
    })),
  };
}

const COUNTS = ["read", "loaded", "duplicate", "suppressed", "rejected"] as const;

/** Rows read, loaded, duplicate and rejected per source, and what to do about the ones that failed. */
export function printLoads(
  report: LoadReport,
  { configFile, ops }: { readonly configFile: string; readonly ops: string },
): string {
  const table = textTable(
    ["source", "status", ...COUNTS],
    report.streams.map((s) => [
      `${s.source}/${s.stream}`,
      s.status,
      ...COUNTS.map((name) => count(s.rows[name])),
    ]),
    COUNTS,
  );
  const remarks = report.streams.flatMap((s) => {
    const name = `  ${s.source}/${s.stream}: `;
    const problem = s.status === "ok" ? [] : [`${name}${s.problem ?? s.status}`];
    return [
      ...problem,
      ...(s.remedy ? [`    → ${s.remedy}`] : []),
      ...s.notes.map((n) => name + n),
    ];
  });
  const rejected = report.streams.some((s) => s.rows.rejected > 0)
    ? [
        "each rejected row with its file, line and reason:",
        `  npm run --silent filo -- query --config ${configFile} "select path, line, reason, field_path from ${ops}.dead_letters where run_id = '${report.runId}'"`,
      ]
    : [];
  return [table, ...remarks, ...rejected, ""].join("\n");
}

/** Customers, identified share and ROAS per campaign. */
export function printFigures(figures: Figures, currency: string): string {
  const amounts = [`spend ${currency}`, "ROAS online", "ROAS with the shops"];
  const table = textTable(
    ["platform", "campaign", ...amounts],
    figures.campaigns.map((c) => [
      c.platform,
      c.campaign,
      c.spend,
      c.onlineRoas ?? "–",
      c.roas ?? "–",
    ]),
    amounts,
  );
  const share = figures.receipts
    ? `${((100 * figures.identifiedReceipts) / figures.receipts).toFixed(1)} %`
    : "–";
  return [
    `${count(figures.customers)} customers from ${count(figures.identifiers)} identifiers`,
    `${count(figures.receipts)} till receipts, ${share} of them identified`,
    `net revenue ${figures.netRevenue} ${currency}, of which in the shops ${figures.storeRevenue}`,
    "",
    figures.campaigns.length > 0 ? table : "no campaign has a cost yet",
    "",
  ].join("\n");
}

/** A source whose data ends too long before the last day counted. */
export interface StaleSource {
  readonly source: string;
  readonly dataUntil: string | null;
  readonly remedy: string | null;
}

export async function readStaleSources({
  bigquery,
  datasets,
}: Warehouse): Promise<readonly StaleSource[]> {
  const [rows] = await bigquery.query(`
    select source, cast(data_until_date as string) as data_until, remedy
    from ${datasets("marts")}.mart_source_status where is_stale order by source`);
  return rows.map((row: { source: string; data_until: string | null; remedy: string | null }) => ({
    source: row.source,
    dataUntil: row.data_until,
    remedy: row.remedy,
  }));
}

export function printStaleSources(stale: readonly StaleSource[]): string {
  return stale
    .map(
      (s) =>
        `stale: ${s.source}, data until ${s.dataUntil ?? "never"}\n    → ${s.remedy ?? "deliver the data"}\n`,
    )
    .join("");
}

/** The laws checked, and each one that did not hold with what was kept back because of it. */
export function printModels(run: ModelRun): string {
  const lines = [
    `${run.tables} tables and views, ${run.operations} operations, ` +
      `${run.passed.length} laws hold, ${run.failed.length} do not`,
  ];
  for (const name of run.failed) lines.push(`  failed: ${name}`);
  if (run.skipped.length > 0) {
    lines.push(`  kept as they were: ${run.skipped.join(", ")}`);
  }
  if (run.exitCode !== 0) lines.push(run.errors);
  return `${lines.join("\n")}\n`;
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
