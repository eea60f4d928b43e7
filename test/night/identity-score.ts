import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ask, type World } from "./world.ts";

/** How far the warehouse's customers are the people of a simulated retailer. */
export interface IdentityScore {
  /** Of the pairs of records that the warehouse gives to one customer, the share that are one person. */
  readonly precision: number;
  /** Of the pairs of records that are one person, the share that the warehouse gives to one customer. */
  readonly recall: number;
  /** Different sets of identifiers that a person left behind: the records that were compared. */
  readonly records: number;
  readonly people: number;
  readonly customers: number;
  /** By source, records of the truth for which the warehouse has no row: they count as not found. */
  readonly unknown: Readonly<Record<string, number>>;
}

interface TruthRecord {
  readonly source: string;
  readonly key: string;
  readonly person_id: string;
}

interface StoredRecord {
  readonly source: string;
  readonly key: string;
  readonly identifier_set_id: string | null;
  readonly customer_id: string | null;
}

/** Every record by the key that the truth knows it by, with its identifiers' fingerprint and its customer. */
const RECORDS = `
with
named as (
  select 'segment' as source, substr(record_id, 5) as key, record_id
  from intermediate.int_person_records_unioned where source = 'cdp'
  union all
  select distinct 'till', concat(store_id, '-', till_code, '-', receipt_number), concat('pos:', receipt_id)
  from intermediate.int_receipt_lines_deduplicated
  union all
  select distinct
    'till',
    concat(store_id, '-', till_code, '-', receipt_number),
    concat(
      'pos:', lower(line_type), ':', store_id, '-', till_code, '-', cast(business_date as string), '-',
      receipt_number
    )
  from staging.stg_pos__lines where line_type in ('PICKUP', 'INVOICE')
  union all
  select feed, loyalty_card, concat('feed:', person_record_id) from staging.stg_feed__people
  union all
  select feed, touch_ref, concat('feed:', touch_record_id) from staging.stg_feed__touches
  union all
  select feed, promo_code, concat('feed:', file_record_id) from staging.stg_feed__promo_codes
  union all
  select feed, appointment_id, concat('feed:', file_record_id) from staging.stg_feed__appointments
  union all
  select
    feed,
    concat(regexp_extract(file_path, r'[^/]+$'), ':', cast(file_line as string)),
    concat('feed:', file_record_id)
  from staging.stg_feed__consents
  union all
  select 'hubspot', crm_contact_id, concat('hubspot:', crm_contact_id) from staging.stg_hubspot__contacts
  union all
  select
    messages.provider,
    if(
      messages.provider = 'commify',
      concat(messages.provider_order_id, ' ', contacts.phone),
      messages.provider_message_id
    ),
    concat('sms:', messages.message_record_id)
  from staging.stg_sms__messages as messages
  left join pii.stg_pii__contacts as contacts on contacts.contact_key = messages.contact_key
  union all
  select
    optouts.provider,
    concat('blacklist ', contacts.phone),
    concat('optout:', optouts.provider, ':', optouts.contact_key)
  from staging.stg_sms__optouts as optouts
  inner join pii.stg_pii__contacts as contacts on contacts.contact_key = optouts.contact_key
)
select
  named.source,
  named.key,
  cast(max(sets.identifier_set_id) as string) as identifier_set_id,
  max(records.customer_id) as customer_id
from named
left join intermediate.int_identifier_sets_built as sets on sets.record_id = named.record_id
left join intermediate.int_records_identified as records on records.record_id = named.record_id
group by named.source, named.key`;

/**
 * Precision and recall over all pairs of records, one record per person and distinct set of identifiers: a loyal
 * customer's hundredth receipt proves nothing new. A record without a customer is a customer of its own.
 */
export async function scoreIdentity(world: Pick<World, "dir" | "config">): Promise<IdentityScore> {
  const stored = new Map(
    (await ask<StoredRecord>(world.config, RECORDS)).map((row) => [
      `${row.source} ${row.key}`,
      row,
    ]),
  );
  const unknown: Record<string, number> = {};
  const compared = new Map<string, { person: string; customer: string }>();
  for (const { source, key, person_id } of truthRecords(world.dir)) {
    const found = stored.get(`${source} ${key}`);
    if (!found) unknown[source] = (unknown[source] ?? 0) + 1;
    const set = found?.identifier_set_id ?? `${source} ${key}`;
    compared.set(`${person_id} ${set}`, { person: person_id, customer: found?.customer_id ?? set });
  }
  const records = [...compared.values()];
  const together = sizes(records.map(({ person, customer }) => `${person} ${customer}`));
  const byCustomer = sizes(records.map(({ customer }) => customer));
  const byPerson = sizes(records.map(({ person }) => person));
  return {
    precision: pairs(together) / pairs(byCustomer),
    recall: pairs(together) / pairs(byPerson),
    records: records.length,
    people: byPerson.length,
    customers: byCustomer.length,
    unknown,
  };
}

function truthRecords(dir: string): TruthRecord[] {
  const lines = readFileSync(join(dir, "truth/records.ndjson"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as TruthRecord);
}

function sizes(names: readonly string[]): readonly number[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.values()];
}

const pairs = (groups: readonly number[]): number =>
  groups.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
