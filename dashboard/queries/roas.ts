import { IN_PERIOD, type Marts, type Period } from "./marts.ts";

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
having spend_amount <> 0 or revenue_without_cost_amount <> 0
order by spend_amount desc, revenue_amount desc, channel, platform, campaign_id`,
    { ...period },
  );
  return rows as CampaignFigures[];
}

export interface Totals {
  /** Net revenue of consumers' orders by every channel, what has no cost yet included. */
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
  /** All revenue over all cost, without the revenue whose cost is not known yet. */
  readonly blended_roas: string | null;
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
  safe_divide(paid_revenue_amount, spend_amount) as roas,
  safe_divide(net_revenue_amount - revenue_without_cost_amount, spend_amount) as blended_roas
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
