import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Conversion, MetaAccount, MetaDay } from "./meta-data.ts";

export interface MetaBooks {
  readonly objects: MetaAccount;
  readonly days: readonly MetaDay[];
}

/** Reads what a world's generation left in `vendors/`. */
export function readMetaBooks(dir: string): MetaBooks {
  const read = (name: string) => readFileSync(join(dir, "vendors", name), "utf8");
  const lines = read("meta_daily.ndjson").split("\n").filter(Boolean);
  return {
    objects: JSON.parse(read("meta.json")) as MetaAccount,
    days: lines.map((line) => JSON.parse(line) as MetaDay),
  };
}

/** What a report asks for, checked. */
export interface ReportRequest {
  readonly since: string;
  readonly until: string;
  readonly fields: readonly string[];
  readonly windows: readonly string[];
  /** Only these campaigns; all where it is empty. */
  readonly campaigns: readonly string[];
}

export type Row = Record<string, unknown>;

/** The last two are accepted and have returned nothing since January 2026. */
export const WINDOWS = ["1d_click", "7d_click", "28d_click", "1d_view", "7d_view", "28d_view"];

/** The account's attribution setting: what `value` counts. */
const DEFAULT_WINDOWS = ["7d_click", "1d_view"];

/** One pixel purchase appears under three names; they overlap and are never added. */
const PURCHASE_TYPES = ["omni_purchase", "offsite_conversion.fb_pixel_purchase", "purchase"];

interface Context {
  readonly day: MetaDay;
  readonly objects: MetaAccount;
  readonly request: ReportRequest;
  readonly asOf: string | null;
}

const ad = ({ day, objects }: Context) => objects.ads.find(({ id }) => id === day.ad_id);
const adset = (context: Context) =>
  context.objects.adsets.find(({ id }) => id === ad(context)?.adset_id);
const campaign = (context: Context) =>
  context.objects.campaigns.find(({ id }) => id === ad(context)?.campaign_id);

/** Every field that a report can be asked for. A field without a value is left out of the row. */
const FIELDS: Readonly<Record<string, (context: Context) => unknown>> = {
  account_id: ({ objects }) => objects.account.account_id,
  account_name: ({ objects }) => objects.account.name,
  account_currency: ({ objects }) => objects.account.currency,
  campaign_id: (context) => campaign(context)?.id,
  campaign_name: (context) => campaign(context)?.name,
  objective: (context) => campaign(context)?.objective,
  adset_id: (context) => adset(context)?.id,
  adset_name: (context) => adset(context)?.name,
  ad_id: ({ day }) => day.ad_id,
  ad_name: (context) => ad(context)?.name,
  date_start: ({ day }) => day.date,
  date_stop: ({ day }) => day.date,
  impressions: ({ day }) => text(day.impressions),
  reach: ({ day }) => text(day.reach),
  clicks: ({ day }) => text(day.clicks),
  inline_link_clicks: ({ day }) => text(day.link_clicks),
  spend: ({ day, asOf }) => text(Number(day.date === asOf ? day.first_spend : day.spend)),
  attribution_setting: () => "7d_click_1d_view",
  actions: (context) => actions(context),
  action_values: (context) => actionValues(context),
};

export const isField = (name: string): boolean => name in FIELDS;

const text = (value: number): string | undefined => (value === 0 ? undefined : String(value));

/** Rows of a report as of a day: nothing later, that day's spend provisional, purchases made by then. */
export function reportRows(
  { days, objects }: MetaBooks,
  request: ReportRequest,
  asOf: string | null,
): Row[] {
  const names = [...new Set([...request.fields, "date_start", "date_stop"])];
  const rows: Row[] = [];
  for (const day of days) {
    if (day.date < request.since || day.date > request.until || (asOf !== null && day.date > asOf))
      continue;
    const context = { day, objects, request, asOf };
    if (request.campaigns.length > 0 && !request.campaigns.includes(campaign(context)?.id ?? ""))
      continue;
    const cells = names.map((name) => [name, FIELDS[name]?.(context)] as const);
    rows.push(Object.fromEntries(cells.filter(([, value]) => value !== undefined)));
  }
  return rows;
}

function known({ day, asOf }: Context): Conversion[] {
  return day.conversions.filter(({ on }) => asOf === null || on <= asOf);
}

function actions(context: Context): Row[] | undefined {
  const { day, request } = context;
  const links = String(day.link_clicks);
  const clickWindows = request.windows.filter((window) => window.endsWith("_click"));
  const list: Row[] = [];
  if (day.link_clicks > 0) {
    list.push({
      action_type: "link_click",
      value: links,
      ...Object.fromEntries(clickWindows.map((window) => [window, links])),
    });
  }
  list.push(...purchases(context, (claimed) => String(claimed.length)));
  return list.length > 0 ? list : undefined;
}

function actionValues(context: Context): Row[] | undefined {
  const list = purchases(context, (claimed) => {
    const cents = claimed.reduce((sum, { value }) => sum + Math.round(Number(value) * 100), 0);
    return String(cents / 100);
  });
  return list.length > 0 ? list : undefined;
}

function purchases(context: Context, measure: (claimed: Conversion[]) => string): Row[] {
  const conversions = known(context);
  const within = (windows: readonly string[]) =>
    conversions.filter((conversion) =>
      conversion.windows.some((window) => windows.includes(window)),
    );
  const cells: Row = {};
  const byDefault = within(DEFAULT_WINDOWS);
  if (byDefault.length > 0) cells.value = measure(byDefault);
  for (const window of context.request.windows) {
    const claimed = within([window]);
    if (claimed.length > 0) cells[window] = measure(claimed);
  }
  if (Object.keys(cells).length === 0) return [];
  return PURCHASE_TYPES.map((action_type) => ({ action_type, ...cells }));
}
