import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Vendor, VendorContext } from "./define-vendor.ts";
import { type Fault, sendJson } from "./faults.ts";
import {
  authorise,
  chosen,
  invalid,
  page,
  parseReport,
  Refusal,
  strike,
  usageHeaders,
} from "./meta-protocol.ts";
import { type ReportRequest, type Row, readMetaBooks, reportRows } from "./meta-rows.ts";

interface Report {
  readonly id: string;
  readonly request: ReportRequest;
  readonly rows: readonly Row[];
  readonly fails: boolean;
  /** Polls until it is done. */
  readonly takes: number;
  polls: number;
}

type Route = "submit" | "poll" | "rows" | "account" | "objects";

const VERSION = "/v26.0";

const TOKEN = "EAASandboxVentolanaNotASecret";

/** Meta's Marketing API. */
export const metaVendor: Vendor<"META_ACCESS_TOKEN"> = {
  name: "meta",
  env: { META_ACCESS_TOKEN: TOKEN },
  server: metaServer,
};

/** One ad account and its insights, v26.0, as far as a loader reads it. */
function metaServer(options: VendorContext): FastifyInstance {
  const { count } = options;
  const books = readMetaBooks(options.dir);
  const { account, campaigns, adsets, ads } = books.objects;
  const reports = new Map<string, Report>();
  const app = Fastify();
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  let requests = 0;
  const route = (
    name: Route,
    answer: (request: FastifyRequest, fault: Fault | undefined) => unknown,
  ) => {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      count(name);
      requests++;
      const fault = options.faults.take("meta", name);
      usageHeaders(reply, account.account_id, requests, fault);
      try {
        authorise(request, TOKEN, fault);
        strike(fault);
        return sendJson(reply, answer(request, fault), fault);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { status = 400, ...body } = error.error;
        const trace = `Sandbox${String(requests).padStart(6, "0")}`;
        return reply
          .code(status)
          .send({ error: { ...body, type: "OAuthException", fbtrace_id: trace } });
      }
    };
  };
  const report = (request: FastifyRequest): Report => {
    const found = reports.get((request.params as { id: string }).id);
    if (found) return found;
    throw new Refusal({
      message: "Unsupported get request: no such object",
      code: 100,
      error_subcode: 33,
    });
  };

  app.get(
    `${VERSION}/${account.id}`,
    route("account", (request) => chosen(request, { ...account })),
  );
  for (const [name, objects] of Object.entries({ campaigns, adsets, ads })) {
    app.get(
      `${VERSION}/${account.id}/${name}`,
      route("objects", (request, fault) =>
        page(
          request,
          objects.map((object) => chosen(request, { ...object })),
          fault,
        ),
      ),
    );
  }
  app.post(
    `${VERSION}/${account.id}/insights`,
    route("submit", (request, fault) => {
      const asked = parseReport(request);
      const rows = reportRows(books, asked, options.asOf());
      const id = String(6_100_000_000_001 + reports.size);
      reports.set(id, {
        id,
        request: asked,
        rows: fault?.kind === "vanished_row" ? rows.slice(1) : rows,
        fails: fault?.kind === "job_failed",
        takes: options.polls(reports.size),
        polls: 0,
      });
      return { report_run_id: id };
    }),
  );
  app.get(
    `${VERSION}/:id`,
    route("poll", (request) => status(report(request), account.account_id)),
  );
  app.get(
    `${VERSION}/:id/insights`,
    route("rows", (request, fault) => {
      const found = report(request);
      if (found.fails || found.polls < found.takes) throw invalid("the report is not complete");
      return page(request, found.rows, fault);
    }),
  );
  return app;
}

/** One step nearer to the end with every poll: no clock. */
function status(report: Report, account: string): Row {
  report.polls++;
  const common = { id: report.id, account_id: account };
  if (report.polls < report.takes) {
    const first = report.polls === 1;
    return {
      ...common,
      async_status: first ? "Job Not Started" : "Job Running",
      async_percent_completion: first ? 0 : Math.floor((100 * report.polls) / (report.takes + 1)),
    };
  }
  if (report.fails) {
    return {
      ...common,
      async_status: "Job Failed",
      async_percent_completion: 0,
      error_code: 2,
      error_subcode: 1504018,
      error_message: "The request timed out",
      error_user_title: "Request timed out",
      error_user_msg: "Ask for a shorter range of dates or for fewer fields",
    };
  }
  return {
    ...common,
    async_status: "Job Completed",
    async_percent_completion: 100,
    date_start: report.request.since,
    date_stop: report.request.until,
  };
}
