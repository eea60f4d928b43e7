import { z } from "zod";
import { AuthError, QuotaError, RetryableError } from "../../core/errors.ts";
import type { RawResponse } from "../../core/http.ts";
import { scrub } from "../../core/log.ts";

const errorBody = z.looseObject({
  message: z.string().default(""),
  correlationId: z.string().default("unknown"),
  policyName: z.string().optional(),
});

/** How long until a limit is renewed, by its policy. */
const RENEWED_MS: Readonly<Record<string, number>> = {
  SECONDLY: 1000,
  TEN_SECONDLY_ROLLING: 10_000,
};

/** What an error of HubSpot's means, by status and policy: its message is for people. */
export function judgeHubspot(
  { status, json }: RawResponse,
  tokenVariable: string,
): Error | undefined {
  const { data } = errorBody.safeParse(json);
  if (status < 400 || !data) return undefined;
  const { message, correlationId, policyName } = data;
  const what = policyName === undefined ? "" : `, ${policyName}`;
  const text = `HubSpot: HTTP ${status}${what}, correlation ${correlationId}: ${scrub(message)}`;
  if (status === 401) {
    return new AuthError(text, { remedy: `renew the access token in ${tokenVariable}` });
  }
  if (status === 403) {
    const remedy = `give the token in ${tokenVariable} the scope crm.objects.contacts.read`;
    return new AuthError(text, { remedy });
  }
  if (status !== 429) return undefined;
  if (policyName === "DAILY") {
    const remedy = "nothing to do: the next run continues when the day's requests are renewed";
    return new QuotaError(text, { remedy });
  }
  const retryAfterMs = RENEWED_MS[policyName ?? ""];
  return new RetryableError(text, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** Searches are allowed four times a second, and their answers say nothing of it. */
const SEARCH_PAUSE_MS = 250;

/** How long to pause before the next request. */
export function pauseMs(headers: Headers): number {
  return headers.has("x-hubspot-ratelimit-max") ? 0 : SEARCH_PAUSE_MS;
}
