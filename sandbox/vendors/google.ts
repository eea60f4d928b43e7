import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Vendor, VendorContext } from "./define-vendor.ts";
import { type Fault, sendJson, vanishingRows } from "./faults.ts";
import {
  denied,
  page,
  parseSearch,
  Refusal,
  strike,
  unauthenticated,
  understood,
} from "./google-protocol.ts";
import { queryRows, readGoogleBooks } from "./google-rows.ts";

const VERSION = "v26";

const CLIENT_ID = "770011-sandbox.apps.googleusercontent.example";
const CLIENT_SECRET = "GOCSPX-SandboxNotASecret";
const REFRESH_TOKEN = "1//09SandboxVentolanaNotASecret";

/** An access token lives for so many requests, where Google's lives for an hour: no answer depends on the clock. */
const TOKEN_REQUESTS = 20;

const DENIED =
  "User doesn't have permission to access customer. If you're accessing a client customer, the manager's customer id must be set in the 'login-customer-id' header.";

/** Google Ads. */
export const googleVendor: Vendor<
  "GOOGLE_ADS_CLIENT_ID" | "GOOGLE_ADS_CLIENT_SECRET" | "GOOGLE_ADS_REFRESH_TOKEN"
> = {
  name: "google",
  env: {
    GOOGLE_ADS_CLIENT_ID: CLIENT_ID,
    GOOGLE_ADS_CLIENT_SECRET: CLIENT_SECRET,
    GOOGLE_ADS_REFRESH_TOKEN: REFRESH_TOKEN,
  },
  server: googleServer,
};

/** Google's token endpoint and the search of one customer's account, as far as a loader reads it. */
function googleServer(options: VendorContext): FastifyInstance {
  const { count, faults } = options;
  const books = readGoogleBooks(options.dir);
  const tokens = accessTokens();
  const left = vanishingRows();
  const app = Fastify();
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  app.post("/token", (request, reply) => {
    count("token");
    return grant(request, reply, faults.take("google", "token"), tokens.issue);
  });

  let requests = 0;
  app.post(`/${VERSION}/customers/:customer/googleAds::search`, (request, reply) => {
    count("search");
    const fault = faults.take("google", "search");
    const requestId = `Sandbox-${String(++requests).padStart(6, "0")}`;
    reply.header("request-id", requestId);
    try {
      if (fault?.kind === "expired_token") tokens.revoke();
      if (!tokens.accepts(request.headers.authorization)) throw unauthenticated();
      const { customer } = request.params as { customer: string };
      if (customer !== books.account.customer.id) throw denied(DENIED);
      strike(fault);
      const search = parseSearch(request);
      const rows = understood(() => queryRows(books, search.gaql, options.asOf()));
      const shown = left(search.query, search.pageToken === undefined, rows, fault);
      return sendJson(reply, { ...page(search, shown, fault), requestId }, fault);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return reply.code(error.error.http).send(error.body(requestId));
    }
  });
  return app;
}

/** Access tokens in circulation, each good for some requests. */
function accessTokens() {
  const left = new Map<string, number>();
  let issued = 0;
  return {
    issue(): string {
      const token = `ya29.SandboxNotASecret-${++issued}`;
      left.set(token, TOKEN_REQUESTS);
      return token;
    },
    accepts(authorization: string | undefined): boolean {
      const token = authorization?.replace(/^Bearer /, "") ?? "";
      const requests = left.get(token) ?? 0;
      left.set(token, requests - 1);
      return requests > 0;
    },
    revoke: () => left.clear(),
  };
}

/** The token endpoint (RFC 6749, section 6): a refresh token for an access token. */
function grant(
  request: FastifyRequest,
  reply: FastifyReply,
  fault: Fault | undefined,
  issue: () => string,
): FastifyReply {
  const form = (request.body ?? {}) as Record<string, unknown>;
  const refuse = (status: number, error: string, error_description: string) =>
    reply.code(status).send({ error, error_description });
  if (fault?.kind === "server_error") return refuse(500, "internal_failure", "Backend error");
  if (fault?.kind === "throttled") return refuse(429, "rate_limit_exceeded", "Rate limit exceeded");
  if (form.client_id !== CLIENT_ID || form.client_secret !== CLIENT_SECRET) {
    return refuse(401, "invalid_client", "The OAuth client was not found or its secret is wrong.");
  }
  if (form.grant_type !== "refresh_token") {
    return refuse(400, "unsupported_grant_type", `Invalid grant_type: ${form.grant_type}`);
  }
  if (fault?.kind === "expired_token" || form.refresh_token !== REFRESH_TOKEN) {
    return refuse(400, "invalid_grant", "Token has been expired or revoked.");
  }
  const body = {
    access_token: issue(),
    expires_in: 3599,
    scope: "https://www.googleapis.com/auth/adwords",
    token_type: "Bearer",
  };
  return sendJson(reply, body, fault);
}
