import { z } from "zod";
import { AuthError, DataError, QuotaError, RetryableError } from "../../core/errors.ts";
import type { RawResponse } from "../../core/http.ts";
import { scrub } from "../../core/log.ts";

const errorBody = z.looseObject({
  error: z.looseObject({
    message: z.string().default(""),
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
    fbtrace_id: z.string().optional(),
  }),
});

const THROTTLED: ReadonlySet<number> = new Set([4, 17, 32, 613]);
const CREDENTIALS: ReadonlySet<number> = new Set([190, 102, 10, 200]);
const PASSING: ReadonlySet<number> = new Set([1, 2]);

/** The report is too large for the time Meta gives it: fewer days are the way out. */
export const TOO_MUCH_DATA: ReadonlySet<number> = new Set([1504018]);

/** A report that Meta could not make for its size. */
export class TooMuchDataError extends DataError {}

/**
 * What an error of the Graph API means, by code and subcode only: its `type` is OAuthException for throttling and
 * credentials alike.
 */
export function judgeMeta(
  { status, headers, json }: RawResponse,
  accountId: string,
  tokenVariable: string,
): Error | undefined {
  const parsed = errorBody.safeParse(json);
  if (!parsed.success) return undefined;
  const { code, error_subcode: subcode, is_transient, fbtrace_id, message } = parsed.data.error;
  const numbers = subcode === undefined ? `code ${code}` : `code ${code}/${subcode}`;
  const text = `Meta, ${accountId}: HTTP ${status}, ${numbers}, trace ${fbtrace_id ?? "unknown"}: ${scrub(message)}`;
  return metaError(code, subcode, is_transient === true, text, {
    retryAfterMs: regainAccessMs(headers),
    remedy: `renew the access token in ${tokenVariable}, or give it the permission ads_read`,
  });
}

/** @param text says what happened, without secrets */
export function metaError(
  code: number,
  subcode: number | undefined,
  isTransient: boolean,
  text: string,
  hints: { readonly retryAfterMs?: number | undefined; readonly remedy?: string } = {},
): Error {
  if (subcode !== undefined && TOO_MUCH_DATA.has(subcode)) {
    return new TooMuchDataError(text, { reason: "report_too_large" });
  }
  if (THROTTLED.has(code) || (code >= 80000 && code <= 80008)) {
    const { retryAfterMs } = hints;
    return new RetryableError(text, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  if (CREDENTIALS.has(code)) {
    return new AuthError(text, hints.remedy === undefined ? {} : { remedy: hints.remedy });
  }
  if (PASSING.has(code) || isTransient) return new RetryableError(text);
  return new DataError(text, { reason: "refused_request" });
}

const usageEntry = z.looseObject({
  call_count: z.number().default(0),
  total_cputime: z.number().default(0),
  total_time: z.number().default(0),
  acc_id_util_pct: z.number().default(0),
  app_id_util_pct: z.number().default(0),
  /** Minutes. */
  estimated_time_to_regain_access: z.number().default(0),
});

const usageById = z.record(z.string(), z.array(usageEntry));

type Usage = z.infer<typeof usageEntry>;

function usages(headers: Headers): readonly Usage[] {
  const single = ["x-fb-ads-insights-throttle", "x-ad-account-usage", "x-app-usage"].flatMap(
    (name) => usageEntry.safeParse(jsonHeader(headers, name)).data ?? [],
  );
  const byId = usageById.safeParse(jsonHeader(headers, "x-business-use-case-usage")).data ?? {};
  return [...single, ...Object.values(byId).flat()];
}

function jsonHeader(headers: Headers, name: string): unknown {
  try {
    return JSON.parse(headers.get(name) ?? "");
  } catch {
    return undefined;
  }
}

/** How long Meta asks to wait; undefined where it does not say. */
function regainAccessMs(headers: Headers): number | undefined {
  const minutes = Math.max(0, ...usages(headers).map((u) => u.estimated_time_to_regain_access));
  return minutes > 0 ? minutes * 60_000 : undefined;
}

const CLOSE_TO_LIMIT = 95;
const PAUSE_MS = 60_000;

/** Percent of the limit that is nearest to being used up; undefined where the headers name none. */
function highestUsage(headers: Headers): number | undefined {
  const shares = usages(headers).flatMap((u) => [
    u.call_count,
    u.total_cputime,
    u.total_time,
    u.acc_id_util_pct,
    u.app_id_util_pct,
  ]);
  return shares.length > 0 ? Math.max(0, ...shares) : undefined;
}

/** How long to pause before the next request, because a limit is nearly used up. */
export function pauseMs(headers: Headers): number {
  if ((highestUsage(headers) ?? 0) < CLOSE_TO_LIMIT) return 0;
  return regainAccessMs(headers) ?? PAUSE_MS;
}

/** For `filo doctor`. */
export function quota(headers: Headers): string | undefined {
  const used = highestUsage(headers);
  return used === undefined ? undefined : `${used} % of the nearest rate limit used`;
}

/** For reports that stay away: the day is over for this run, the next one continues. */
export function reportOverdue(text: string): QuotaError {
  return new QuotaError(text, { remedy: "nothing to do: the next run asks for the report again" });
}
