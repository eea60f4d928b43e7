with known as (
  select r.record_id, r.customer_id, p.trust, p.contact_key, p.replaced_loyalty_card,
    coalesce(r.seen_at, timestamptz '1970-01-01 00:00:00+00') as seen_at,
    (p.trust, -epoch_us(coalesce(r.seen_at, timestamptz '1970-01-01 00:00:00+00')), r.record_id)
      as rank
  from intermediate.int_records_identified r
  join intermediate.int_person_records_unioned p using (record_id)
),
own_identifiers as (
  select distinct customer_id, identifier_node
  from intermediate.int_identities_resolved
  where refusal_reason is null
),
written as (
  select
    contact_key,
    nullif(trim(first_name), '') as first_name,
    nullif(trim(last_name), '') as last_name,
    try_strptime(birth_date, ['%d/%m/%Y', '%Y-%m-%d'])::date as birth_date,
    nullif(trim(postal_code), '') as postal_code,
    nullif(trim(city), '') as city,
    nullif(trim(country), '') as country
  from pii.contacts
),
described as (
  select
    customer_id,
    arg_min({'first': first_name, 'last': last_name}, rank) filter (last_name is not null) as name,
    arg_min(birth_date, rank) filter (birth_date is not null) as birth_date,
    arg_min({'code': postal_code, 'city': city, 'country': country}, rank)
      filter (postal_code is not null) as address
  from known
  join written using (contact_key)
  group by customer_id
),
contacts as (
  select
    customer_id,
    arg_min(contact_value, (rank, contact_value)) filter (identifier_type = 'email') as email,
    arg_min(contact_value, (rank, contact_value)) filter (identifier_type = 'phone') as phone
  from known
  join pii.int_contacts_normalized using (contact_key)
  join own_identifiers using (customer_id, identifier_node)
  group by customer_id
),
numbers as (
  select
    customer_id,
    arg_min(identifier_value, place) filter (identifier_type = 'loyalty_card') as loyalty_card_id,
    arg_min(identifier_value, place) filter (identifier_type = 'crm_contact') as crm_contact_id
  from (
    select customer_id, identifier_type, identifier_value,
      (
        known.trust, rank[2],
        if(identifier_value = trim(replaced_loyalty_card), 1, 0),
        record_id, identifier_value
      ) as place
    from known
    join intermediate.int_identifiers_normalized using (record_id)
    join own_identifiers using (customer_id, identifier_node)
    where identifier_value is not null
  )
  group by customer_id
),
customers as (
  select customer_id, min(seen_at) as first_seen_at
  from intermediate.int_records_identified
  group by customer_id
)
select
  customer_id,
  email,
  phone,
  loyalty_card_id,
  crm_contact_id,
  name.first as first_name,
  name.last as last_name,
  birth_date,
  address.code as postal_code,
  address.city,
  address.country,
  first_seen_at
from customers
left join contacts using (customer_id)
left join numbers using (customer_id)
left join described using (customer_id)
