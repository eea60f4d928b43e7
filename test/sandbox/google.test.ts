import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, generate, startVendors, type Vendors } from "../../sandbox/index.ts";
import { cents, type Json, readJson, readNdjson, sum, tempDir } from "./worlds.ts";

const { dir, remove } = tempDir();
const CUSTOMER = "4815162342";
let vendors: Vendors;

beforeAll(async () => {
  await generate({ seed: 12, customers: 1_000, events: 10_000, outDir: dir });
  vendors = await startVendors(dir);
});
afterEach(() => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
});
afterAll(async () => {
  await vendors.close();
  remove();
});

const json = async (response: Response): Promise<Json> => response.json();

async function token(more: Record<string, string> = {}): Promise<Response> {
  const { env, addresses } = vendors;
  return fetch(`${addresses.google}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: env.GOOGLE_ADS_CLIENT_ID,
      client_secret: env.GOOGLE_ADS_CLIENT_SECRET,
      refresh_token: env.GOOGLE_ADS_REFRESH_TOKEN,
      ...more,
    }),
  });
}
const accessToken = async (): Promise<string> => (await json(await token())).access_token;

async function post(body: Json, customer = CUSTOMER, bearer?: string): Promise<Response> {
  return fetch(`${vendors.addresses.google}/v26/customers/${customer}/googleAds:search`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${bearer ?? (await accessToken())}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
}

const FIELDS =
  "campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type, segments.date, metrics.impressions, " +
  "metrics.clicks, metrics.cost_micros, metrics.conversions, metrics.conversions_value, metrics.view_through_conversions";
const whole = ["2025-05-01", "2026-10-31"] as const;
const query = (from: string, to: string, more = "", fields = FIELDS) =>
  `SELECT ${fields} FROM campaign WHERE segments.date BETWEEN '${from}' AND '${to}'${more} ORDER BY segments.date, campaign.id`;

/** All pages of a query. */
async function search(text: string): Promise<Json[]> {
  const rows: Json[] = [];
  for (let pageToken: string | undefined; ; ) {
    const page = await json(await post({ query: text, ...(pageToken && { pageToken }) }));
    rows.push(...(page.results ?? []));
    pageToken = page.nextPageToken;
    if (!pageToken) return rows;
  }
}

const fault = (kind: Fault["kind"], route: string, more: Partial<Fault> = {}) =>
  vendors.setFaults([{ vendor: "google", kind, route, ...more }]);

describe("the token endpoint", () => {
  it("gives access tokens that end, of the right credentials only", async () => {
    expect(await json(await token())).toMatchObject({ token_type: "Bearer", expires_in: 3599 });
    const refused = async (more: Record<string, string>) => {
      const response = await token(more);
      return [response.status, (await json(response)).error];
    };
    expect(await refused({ refresh_token: "other" })).toEqual([400, "invalid_grant"]);
    expect(await refused({ client_secret: "other" })).toEqual([401, "invalid_client"]);
    expect(await refused({ grant_type: "password" })).toEqual([400, "unsupported_grant_type"]);
    const bearer = await accessToken();
    const statuses: number[] = [];
    while (statuses.at(-1) !== 401 && statuses.length < 100) {
      const text = "SELECT customer.id FROM customer";
      statuses.push((await post({ query: text }, CUSTOMER, bearer)).status);
    }
    expect(statuses.at(-2)).toBe(200);
    expect(statuses.length).toBeLessThan(100);
  });
});

describe("the search", () => {
  it("spends what the truth says, by campaign and day, removed campaigns and Performance Max too", async () => {
    const rows = await search(query(...whole));
    const truth = readNdjson(dir, "truth", "spend.ndjson").filter(
      (row) => row.platform === "google",
    );
    expect(
      rows.map(({ campaign, segments, metrics }) => [
        campaign.id,
        segments.date,
        Number(metrics.costMicros) / 10_000,
      ]),
    ).toEqual(
      truth
        .map((row) => [row.campaign_id, row.date, cents(row.spend)])
        .sort((a, b) => (`${a[1]} ${a[0]}` < `${b[1]} ${b[0]}` ? -1 : 1)),
    );
    expect(sum(rows, ({ metrics }) => Number(metrics.costMicros) / 10_000)).toBe(
      cents(readJson(dir, "truth", "totals.json").spend.platforms.google),
    );
    expect(new Set(rows.map(({ campaign }) => campaign.status))).toEqual(
      new Set(["ENABLED", "PAUSED", "REMOVED"]),
    );
    expect(new Set(rows.map(({ campaign }) => campaign.advertisingChannelType))).toEqual(
      new Set(["SEARCH", "SHOPPING", "PERFORMANCE_MAX", "VIDEO"]),
    );
  });

  it("states 64-bit numbers as text, doubles as numbers, and leaves out what is 0", async () => {
    const metrics = (await search(query(...whole))).map((row) => row.metrics);
    for (const values of metrics) {
      for (const [name, value] of Object.entries(values)) {
        expect(typeof value).toBe(name.startsWith("conversions") ? "number" : "string");
        expect(Number(value)).not.toBe(0);
      }
    }
    expect(metrics.some(({ conversions }) => conversions % 1 !== 0)).toBe(true);
    expect(metrics.some(({ conversions }) => conversions === undefined)).toBe(true);
  });

  it("divides each purchase among its clicks: no more conversions than web orders", async () => {
    const rows = await search(query(...whole));
    const conversions = sum(rows, ({ metrics }) => metrics.conversions ?? 0);
    const orders = readNdjson(dir, "truth", "orders.ndjson").filter(
      ({ channel }) => channel === "online",
    );
    expect(conversions).toBeGreaterThan(5);
    expect(conversions).toBeLessThan(orders.length);
  });

  it("pages by a token of the same query, and announces the number of rows where asked", async () => {
    const text = query("2026-09-01", "2026-09-30");
    const searchSettings = { returnTotalResultsCount: true };
    const first = await json(await post({ query: text, searchSettings }));
    const rows = await search(text);
    expect(Number(first.totalResultsCount)).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(first.results.length);
    const other = { query: query("2026-08-01", "2026-08-31"), pageToken: first.nextPageToken };
    expect((await post(other)).status).toBe(400);
  });

  it("filters as asked, and describes the customer", async () => {
    const enabled = await search(query(...whole, " AND campaign.status != 'REMOVED'"));
    expect(enabled.some(({ campaign }) => campaign.status === "REMOVED")).toBe(false);
    const two = "20110000000001', '20110000000002";
    const chosen = await search(query(...whole, ` AND campaign.id IN ('${two}')`));
    expect(new Set(chosen.map(({ campaign }) => campaign.id)).size).toBe(2);
    expect(
      await search(
        "SELECT customer.id, customer.currency_code, customer.time_zone, customer.manager FROM customer",
      ),
    ).toEqual([
      {
        customer: {
          resourceName: `customers/${CUSTOMER}`,
          id: CUSTOMER,
          currencyCode: "EUR",
          timeZone: "Europe/Rome",
        },
      },
    ]);
  });

  it.each([
    [
      "a field it does not know",
      query(...whole, "", "campaign.id, campaign.nonsense, segments.date"),
    ],
    ["metrics without days", "SELECT campaign.id, metrics.clicks FROM campaign"],
    ["days without a range", "SELECT campaign.id, segments.date FROM campaign"],
    ["another resource", "SELECT campaign.id FROM ad_group_ad"],
    [
      "a range that depends on the clock",
      "SELECT campaign.id, segments.date FROM campaign WHERE segments.date DURING LAST_30_DAYS",
    ],
    ["a clause it does not know", "SELECT customer.id FROM customer LIMIT 1"],
    ["no query at all", "DELETE FROM campaign"],
    ["signs", "SELECT campaign.id; FROM campaign"],
  ])("refuses %s by name", async (_, text) => {
    const response = await post({ query: text });
    const { error } = await json(response);
    expect([response.status, error.status]).toEqual([400, "INVALID_ARGUMENT"]);
    expect(error.details[0].errors[0].errorCode).toEqual({ queryError: "QUERY_ERROR" });
    expect(error.message.length).toBeGreaterThan(20);
  });

  it("refuses a page size, another customer and a foreign token", async () => {
    const text = "SELECT customer.id FROM customer";
    const refusal = async (response: Response) => {
      const { error } = await json(response);
      return [
        response.status,
        error.status,
        ...Object.values(error.details[0].errors[0].errorCode),
      ];
    };
    expect(await refusal(await post({ query: text, pageSize: 5 }))).toEqual([
      400,
      "INVALID_ARGUMENT",
      "PAGE_SIZE_NOT_SUPPORTED",
    ]);
    expect(await refusal(await post({ query: text }, "1112223334"))).toEqual([
      403,
      "PERMISSION_DENIED",
      "USER_PERMISSION_DENIED",
    ]);
    expect(await refusal(await post({ query: text }, CUSTOMER, "other"))).toEqual([
      401,
      "UNAUTHENTICATED",
      "OAUTH_TOKEN_EXPIRED",
    ]);
  });
});

describe("as of a day", () => {
  const cost = (rows: Json[]) => sum(rows, ({ metrics }) => Number(metrics.costMicros ?? 0));
  const conversions = (rows: Json[]) => sum(rows, ({ metrics }) => metrics.conversions ?? 0);

  it("knows nothing later, and credits invalid clicks for weeks", async () => {
    const may = query("2026-05-01", "2026-05-31");
    vendors.setAsOf("2026-05-30");
    const early = await search(may);
    vendors.setAsOf("2026-05-31");
    const first = await search(may);
    vendors.setAsOf("2026-06-30");
    const settled = await search(may);
    vendors.setAsOf(null);
    expect(new Set(early.map(({ segments }) => segments.date))).not.toContain("2026-05-31");
    expect(cost(first)).toBeGreaterThan(cost(settled));
    expect(await search(may)).toEqual(settled);
  });

  it("learns of purchases as they are made, dated to the click", async () => {
    const learned: number[] = [];
    for (const day of ["2025-07-15", "2025-11-25", "2026-04-20", "2026-06-15", "2026-10-10"]) {
      const range = query("2025-05-01", day);
      vendors.setAsOf(day);
      const early = conversions(await search(range));
      vendors.setAsOf(null);
      learned.push(conversions(await search(range)) - early);
    }
    expect(Math.min(...learned)).toBeGreaterThan(-0.001);
    expect(Math.max(...learned)).toBeGreaterThan(0.1);
  });
});

describe("faults", () => {
  const text = query("2026-09-01", "2026-09-30");
  const errorOf = async (response: Response) => {
    const { error } = await json(response);
    return [response.status, error.status, error.details[0].errors[0]] as const;
  };

  it("throttling: 429 with the delay in the details, or without one", async () => {
    fault("throttled", "search", { minutes: 15 });
    expect(await errorOf(await post({ query: text }))).toMatchObject([
      429,
      "RESOURCE_EXHAUSTED",
      { details: { quotaErrorDetails: { retryDelay: "900s" } } },
    ]);
    fault("throttled", "search");
    expect(await errorOf(await post({ query: text }))).toMatchObject([
      429,
      "RESOURCE_EXHAUSTED",
      { errorCode: { quotaError: "RESOURCE_TEMPORARILY_EXHAUSTED" } },
    ]);
  });

  it("an access token that is over: no token given before is good any more", async () => {
    const bearer = await accessToken();
    fault("expired_token", "search");
    expect((await post({ query: text }, CUSTOMER, bearer)).status).toBe(401);
    expect((await post({ query: text }, CUSTOMER, bearer)).status).toBe(401);
    expect((await post({ query: text })).status).toBe(200);
  });

  it("a revoked refresh token, a failing token endpoint, a server error and a deadline", async () => {
    fault("expired_token", "token");
    expect((await json(await token())).error).toBe("invalid_grant");
    fault("server_error", "token");
    expect((await token()).status).toBe(500);
    fault("server_error", "search");
    expect((await errorOf(await post({ query: text }))).slice(0, 2)).toEqual([500, "INTERNAL"]);
    fault("too_much_data", "search");
    expect((await errorOf(await post({ query: text }))).slice(0, 2)).toEqual([
      504,
      "DEADLINE_EXCEEDED",
    ]);
  });

  it("a connection that closes without an answer, or in mid-body", async () => {
    fault("no_answer", "search");
    await expect(post({ query: text })).rejects.toThrow();
    fault("reset", "search");
    await expect((await post({ query: text })).text()).rejects.toThrow();
  });

  it("a page that repeats a row, a page that drops one, and a row that vanished", async () => {
    const rows = await search(text);
    fault("repeated_row", "search", { after: 1 });
    const repeated = await search(text);
    expect(repeated).toHaveLength(rows.length + 1);
    expect(new Set(repeated.map((row) => JSON.stringify(row))).size).toBe(rows.length);
    fault("dropped_row", "search", { after: 1 });
    expect(await search(text)).toHaveLength(rows.length - 1);
    fault("vanished_row", "search");
    expect(await search(text)).toEqual(rows.slice(1));
    expect(await search(text)).toEqual(rows);
  });
});
