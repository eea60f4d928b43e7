import { addDays, daysBetween } from "../../core/dates.ts";
import type { SourceContext } from "../../core/define-source.ts";
import {
  type ApiStream,
  type DateSlice,
  defineStream,
  type Outcome,
  type SliceContext,
} from "../../core/define-stream.ts";
import { RetryableError } from "../../core/errors.ts";
import { createHttp, type Http } from "../../core/http.ts";
import { paginate } from "../../core/paginate.ts";
import { judgeMeta, metaError, pauseMs, quota, reportOverdue, TooMuchDataError } from "./errors.ts";
import { insightOutcome } from "./rows.ts";
import {
  ATTRIBUTION_WINDOWS,
  accountBody,
  INSIGHT_FIELDS,
  insightsDaily,
  insightsPage,
  type MetaAdsConfig,
  reportBody,
  submittedBody,
} from "./schema.ts";

/** The version of the Graph API. */
export const GRAPH_VERSION = "v26.0";

const LEVEL = "ad";
const PAGE_ROWS = 100;
const SMALL_PAGE_ROWS = 25;
const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 30_000;
const START_MINUTES = 5;
const FINISH_MINUTES = 30;

/** Daily insights per ad. */
export function insightsStream(config: MetaAdsConfig, context: SourceContext): ApiStream {
  const token = context.secret(config.accessToken.env);
  return defineStream({
    kind: "api",
    name: "insights_daily",
    tables: [insightsDaily],
    settings: { fields: INSIGHT_FIELDS, level: LEVEL, windows: ATTRIBUTION_WINDOWS },
    write: { mode: "window", by: "date_start", accountColumn: "account_id" },
    startDate: config.startDate,
    // Conversions are dated to the click and keep coming for as long as the longest window.
    rereadDays: 28,
    sliceDays: 30,
    sliceMinutes: 60,
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers: { authorization: `Bearer ${token}` },
          secrets: [token],
          judge: (response) => judgeMeta(response, config.accountId, config.accessToken.env),
          pauseMs,
          quota,
        },
        deadlineMs,
      ),
    async account(http) {
      const { data } = await http.request({
        path: `/${GRAPH_VERSION}/${config.accountId}`,
        query: { fields: "account_id,currency,timezone_name" },
        body: accountBody,
      });
      return { id: data.account_id, timeZone: data.timezone_name, currency: data.currency };
    },
    async open(slice, http, account, sliceContext) {
      let latest: string | undefined;
      const toOutcome = (delivered: unknown, requestId: string): Outcome => {
        const outcome = insightOutcome(delivered, account.timeZone, requestId, sliceContext.drift);
        if ("reject" in outcome) return outcome;
        const day = String(outcome.row.date_start);
        if (latest === undefined || day > latest) latest = day;
        return outcome;
      };
      const reports = createReports(config.accountId, http, context.clock, sliceContext);
      return {
        batches: outcomes(reports, slice, toOutcome),
        facts: () => ({ dataUntil: latest }),
      };
    },
  });
}

/** One asynchronous report after the other: made, waited for, read page by page. */
interface Reports {
  /** @throws TooMuchDataError when Meta cannot make it for its size */
  make(days: DateSlice): Promise<string>;
  pages(reportId: string): AsyncIterable<readonly unknown[]>;
}

function createReports(
  accountId: string,
  http: Http,
  clock: () => number,
  { note }: SliceContext,
): Reports {
  async function submit({ from, to }: DateSlice): Promise<string> {
    const { data, headers } = await http.request({
      method: "POST",
      path: `/${GRAPH_VERSION}/${accountId}/insights`,
      form: {
        level: LEVEL,
        time_increment: "1",
        time_range: JSON.stringify({ since: from, until: to }),
        fields: INSIGHT_FIELDS.join(","),
        action_attribution_windows: JSON.stringify(ATTRIBUTION_WINDOWS),
      },
      body: submittedBody,
    });
    const warning = headers.get("x-ad-api-version-warning");
    if (warning !== null) note(`Meta answers with another version than ${GRAPH_VERSION}`);
    return data.report_run_id;
  }

  /** Waits until the report is done. */
  async function finished(reportId: string, days: DateSlice): Promise<void> {
    const started = clock();
    const name = `Meta, ${accountId}: the report of ${days.from} to ${days.to}`;
    for (let delay = FIRST_POLL_MS; ; delay = Math.min(delay * 2, LONGEST_POLL_MS)) {
      const { data } = await http.request({
        path: `/${GRAPH_VERSION}/${reportId}`,
        body: reportBody,
      });
      const { async_status: status, error_code: code, error_subcode: subcode } = data;
      if (status === "Job Completed") return;
      if (status === "Job Failed" || status === "Job Skipped") {
        throw metaError(code ?? 2, subcode, false, `${name}: ${status}, code ${code ?? "none"}`);
      }
      const minutes = (clock() - started) / 60_000;
      if (status === "Job Not Started" && minutes > START_MINUTES) {
        throw reportOverdue(`${name} was not started in ${START_MINUTES} minutes`);
      }
      if (minutes > FINISH_MINUTES) {
        throw new TooMuchDataError(`${name} took longer than ${FINISH_MINUTES} minutes`, {
          reason: "report_too_slow",
        });
      }
      await http.wait(delay, name);
    }
  }

  return {
    async make(days) {
      for (let attempt = 1; ; attempt++) {
        const reportId = await submit(days);
        try {
          await finished(reportId, days);
          return reportId;
        } catch (error) {
          // A report that failed for a passing reason is made anew; its requests were retried already.
          if (!(error instanceof RetryableError) || attempt === 3) throw error;
        }
      }
    },
    async *pages(reportId) {
      const path = `/${GRAPH_VERSION}/${reportId}/insights`;
      const page = async (limit: number, cursor: string | undefined) => {
        const query = { limit: String(limit), ...(cursor ? { after: cursor } : {}) };
        return (await http.request({ path, query, body: insightsPage })).data;
      };
      const pages = paginate(
        async (cursor) => {
          try {
            return await page(PAGE_ROWS, cursor);
          } catch (error) {
            // "Reduce the amount of data" comes with the code of any passing trouble; a smaller page tells them apart.
            if (!(error instanceof RetryableError)) throw error;
            return page(SMALL_PAGE_ROWS, cursor);
          }
        },
        ({ paging }) => (paging?.next === undefined ? undefined : paging.cursors?.after),
      );
      for await (const page of pages) yield page.data;
    },
  };
}

/** Reads a range of days; where it is too much for one report, its halves. */
async function* outcomes(
  reports: Reports,
  days: DateSlice,
  toOutcome: (delivered: unknown, requestId: string) => Outcome,
): AsyncGenerator<readonly Outcome[]> {
  let reportId: string;
  try {
    reportId = await reports.make(days);
  } catch (error) {
    const length = daysBetween(days.from, days.to) + 1;
    if (!(error instanceof TooMuchDataError) || length === 1) throw error;
    const middle = addDays(days.from, Math.floor(length / 2) - 1);
    yield* outcomes(reports, { from: days.from, to: middle }, toOutcome);
    yield* outcomes(reports, { from: addDays(middle, 1), to: days.to }, toOutcome);
    return;
  }
  for await (const page of reports.pages(reportId)) {
    yield page.map((delivered) => toOutcome(delivered, reportId));
  }
}
