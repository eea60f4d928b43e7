import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { type Fault, firstOfPage } from "./faults.ts";
import { type Gaql, GaqlError, parseGaql } from "./google-gaql.ts";
import type { Row } from "./google-rows.ts";

/** Google's pages are of 10,000 rows and nobody chooses; here so small that a month has several. */
const PAGE_ROWS = 40;

/** An error as Google's APIs state it. `status` is the name of the gRPC code. */
interface GoogleError {
  readonly http: number;
  readonly status: string;
  readonly message: string;
  /** A kind of error and its value, such as `quotaError` and `RESOURCE_EXHAUSTED`. */
  readonly errorCode: Readonly<Record<string, string>>;
  readonly details?: Row;
}

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly error: GoogleError;
  constructor(error: GoogleError) {
    super(error.message);
    this.error = error;
  }

  /** The body, with the id of the request. */
  body(requestId: string): Row {
    const { http, status, message, errorCode, details } = this.error;
    return {
      error: {
        code: http,
        message,
        status,
        details: [
          {
            "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
            errors: [{ errorCode, message, ...(details && { details }) }],
            requestId,
          },
        ],
      },
    };
  }
}

export const unauthenticated = (): Refusal =>
  new Refusal({
    http: 401,
    status: "UNAUTHENTICATED",
    message: "Request had invalid authentication credentials. Expected OAuth 2 access token",
    errorCode: { authenticationError: "OAUTH_TOKEN_EXPIRED" },
  });

export const denied = (message: string): Refusal =>
  new Refusal({
    http: 403,
    status: "PERMISSION_DENIED",
    message,
    errorCode: { authorizationError: "USER_PERMISSION_DENIED" },
  });

const invalid = (message: string, errorCode: Readonly<Record<string, string>>): Refusal =>
  new Refusal({ http: 400, status: "INVALID_ARGUMENT", message, errorCode });

/** Throws what the fault makes of a search. */
export function strike(fault: Fault | undefined): void {
  if (fault?.kind === "throttled") {
    const isLong = fault.minutes !== undefined;
    throw new Refusal({
      http: 429,
      status: "RESOURCE_EXHAUSTED",
      message: isLong ? "Too many requests. Retry later." : "Resource has been exhausted",
      errorCode: {
        quotaError: isLong ? "RESOURCE_EXHAUSTED" : "RESOURCE_TEMPORARILY_EXHAUSTED",
      },
      ...(isLong && {
        details: {
          quotaErrorDetails: {
            rateScope: "DEVELOPER",
            rateName: "Number of operations for basic access",
            retryDelay: `${60 * fault.minutes}s`,
          },
        },
      }),
    });
  }
  if (fault?.kind === "server_error") {
    throw new Refusal({
      http: 500,
      status: "INTERNAL",
      message: "Internal error encountered.",
      errorCode: { internalError: "INTERNAL_ERROR" },
    });
  }
  if (fault?.kind === "too_much_data") {
    throw new Refusal({
      http: 504,
      status: "DEADLINE_EXCEEDED",
      message: "Deadline expired before operation could complete.",
      errorCode: { internalError: "DEADLINE_EXCEEDED" },
    });
  }
}

const searchBody = z.strictObject({
  query: z.string(),
  pageToken: z.string().optional(),
  searchSettings: z.strictObject({ returnTotalResultsCount: z.boolean().optional() }).optional(),
});

export type SearchRequest = z.infer<typeof searchBody> & { readonly gaql: Gaql };

/** @throws Refusal for another shape, `pageSize` among them, or a query that is not understood */
export function parseSearch(request: FastifyRequest): SearchRequest {
  const parsed = searchBody.safeParse(request.body ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name =
      issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : issue?.path.join(".");
    throw name === "pageSize"
      ? invalid("Setting the page size is not supported. Search pages are of a fixed size.", {
          requestError: "PAGE_SIZE_NOT_SUPPORTED",
        })
      : invalid(`Invalid JSON payload received: ${name}`, { requestError: "UNKNOWN" });
  }
  return { ...parsed.data, gaql: understood(() => parseGaql(parsed.data.query)) };
}

/** What cannot be answered of a query becomes Google's error of queries. */
export function understood<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GaqlError)) throw error;
    throw invalid(`Error in query: ${error.message}.`, { queryError: "QUERY_ERROR" });
  }
}

export function page(
  { gaql, query, pageToken, searchSettings }: SearchRequest,
  rows: readonly Row[],
  fault: Fault | undefined,
): Row {
  const from = pageToken === undefined ? 0 : offset(pageToken, query);
  const to = Math.min(from + PAGE_ROWS, rows.length);
  const results = rows.slice(firstOfPage(from, fault), to);
  return {
    ...(results.length > 0 && { results }),
    ...(to < rows.length && { nextPageToken: token(to, query) }),
    ...(searchSettings?.returnTotalResultsCount &&
      rows.length > 0 && { totalResultsCount: String(rows.length) }),
    fieldMask: gaql.fields.join(","),
    queryResourceConsumption: String(100 + rows.length),
  };
}

const token = (position: number, query: string): string =>
  Buffer.from(`${position}:${query}`).toString("base64url");

function offset(pageToken: string, query: string): number {
  const [, position, asked] =
    /^(\d+):(.*)$/s.exec(Buffer.from(pageToken, "base64url").toString()) ?? [];
  if (position === undefined || asked !== query) {
    throw invalid("The page token is of another query.", { requestError: "INVALID_PAGE_TOKEN" });
  }
  return Number(position);
}
