import { createHash, randomBytes } from "node:crypto";
import type { BigQuery } from "@google-cloud/bigquery";
import type { FiloConfig } from "./config.ts";

/** Names one execution: in `ops` and in each raw row it loaded. Sorts by time. */
export function newRunId(asOf: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").slice(0, 15);
  return `${asOf}_${stamp}_${randomBytes(3).toString("hex")}`;
}

/**
 * Names what the marts were made from: the last day counted, the settings that shape them and the content of
 * every raw table. A night run again on the same inputs has the same id, so its marts are the same to the byte.
 */
export async function martsRunId(
  config: FiloConfig,
  bigquery: BigQuery,
  asOf: string,
): Promise<string> {
  const [tables] = await bigquery.query(`
    select table_name
    from raw.INFORMATION_SCHEMA.COLUMNS
    where column_name = '_row_hash' and starts_with(table_name, 'raw_')
    order by table_name`);
  const prints = tables.map(
    ({ table_name: name }: { table_name: string }) =>
      `select '${name}' as name, count(*) as n, bit_xor(farm_fingerprint(_row_hash)) as print from raw.${name}`,
  );
  const [content] = await bigquery.query(
    `select cast(farm_fingerprint(string_agg(concat(name, ':', cast(n as string), ':',
       ifnull(cast(print as string), '')), ',' order by name)) as string) as print
     from (${prints.join("\nunion all\n")})`,
  );
  const settings = [asOf, config.timeZone, config.currency, config.defaultModel, content[0]?.print];
  const digest = createHash("sha256").update(settings.join("|")).digest("hex");
  return `${asOf}_${digest.slice(0, 12)}`;
}
