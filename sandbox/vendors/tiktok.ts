import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { z } from "zod";
import type { Vendor, VendorContext } from "./define-vendor.ts";
import { type Fault, firstOfPage, sendJson, vanishingRows } from "./faults.ts";
import {
  isMetric,
  type ReportRequest,
  type Row,
  readTiktokBooks,
  reportRows,
} from "./tiktok-rows.ts";

const PATH = "/open_api/v1.3";

const TOKEN = "SandboxVentolanaTiktokNotASecret";

const MOST_DAYS = 30;
const MOST_ROWS = 1000;
const DAY = 86_400_000;

/** TikTok's API for Business. */
export const tiktokVendor: Vendor<"TIKTOK_ACCESS_TOKEN"> = {
  name: "tiktok",
  env: { TIKTOK_ACCESS_TOKEN: TOKEN },
  server: tiktokServer,
};

/** An answer that is an error: it, too, has HTTP status 200, and only `code` says so. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One advertiser and its daily report by ad, v1.3, as far as a loader reads it. */
function tiktokServer(options: VendorContext): FastifyInstance {
  const { count, faults, asOf } = options;
  const books = readTiktokBooks(options.dir);
  const { advertiser } = books.account;
  const left = vanishingRows();
  const app = Fastify();
  let requests = 0;

  const route =
    (name: string, answer: (request: FastifyRequest, fault: Fault | undefined) => unknown) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      count(name);
      const fault = faults.take("tiktok", name);
      const request_id = `Sandbox${String(++requests).padStart(10, "0")}`;
      try {
        authorise(request, fault);
        strike(fault);
        const body = { code: 0, message: "OK", request_id, data: answer(request, fault) };
        return sendJson(reply, body, fault);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return reply.send({ code: error.code, message: error.message, request_id, data: {} });
      }
    };
  const isOwn = (id: string | undefined) => {
    if (id !== advertiser.id) throw new Refusal(40001, `No permission to operate advertiser ${id}`);
  };

  app.get(
    `${PATH}/advertiser/info/`,
    route("advertiser", (request) => {
      const { advertiser_ids } = queryOf(request, z.object({ advertiser_ids: list }));
      for (const id of advertiser_ids) isOwn(id);
      const { id, name, currency, timeZone } = advertiser;
      return {
        list: [
          {
            advertiser_id: id,
            name,
            currency,
            // The fixed offset of winter; the days of reports are those of the display zone.
            timezone: "Etc/GMT-1",
            display_timezone: timeZone,
            country: "IT",
            status: "STATUS_ENABLE",
          },
        ],
      };
    }),
  );
  app.get(
    `${PATH}/report/integrated/get/`,
    route("report", (request, fault) => {
      const { page, page_size, advertiser_id, ...asked } = queryOf(request, reportQuery);
      isOwn(advertiser_id);
      const rows = reportRows(books, reportOf(asked), asOf());
      return paged(left(JSON.stringify(asked), page === 1, rows, fault), page, page_size, fault);
    }),
  );
  return app;
}

function authorise(request: FastifyRequest, fault: Fault | undefined): void {
  if (fault?.kind === "expired_token" || request.headers["access-token"] !== TOKEN) {
    throw new Refusal(40105, "Access token is incorrect or has been revoked.");
  }
}

function strike(fault: Fault | undefined): void {
  if (fault?.kind === "throttled") {
    throw new Refusal(fault.code ?? 40100, "Too many requests. Please retry later.");
  }
  if (fault?.kind === "server_error") throw new Refusal(50000, "System error");
  if (fault?.kind === "too_much_data") throw new Refusal(40200, "Task error: the query timed out");
}

/** Lists and filters go as JSON text in the query. */
const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "no JSON" });
    return z.NEVER;
  }
});
const list = jsonText.pipe(z.array(z.string()));
const filters = jsonText.pipe(
  z.array(
    z.object({
      field_name: z.literal("ad_status"),
      filter_type: z.literal("IN"),
      filter_value: list,
    }),
  ),
);

const reportQuery = z.object({
  advertiser_id: z.string(),
  report_type: z.literal("BASIC"),
  data_level: z.literal("AUCTION_AD"),
  dimensions: list,
  metrics: list,
  start_date: z.iso.date(),
  end_date: z.iso.date(),
  filtering: filters.optional(),
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(MOST_ROWS).default(10),
});

function queryOf<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new Refusal(40002, `${path}: invalid value`);
}

type Asked = Omit<z.infer<typeof reportQuery>, "advertiser_id" | "page" | "page_size">;

function reportOf({ dimensions, metrics, start_date, end_date, filtering }: Asked): ReportRequest {
  if ([...dimensions].sort().join() !== "ad_id,stat_time_day") {
    throw new Refusal(40002, "dimensions: the simulated vendor has ad_id and stat_time_day only");
  }
  const unknown = metrics.find((name) => !isMetric(name));
  if (unknown !== undefined) throw new Refusal(40002, `metrics: ${unknown} is not supported`);
  const days = (Date.parse(end_date) - Date.parse(start_date)) / DAY + 1;
  if (days < 1 || days > MOST_DAYS) {
    throw new Refusal(40002, `The time span cannot exceed ${MOST_DAYS} days with stat_time_day`);
  }
  const statuses = (filtering ?? []).flatMap(({ filter_value }) => filter_value);
  const unknownStatus = statuses.find(
    (status) => !["STATUS_ALL", "STATUS_NOT_DELETE"].includes(status),
  );
  if (unknownStatus !== undefined) throw new Refusal(40002, `filtering: ${unknownStatus}`);
  return { from: start_date, to: end_date, metrics, withDeleted: statuses.includes("STATUS_ALL") };
}

function paged(rows: readonly Row[], page: number, size: number, fault: Fault | undefined) {
  const from = (page - 1) * size;
  return {
    page_info: {
      page,
      page_size: size,
      total_number: rows.length,
      total_page: Math.max(1, Math.ceil(rows.length / size)),
    },
    list: rows.slice(firstOfPage(from, fault), from + size),
  };
}
