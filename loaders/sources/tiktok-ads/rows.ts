import { canonicalJson } from "../../core/canonical-json.ts";
import type { Outcome } from "../../core/define-stream.ts";
import { rowHash } from "../../core/pii.ts";
import { AD_METRICS, adDaily, adRow } from "./schema.ts";

const EXPECTED: ReadonlySet<string> = new Set([...AD_METRICS, "smart_plus_ad_id"]);

/** Who delivers, and in which zone its days are. */
export interface Advertiser {
  readonly id: string;
  readonly timeZone: string;
}

/** One row of the report as a row of the table. `-` is NULL, never 0. */
export function adOutcome(
  delivered: unknown,
  advertiser: Advertiser,
  requestId: string | undefined,
  drift: (path: string, kind: string) => void,
): Outcome {
  const parsed = adRow.safeParse(delivered);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".");
    return { reject: `wrong_value: ${issue?.code}`, field, requestId, payload: delivered };
  }
  const { dimensions, metrics } = parsed.data;
  for (const name of Object.keys(metrics)) {
    if (!EXPECTED.has(name)) drift(`metrics.${name}`, "unknown_field");
  }
  const own = {
    stat_date: dimensions.stat_time_day,
    advertiser_id: advertiser.id,
    currency: metrics.currency,
    timezone: advertiser.timeZone,
    campaign_id: metrics.campaign_id,
    campaign_name: metrics.campaign_name,
    adgroup_id: metrics.adgroup_id,
    adgroup_name: metrics.adgroup_name,
    ad_id: dimensions.ad_id,
    ad_name: metrics.ad_name,
    smart_plus_ad_id: metrics.smart_plus_ad_id,
    spend: metrics.spend,
    impressions: metrics.impressions,
    clicks: metrics.clicks,
    reach: metrics.reach,
    conversion: metrics.conversion,
    complete_payment: metrics.complete_payment,
    complete_payment_value: metrics.total_complete_payment_rate,
    total_purchase_value: metrics.total_purchase_value,
    _payload: delivered,
  };
  return { table: adDaily, row: { ...own, _row_hash: rowHash(canonicalJson(own)) } };
}
