import type { Outcome } from "../../../loaders/core/define-stream.ts";
import { rowHash } from "../../../loaders/core/pii.ts";
import { affiliateDaily, delivered } from "./schema.ts";

/** A delivered row becomes a row of the raw table, or a reject that says where it is wrong. */
export function dailyOutcome(record: unknown, accountId: string): Outcome {
  const parsed = delivered.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { reject: "wrong_value", field: issue?.path.join("."), payload: record };
  }
  const { partner, ...rest } = parsed.data;
  const row = {
    day: rest.day,
    account_id: accountId,
    partner_id: partner.id,
    partner_name: partner.name,
    clicks: rest.clicks,
    commission: rest.commission,
    currency: rest.currency,
    _payload: parsed.data,
  };
  // A row whose hash is the loaded one's is unchanged: it is counted, and not written again.
  return { table: affiliateDaily, row: { ...row, _row_hash: rowHash(JSON.stringify(row)) } };
}
