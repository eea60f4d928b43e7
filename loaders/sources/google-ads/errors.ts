import { z } from "zod";
import { AuthError, DataError, RetryableError } from "../../core/errors.ts";
import type { RawResponse } from "../../core/http.ts";
import { scrub } from "../../core/log.ts";
import type { GoogleAdsConfig } from "./schema.ts";

const failure = z.looseObject({
  requestId: z.string().optional(),
  errors: z
    .array(
      z.looseObject({
        errorCode: z.record(z.string(), z.string()).default({}),
        details: z
          .looseObject({
            quotaErrorDetails: z.looseObject({ retryDelay: z.string().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .default([]),
});

const errorBody = z.looseObject({
  error: z.looseObject({
    status: z.string().default("UNKNOWN"),
    message: z.string().default(""),
    details: z.array(failure).default([]),
  }),
});

/** The access token is over; it lives for an hour, and the refresh token gives another. */
export class ExpiredTokenError extends AuthError {}

/** Google took too long: worth another try, and where that happens again, fewer days are the way out. */
export class DeadlineError extends RetryableError {}

const PASSING: ReadonlySet<string> = new Set(["INTERNAL", "UNAVAILABLE", "ABORTED", "UNKNOWN"]);

/** What an error of the Google Ads API means: by the name of its gRPC code, and by the delay it states. */
export function judgeSearch(
  { status: http, json }: RawResponse,
  config: GoogleAdsConfig,
): Error | undefined {
  const parsed = errorBody.safeParse(json);
  if (!parsed.success) return undefined;
  const { status, message, details } = parsed.data.error;
  const errors = details.flatMap((detail) => detail.errors);
  const codes = errors.flatMap(({ errorCode }) =>
    Object.entries(errorCode).map(([kind, code]) => `${kind} ${code}`),
  );
  const request = details.find(({ requestId }) => requestId)?.requestId ?? "unknown";
  const text = `Google Ads, ${config.customerId}: HTTP ${http}, ${[status, ...codes].join(", ")}, request ${request}: ${scrub(message)}`;
  if (status === "UNAUTHENTICATED") {
    const remedy = `make a new refresh token and put it into ${config.refreshToken.env}`;
    return new ExpiredTokenError(text, { remedy });
  }
  if (status === "PERMISSION_DENIED") {
    const remedy = `give the user behind ${config.refreshToken.env} access to ${config.customerId}, or set loginCustomerId to the manager that has it`;
    return new AuthError(text, { remedy });
  }
  if (status === "RESOURCE_EXHAUSTED") {
    const delays = errors.map(({ details: detail }) =>
      milliseconds(detail?.quotaErrorDetails?.retryDelay),
    );
    const retryAfterMs = Math.max(0, ...delays);
    return new RetryableError(text, retryAfterMs > 0 ? { retryAfterMs } : {});
  }
  if (status === "DEADLINE_EXCEEDED") return new DeadlineError(text);
  if (PASSING.has(status)) return new RetryableError(text);
  const remedy = "the query is refused: update Filo, or report the request's id as a defect";
  return new DataError(text, { reason: "refused_request", remedy });
}

/** A duration such as `900s`; 0 where there is none. */
function milliseconds(duration: string | undefined): number {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(duration ?? "")?.[1];
  return seconds === undefined ? 0 : Number(seconds) * 1000;
}

const tokenError = z.looseObject({ error: z.string() });

/** What an error of the token endpoint means (RFC 6749, section 5.2). */
export function judgeToken({ status, json }: RawResponse, config: GoogleAdsConfig) {
  const parsed = tokenError.safeParse(json);
  if (!parsed.success || status === 429 || status >= 500) return undefined;
  const { error } = parsed.data;
  const { clientId, clientSecret, refreshToken } = config;
  const remedy =
    error === "invalid_grant"
      ? `make a new refresh token and put it into ${refreshToken.env}`
      : `correct the OAuth client in ${clientId.env} and ${clientSecret.env}`;
  return new AuthError(`Google's token endpoint: HTTP ${status}, ${scrub(error)}`, { remedy });
}

/** Whether Google took too long for the last of the attempts. */
export function isDeadline(error: unknown): boolean {
  return (
    error instanceof RetryableError &&
    (error instanceof DeadlineError || error.cause instanceof DeadlineError)
  );
}
