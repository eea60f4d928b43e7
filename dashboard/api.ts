import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { journey, orders } from "./queries/journeys.ts";
import type { Marts } from "./queries/marts.ts";
import { buckets, campaigns, GRAINS, platforms, totals } from "./queries/roas.ts";
import { receiptsByStore } from "./queries/shops.ts";
import { about, missingDays, sources } from "./queries/sources.ts";

/** What the configuration says and the marts do not. */
export interface ApiSettings {
  /** ISO 4217 */
  readonly currency: string;
  /** IANA name: the retailer's clock. */
  readonly timeZone: string;
  readonly defaultModel: string;
}

const days = { from: z.iso.date(), to: z.iso.date() };
const period = z.object({ ...days, model: z.string().regex(/^[a-z_]+$/) });
const overviewRequest = period.extend({ grain: z.enum(GRAINS) });
const ordersRequest = z.object({
  ...days,
  find: z.string().max(200).default(""),
  untouched: z.stringbool().default(false),
});

/** What the page asks for, as JSON: figures come from `queries/` as they are. */
export function apiRoutes(app: FastifyInstance, marts: Marts, settings: ApiSettings): void {
  const { currency, timeZone, defaultModel } = settings;

  app.get("/api/about", async () => {
    const [mart, status] = await Promise.all([about(marts), sources(marts)]);
    if (mart.last_date === null) throw new NothingYet();
    return { ...mart, currency, timeZone, defaultModel, sources: status };
  });

  app.get("/api/overview", async ({ query }) => {
    const { grain, ...wanted } = overviewRequest.parse(query);
    const [sums, bars, byPlatform, byCampaign, missing, receipts] = await Promise.all([
      totals(marts, wanted),
      buckets(marts, wanted, grain),
      platforms(marts, wanted),
      campaigns(marts, wanted),
      missingDays(marts, wanted),
      receiptsByStore(marts, wanted),
    ]);
    return {
      totals: sums,
      buckets: bars,
      platforms: byPlatform,
      campaigns: byCampaign,
      missing,
      receipts,
    };
  });

  app.get("/api/orders", async ({ query }) => orders(marts, ordersRequest.parse(query)));

  app.get("/api/journey", async ({ query }, reply) => {
    const { order } = z.object({ order: z.string().max(500) }).parse(query);
    const found = await journey(marts, order);
    return found ?? reply.code(404).send({ error: `There is no order ${order}.` });
  });

  app.setErrorHandler((error, _request, reply) => reply.code(statusOf(error)).send(explain(error)));
}

/** The marts are there and empty. */
class NothingYet extends Error {
  readonly code = 404;
}

/** 400: the page asked wrongly. 409: there are no marts yet. 502: the warehouse refused. */
function statusOf(error: unknown): number {
  if (error instanceof z.ZodError) return 400;
  return isNotFound(error) ? 409 : 502;
}

/** BigQuery's answer for a dataset or table that is not there. */
function isNotFound(error: unknown): boolean {
  return (error as { code?: unknown }).code === 404;
}

function explain(error: unknown): { error: string; noMarts?: true } {
  if (error instanceof z.ZodError) return { error: z.prettifyError(error) };
  if (isNotFound(error)) {
    return { error: "No night has run yet: there is nothing to show.", noMarts: true };
  }
  return { error: error instanceof Error ? error.message : String(error) };
}
