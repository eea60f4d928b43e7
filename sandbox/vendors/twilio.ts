import { readFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Vendor, VendorContext } from "./define-vendor.ts";
import { type Fault, sendJson } from "./faults.ts";
import type { TwilioMessage } from "./twilio-data.ts";

const KEY = "SKsandboxVentolana";
const SECRET = "TwilioSandboxNotASecret";
const VERSION = "2010-04-01";
const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 1000;

/** Twilio's messaging API. */
export const twilioVendor: Vendor<"TWILIO_API_KEY" | "TWILIO_API_SECRET"> = {
  name: "twilio",
  env: { TWILIO_API_KEY: KEY, TWILIO_API_SECRET: SECRET },
  server: twilioServer,
};

/** The messages of one account, newest first. The account is whichever is asked for. */
function twilioServer({ dir, faults, asOf, count }: VendorContext): FastifyInstance {
  const messages = readFileSync(join(dir, "vendors", "twilio.ndjson"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TwilioMessage)
    .reverse();
  const app = Fastify();
  app.get(`/${VERSION}/Accounts/:sid.json`, (request, reply) => {
    count("account");
    const fault = faults.take("twilio", "account");
    const { sid } = request.params as { sid: string };
    const body = { sid, status: "active", type: "Full", friendly_name: "Ventolana" };
    return refusal(request, reply, fault) ?? sendJson(reply, body, fault);
  });
  app.get(`/${VERSION}/Accounts/:sid/Messages.json`, (request, reply) => {
    count("messages");
    const fault = faults.take("twilio", "messages");
    return (
      refusal(request, reply, fault) ??
      sendJson(reply, page(request, messages, asOf(), fault), fault)
    );
  });
  return app;
}

/** Twilio's errors carry a code of their own, which says more than the HTTP status. */
function refusal(
  request: FastifyRequest,
  reply: FastifyReply,
  fault: Fault | undefined,
): FastifyReply | undefined {
  const send = (status: number, code: number, message: string) =>
    reply.code(status).send({
      code,
      message,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    });
  const expected = `Basic ${Buffer.from(`${KEY}:${SECRET}`).toString("base64")}`;
  if (fault?.kind === "expired_token" || request.headers.authorization !== expected) {
    return send(401, 20003, "Authenticate");
  }
  if (fault?.kind === "throttled") {
    if (fault.minutes) reply.header("retry-after", String(fault.minutes * 60));
    return send(429, 20429, "Too Many Requests");
  }
  if (fault?.kind === "server_error") return send(500, 20500, "Internal Server Error");
  return undefined;
}

/** A page of the list, and how to ask for the next: the filter takes whole days of UTC, by the day of sending. */
function page(
  request: FastifyRequest,
  messages: readonly TwilioMessage[],
  asOf: string | null,
  fault: Fault | undefined,
) {
  const { sid } = request.params as { sid: string };
  const query = request.query as Record<string, string | undefined>;
  const [from, to] = [query["DateSent>"], query["DateSent<"]];
  const size = Math.min(Number(query.PageSize ?? DEFAULT_PAGE), LARGEST_PAGE);
  const start = query.PageToken ? position(query.PageToken) : 0;
  const listed = messages.filter(({ sent, created_on }) => {
    if (asOf !== null && created_on > asOf) return false;
    if (from === undefined && to === undefined) return true;
    const day = sent?.slice(0, 10);
    return day !== undefined && (from ?? day) <= day && day <= (to ?? day);
  });
  if (fault?.kind === "vanished_row") listed.shift();
  const rows = listed.slice(start, start + size);
  const end = start + rows.length;
  const first = fault?.kind === "repeated_row" && start > 0 ? start - 1 : start;
  const shown = fault?.kind === "dropped_row" ? rows.slice(1) : listed.slice(first, end);
  const address = (number: number, token?: string) => {
    const parameters = new URLSearchParams({
      ...(from === undefined ? {} : { "DateSent>": from }),
      ...(to === undefined ? {} : { "DateSent<": to }),
      PageSize: String(size),
      Page: String(number),
      ...(token === undefined ? {} : { PageToken: token }),
    });
    return `/${VERSION}/Accounts/${sid}/Messages.json?${parameters}`;
  };
  const number = Math.floor(start / size);
  return {
    first_page_uri: address(0),
    next_page_uri: end < listed.length ? address(number + 1, token(end)) : null,
    page: number,
    page_size: size,
    start: first,
    end: Math.max(first, end - 1),
    uri: address(number),
    previous_page_uri: null,
    messages: shown.map((message) => resource(message, sid, asOf)),
  };
}

const token = (at: number): string => `PA${Buffer.from(String(at)).toString("hex")}`;
const position = (text: string): number => Number(Buffer.from(text.slice(2), "hex").toString());

/** `Thu, 19 Nov 2026 09:00:01 +0000` */
const rfc2822 = (iso: string): string => new Date(iso).toUTCString().replace("GMT", "+0000");

/** A message as it is told on a day: its last state and its price may not be known yet. */
function resource(message: TwilioMessage, account: string, asOf: string | null) {
  const known = (day: string) => asOf === null || day <= asOf;
  const isFinal = known(message.final_on);
  const isPriced = isFinal && known(message.priced_on);
  const updated = isPriced ? message.priced : isFinal ? message.final : message.created;
  return {
    sid: message.sid,
    account_sid: account,
    messaging_service_sid: message.direction === "inbound" ? null : `MG${"51".repeat(16)}`,
    api_version: VERSION,
    direction: message.direction,
    from: message.from,
    to: message.to,
    body: message.body,
    status: isFinal ? message.status : "sent",
    error_code: isFinal ? message.error_code : null,
    error_message: null,
    num_segments: String(message.segments),
    num_media: "0",
    price: isPriced ? message.price : null,
    price_unit: "EUR",
    date_created: rfc2822(message.created),
    date_sent: message.sent === null ? null : rfc2822(message.sent),
    date_updated: rfc2822(updated),
    uri: `/${VERSION}/Accounts/${account}/Messages/${message.sid}.json`,
  };
}
