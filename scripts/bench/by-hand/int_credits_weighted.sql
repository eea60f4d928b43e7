with orders as (
  from intermediate.int_orders_built where order_type = 'consumer'
),
weighted as (
  select order_id, has_measurement_consent, touchpoint_id, channel, position,
    unnest([
      'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay'
    ]) as model,
    unnest([
      if(position = 1, 1, 0),
      if(position = path_length, 1, 0),
      if(position = last_non_direct_position, 1, 0),
      1,
      case
        when path_length <= 2 then 1
        when position in (1, path_length) then 0.4 * (path_length - 2)
        else 0.2
      end,
      round(pow(2, -age_days / 7), 9)
    ]::decimal(38, 9)[]) as weight
  from intermediate.int_touches_eligible
),
shares as (
  select order_id, model, touchpoint_id, channel, position, weight
  from weighted
  where has_measurement_consent and weight > 0
  union all
  select order_id, model, null, 'no_consent', min(position), sum(weight)
  from weighted
  where not has_measurement_consent and weight > 0
  group by order_id, model
  union all
  select order_id,
    unnest([
      'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay'
    ]),
    null, if(customer_id is null, 'unidentified', 'unattributed'), 1, 1
  from orders
  anti join intermediate.int_touches_eligible using (order_id)
),
summed as (
  select s.*, sum(weight) over (partition by order_id, model) as total_weight,
    round(abs(net_revenue_amount) * 100)::bigint as order_cents
  from shares s
  join orders using (order_id)
),
shared as (
  select *, weight::double / total_weight::double as credit,
    round(order_cents * weight / total_weight, 9)::decimal(38, 9) as exact_cents
  from summed
),
ranked as (
  select *, floor(exact_cents)::bigint as whole_cents,
    order_cents - sum(whole_cents) over (partition by order_id, model) as cents_left,
    row_number() over (
      partition by order_id, model order by exact_cents - whole_cents desc, position
    ) as turn
  from shared
)
select
  r.order_id,
  r.touchpoint_id,
  o.customer_id,
  r.model,
  r.channel,
  t.platform,
  t.campaign_id,
  t.campaign_name,
  r.credit,
  (sign(o.net_revenue_amount) * (r.whole_cents + if(r.turn <= r.cents_left, 1, 0)) * 0.01)
    ::decimal(38, 9) as attributed_revenue_amount,
  o.order_date,
  t.touch_date,
  (epoch_us(o.ordered_at) - epoch_us(t.touched_at)) / 86400000000 as days_before_order,
  o.sales_channel,
  o.is_return,
  o.is_first_order
from ranked r
join orders o using (order_id)
left join intermediate.int_touchpoints_unioned t using (touchpoint_id)
