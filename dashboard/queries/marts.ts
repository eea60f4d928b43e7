/**
 * The files of this folder hold every question that the page asks, as parametrised GoogleSQL over the marts. Amounts
 * and ratios are NUMERIC and arrive as decimal strings: nothing here or on the way to the page turns them into floats.
 * A ratio is computed once, from sums over the period, and is null where nothing was spent.
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

/** Rows of `mart_roas_models_daily` of one model and period. */
export const IN_PERIOD = `
  where model = @model and date between cast(@from as date) and cast(@to as date)`;
