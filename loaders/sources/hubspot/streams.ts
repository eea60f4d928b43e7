import { addDays, createDateReader, dayIn } from "../../core/dates.ts";
import type { SourceContext } from "../../core/define-source.ts";
import {
  type Account,
  type ApiStream,
  type DateSlice,
  defineStream,
  type Outcome,
} from "../../core/define-stream.ts";
import { DataError } from "../../core/errors.ts";
import { createHttp, type Http } from "../../core/http.ts";
import { paginate } from "../../core/paginate.ts";
import { judgeHubspot, pauseMs } from "./errors.ts";
import { contactOutcome, OWN_PROPERTIES } from "./rows.ts";
import { accountBody, contacts, type HubspotConfig, listPage, searchPage } from "./schema.ts";

/** Versions of the APIs, which are dates. */
export const CRM_VERSION = "2026-09";
const ACCOUNT_VERSION = "2026-03";

const CONTACTS = `/crm/objects/${CRM_VERSION}/contacts`;
const SEARCH_ROWS = 200;
const LIST_ROWS = 100;
/** How often a slice is read before its announced number of contacts is given up. */
const PASSES = 2;

type Delivered = Readonly<Record<string, unknown>> & { readonly id: string };

/** The portal's contacts by the day of their last change, and archived ones by the day of that. */
export function contactsStream(config: HubspotConfig, context: SourceContext): ApiStream {
  const token = context.secret(config.accessToken.env);
  const names = config.properties;
  const properties = [...OWN_PROPERTIES, ...Object.values(names), ...config.keep];
  return defineStream({
    kind: "api",
    name: "contacts",
    tables: [contacts],
    settings: { properties },
    write: { mode: "merge", updatedAt: "updated_at" },
    startDate: config.startDate,
    // A change may reach the search minutes late: after midnight it belongs to a day that was read already.
    rereadDays: 1,
    sliceDays: 90,
    slicesInFlight: 1,
    sliceMinutes: 60,
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers: { authorization: `Bearer ${token}` },
          secrets: [token],
          judge: (response) => judgeHubspot(response, config.accessToken.env),
          pauseMs,
        },
        deadlineMs,
      ),
    async account(http) {
      const { data } = await http.request({
        path: `/account-info/${ACCOUNT_VERSION}/details`,
        body: accountBody,
      });
      return { id: String(data.portalId), timeZone: data.timeZone };
    },
    async open(slice, http, account, { drift }) {
      const range = rangeOf(slice, config.startDate, account, context.clock());
      const changed = createSearch(http, range, properties);
      let latest: string | undefined;
      const toOutcome = (delivered: Delivered): Outcome => {
        const outcome = contactOutcome(delivered, names, drift);
        if (!("reject" in outcome)) {
          const day = dayIn(account.timeZone, Date.parse(String(outcome.row.updated_at)));
          if (latest === undefined || day > latest) latest = day;
        }
        return outcome;
      };
      async function* batches(): AsyncGenerator<readonly Outcome[]> {
        for await (const page of changed.pages()) yield page.map(toOutcome);
        for await (const page of archivedPages(http, properties)) {
          const within = page.filter(({ archivedAt }) => isWithin(range, archivedAt));
          yield within.map(toOutcome);
        }
      }
      return {
        batches: batches(),
        facts: () => ({ dataUntil: latest }),
        check: changed.check,
      };
    },
  });
}

/** Milliseconds since 1970; `from` is absent where everything before counts, too. */
interface Range {
  readonly from: number | undefined;
  readonly before: number;
}

/**
 * The portal's days as moments. The first day of all brings what was last changed before it, and yesterday what has
 * changed since: a contact that something touches every morning would else be of a later day in every night.
 */
function rangeOf(
  { from, to }: DateSlice,
  startDate: string,
  { timeZone }: Account,
  now: number,
): Range {
  const days = createDateReader({
    date: "yyyy-MM-dd",
    time: "HH:mm",
    timestamp: "iso",
    zone: timeZone,
  });
  const start = (date: string) => {
    const moment = days.dateAndTime(date, undefined);
    if ("problem" in moment) throw new Error(`${date} has no beginning in ${timeZone}`);
    return Date.parse(moment.utc);
  };
  return {
    from: from === startDate ? undefined : start(from),
    before: addDays(to, 1) === dayIn(timeZone, now) ? now : start(addDays(to, 1)),
  };
}

function isWithin({ from, before }: Range, at: unknown): boolean {
  const moment = Date.parse(String(at));
  return moment < before && (from === undefined || moment >= from);
}

/**
 * Contacts changed within a range, by ascending id: the next page begins after the last id, so that no search is paged
 * beyond the 10,000 results at which HubSpot ends it. What a page left out, or what the index learned of while it was
 * read, is missing from the number of contacts that HubSpot announces in the end: then it is read once more.
 */
function createSearch(http: Http, range: Range, properties: readonly string[]) {
  const seen = new Set<string>();
  let announced = 0;

  const search = async (after: string | undefined, limit: number) => {
    const filters = [
      { propertyName: "lastmodifieddate", operator: "LT", value: String(range.before) },
      ...(range.from === undefined
        ? []
        : [{ propertyName: "lastmodifieddate", operator: "GTE", value: String(range.from) }]),
      ...(after === undefined
        ? []
        : [{ propertyName: "hs_object_id", operator: "GT", value: after }]),
    ];
    const { data } = await http.request({
      method: "POST",
      path: `${CONTACTS}/search`,
      json: {
        filterGroups: [{ filters }],
        sorts: [{ propertyName: "hs_object_id", direction: "ASCENDING" }],
        properties,
        limit,
      },
      body: searchPage,
    });
    return data;
  };

  async function* pages(): AsyncGenerator<readonly Delivered[]> {
    for (let pass = 1; pass <= PASSES; pass++) {
      const found = paginate(
        (after) => search(after, SEARCH_ROWS),
        ({ results, paging }) => (paging?.next ? results.at(-1)?.id : undefined),
      );
      for await (const { results } of found) {
        // A second pass brings again what the first one has brought.
        const fresh = pass === 1 ? results : results.filter(({ id }) => !seen.has(id));
        for (const { id } of results) seen.add(id);
        yield fresh;
      }
      announced = (await search(undefined, 1)).total;
      if (seen.size >= announced) return;
    }
  }

  return {
    pages,
    /** More than announced is no flaw: what was changed while it was read is another day's now. */
    check() {
      if (seen.size >= announced) return;
      throw new DataError(`HubSpot announced ${announced} contacts and delivered ${seen.size}`, {
        reason: "announced_count_differs",
        remedy: "nothing to do: the next run reads the days again",
      });
    },
  };
}

/** Archived contacts are in no search; HubSpot lists them for 90 days. */
function archivedPages(
  http: Http,
  properties: readonly string[],
): AsyncIterable<readonly Delivered[]> {
  const pages = paginate(
    async (after) => {
      const { data } = await http.request({
        path: CONTACTS,
        query: {
          archived: "true",
          limit: String(LIST_ROWS),
          properties: properties.join(","),
          ...(after === undefined ? {} : { after }),
        },
        body: listPage,
      });
      return data;
    },
    ({ paging }) => paging?.next?.after,
  );
  return (async function* () {
    for await (const { results } of pages) yield results;
  })();
}
