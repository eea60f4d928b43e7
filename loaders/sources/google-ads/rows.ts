import { canonicalJson } from "../../core/canonical-json.ts";
import type { Outcome } from "../../core/define-stream.ts";
import { rowHash } from "../../core/pii.ts";
import { CAMPAIGN_FIELDS, campaignDaily, campaignRow } from "./schema.ts";

const camelCase = (field: string): string =>
  field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What a row may hold, such as `metrics.costMicros`; every resource comes with its name. */
const EXPECTED: ReadonlySet<string> = new Set([
  ...CAMPAIGN_FIELDS.map(camelCase),
  "customer.resourceName",
  "campaign.resourceName",
]);

/** One row of the search as a row of the table. Absent numbers are 0, as the protocol has it. */
export function campaignOutcome(
  delivered: unknown,
  requestId: string | undefined,
  drift: (path: string, kind: string) => void,
): Outcome {
  const parsed = campaignRow.safeParse(delivered);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".");
    return { reject: `wrong_value: ${issue?.code}`, field, requestId, payload: delivered };
  }
  for (const [resource, values] of Object.entries(parsed.data)) {
    const names = Object.keys(typeof values === "object" && values !== null ? values : {});
    for (const path of names.map((name) => `${resource}.${name}`)) {
      if (!EXPECTED.has(path)) drift(path, "unknown_field");
    }
  }
  const { customer, campaign, segments, metrics } = parsed.data;
  const own = {
    segments_date: segments.date,
    customer_id: customer.id,
    currency_code: customer.currencyCode,
    time_zone: customer.timeZone,
    campaign_id: campaign.id,
    campaign_name: campaign.name,
    channel_type: campaign.advertisingChannelType,
    status: campaign.status,
    impressions: metrics.impressions,
    clicks: metrics.clicks,
    cost_micros: metrics.costMicros,
    conversions: metrics.conversions,
    conversions_value: metrics.conversionsValue,
    all_conversions: metrics.allConversions,
    view_through_conversions: metrics.viewThroughConversions,
    _payload: delivered,
  };
  return { table: campaignDaily, row: { ...own, _row_hash: rowHash(canonicalJson(own)) } };
}
