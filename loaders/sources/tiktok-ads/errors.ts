import { z } from "zod";
import { AuthError, DataError, RetryableError } from "../../core/errors.ts";
import type { RawResponse } from "../../core/http.ts";
import { scrub } from "../../core/log.ts";
import type { TiktokAdsConfig } from "./schema.ts";

const body = z.looseObject({
  code: z.number(),
  message: z.string().default(""),
  request_id: z.string().optional(),
});

const THROTTLED = 40100;
const NO_PERMISSION = 40001;
const TOKEN: ReadonlySet<number> = new Set([40102, 40104, 40105]);
const PASSING: ReadonlySet<number> = new Set([40200, 40201, 40202, 40700]);

/** Over the limit of a minute, TikTok locks for five; asking earlier makes it longer. */
const LOCKED_MS = 5 * 60_000;

/** What an answer means: by `code` in the body alone, because errors, too, come with HTTP status 200. */
export function judgeTiktok(
  { status, json }: RawResponse,
  { advertiserId, accessToken }: TiktokAdsConfig,
): Error | undefined {
  const parsed = body.safeParse(json);
  if (!parsed.success || parsed.data.code === 0) return undefined;
  const { code, message, request_id } = parsed.data;
  const text = `TikTok, ${advertiserId}: HTTP ${status}, code ${code}, request ${request_id ?? "unknown"}: ${scrub(message)}`;
  if (code === THROTTLED) return new RetryableError(text, { retryAfterMs: LOCKED_MS });
  if (TOKEN.has(code)) {
    const remedy = `authorise the app again and put the new access token into ${accessToken.env}`;
    return new AuthError(text, { remedy });
  }
  if (code === NO_PERMISSION) {
    const remedy = `give the token in ${accessToken.env} access to advertiser ${advertiserId} and the scope Reporting`;
    return new AuthError(text, { remedy });
  }
  if (PASSING.has(code) || (code >= 50_000 && code < 60_000)) return new RetryableError(text);
  const remedy = "the request is refused: update Filo, or report the request's id as a defect";
  return new DataError(text, { reason: "refused_request", remedy });
}
