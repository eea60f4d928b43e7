import { readFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Vendor, VendorContext } from "./define-vendor.ts";
import { type Fault, sendJson } from "./faults.ts";
import { type HubspotBooks, type HubspotRecord, recordsOn } from "./hubspot-books.ts";
import type { HubspotContact, HubspotPortal } from "./hubspot-data.ts";
import { authorise, invalid, Refusal, strike, usageHeaders } from "./hubspot-protocol.ts";
import { matches, parseSearch, sorted } from "./hubspot-search.ts";

const CONTACTS = "/crm/objects/2026-09/contacts";
const ACCOUNT = "/account-info/2026-03/details";

const TOKEN = "pat-eu1-sandbox-ventolana-not-a-secret";

/** The most records that one search ever yields, and the most of a page. */
const MOST_RESULTS = 10_000;
const MOST_SEARCHED = 200;
const MOST_LISTED = 100;

type Row = Record<string, unknown>;

/** HubSpot's CRM. */
export const hubspotVendor: Vendor<"HUBSPOT_ACCESS_TOKEN"> = {
  name: "hubspot",
  env: { HUBSPOT_ACCESS_TOKEN: TOKEN },
  server: hubspotServer,
};

function readBooks(dir: string): HubspotBooks {
  const read = (name: string) => readFileSync(join(dir, "vendors", name), "utf8");
  const lines = read("hubspot_contacts.ndjson").split("\n").filter(Boolean);
  return {
    portal: JSON.parse(read("hubspot.json")) as HubspotPortal,
    contacts: lines.map((line) => JSON.parse(line) as HubspotContact),
  };
}

/** One portal and its contacts, as far as a loader reads them. */
function hubspotServer({ dir, faults, asOf, count }: VendorContext): FastifyInstance {
  const books = readBooks(dir);
  const app = Fastify();
  let requests = 0;
  let known: { asOf: string | null; records: readonly HubspotRecord[] } | undefined;
  const records = () => {
    if (known?.asOf !== asOf()) known = { asOf: asOf(), records: recordsOn(books, asOf()) };
    return known?.records ?? [];
  };
  const route =
    (name: string, answer: (request: FastifyRequest, fault: Fault | undefined) => unknown) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      count(name);
      const fault = faults.take("hubspot", name);
      const correlationId = `sandbox-${String(++requests).padStart(6, "0")}`;
      // Searches have a limit of their own, of which no header tells.
      if (name !== "search") usageHeaders(reply, requests, fault);
      try {
        authorise(request, TOKEN, fault);
        strike(name, fault);
        return sendJson(reply, answer(request, fault), fault);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const body = { status: "error", message: error.message, correlationId, ...error.details };
        return reply.code(error.status).send(body);
      }
    };

  app.get(
    ACCOUNT,
    route("account", () => {
      const { portalId, timeZone, companyCurrency } = books.portal;
      return { portalId, accountType: "STANDARD", timeZone, companyCurrency };
    }),
  );
  app.post(
    `${CONTACTS}/search`,
    route("search", (request, fault) => search(request, records(), fault)),
  );
  app.get(
    CONTACTS,
    route("list", (request, fault) => list(request, records(), fault)),
  );
  return app;
}

/** Archived records are in no search. */
function search(
  request: FastifyRequest,
  records: readonly HubspotRecord[],
  fault: Fault | undefined,
): Row {
  const asked = parseSearch(request.body);
  const from = Number(asked.after ?? 0);
  if (asked.limit > MOST_SEARCHED) throw invalid(`limit must be at most ${MOST_SEARCHED}`);
  if (from + asked.limit > MOST_RESULTS) {
    throw invalid(`a search yields at most ${MOST_RESULTS} results`);
  }
  const found = records.filter((record) => !record.archived && matches(record, asked.filterGroups));
  const indexed = fault?.kind === "late_index" ? withoutLatest(found) : found;
  const page = sorted(indexed, asked.sorts).slice(from, from + asked.limit);
  const next = from + asked.limit;
  return {
    total: indexed.length,
    results: struck(page, fault).map((record) => shown(record, asked.properties)),
    ...(next < indexed.length && { paging: { next: { after: String(next) } } }),
  };
}

function withoutLatest(records: readonly HubspotRecord[]): readonly HubspotRecord[] {
  const latest = records
    .map(({ updatedAt }) => updatedAt)
    .sort()
    .at(-1);
  return records.filter(({ updatedAt }) => updatedAt !== latest);
}

/** All records by id, those that are there or those that were archived. */
function list(
  request: FastifyRequest,
  records: readonly HubspotRecord[],
  fault: Fault | undefined,
): Row {
  const query = request.query as Readonly<Record<string, string | undefined>>;
  const limit = Number(query.limit ?? 10);
  if (!(limit >= 1 && limit <= MOST_LISTED)) throw invalid(`limit must be 1 to ${MOST_LISTED}`);
  const isArchived = query.archived === "true";
  const after = Number(query.after ?? 0);
  const rest = records.filter(({ id, archived }) => archived === isArchived && Number(id) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const properties = (query.properties ?? "").split(",").filter(Boolean);
  return {
    results: struck(page, fault).map((record) => shown(record, properties)),
    ...(last && rest.length > limit && { paging: { next: { after: last.id } } }),
  };
}

/** A page by key has no page before it: a repeated row is its own first one. */
function struck(
  page: readonly HubspotRecord[],
  fault: Fault | undefined,
): readonly HubspotRecord[] {
  if (fault?.kind === "repeated_row") return [...page.slice(0, 1), ...page];
  return fault?.kind === "dropped_row" ? page.slice(1) : page;
}

/** Only the properties asked for, and those that always come. */
function shown(record: HubspotRecord, asked: readonly string[]): Row {
  const { id, archived, createdAt, updatedAt, archivedAt } = record;
  const names = ["createdate", "hs_object_id", "lastmodifieddate", ...asked];
  const known = names.filter((name) => name in record.properties);
  return {
    id,
    properties: Object.fromEntries(known.map((name) => [name, record.properties[name]])),
    createdAt,
    updatedAt,
    archived,
    ...(archivedAt && { archivedAt }),
  };
}
