import type { SourceContext } from "../../core/define-source.ts";
import { type ApiStream, type DateSlice, defineStream } from "../../core/define-stream.ts";
import { DataError } from "../../core/errors.ts";
import { createHttp, type Http } from "../../core/http.ts";
import { paginate } from "../../core/paginate.ts";
import { judgeTiktok } from "./errors.ts";
import { adOutcome } from "./rows.ts";
import { AD_METRICS, adDaily, advertiserBody, reportBody, type TiktokAdsConfig } from "./schema.ts";

/** The version of TikTok's API for Business. */
export const TIKTOK_VERSION = "v1.3";

/** TikTok allows 1,000. */
const PAGE_ROWS = 200;

/** Without it, ads that were deleted are left out with all they have spent. */
const ALL_STATUSES = [
  { field_name: "ad_status", filter_type: "IN", filter_value: JSON.stringify(["STATUS_ALL"]) },
];

/** Daily figures per ad. */
export function adStream(config: TiktokAdsConfig, context: SourceContext): ApiStream {
  const token = context.secret(config.accessToken.env);
  return defineStream({
    kind: "api",
    name: "ad_daily",
    tables: [adDaily],
    settings: { metrics: AD_METRICS, filtering: ALL_STATUSES },
    write: { mode: "window", by: "stat_date", accountColumn: "advertiser_id" },
    startDate: config.startDate,
    // Conversions are dated to the click and keep coming for up to 28 days.
    rereadDays: 28,
    // The longest range that TikTok gives by day.
    sliceDays: 30,
    // A few locks of five minutes; after that it is the day's limit, and asking on would only make it worse.
    sliceMinutes: 20,
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers: { "access-token": token },
          secrets: [token],
          judge: (response) => judgeTiktok(response, config),
        },
        deadlineMs,
      ),
    async account(http) {
      const { data } = await http.request({
        path: `/open_api/${TIKTOK_VERSION}/advertiser/info/`,
        query: { advertiser_ids: JSON.stringify([config.advertiserId]) },
        body: advertiserBody,
      });
      const own = data.data.list.find(({ advertiser_id }) => advertiser_id === config.advertiserId);
      if (!own) {
        const text = `TikTok, ${config.advertiserId}: no such advertiser`;
        throw new DataError(text, { reason: "no_account", remedy: "correct advertiserId" });
      }
      // `timezone` may be a fixed offset, without summer time; the zone that reports are in is the display one.
      const timeZone = own.display_timezone || own.timezone;
      return { id: own.advertiser_id, timeZone, currency: own.currency };
    },
    async open(slice, http, account, { drift }) {
      const read = new Set<string>();
      let latest: string | undefined;
      let announced = 0;
      async function* batches() {
        for await (const { data, request_id } of pages(http, config.advertiserId, slice)) {
          announced = data.page_info.total_number;
          yield data.list.map((delivered) => {
            const outcome = adOutcome(delivered, account, request_id, drift);
            if ("reject" in outcome) return outcome;
            const day = String(outcome.row.stat_date);
            if (latest === undefined || day > latest) latest = day;
            return outcome;
          });
          for (const delivered of data.list) read.add(JSON.stringify(delivered));
        }
      }
      return {
        batches: batches(),
        facts: () => ({ dataUntil: latest }),
        check() {
          if (read.size === announced) return;
          throw new DataError(
            `TikTok announced ${announced} rows of ${slice.from} to ${slice.to} and delivered ${read.size}`,
            {
              reason: "announced_count_differs",
              remedy: "nothing to do: the next run reads the days again",
            },
          );
        },
      };
    },
  });
}

/** The report of a range of days, page by page. */
async function* pages(http: Http, advertiserId: string, { from, to }: DateSlice) {
  const query = {
    advertiser_id: advertiserId,
    report_type: "BASIC",
    data_level: "AUCTION_AD",
    dimensions: JSON.stringify(["ad_id", "stat_time_day"]),
    metrics: JSON.stringify(AD_METRICS),
    start_date: from,
    end_date: to,
    filtering: JSON.stringify(ALL_STATUSES),
    page_size: String(PAGE_ROWS),
  };
  yield* paginate(
    async (page = "1") => {
      const path = `/open_api/${TIKTOK_VERSION}/report/integrated/get/`;
      return (await http.request({ path, query: { ...query, page }, body: reportBody })).data;
    },
    ({ data: { page_info: info } }) =>
      info.page < info.total_page ? String(info.page + 1) : undefined,
  );
}
