import type { Marts, Period } from "./marts.ts";

/** The name a shop has last, as a CTE `stores`: the register has a row for each stretch of days. */
export const latestStores = (marts: Marts) => `
stores as (

  select store_id, store_name
  from ${marts.dataset}.dim_stores
  where true
  qualify row_number() over (partition by store_id order by valid_from desc) = 1

)`;

export interface StoreReceipts {
  /** Null in the row of all shops. */
  readonly store_id: string | null;
  readonly store_name: string | null;
  readonly receipts: number;
  readonly identified_receipts: number;
  readonly identified_rate: string | null;
  readonly net_revenue_amount: string;
}

/** Till receipts of consumers and how many of them name a customer: the row of all shops first, then one row per shop. */
export async function receiptsByStore(
  marts: Marts,
  { from, to }: Omit<Period, "model">,
): Promise<readonly StoreReceipts[]> {
  const rows = await marts.query(
    `
with

receipts as (

  select store_id, customer_id, net_revenue_amount
  from ${marts.dataset}.fct_orders
  where sales_channel = 'store'
    and order_type = 'consumer'
    and not is_return
    and order_date between cast(@from as date) and cast(@to as date)

),
${latestStores(marts)},

counted as (

  select
    store_id,
    false as is_total,
    count(*) as receipts,
    countif(customer_id is not null) as identified_receipts,
    sum(net_revenue_amount) as net_revenue_amount
  from receipts
  group by store_id

),

all_and_each as (

  select
    cast(null as string) as store_id,
    true as is_total,
    coalesce(sum(receipts), 0) as receipts,
    coalesce(sum(identified_receipts), 0) as identified_receipts,
    coalesce(sum(net_revenue_amount), 0) as net_revenue_amount
  from counted
  union all
  select store_id, is_total, receipts, identified_receipts, net_revenue_amount from counted

)

select
  all_and_each.store_id,
  stores.store_name,
  all_and_each.receipts,
  all_and_each.identified_receipts,
  safe_divide(cast(all_and_each.identified_receipts as numeric), all_and_each.receipts)
    as identified_rate,
  all_and_each.net_revenue_amount
from all_and_each
left join stores on stores.store_id = all_and_each.store_id
order by all_and_each.is_total desc, identified_rate desc, all_and_each.store_id`,
    { from, to },
  );
  return rows as StoreReceipts[];
}
