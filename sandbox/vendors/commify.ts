import { readFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { CommifyAccount, CommifyOrder } from "./commify-data.ts";
import type { Vendor, VendorContext } from "./define-vendor.ts";
import { type Fault, sendJson } from "./faults.ts";

const USER = "ventolana";
const PASSWORD = "CommifySandboxNotASecret";
const USER_KEY = "15807";
const BASE = "/API/v1.0/REST";
const DEFAULT_PAGE = 10;

type Route = "login" | "orders" | "recipients" | "blacklist";

/** An Italian SMS gateway of the Commify family. */
export const commifyVendor: Vendor<"COMMIFY_PASSWORD"> = {
  name: "commify",
  env: { COMMIFY_PASSWORD: PASSWORD },
  server: commifyServer,
};

/** Orders, their recipients and the blacklist. A login ends the session before it. */
function commifyServer({ dir, faults, asOf, count }: VendorContext): FastifyInstance {
  const read = (name: string) => readFileSync(join(dir, "vendors", name), "utf8");
  const orders = read("commify_orders.ndjson")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CommifyOrder);
  const { blacklist } = JSON.parse(read("commify.json")) as CommifyAccount;
  let sessions = 0;
  let session = "";
  const app = Fastify();

  const answer = (
    name: Exclude<Route, "login">,
    body: (request: FastifyRequest, fault: Fault | undefined) => unknown,
  ) => {
    return (request: FastifyRequest, reply: FastifyReply) => {
      count(name);
      const fault = faults.take("commify", name);
      const { user_key, session_key } = request.headers;
      if (fault?.kind === "expired_token") session = "";
      if (session === "" || user_key !== USER_KEY || session_key !== session) {
        return reply.code(401).send();
      }
      return failure(reply, fault) ?? found(reply, body(request, fault), fault);
    };
  };

  app.get(`${BASE}/login`, (request, reply) => {
    count("login");
    const fault = faults.take("commify", "login");
    const expected = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
    if (fault?.kind === "expired_token" || request.headers.authorization !== expected) {
      return reply.code(401).send();
    }
    const failed = failure(reply, fault);
    if (failed) return failed;
    session = `SandboxSession${String(++sessions).padStart(4, "0")}`;
    return reply.type("text/plain; charset=utf-8").send(`${USER_KEY};${session}`);
  });

  app.get(
    `${BASE}/smshistory`,
    answer("orders", (request, fault) => {
      const { from = "", to = "99999999999999" } = request.query as Record<string, string>;
      const listed = orders
        .filter(({ create_time: time }) => from <= time && time <= to)
        .filter(({ create_time: time }) => isKnown(time, asOf()));
      if (fault?.kind === "vanished_row") listed.shift();
      const { rows, ...place } = paged(request, listed, fault);
      return {
        result: "OK",
        ...place,
        smshistory: rows.map(({ recipients, ...order }) => ({
          ...order,
          num_recipients: recipients.length,
        })),
      };
    }),
  );
  app.get(
    `${BASE}/sms/:order`,
    answer("recipients", (request, fault) => {
      const { order: id } = request.params as { order: string };
      const order = orders.find(({ order_id }) => order_id === id);
      return order && recipients(order, asOf(), fault);
    }),
  );
  app.get(
    `${BASE}/blacklist/sms`,
    answer("blacklist", (request, fault) => {
      const { from = "", to = "9999", origins = "" } = request.query as Record<string, string>;
      const listed = blacklist
        .filter(({ date }) => from <= date && date <= to)
        .filter(({ origin }) => origins.split(",").includes(origin))
        .filter(({ date }) => isKnown(date.slice(0, 10).replaceAll("-", ""), asOf()));
      const { rows, ...place } = paged(request, listed, fault);
      return { result: "OK", ...place, blacklist: rows };
    }),
  );
  return app;
}

/** @param time begins with the local day, `yyyyMMdd` */
const isKnown = (time: string, asOf: string | null): boolean =>
  asOf === null || time.slice(0, 8) <= asOf.replaceAll("-", "");

function failure(reply: FastifyReply, fault: Fault | undefined): FastifyReply | undefined {
  if (fault?.kind === "throttled") {
    if (fault.minutes) reply.header("retry-after", String(fault.minutes * 60));
    return reply.code(429).send();
  }
  return fault?.kind === "server_error"
    ? reply.code(500).type("text/html").send("<h1>Internal Server Error</h1>")
    : undefined;
}

function found(reply: FastifyReply, body: unknown, fault: Fault | undefined): FastifyReply {
  return body === undefined ? reply.code(404).send() : sendJson(reply, body, fault);
}

/** A page, counted from 1; of ten where no size is asked for. */
function paged<T>(request: FastifyRequest, listed: readonly T[], fault: Fault | undefined) {
  const query = request.query as Record<string, string | undefined>;
  const pageNumber = Number(query.pageNumber ?? 1);
  const pageSize = Number(query.pageSize ?? DEFAULT_PAGE);
  const start = (pageNumber - 1) * pageSize;
  const first = fault?.kind === "repeated_row" && start > 0 ? start - 1 : start;
  const rows = listed.slice(first, start + pageSize);
  if (fault?.kind === "dropped_row") rows.shift();
  return { total: listed.length, pageNumber, pageSize, rows };
}

function recipients(order: CommifyOrder, asOf: string | null, fault: Fault | undefined) {
  const told = order.recipients.map(
    ({ destination, status, delivery_date, status_before, final_on }) =>
      asOf === null || final_on <= asOf
        ? { destination, status, delivery_date }
        : { destination, status: status_before, delivery_date: "" },
  );
  if (fault?.kind === "dropped_row") told.shift();
  return { result: "OK", recipient_number: order.recipients.length, recipients: told };
}
