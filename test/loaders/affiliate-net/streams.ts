import type { SourceContext } from "../../../loaders/core/define-source.ts";
import { type ApiStream, defineStream } from "../../../loaders/core/define-stream.ts";
import { AuthError } from "../../../loaders/core/errors.ts";
import { createHttp } from "../../../loaders/core/http.ts";
import { paginate } from "../../../loaders/core/paginate.ts";
import { dailyOutcome } from "./rows.ts";
import { type AffiliateConfig, accountBody, affiliateDaily, pageBody } from "./schema.ts";

/** Clicks and commissions per day and partner. */
export function dailyStream(config: AffiliateConfig, context: SourceContext): ApiStream {
  const key = context.secret(config.apiKey.env);
  return defineStream({
    kind: "api",
    name: "affiliate_daily",
    tables: [affiliateDaily],
    // What shapes the rows: when it changes, everything is read again.
    settings: {},
    // The days of a slice become what was delivered: rows that vanished at the vendor go.
    write: { mode: "window", by: "day", accountColumn: "account_id" },
    startDate: config.startDate,
    // Commissions are cancelled for 30 days.
    rereadDays: 30,
    sliceDays: 30,
    sliceMinutes: 10,
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers: { "x-api-key": key },
          secrets: [key],
          // Retries and Retry-After are the client's; here is only what this vendor means by an answer.
          judge: ({ status }) =>
            status === 401
              ? new AuthError("the affiliate network refuses the API key", {
                  remedy: `renew the key in ${config.apiKey.env}`,
                })
              : undefined,
        },
        deadlineMs,
      ),
    async account(http) {
      const { data } = await http.request({ path: "/v1/account", body: accountBody });
      return { id: data.id, timeZone: data.timezone };
    },
    async open({ from, to }, http, account) {
      const pages = paginate(
        async (cursor) => {
          const query = { from, to, ...(cursor === undefined ? {} : { cursor }) };
          return (await http.request({ path: "/v1/daily", query, body: pageBody })).data;
        },
        ({ next }) => next ?? undefined,
      );
      return {
        batches: (async function* () {
          for await (const { rows } of pages) {
            yield rows.map((record) => dailyOutcome(record, account.id));
          }
        })(),
        // An empty answer is an answer: the slice reaches its end, whether or not there were rows.
        facts: () => ({ dataUntil: to }),
      };
    },
  });
}
