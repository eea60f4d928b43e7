import pRetry from "p-retry";
import type { z } from "zod";
import { AuthError, DataError, QuotaError, RetryableError } from "./errors.ts";
import { hideSecrets, type Log, redactUrl, scrub } from "./log.ts";

export interface HttpRequest<T> {
  readonly method?: "GET" | "POST";
  /** Resolved against the base URL; an address on another origin is refused. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as application/json. */
  readonly json?: unknown;
  /** Beside the client's, for this request only: a token that is renewed while a slice is read. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body is text, not JSON. */
  readonly isText?: boolean;
  /** What a good body looks like. */
  readonly body: z.ZodType<T>;
}

export interface HttpResponse<T> {
  readonly data: T;
  readonly headers: Headers;
}

/** What came back, before anyone judged it. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined where the body is none. */
  readonly json: unknown;
}

/** What a vendor's answer means; undefined where the HTTP status says it all. */
export type Judge = (response: RawResponse) => Error | undefined;

export interface HttpOptions {
  readonly baseUrl: string;
  /** Sent to the base URL's origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
  /** Turns a vendor's error body into an error named by who must act. */
  readonly judge: Judge;
  /** How long to pause before the next request, read from the headers of a good answer. */
  readonly pauseMs?: (headers: Headers) => number;
  /** How much of the vendor's limits is used, in words, where the headers of a good answer say so. */
  readonly quota?: (headers: Headers) => string | undefined;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** Requests of one slice: all of them, waits included, must be over by the deadline. */
export interface Http {
  request<T>(request: HttpRequest<T>): Promise<HttpResponse<T>>;
  /** Bytes of all bodies read so far. */
  bytes(): number;
  /** What the vendor last said of its limits; undefined where it says nothing. */
  quota(): string | undefined;
  /** Waits within the deadline. @throws QuotaError when the deadline would pass */
  wait(ms: number, why: string): Promise<void>;
}

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
const ANSWER_MS = 60_000;
const IDLE_BODY_MS = 60_000;

/**
 * A client for one slice. It retries what is worth retrying: by the server's word where it says when, else
 * exponentially with full jitter, at most five attempts. It never retries past the deadline, and it throws the last cause.
 * @throws AuthError, RetryableError, QuotaError, DataError
 */
export function createHttp(options: HttpOptions, deadlineMs: number): Http {
  const deadline = options.clock() + deadlineMs;
  let bytes = 0;
  let pauseUntil = 0;
  let quota: string | undefined;

  async function wait(ms: number, why: string): Promise<void> {
    if (ms <= 0) return;
    if (options.clock() + ms > deadline) {
      const seconds = Math.round(ms / 1000);
      throw new QuotaError(`${why}: waiting ${seconds} s would exceed the time of this slice`);
    }
    await options.sleep(ms);
  }

  async function attempt<T>(request: HttpRequest<T>): Promise<HttpResponse<T>> {
    await wait(pauseUntil - options.clock(), `${options.baseUrl} is close to its limit`);
    const url = resolveUrl(options.baseUrl, request);
    const { response, text } = await send(options, request, url);
    bytes += text.length;
    const data = judged(options, request, url, response, text);
    const pause = options.pauseMs?.(response.headers) ?? 0;
    if (pause > 0) pauseUntil = options.clock() + pause;
    quota = options.quota?.(response.headers) ?? quota;
    return { data, headers: response.headers };
  }

  return {
    bytes: () => bytes,
    quota: () => quota,
    wait,
    request: (request) =>
      pRetry(() => attempt(request), {
        retries: ATTEMPTS - 1,
        minTimeout: 0,
        maxTimeout: 0,
        // A wait that the server asked for is no failed attempt; the deadline bounds it.
        shouldConsumeRetry: ({ error }) => hint(error) === undefined,
        shouldRetry: ({ error }) => error instanceof RetryableError,
        async onFailedAttempt({ error, attemptNumber, retriesLeft, retriesConsumed }) {
          if (!(error instanceof RetryableError)) return;
          if (retriesLeft === 0) {
            throw new RetryableError(`${error.message} (attempt ${attemptNumber}, the last)`, {
              cause: error,
              remedy: error.remedy,
            });
          }
          const delay = hint(error) ?? jitter(retriesConsumed, options.random);
          options.log({ event: "retry", problem: error.message, waitMs: Math.round(delay) });
          await wait(delay, error.message);
        },
      }),
  };
}

/** How long the server asked us to wait; a hint of 0 says nothing. */
function hint(error: Error): number | undefined {
  return error instanceof RetryableError && error.retryAfterMs ? error.retryAfterMs : undefined;
}

/** Full jitter: anywhere between nothing and the doubled delay. */
function jitter(failures: number, random: () => number): number {
  return random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
}

function resolveUrl(baseUrl: string, { path, query }: HttpRequest<unknown>): URL {
  const base = new URL(baseUrl);
  const url = new URL(path, base);
  if (url.origin !== base.origin) {
    throw new DataError(`refused to follow an address outside ${base.origin}`, {
      reason: "foreign_address",
    });
  }
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  return url;
}

async function send(options: HttpOptions, request: HttpRequest<unknown>, url: URL) {
  const method = request.method ?? "GET";
  const what = `${method} ${redactUrl(url)}`;
  const controller = new AbortController();
  const started = options.clock();
  let timer = setTimeout(() => controller.abort(), ANSWER_MS);
  try {
    const response = await options.fetch(url, {
      method,
      headers: {
        ...options.headers,
        ...request.headers,
        ...(request.json === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(request.form ? { body: new URLSearchParams({ ...request.form }) } : {}),
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
      redirect: "error",
      signal: controller.signal,
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), IDLE_BODY_MS);
      chunks.push(Buffer.from(chunk));
    }
    const ms = options.clock() - started;
    options.log({ event: "http", request: what, status: response.status, ms });
    return { response, text: Buffer.concat(chunks).toString("utf8") };
  } catch (cause) {
    const why = controller.signal.aborted ? "no answer in time" : "the connection failed";
    throw new RetryableError(`${what}: ${why}`, {
      cause,
      remedy: `the next run continues where this one stopped; if it lasts, see that this machine reaches ${url.host}`,
    });
  } finally {
    clearTimeout(timer);
  }
}

function judged<T>(
  options: HttpOptions,
  request: HttpRequest<T>,
  url: URL,
  response: Response,
  text: string,
): T {
  const what = `${request.method ?? "GET"} ${redactUrl(url)} → ${response.status}`;
  const json = request.isText ? text : parseJson(text);
  const { status, headers } = response;
  const secrets = [...options.secrets, ...credentials(options.headers, request.headers)];
  const verdict = options.judge({ status, headers, json });
  if (verdict) {
    // A vendor may repeat the request in its answer.
    verdict.message = hideSecrets(verdict.message, secrets);
    throw verdict;
  }
  const failure = failureByStatus(what, status, headers, scrub(text, secrets));
  if (failure) throw failure;
  if (json === undefined) throw new RetryableError(`${what}: the body is cut short or no JSON`);
  const parsed = request.body.safeParse(json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `${issue.path.join(".")} (${issue.code})`);
  throw new DataError(`${what}: the body has another shape: ${places.slice(0, 3).join(", ")}`, {
    reason: "unexpected_body",
    cause: new Error(places.join(", ")),
  });
}

const CREDENTIAL_HEADER = /auth|token|key|session|secret/i;

/** What the headers of a request prove who asks with, such as a token that a vendor gave out for an hour. */
function credentials(...headers: readonly HttpRequest<unknown>["headers"][]): readonly string[] {
  return headers.flatMap((named) =>
    Object.entries(named ?? {})
      .filter(([name]) => CREDENTIAL_HEADER.test(name))
      .map(([, value]) => value.replace(/^(Bearer|Basic) /i, "")),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureByStatus(what: string, status: number, headers: Headers, text: string) {
  if (status >= 200 && status < 300) return undefined;
  const message = `${what}: ${text.slice(0, 200)}`;
  if (status === 401 || status === 403) return new AuthError(message);
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = retryAfterHeader(headers);
    return new RetryableError(message, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  return new DataError(message, { reason: "refused_request" });
}

/** Retry-After in seconds, or as a date. */
function retryAfterHeader(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  const now = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) || Number.isNaN(now) ? undefined : Math.max(0, date - now);
}
