import { addDays, daysBetween } from "../../core/dates.ts";
import type { SourceContext } from "../../core/define-source.ts";
import {
  type ApiStream,
  type DateSlice,
  defineStream,
  type Outcome,
} from "../../core/define-stream.ts";
import { AuthError, DataError } from "../../core/errors.ts";
import type { Http } from "../../core/http.ts";
import { paginate } from "../../core/paginate.ts";
import { isDeadline } from "./errors.ts";
import { campaignOutcome } from "./rows.ts";
import { CAMPAIGN_FIELDS, campaignDaily, customerRow, type GoogleAdsConfig } from "./schema.ts";
import { createSearch, type Search } from "./search.ts";

/** Conversions are dated to the click for as long as the account's window; invalid clicks are credited meanwhile. */
const DEFAULT_WINDOW_DAYS = 30;
const LONGEST_WINDOW_DAYS = 90;

const isSunday = (day: string): boolean => new Date(day).getUTCDay() === 0;

/** Daily figures per campaign: the grain that holds all spend, Performance Max and removed campaigns included. */
export function campaignStream(config: GoogleAdsConfig, context: SourceContext): ApiStream {
  const search = createSearch(config, context);
  return defineStream({
    kind: "api",
    name: "campaign_daily",
    tables: [campaignDaily],
    settings: { fields: CAMPAIGN_FIELDS },
    write: { mode: "window", by: "segments_date", accountColumn: "customer_id" },
    startDate: config.startDate,
    rereadDays: (lastDay) => (isSunday(lastDay) ? LONGEST_WINDOW_DAYS : DEFAULT_WINDOW_DAYS),
    sliceDays: 30,
    sliceMinutes: 60,
    http: search.http,
    async account(http) {
      const query =
        "SELECT customer.id, customer.currency_code, customer.time_zone, customer.manager FROM customer";
      const page = await search.page(http, query, undefined);
      const parsed = customerRow.safeParse(page.results[0]);
      if (!parsed.success) {
        const text = `Google Ads, ${config.customerId}: no such account`;
        throw new DataError(text, { reason: "no_account", remedy: "correct customerId" });
      }
      const { id, timeZone, currencyCode, manager } = parsed.data.customer;
      if (manager) {
        throw new AuthError(`Google Ads, ${id} is a manager's account: it has no figures`, {
          remedy: "set customerId to the account that advertises, and loginCustomerId to this one",
        });
      }
      return { id, timeZone, currency: currencyCode };
    },
    async open(slice, http, _account, { drift }) {
      let latest: string | undefined;
      const toOutcome = (delivered: unknown, requestId: string | undefined): Outcome => {
        const outcome = campaignOutcome(delivered, requestId, drift);
        if ("reject" in outcome) return outcome;
        const day = String(outcome.row.segments_date);
        if (latest === undefined || day > latest) latest = day;
        return outcome;
      };
      return {
        batches: outcomes(search, http, slice, toOutcome),
        facts: () => ({ dataUntil: latest }),
      };
    },
  });
}

/** No status is filtered: what was removed has spent, too. */
const campaignQuery = ({ from, to }: DateSlice): string =>
  `SELECT ${CAMPAIGN_FIELDS.join(", ")} FROM campaign ` +
  `WHERE segments.date BETWEEN '${from}' AND '${to}' ORDER BY segments.date, campaign.id`;

/**
 * Reads a range of days; where Google takes too long for it, its halves. Rows read before that come again and count
 * as duplicates.
 * @throws DataError when Google announced another number of rows
 */
async function* outcomes(
  search: Search,
  http: Http,
  days: DateSlice,
  toOutcome: (delivered: unknown, requestId: string | undefined) => Outcome,
): AsyncGenerator<readonly Outcome[]> {
  const query = campaignQuery(days);
  const pages = paginate(
    (pageToken) => search.page(http, query, pageToken),
    ({ nextPageToken }) => nextPageToken || undefined,
  );
  const seen = new Set<string>();
  let announced: string | undefined;
  try {
    for await (const { results, totalResultsCount, requestId } of pages) {
      announced = totalResultsCount ?? announced;
      for (const delivered of results) seen.add(JSON.stringify(delivered));
      yield results.map((delivered) => toOutcome(delivered, requestId));
    }
  } catch (error) {
    const length = daysBetween(days.from, days.to) + 1;
    if (!isDeadline(error) || length === 1) throw error;
    const middle = addDays(days.from, Math.floor(length / 2) - 1);
    yield* outcomes(search, http, { from: days.from, to: middle }, toOutcome);
    yield* outcomes(search, http, { from: addDays(middle, 1), to: days.to }, toOutcome);
    return;
  }
  if (announced !== undefined && Number(announced) !== seen.size) {
    throw new DataError(
      `Google Ads announced ${announced} rows of ${days.from} to ${days.to} and delivered ${seen.size}`,
      {
        reason: "announced_count_differs",
        remedy: "nothing to do: the next run reads the days again",
      },
    );
  }
}
