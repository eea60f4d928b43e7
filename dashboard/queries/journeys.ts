import type { Marts, Period } from "./marts.ts";
import { latestStores } from "./shops.ts";

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
  readonly store_name: string | null;
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

),
${latestStores(marts)}

select
  orders.order_id,
  orders.ordered_at,
  orders.sales_channel,
  orders.store_id,
  stores.store_name,
  orders.net_revenue_amount,
  coalesce(touched.touches, 0) as touches
from orders
left join touched on touched.order_id = orders.order_id
left join stores on stores.store_id = orders.store_id
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
  readonly store_name: string | null;
  readonly identified_by: string | null;
  readonly promo_code: string | null;
  readonly gross_amount: string;
  readonly discount_amount: string;
  readonly refund_amount: string;
  readonly net_revenue_amount: string;
  readonly is_first_order: boolean | null;
  /** The text message that followed, and what became of it. */
  readonly followup_sms_campaign: string | null;
  readonly followup_sms_status: string | null;
  readonly next_order_id: string | null;
  readonly next_order_date: string | null;
  readonly next_order_net_revenue_amount: string | null;
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
  const order = await findOrder(marts, orderId);
  return order && { order, touches: await touchesOf(marts, order) };
}

async function findOrder(marts: Marts, orderId: string): Promise<Order | undefined> {
  const [order] = await marts.query(
    `
with
${latestStores(marts)}

select
  orders.order_id,
  orders.ordered_at,
  orders.order_date,
  orders.sales_channel,
  orders.store_id,
  stores.store_name,
  orders.identified_by,
  orders.promo_code,
  orders.gross_amount,
  orders.discount_amount,
  orders.refund_amount,
  orders.net_revenue_amount,
  orders.is_first_order,
  journeys.followup_sms_campaign,
  journeys.followup_sms_status,
  journeys.next_order_id,
  journeys.next_order_date,
  journeys.next_order_net_revenue_amount
from ${marts.dataset}.fct_orders as orders
left join ${marts.dataset}.mart_order_journeys as journeys
  on journeys.order_id = orders.order_id
left join stores on stores.store_id = orders.store_id
where orders.order_id = @order_id`,
    { order_id: orderId },
  );
  return order as Order | undefined;
}

/** The order's day goes along so that only its partition of the credits is read. */
async function touchesOf(marts: Marts, { order_id, order_date }: Order): Promise<readonly Touch[]> {
  const rows = await marts.query(
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
    { order_id, order_date },
  );
  return rows as Touch[];
}
