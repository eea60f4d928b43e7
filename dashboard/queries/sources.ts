import { IN_PERIOD, type Marts, type Period } from "./marts.ts";

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
  /** `online_revenue`, `store_revenue`, `costs`, several with commas; null for lists that come now and then. */
  readonly brings: string | null;
  readonly last_success_at: string | null;
  readonly data_until_date: string | null;
  readonly is_stale: boolean;
  readonly rows_loaded: number;
  readonly rows_rejected: number;
  readonly remedy: string | null;
  /** Shops of it that have not sold for long. */
  readonly note: string | null;
  readonly run_id: string;
}

/** One row per source, the ones that need somebody first. */
export async function sources(marts: Marts): Promise<readonly SourceStatus[]> {
  const rows = await marts.query(
    `
select
  source, brings, last_success_at, data_until_date, is_stale, rows_loaded, rows_rejected, remedy,
  note, run_id
from ${marts.dataset}.mart_source_status
order by is_stale desc, source`,
    {},
  );
  return rows as SourceStatus[];
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
