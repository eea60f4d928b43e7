import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Fault, firstOfPage } from "./faults.ts";
import { isField, type ReportRequest, type Row, WINDOWS } from "./meta-rows.ts";

const MOST_ROWS = 1000;

/** An error in the shape of the Graph API. Code and subcode say what it is; the type says nothing. */
interface GraphError {
  readonly status?: number;
  readonly message: string;
  readonly code: number;
  readonly error_subcode?: number;
  readonly is_transient?: boolean;
}

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly error: GraphError;
  constructor(error: GraphError) {
    super(error.message);
    this.error = error;
  }
}

export const invalid = (message: string): Refusal =>
  new Refusal({ message: `(#100) ${message}`, code: 100 });

const parameters = (request: FastifyRequest): Record<string, unknown> => ({
  ...(request.query as Record<string, unknown>),
  ...(request.body as Record<string, unknown> | undefined),
});

export function authorise(request: FastifyRequest, token: string, fault: Fault | undefined): void {
  const bearer = request.headers.authorization?.replace(/^Bearer /, "");
  const given = bearer ?? parameters(request).access_token;
  if (fault?.kind === "expired_token") {
    throw new Refusal({
      message: "Error validating access token: session has expired",
      code: 190,
      error_subcode: 463,
    });
  }
  if (given !== token) throw new Refusal({ message: "Invalid OAuth access token", code: 190 });
}

export function strike(fault: Fault | undefined): void {
  if (fault?.kind === "throttled") {
    throw new Refusal({
      message: `(#${fault.code ?? 80000}) There have been too many calls from this ad account`,
      code: fault.code ?? 80000,
      error_subcode: 2446079,
      is_transient: true,
    });
  }
  if (fault?.kind === "server_error") {
    throw new Refusal({
      status: 500,
      message: "An unknown error occurred",
      code: 1,
      is_transient: true,
    });
  }
  if (fault?.kind === "too_much_data") {
    throw new Refusal({
      status: 500,
      message: "Please reduce the amount of data you're asking for, then retry your request",
      code: 1,
    });
  }
}

export function usageHeaders(
  reply: FastifyReply,
  account: string,
  requests: number,
  fault: Fault | undefined,
): void {
  const throttled = fault?.kind === "throttled";
  const used = throttled ? 100 : Math.min(60, 3 + Math.floor(requests / 10));
  const usage = {
    type: "ads_insights",
    call_count: used,
    total_cputime: Math.ceil(used / 3),
    total_time: Math.ceil(used / 3),
    estimated_time_to_regain_access: throttled ? (fault.minutes ?? 0) : 0,
    ads_api_access_tier: "standard_access",
  };
  reply.headers({
    "x-business-use-case-usage": JSON.stringify({ [account]: [usage] }),
    "x-app-usage": JSON.stringify({
      call_count: Math.ceil(used / 4),
      total_time: 2,
      total_cputime: 2,
    }),
    "x-ad-account-usage": JSON.stringify({
      acc_id_util_pct: used,
      reset_time_duration: 60,
      ads_api_access_tier: "standard_access",
    }),
    "x-fb-ads-insights-throttle": JSON.stringify({
      app_id_util_pct: 2,
      acc_id_util_pct: used,
      ads_api_access_tier: "standard_access",
    }),
  });
}

/** The fields asked for; `id` is always among them. */
export function chosen(request: FastifyRequest, object: Row): Row {
  const fields = String(parameters(request).fields ?? "id,name").split(",");
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => key === "id" || fields.includes(key)),
  );
}

const list = z.union([z.array(z.string()), z.string()]).transform((value) => {
  if (typeof value !== "string") return value;
  return value.startsWith("[")
    ? z.array(z.string()).parse(JSON.parse(value))
    : value.split(",").filter(Boolean);
});
const json = z.union([
  z.record(z.string(), z.unknown()),
  z.array(z.unknown()),
  z.string().transform((text) => JSON.parse(text) as unknown),
]);

const reportSchema = z.object({
  level: z.literal("ad"),
  time_increment: z.coerce.string().pipe(z.literal("1")),
  time_range: json.pipe(z.object({ since: z.iso.date(), until: z.iso.date() })),
  fields: list,
  action_attribution_windows: list.default([]),
  filtering: json
    .pipe(
      z.array(
        z.object({
          field: z.literal("campaign.id"),
          operator: z.literal("IN"),
          value: z.array(z.string()),
        }),
      ),
    )
    .default([]),
});

export function parseReport(request: FastifyRequest): ReportRequest {
  let parsed: z.infer<typeof reportSchema>;
  try {
    parsed = reportSchema.parse(parameters(request));
  } catch (error) {
    const path =
      error instanceof z.ZodError
        ? error.issues.map((issue) => issue.path.join(".")).join(", ")
        : "JSON";
    throw invalid(`invalid parameter: ${path}`);
  }
  const { since, until } = parsed.time_range;
  if (since > until) throw invalid("the start date must be before the end date");
  const unknown = parsed.fields.find((field) => !isField(field));
  if (unknown !== undefined) throw invalid(`${unknown} is not valid for fields param`);
  const window = parsed.action_attribution_windows.find((name) => !WINDOWS.includes(name));
  if (window !== undefined) throw invalid(`${window} is not a valid attribution window`);
  return {
    since,
    until,
    fields: parsed.fields,
    windows: parsed.action_attribution_windows.filter(
      (name) => !["7d_view", "28d_view"].includes(name),
    ),
    campaigns: parsed.filtering.flatMap(({ value }) => value),
  };
}

export function page(request: FastifyRequest, rows: readonly Row[], fault: Fault | undefined): Row {
  const asked = parameters(request);
  const limit = Number(asked.limit ?? 25);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS)
    throw invalid("invalid parameter: limit");
  const from = asked.after === undefined ? 0 : offset(String(asked.after));
  const to = Math.min(from + limit, rows.length);
  const data = rows.slice(firstOfPage(from, fault), to);
  if (rows.length === 0) return { data };
  const cursors = { before: cursor(from), after: cursor(to) };
  return {
    data,
    paging: to < rows.length ? { cursors, next: nextUrl(request, cursors.after) } : { cursors },
  };
}

/** As Meta does it, the address of the next page has the token in it: it must not reach a log. */
function nextUrl(request: FastifyRequest, after: string): string {
  const url = new URL(request.url, `http://${request.headers.host}`);
  const token = request.headers.authorization?.replace(/^Bearer /, "");
  if (token) url.searchParams.set("access_token", token);
  url.searchParams.set("after", after);
  return url.href;
}

const cursor = (position: number): string => Buffer.from(`row:${position}`).toString("base64url");

function offset(after: string): number {
  const match = /^row:(\d+)$/.exec(Buffer.from(after, "base64url").toString());
  if (!match) throw invalid("invalid cursor");
  return Number(match[1]);
}
