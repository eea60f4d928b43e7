/**
 * Every question the page asks, as parametrised GoogleSQL over the marts. Amounts and ratios are NUMERIC and arrive
 * as decimal strings: nothing here or on the way to the page turns them into floats. A ratio is computed once, from
 * sums over the period, and is null where nothing was spent.
 */

/** Where the marts are and how a query runs: the same way as every other query, on BigQuery or the embedded one. */
export interface Marts {
  /** `marts`, or its name in an environment such as `marts_dev`. */
  readonly dataset: string;
  /** Rows as JSON has them: NUMERIC as decimal strings, dates and times as ISO text. */
  query(sql: string, params: Readonly<Record<string, unknown>>): Promise<readonly unknown[]>;
}

/** Days from and to, both included, and the attribution model. */
export interface Period {
  /** YYYY-MM-DD */
  readonly from: string;
  /** YYYY-MM-DD */
  readonly to: string;
  readonly model: string;
}

export const GRAINS = ["day", "week", "month"] as const;
export type Grain = (typeof GRAINS)[number];

/** The figures of a set of rows of `mart_roas_models_daily`. */
export interface RoasFigures {
  readonly spend_amount: string;
  readonly online_revenue_amount: string;
  readonly store_revenue_amount: string;
  readonly revenue_amount: string;
  readonly revenue_without_cost_amount: string;
  readonly platform_revenue_amount: string | null;
  readonly orders: string;
  readonly new_customers: string;
  readonly online_roas: string | null;
  readonly roas: string | null;
  readonly is_provisional: boolean;
}

const FIGURES = `
    sum(spend_amount) as spend_amount,
    sum(online_revenue_amount) as online_revenue_amount,
    sum(store_revenue_amount) as store_revenue_amount,
    sum(revenue_amount) as revenue_amount,
    sum(revenue_without_cost_amount) as revenue_without_cost_amount,
    sum(platform_revenue_amount) as platform_revenue_amount,
    sum(orders) as orders,
    sum(new_customers) as new_customers,
    safe_divide(sum(online_revenue_amount), sum(spend_amount)) as online_roas,
    safe_divide(sum(revenue_amount), sum(spend_amount)) as roas,
    logical_or(is_provisional) as is_provisional`;

const IN_PERIOD = `
  where model = @model and date between cast(@from as date) and cast(@to as date)`;

export interface About {
  readonly run_id: string | null;
  readonly first_date: string | null;
  readonly last_date: string | null;
  readonly models: readonly string[];
}

/** Which days, models and run the ROAS mart holds; one row, its dates null where the mart is empty. */
export async function about(marts: Marts): Promise<About> {
  const [row] = await marts.query(
    `
select
  max(run_id) as run_id,
  min(date) as first_date,
  max(date) as last_date,
  array_agg(distinct model order by model) as models
from ${marts.dataset}.mart_roas_models_daily`,
    {},
  );
  const found = row as Omit<About, "models"> & { models: readonly string[] | null };
  return { ...found, models: found.models ?? [] };
}

export interface SourceStatus {
  readonly source: string;
  readonly last_success_at: string | null;
  readonly data_until_date: string | null;
  readonly is_stale: boolean;
  readonly rows_loaded: number;
  readonly rows_rejected: number;
  readonly remedy: string | null;
  readonly run_id: string;
}

/** One row per source, the ones that need somebody first. */
export async function sources(marts: Marts): Promise<readonly SourceStatus[]> {
  const rows = await marts.query(
    `
select
  source, last_success_at, data_until_date, is_stale, rows_loaded, rows_rejected, remedy, run_id
from ${marts.dataset}.mart_source_status
order by is_stale desc, source`,
    {},
  );
  return rows as SourceStatus[];
}

/** A platform within a channel: the same company may be paid in one channel and free in another. */
export interface PlatformFigures extends RoasFigures {
  readonly channel: string;
  readonly platform: string | null;
}

/** One row per channel and platform, the dearest first. */
export async function platforms(marts: Marts, period: Period): Promise<readonly PlatformFigures[]> {
  const rows = await marts.query(
    `
select
    channel,
    platform,${FIGURES}
from ${marts.dataset}.mart_roas_models_daily${IN_PERIOD}
group by channel, platform
order by spend_amount desc, revenue_amount desc, channel, platform`,
    { ...period },
  );
  return rows as PlatformFigures[];
}

export interface CampaignFigures extends PlatformFigures {
  readonly campaign_id: string | null;
  readonly campaign_name: string | null;
  readonly impressions: number | null;
  readonly clicks: number | null;
}

/** One row per campaign that cost something in the period, or whose cost is still missing; the dearest first. */
export async function campaigns(marts: Marts, period: Period): Promise<readonly CampaignFigures[]> {
  const rows = await marts.query(
    `
select
    channel,
    platform,
    campaign_id,
    max(campaign_name) as campaign_name,
    sum(impressions) as impressions,
    sum(clicks) as clicks,${FIGURES}
from ${marts.dataset}.mart_roas_models_daily${IN_PERIOD}
group by channel, platform, campaign_id
having sum(spend_amount) <> 0 or sum(revenue_without_cost_amount) <> 0
order by spend_amount desc, revenue_amount desc, channel, platform, campaign_id`,
    { ...period },
  );
  return rows as CampaignFigures[];
}

export interface Totals {
  /** Net revenue of every channel, what has no cost yet included. */
  readonly net_revenue_amount: string;
  readonly online_revenue_amount: string;
  readonly store_revenue_amount: string;
  readonly revenue_without_cost_amount: string;
  readonly spend_amount: string;
  readonly new_customers: string;
  /** Of the platforms that cost something in the period: what they earned, and the ratios to what they cost. */
  readonly paid_online_revenue_amount: string;
  readonly paid_revenue_amount: string;
  readonly online_roas: string | null;
  readonly roas: string | null;
}

/**
 * The whole period in one row. The ratios are those of the platforms that cost something: revenue that no cost stands
 * behind (direct visits, unnamed receipts) would flatter them.
 */
export async function totals(marts: Marts, period: Period): Promise<Totals> {
  const [row] = await marts.query(
    `
with

by_platform as (

  select
    channel,
    platform,${FIGURES}
  from ${marts.dataset}.mart_roas_models_daily${IN_PERIOD}
  group by channel, platform

),

summed as (

  select
    coalesce(sum(revenue_amount + revenue_without_cost_amount), 0) as net_revenue_amount,
    coalesce(sum(online_revenue_amount), 0) as online_revenue_amount,
    coalesce(sum(store_revenue_amount), 0) as store_revenue_amount,
    coalesce(sum(revenue_without_cost_amount), 0) as revenue_without_cost_amount,
    coalesce(sum(spend_amount), 0) as spend_amount,
    coalesce(sum(new_customers), 0) as new_customers,
    coalesce(sum(if(spend_amount <> 0, online_revenue_amount, 0)), 0) as paid_online_revenue_amount,
    coalesce(sum(if(spend_amount <> 0, revenue_amount, 0)), 0) as paid_revenue_amount
  from by_platform

)

select
  *,
  safe_divide(paid_online_revenue_amount, spend_amount) as online_roas,
  safe_divide(paid_revenue_amount, spend_amount) as roas
from summed`,
    { ...period },
  );
  return row as Totals;
}

/** One bar of the chart: a day, a week from Monday or a month, cut at the ends of the period. */
export interface Bucket {
  readonly start_date: string;
  readonly end_date: string;
  readonly online_revenue_amount: string;
  readonly store_revenue_amount: string;
  readonly revenue_without_cost_amount: string;
  readonly spend_amount: string;
}

/** The start of a day's bucket; the part of `date_trunc` is a keyword and cannot be a parameter. */
const BUCKET_START: Readonly<Record<Grain, string>> = {
  day: "day",
  week: "date_trunc(day, week(monday))",
  month: "date_trunc(day, month)",
};

/** Revenue and cost over time, without gaps: one row per day, week or month of the period. */
export async function buckets(
  marts: Marts,
  period: Period,
  grain: Grain,
): Promise<readonly Bucket[]> {
  const rows = await marts.query(
    `
with

days as (

  select day
  from unnest(generate_date_array(cast(@from as date), cast(@to as date))) as day

),

figures as (

  select date, online_revenue_amount, store_revenue_amount, revenue_without_cost_amount, spend_amount
  from ${marts.dataset}.mart_roas_models_daily${IN_PERIOD}

)

select
  min(day) as start_date,
  max(day) as end_date,
  coalesce(sum(figures.online_revenue_amount), 0) as online_revenue_amount,
  coalesce(sum(figures.store_revenue_amount), 0) as store_revenue_amount,
  coalesce(sum(figures.revenue_without_cost_amount), 0) as revenue_without_cost_amount,
  coalesce(sum(figures.spend_amount), 0) as spend_amount
from days
left join figures on figures.date = days.day
group by ${BUCKET_START[grain]}
order by start_date`,
    { ...period },
  );
  return rows as Bucket[];
}

export interface MissingDay {
  readonly date: string;
  readonly source: string;
}

/**
 * One row per day of the period and source that does not reach it: as the mart's rows say it, and, for days without
 * rows, as the status of the sources does.
 */
export async function missingDays(marts: Marts, period: Period): Promise<readonly MissingDay[]> {
  const rows = await marts.query(
    `
with

provisional as (

  select date, missing_sources
  from ${marts.dataset}.mart_roas_models_daily${IN_PERIOD} and is_provisional

),

named as (

  select provisional.date, source
  from provisional
  cross join unnest(split(provisional.missing_sources, ', ')) as source

),

stale as (

  select source, data_until_date
  from ${marts.dataset}.mart_source_status
  where is_stale and data_until_date is not null

),

late as (

  select date, stale.source
  from stale
  cross join unnest(
    generate_date_array(
      greatest(date_add(stale.data_until_date, interval 1 day), cast(@from as date)),
      cast(@to as date)
    )
  ) as date

)

select date, source from named
union distinct
select date, source from late
order by date, source`,
    { ...period },
  );
  return rows as MissingDay[];
}

export interface StoreReceipts {
  /** Null in the row of all shops. */
  readonly store_id: string | null;
  readonly receipts: number;
  readonly identified_receipts: number;
  readonly identified_rate: string | null;
  readonly net_revenue_amount: string;
}

/** Till receipts and how many of them name a customer: one row per shop, the row of all shops first. */
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
    and gross_amount > 0
    and order_date between cast(@from as date) and cast(@to as date)

),

counted as (

  select
    store_id,
    count(*) as receipts,
    countif(customer_id is not null) as identified_receipts,
    sum(net_revenue_amount) as net_revenue_amount
  from receipts
  group by store_id

),

all_and_each as (

  select
    cast(null as string) as store_id,
    coalesce(sum(receipts), 0) as receipts,
    coalesce(sum(identified_receipts), 0) as identified_receipts,
    coalesce(sum(net_revenue_amount), 0) as net_revenue_amount
  from counted
  union all
  select store_id, receipts, identified_receipts, net_revenue_amount from counted

)

select
  store_id,
  receipts,
  identified_receipts,
  safe_divide(cast(identified_receipts as numeric), receipts) as identified_rate,
  net_revenue_amount
from all_and_each
order by store_id is not null, identified_rate desc, store_id`,
    { from, to },
  );
  return rows as StoreReceipts[];
}
