import type { Marts, Period } from "./queries.ts";

/** How many orders the list shows. */
const LIST_LENGTH = 25;

export interface OrderSearch extends Omit<Period, "model"> {
  /** Part of an order's id, in any case; then the period does not matter. Empty: the orders of the period. */
  readonly find: string;
  /** Also orders that no touch earned. */
  readonly untouched: boolean;
}

export interface OrderRow {
  readonly order_id: string;
  readonly ordered_at: string;
  readonly sales_channel: string;
  readonly store_id: string | null;
  readonly net_revenue_amount: string;
  readonly touches: number;
}

/** The last orders of the period, or those whose id is searched for. */
export async function orders(marts: Marts, wanted: OrderSearch): Promise<readonly OrderRow[]> {
  const rows = await marts.query(
    `
with

orders as (

  select order_id, ordered_at, order_date, sales_channel, store_id, net_revenue_amount
  from ${marts.dataset}.fct_orders
  where if(
    @find = '',
    order_date between cast(@from as date) and cast(@to as date),
    strpos(lower(order_id), lower(@find)) > 0
  )

),

touched as (

  select order_id, count(touchpoint_id) as touches
  from ${marts.dataset}.fct_attribution_credits
  where model = 'linear'
    and (@find <> '' or order_date between cast(@from as date) and cast(@to as date))
  group by order_id

)

select
  orders.order_id,
  orders.ordered_at,
  orders.sales_channel,
  orders.store_id,
  orders.net_revenue_amount,
  coalesce(touched.touches, 0) as touches
from orders
left join touched on touched.order_id = orders.order_id
where @untouched or touched.touches > 0
order by orders.ordered_at desc, orders.order_id
limit ${LIST_LENGTH}`,
    { ...wanted },
  );
  return rows as OrderRow[];
}

export interface Order {
  readonly order_id: string;
  readonly ordered_at: string;
  readonly order_date: string;
  readonly sales_channel: string;
  readonly store_id: string | null;
  readonly identified_by: string | null;
  readonly promo_code: string | null;
  readonly gross_amount: string;
  readonly discount_amount: string;
  readonly refund_amount: string;
  readonly net_revenue_amount: string;
  readonly is_first_order: boolean | null;
}

export interface Touch {
  /** Null where no single touch earned the credit; `channel` then says why. */
  readonly touchpoint_id: string | null;
  readonly touched_at: string | null;
  readonly channel: string;
  readonly platform: string | null;
  readonly campaign_name: string | null;
  readonly interaction: string | null;
  readonly is_offline: boolean | null;
  readonly days_before_order: number | null;
  readonly credits: readonly {
    readonly model: string;
    readonly credit: number;
    readonly attributed_revenue_amount: string;
  }[];
}

export interface Journey {
  readonly order: Order;
  readonly touches: readonly Touch[];
}

/** One order with the touches that earned it, in time order; undefined where there is no such order. */
export async function journey(marts: Marts, orderId: string): Promise<Journey | undefined> {
  const [order] = (await marts.query(
    `
select
  order_id, ordered_at, order_date, sales_channel, store_id, identified_by, promo_code,
  gross_amount, discount_amount, refund_amount, net_revenue_amount, is_first_order
from ${marts.dataset}.fct_orders
where order_id = @order_id`,
    { order_id: orderId },
  )) as Order[];
  if (!order) return undefined;
  const touches = await marts.query(
    `
with

credits as (

  select
    touchpoint_id, channel, platform, touch_date, days_before_order, model, credit,
    attributed_revenue_amount
  from ${marts.dataset}.fct_attribution_credits
  where order_id = @order_id and order_date = cast(@order_date as date)

),

shares as (

  select
    touchpoint_id,
    channel,
    platform,
    max(days_before_order) as days_before_order,
    array_agg(struct(model, credit, attributed_revenue_amount) order by model) as credits
  from credits
  group by touchpoint_id, channel, platform

),

touchpoints as (

  select touchpoint_id, touched_at, campaign_name, interaction, is_offline
  from ${marts.dataset}.fct_touchpoints
  where touch_date between (select min(touch_date) from credits) and (select max(touch_date) from credits)

)

select
  shares.touchpoint_id,
  touchpoints.touched_at,
  shares.channel,
  shares.platform,
  touchpoints.campaign_name,
  touchpoints.interaction,
  touchpoints.is_offline,
  shares.days_before_order,
  shares.credits
from shares
left join touchpoints on touchpoints.touchpoint_id = shares.touchpoint_id
order by touchpoints.touched_at, shares.touchpoint_id, shares.channel`,
    { order_id: order.order_id, order_date: order.order_date },
  );
  return { order, touches: touches as Touch[] };
}
