with stores as (
  select s.email, s.phone
  from raw.raw_stores s
  join ops.files f on f.source = s.feed and f.file_id = s.file_id
  where f.status = 'accepted'
    and (s.valid_from is null or s.valid_from <= getvariable('as_of'))
),
emails as (
  select email as raw_value from pii.contacts union select email from stores
),
phones as (
  select phone as raw_value from pii.contacts union select phone from stores
),
normalized_emails as (
  select raw_value, unnest(normalize_email(raw_value), max_depth := 2)
  from emails
  where raw_value is not null
),
normalized_phones as (
  select raw_value, unnest(normalize_phone(raw_value), max_depth := 2)
  from phones
  where raw_value is not null
),
shop_values as (
  select match_value from stores join normalized_emails on raw_value = email
  union
  select match_value from stores join normalized_phones on raw_value = phone
),
found as (
  select contact_key, e.* exclude (raw_value)
  from pii.contacts
  join normalized_emails e on raw_value = email
  union all
  select contact_key, p.* exclude (raw_value)
  from pii.contacts
  join normalized_phones p on raw_value = phone
)
select
  contact_key,
  identifier_type,
  bq_farm_fingerprint(identifier_type || ':' || own_value) as identifier_node,
  contact_value,
  own_value as match_value,
  if(s.match_value is null, value_class, 'no_key') as value_class,
  if(s.match_value is null, invalid_reason, 'shop_contact') as invalid_reason,
  repair
from found f
left join shop_values s using (match_value),
  lateral (select if(s.match_value is null, f.match_value, null) as own_value)
