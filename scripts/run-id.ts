import { createHash, randomBytes } from "node:crypto";
import packageJson from "../package.json" with { type: "json" };
import type { FiloConfig } from "./config.ts";
import type { Warehouse } from "./warehouse.ts";

const { version } = packageJson;

/** Count, XOR and a bounded sum of a column's fingerprints: pairs of equal rows cancel in the XOR, not in the sum. */
const print = (column: string) =>
  `count(*) as n, bit_xor(farm_fingerprint(${column})) as mixed,
   sum(mod(farm_fingerprint(${column}), 1000000007)) as summed`;

/** Names one execution: in `ops` and in each raw row it loaded. Sorts by time. */
export function newRunId(asOf: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").slice(0, 15);
  return `${asOf}_${stamp}_${randomBytes(3).toString("hex")}`;
}

/**
 * Names what the marts were made from: Filo's version, the last day counted, the settings that shape them, the
 * content of every raw table, how far each source reaches and what is missing. A night run again on the same inputs has the same id, so its marts are the same to the byte.
 */
export async function martsRunId(
  config: FiloConfig,
  { bigquery, datasets }: Warehouse,
  asOf: string,
): Promise<string> {
  const [tables] = await bigquery.query(`
    select table_name
    from ${datasets("raw")}.INFORMATION_SCHEMA.COLUMNS
    where column_name = '_row_hash' and starts_with(table_name, 'raw_')
    order by table_name`);
  const prints = tables.map(
    ({ table_name: name }: { table_name: string }) =>
      `select '${name}' as name, ${print("_row_hash")} from ${datasets("raw")}.${name}`,
  );
  const [content] = await bigquery.query(
    `with slices as (
       select source, stream, account, slice_from, slice_to, status, data_until
       from ${datasets("ops")}.load_slices
       where true
       qualify row_number() over (
         partition by source, stream, account, slice_from, slice_to order by committed_at desc
       ) = 1
     ), reach as (
       select to_json_string(
         struct(
           source, stream, max(data_until) as until,
           min(safe_cast(slice_from as date)) as asked_from,
           max(safe_cast(slice_to as date)) as asked
         )
       ) as fact
       from slices where status = 'ok' group by source, stream
       union all
       select to_json_string(slices) from slices where status <> 'ok'
     )
     select name, n, mixed, summed from (
       ${prints.join("\nunion all\n")}
       union all
       select 'slices', ${print("fact")} from reach
     ) order by name`,
  );
  const { timeZone, currency, defaultModel } = config;
  const settings = [version, asOf, timeZone, currency, defaultModel, JSON.stringify(content)];
  const digest = createHash("sha256").update(settings.join("|")).digest("hex");
  return `${asOf}_${digest.slice(0, 12)}`;
}
