select
  record_id,
  bq_farm_fingerprint('set:' || array_to_string(list_sort(list(identifier_node)), ','))
    as identifier_set_id,
  min(source) as source,
  min(seen_at) as seen_at
from intermediate.int_identifiers_normalized
where identifier_node is not null
group by record_id
