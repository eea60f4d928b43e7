import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { AuthError, DataError, QuotaError, RetryableError } from "../../../loaders/core/errors.ts";
import { createHttp, type HttpOptions } from "../../../loaders/core/http.ts";
import { redactUrl, scrub } from "../../../loaders/core/log.ts";

/** What the server answers, one after the other; the last one for good. */
type Answer = { status?: number; headers?: Record<string, string>; body?: string; reset?: true };

let server: FastifyInstance;
let answers: Answer[];
let seen: { url: string; authorization: string | undefined; body: unknown }[];
let base: string;

beforeEach(async () => {
  answers = [];
  seen = [];
  server = fastify({ forceCloseConnections: true });
  server.all("/*", (request, reply) => {
    const { url, headers, body } = request;
    seen.push({ url, authorization: headers.authorization, body });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    if (answer.reset) {
      reply.hijack();
      reply.raw.writeHead(200, { "content-length": "100" });
      reply.raw.write('{"ok":', () => reply.raw.destroy());
      return reply;
    }
    return reply
      .code(answer.status ?? 200)
      .headers({ "content-type": "application/json", ...answer.headers })
      .send(answer.body ?? '{"ok":true}');
  });
  base = await server.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(() => server.close());

const body = z.object({ ok: z.boolean() });
const TOKEN = "very-secret-token";

/** A client whose time passes only when it sleeps. */
function client(options: Partial<HttpOptions> = {}, deadlineMs = 3_600_000) {
  let now = 1_000_000;
  const waits: number[] = [];
  const log: string[] = [];
  const http = createHttp(
    {
      baseUrl: base,
      headers: { authorization: `Bearer ${TOKEN}` },
      secrets: [TOKEN],
      judge: () => undefined,
      fetch,
      clock: () => now,
      sleep: async (ms) => {
        waits.push(ms);
        now += ms;
      },
      random: () => 0.5,
      log: (entry) => log.push(JSON.stringify(entry)),
      ...options,
    },
    deadlineMs,
  );
  return { http, waits, log, get: () => http.request({ path: "/x", body }) };
}

describe("retries", () => {
  it.each([
    ["a 500", { status: 500 }],
    ["a 503", { status: 503 }],
    ["a connection that breaks in mid-body", { reset: true }],
    ["half a JSON document", { body: '{"ok":tr' }],
  ] as [string, Answer][])("after %s, once it is over", async (_, fault) => {
    answers = [fault, fault, {}];
    const { get, waits } = client();
    expect((await get()).data).toEqual({ ok: true });
    // Full jitter: half of 1 s, then half of 2 s.
    expect(waits).toEqual([500, 1000]);
  });

  it("wait as long as the server says, and that is no failed attempt", async () => {
    const throttled = { status: 429, headers: { "retry-after": "7" } };
    answers = [...Array(9).fill(throttled), {}];
    const { get, waits } = client();
    await get();
    expect(waits).toEqual(Array(9).fill(7000));
  });

  it("end after five attempts with the cause", async () => {
    answers = [{ status: 500, body: '{"message":"down"}' }];
    const { get } = client();
    const error = await get().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(/GET .*\/x → 500.*attempt 5/);
    expect((error as Error).cause).toBeInstanceOf(RetryableError);
    expect(seen).toHaveLength(5);
  });

  it("never go past the deadline of the slice", async () => {
    answers = [{ status: 429, headers: { "retry-after": "3600" } }];
    const { get, waits } = client({}, 60_000);
    await expect(get()).rejects.toBeInstanceOf(QuotaError);
    expect(waits).toEqual([]);
  });

  it("are not made where they would not help", async () => {
    answers = [{ status: 401 }];
    await expect(client().get()).rejects.toBeInstanceOf(AuthError);
    answers = [{ status: 400 }];
    await expect(client().get()).rejects.toBeInstanceOf(DataError);
    answers = [{ body: '{"ok":"yes"}' }];
    await expect(client().get()).rejects.toMatchObject({ reason: "unexpected_body" });
    expect(seen).toHaveLength(3);
  });

  it("pause before the next request where the headers ask for it", async () => {
    const { get, waits } = client({ pauseMs: () => 2500 });
    await get();
    expect(waits).toEqual([]);
    await get();
    expect(waits).toEqual([2500]);
  });
});

describe("a request", () => {
  it("sends JSON, and headers of its own beside the client's", async () => {
    answers = [{}];
    const headers = { authorization: "Bearer renewed" };
    const json = { query: "SELECT 1", page: undefined };
    await client().http.request({ method: "POST", path: "/x", json, headers, body });
    expect(seen).toEqual([
      { url: "/x", authorization: "Bearer renewed", body: { query: "SELECT 1" } },
    ]);
  });
});

describe("secrets", () => {
  it("go to the configured origin only", async () => {
    const { http } = client();
    await expect(http.request({ path: "http://localhost:1/x", body })).rejects.toMatchObject({
      reason: "foreign_address",
    });
    answers = [{ status: 302, headers: { location: "http://localhost:1/" } }];
    await expect(http.request({ path: "/x", body })).rejects.toThrow();
    expect(seen.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  });

  it("and personal data appear neither in errors nor in the log", async () => {
    const leaky = `{"error":"token ${TOKEN} of anna@shop.example, +39 312 000 0001, access_token=abc123"}`;
    answers = [{ status: 500, body: leaky }];
    const { http, log } = client();
    const query = { access_token: TOKEN, email: "anna@shop.example", limit: "5" };
    const error = (await http
      .request({ path: "/x", query, body })
      .catch((e: unknown) => e)) as Error;
    const chain: string[] = [];
    for (let e: unknown = error; e instanceof Error; e = e.cause) chain.push(e.message);
    const shown = [...chain, ...log].join("\n");
    expect(shown).toContain("limit=5");
    expect(shown).not.toMatch(/very-secret|anna|312 000|abc123/);
  });

  it("are cut out of addresses and texts", () => {
    expect(redactUrl("https://api.example/p?after=c&access_token=t&limit=1")).toBe(
      "https://api.example/p?after=…&access_token=…&limit=1",
    );
    expect(scrub("mail anna.rossi@shop.example or anna%40shop.example")).toBe(
      "mail [e-mail] or [e-mail]",
    );
  });
});
