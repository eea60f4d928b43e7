with cards as (
  select record_id, unnest([loyalty_card, replaced_loyalty_card]) as raw_value
  from intermediate.int_person_records_unioned
),
normalized_cards as (
  select raw_value, unnest(normalize_loyalty_card(raw_value), max_depth := 2)
  from (select distinct raw_value from cards where raw_value is not null)
),
crm_ids as (
  select record_id, trim(crm_contact_id) as crm_id from intermediate.int_person_records_unioned
  union all
  select record_id, trim(unnest(string_split(merged_crm_contact_ids, ',')))
  from intermediate.int_person_records_unioned
),
found as (
  select record_id, 'crm_contact' as identifier_type, crm_id as match_value,
    'valid' as value_class, null as invalid_reason
  from crm_ids
  where crm_id <> ''
  union all
  select record_id, 'shop_account', trim(shop_account_id), 'valid', null
  from intermediate.int_person_records_unioned
  where trim(shop_account_id) <> ''
  union all
  select record_id, identifier_type, match_value, value_class, invalid_reason
  from cards
  join normalized_cards using (raw_value)
),
numbered as (
  select record_id, identifier_type,
    bq_farm_fingerprint(identifier_type || ':' || match_value) as identifier_node,
    match_value as identifier_value, value_class, invalid_reason
  from found
  union all
  select record_id, identifier_type, identifier_node, null, value_class, invalid_reason
  from intermediate.int_person_records_unioned
  join pii.int_contacts_normalized using (contact_key)
)
select
  record_id,
  source,
  if(value_class = 'repaired', 5, trust)::bigint as trust,
  identifier_type,
  identifier_node,
  identifier_value,
  value_class,
  invalid_reason,
  seen_at
from numbered
join intermediate.int_person_records_unioned using (record_id)
qualify
  row_number() over (
    partition by record_id, identifier_type, identifier_node
    order by if(value_class = 'repaired', 5, trust), value_class, invalid_reason
  ) = 1
