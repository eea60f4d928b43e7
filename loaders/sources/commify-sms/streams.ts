import type { SourceContext } from "../../core/define-source.ts";
import {
  type ApiStream,
  type DateSlice,
  defineStream,
  type Outcome,
} from "../../core/define-stream.ts";
import { DataError } from "../../core/errors.ts";
import { createHttp, type HttpRequest } from "../../core/http.ts";
import { paginate } from "../../core/paginate.ts";
import { SMS_WRITE, smsMessages, smsOptouts } from "../../core/sms.ts";
import { createReader } from "./rows.ts";
import {
  blacklistPage,
  type CommifyConfig,
  type OrderRecord,
  ordersPage,
  recipientsBody,
} from "./schema.ts";
import { createSession, REST, refusal } from "./session.ts";

const PAGE_ROWS = 50;
const ORIGINS = "STOPSMS,WEB,API";

/** Requests within a session. */
type Send = <T>(request: HttpRequest<T>) => Promise<T>;

/** Messages by order and recipient, and who wants no more of them. */
export function messagesStream(config: CommifyConfig, context: SourceContext): ApiStream {
  const secrets: string[] = [];
  const session = createSession(config, context.secret(config.password.env), secrets);
  const { timeZone } = context;
  const { campaignKeyPattern, serviceKeyPattern, prices, currency } = config;
  return defineStream({
    kind: "api",
    name: "commify_messages",
    tables: [smsMessages, smsOptouts],
    settings: { campaignKeyPattern, serviceKeyPattern, prices, currency, timeZone },
    write: SMS_WRITE,
    startDate: config.startDate,
    // A recipient's state may come for days.
    rereadDays: 7,
    sliceDays: 30,
    // The gateway tells no limit: one request at a time.
    slicesInFlight: 1,
    sliceMinutes: 60,
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers: {},
          secrets,
          judge: ({ status }) => refusal(config, status),
        },
        deadlineMs,
      ),
    async account(http) {
      await session.login(http);
      return { id: config.user, timeZone };
    },
    async open(slice, http, _account, { note }) {
      const send: Send = (request) => session.request(http, request);
      const reader = createReader(config, context.name, timeZone, note);
      let latest: string | undefined;
      async function* batches(): AsyncGenerator<readonly Outcome[]> {
        for (const order of await ordersOf(send, slice, timeZone)) {
          const recipients = await recipientsOf(send, order);
          yield recipients.flatMap((recipient) => reader.message(order, recipient));
          latest = later(latest, dayOf(order));
        }
        for (const optOut of await optOutsOf(send, slice)) yield [reader.optOut(optOut)];
      }
      return { batches: batches(), facts: () => ({ dataUntil: latest }) };
    },
  });
}

/** The day of `yyyyMMddHHmmss`; undefined where it is none. */
const dayOf = ({ create_time: time }: OrderRecord): string | undefined =>
  /^\d{14}$/.test(time) ? `${time.slice(0, 4)}-${time.slice(4, 6)}-${time.slice(6, 8)}` : undefined;

const later = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

/** The orders made on these days, each once: a page may repeat what the one before ended with. */
async function ordersOf(
  send: Send,
  { from, to }: DateSlice,
  timezone: string,
): Promise<readonly OrderRecord[]> {
  const digits = (day: string) => day.replaceAll("-", "");
  const query = { from: `${digits(from)}000000`, to: `${digits(to)}235959`, timezone };
  const orders = new Map<string, OrderRecord>();
  const total = await readPages(async (page) => {
    const request = { path: `${REST}/smshistory`, query: { ...query, ...page }, body: ordersPage };
    const { smshistory, total } = await send(request);
    for (const order of smshistory) orders.set(order.order_id, order);
    return total;
  });
  agree(`orders of ${from} to ${to}`, total, orders.size);
  return [...orders.values()];
}

async function recipientsOf(send: Send, order: OrderRecord): Promise<readonly unknown[]> {
  const { order_id: id, num_recipients } = order;
  const path = `${REST}/sms/${encodeURIComponent(id)}`;
  const { recipients, recipient_number } = await send({ path, body: recipientsBody });
  agree(`recipients of order ${id}`, recipient_number, recipients.length);
  agree(`recipients of order ${id}`, num_recipients, recipients.length);
  return recipients;
}

async function optOutsOf(send: Send, { from, to }: DateSlice): Promise<readonly unknown[]> {
  const query = { from: `${from} 00:00:00`, to: `${to} 23:59:59`, origins: ORIGINS };
  const found = new Map<string, unknown>();
  const total = await readPages(async (page) => {
    const request = {
      path: `${REST}/blacklist/sms`,
      query: { ...query, ...page },
      body: blacklistPage,
    };
    const { blacklist, total } = await send(request);
    for (const entry of blacklist) found.set(JSON.stringify(entry), entry);
    return total;
  });
  agree(`opt-outs of ${from} to ${to}`, total, found.size);
  return [...found.values()];
}

/** Reads pages, counted from 1, until as many records as announced were asked for. Returns how many were announced. */
async function readPages(
  read: (page: { readonly pageNumber: string; readonly pageSize: string }) => Promise<number>,
): Promise<number> {
  let announced = 0;
  const pages = paginate(
    async (cursor) => {
      const pageNumber = cursor ?? "1";
      announced = await read({ pageNumber, pageSize: String(PAGE_ROWS) });
      return Number(pageNumber);
    },
    (number) => (number * PAGE_ROWS < announced ? String(number + 1) : undefined),
  );
  for await (const _page of pages);
  return announced;
}

function agree(what: string, announced: number, read: number): void {
  if (announced === read) return;
  throw new DataError(`${what}: the gateway announces ${announced} and delivers ${read}`, {
    reason: "announced_count_differs",
    remedy: "nothing to do: the next run reads these days again",
  });
}
