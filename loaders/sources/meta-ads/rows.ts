import { canonicalJson } from "../../core/canonical-json.ts";
import type { Outcome } from "../../core/define-stream.ts";
import { rowHash } from "../../core/pii.ts";
import { INSIGHT_FIELDS, insightRow, insightsDaily } from "./schema.ts";

const EXPECTED: ReadonlySet<string> = new Set([...INSIGHT_FIELDS, "date_start", "date_stop"]);

/** One row of the report as a row of the table. Absent is NULL, never 0. */
export function insightOutcome(
  delivered: unknown,
  timeZone: string,
  requestId: string,
  drift: (path: string, kind: string) => void,
): Outcome {
  const parsed = insightRow.safeParse(delivered);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".");
    return { reject: `wrong_value: ${issue?.code}`, field, requestId, payload: delivered };
  }
  const { date_stop, ...row } = parsed.data;
  if (date_stop !== row.date_start) {
    return { reject: "not_one_day", field: "date_stop", requestId, payload: delivered };
  }
  for (const name of Object.keys(row)) if (!EXPECTED.has(name)) drift(name, "unknown_field");
  const columns = Object.fromEntries(
    INSIGHT_FIELDS.map((name) => [name, row[name as keyof typeof row]]),
  );
  const own = {
    date_start: row.date_start,
    ...columns,
    account_timezone: timeZone,
    _payload: delivered,
  };
  return { table: insightsDaily, row: { ...own, _row_hash: rowHash(canonicalJson(own)) } };
}
