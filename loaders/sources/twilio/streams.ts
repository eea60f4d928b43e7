import { addDays } from "../../core/dates.ts";
import type { SourceContext } from "../../core/define-source.ts";
import {
  type ApiStream,
  type DateSlice,
  defineStream,
  type Outcome,
} from "../../core/define-stream.ts";
import { AuthError, DataError } from "../../core/errors.ts";
import { createHttp, type Http } from "../../core/http.ts";
import { paginate } from "../../core/paginate.ts";
import { SMS_WRITE, smsMessages, smsOptouts } from "../../core/sms.ts";
import { createReader } from "./rows.ts";
import { accountBody, messagesPage, type TwilioConfig } from "./schema.ts";

/** The version of Twilio's REST API. */
export const API_VERSION = "2010-04-01";

const PAGE_ROWS = "1000";

/** Messages sent and received, with state and price as they stand. */
export function messagesStream(config: TwilioConfig, context: SourceContext): ApiStream {
  const key = context.secret(config.apiKey.env);
  const secret = context.secret(config.apiSecret.env);
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
  const path = `/${API_VERSION}/Accounts/${config.accountSid}`;
  const read = createReader(config, context.name);
  const list = (http: Http, query: Readonly<Record<string, string>>) =>
    pages(http, `${path}/Messages.json`, { ...query, PageSize: PAGE_ROWS });
  const unsentSince = createUnsent((http) => list(http, {}));
  const { campaignKeyPattern, serviceKeyPattern, stopWords } = config;
  return defineStream({
    kind: "api",
    name: "twilio_messages",
    tables: [smsMessages, smsOptouts],
    settings: { campaignKeyPattern, serviceKeyPattern, stopWords },
    write: SMS_WRITE,
    startDate: config.startDate,
    // States and prices come for days.
    rereadDays: 7,
    sliceDays: 30,
    sliceMinutes: 60,
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers: { authorization },
          secrets: [key, secret, authorization],
          judge: ({ status, json }) => refusal(config, status, json),
        },
        deadlineMs,
      ),
    async account(http) {
      const { data } = await http.request({ path: `${path}.json`, body: accountBody });
      // The filter by day takes days of UTC.
      return { id: data.sid, timeZone: "UTC" };
    },
    async open(slice, http, _account, { drift }) {
      let latest: string | undefined;
      const outcomes = (delivered: readonly unknown[]): readonly Outcome[] => {
        const found = delivered.flatMap((message) => read(message, drift));
        for (const outcome of found) {
          if ("reject" in outcome || outcome.table !== smsMessages) continue;
          const day = String(outcome.row.created_at).slice(0, 10);
          if (latest === undefined || day > latest) latest = day;
        }
        return found;
      };
      return {
        batches: (async function* () {
          const unsent = await unsentSince(slice.from, http);
          yield outcomes(unsent.filter((message) => isWithin(slice, createdOn(message))));
          // Twilio's words, "on or before midnight", leave open whether the last day is in: one more is asked for.
          const days = { "DateSent>": slice.from, "DateSent<": addDays(slice.to, 1) };
          for await (const page of list(http, days)) {
            yield outcomes(page.filter((message) => !isAfter(slice, sentOn(message))));
          }
        })(),
        facts: () => ({ dataUntil: latest }),
      };
    },
  });
}

function refusal(config: TwilioConfig, status: number, json: unknown): Error | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const code = (json as { code?: unknown } | undefined)?.code;
  const number = typeof code === "number" ? `, code ${code}` : "";
  return new AuthError(`Twilio, ${config.accountSid}: HTTP ${status}${number}`, {
    remedy: `renew the API key in ${config.apiKey.env} and ${config.apiSecret.env}, or let it read messages`,
  });
}

/** @throws DataError when a page does not hold the messages that it counts */
async function* pages(
  http: Http,
  path: string,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<readonly unknown[]> {
  const read = paginate(
    async (next) => {
      // The next page's address is relative and holds the query; it can only lead to the same host.
      const request = next === undefined ? { path, query } : { path: next };
      return (await http.request({ ...request, body: messagesPage })).data;
    },
    (page) => page.next_page_uri ?? undefined,
  );
  for await (const { messages, start, end } of read) {
    if (messages.length > 0 && messages.length !== end - start + 1) {
      throw new DataError(
        `Twilio: a page counts messages ${start} to ${end} and holds ${messages.length}`,
        {
          reason: "announced_count_differs",
          remedy: "nothing to do: the next run reads these days again",
        },
      );
    }
    yield messages;
  }
}

/**
 * Messages that failed before they were sent have no day of sending, so no filter by day finds them: the list is read
 * without one, newest first, back to the first day wanted. Once for all slices of a run, of which the oldest comes first.
 */
function createUnsent(list: (http: Http) => AsyncIterable<readonly unknown[]>) {
  let known: { readonly from: string; readonly messages: Promise<readonly unknown[]> } | undefined;

  async function readBack(from: string, http: Http): Promise<readonly unknown[]> {
    const unsent: unknown[] = [];
    for await (const page of list(http)) {
      unsent.push(...page.filter((message) => isUnsent(message)));
      const days = page.map((message) => createdOn(message));
      if (days.every((day) => day !== undefined && day < from)) break;
    }
    return unsent;
  }

  return async (from: string, http: Http): Promise<readonly unknown[]> => {
    if (known === undefined || from < known.from) known = { from, messages: readBack(from, http) };
    const reading = known;
    try {
      return await reading.messages;
    } catch (error) {
      // The next slice tries again.
      if (known === reading) known = undefined;
      throw error;
    }
  };
}

const isUnsent = (message: unknown): boolean => (message as Dates | null)?.date_sent === null;

type Dates = { readonly date_created?: unknown; readonly date_sent?: unknown };

/** The day of UTC on which a message was made; undefined where that cannot be read. */
const createdOn = (message: unknown) => dayOf((message as Dates | null)?.date_created);

/** The day of UTC on which a message was sent; undefined where that cannot be read. */
const sentOn = (message: unknown) => dayOf((message as Dates | null)?.date_sent);

function dayOf(moment: unknown): string | undefined {
  const time = typeof moment === "string" ? Date.parse(moment) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
}

const isWithin = ({ from, to }: DateSlice, day: string | undefined): boolean =>
  day !== undefined && from <= day && day <= to;

const isAfter = ({ to }: DateSlice, day: string | undefined): boolean =>
  day !== undefined && day > to;
