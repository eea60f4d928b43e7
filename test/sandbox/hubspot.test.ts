import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, generate, startVendors, type Vendors } from "../../sandbox/index.ts";
import { type Json, readJson, readNdjson, tempDir } from "./worlds.ts";

const { dir, remove } = tempDir();
const CONTACTS = "/crm/objects/2026-09/contacts";
let vendors: Vendors;

beforeAll(async () => {
  await generate({ seed: 14, customers: 700, events: 1_000, outDir: dir });
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

const call = (path: string, init: RequestInit = {}, token = vendors.env.HUBSPOT_ACCESS_TOKEN) =>
  fetch(`${vendors.addresses.hubspot}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
const json = async (response: Response): Promise<Json> => response.json();
const post = (body: unknown) =>
  call(`${CONTACTS}/search`, { method: "POST", body: JSON.stringify(body) });
const search = async (body: unknown): Promise<Json> => json(await post(body));

const byId = [{ propertyName: "hs_object_id", direction: "ASCENDING" }];
const where = (...filters: [string, string, string][]) => [
  {
    filters: filters.map(([propertyName, operator, value]) => ({ propertyName, operator, value })),
  },
];
const fault = (kind: Fault["kind"], route: string) =>
  vendors.setFaults([{ vendor: "hubspot", kind, route }]);
const ids = (page: Json): string[] => page.results.map(({ id }: Json) => id);

/** Every contact that searches bring, each page beginning after the last one's id. */
async function everyone(): Promise<Json[]> {
  const found: Json[] = [];
  for (let last = "0"; ; last = found.at(-1).id) {
    const page = await search({
      filterGroups: where(["hs_object_id", "GT", last]),
      sorts: byId,
      limit: 200,
      properties: ["email", "hs_merged_object_ids", "numero_tessera"],
    });
    found.push(...page.results);
    if (!page.paging) return found;
  }
}

describe("HubSpot", () => {
  it("tells the portal and its zone", async () => {
    expect(await json(await call("/account-info/2026-03/details"))).toMatchObject({
      portalId: 25110417,
      timeZone: "Europe/Rome",
    });
  });

  it("finds everyone by key, but for those archived, who are listed apart", async () => {
    const found = await everyone();
    const archived = await json(await call(`${CONTACTS}?limit=100&archived=true&properties=email`));
    const truth = readNdjson(dir, "truth", "records.ndjson").filter((r) => r.source === "hubspot");
    expect([...found.map(({ id }) => id), ...ids(archived)].sort()).toEqual(
      truth.map(({ key }) => key).sort(),
    );
    expect(archived.results.every((contact: Json) => contact.archived && contact.archivedAt)).toBe(
      true,
    );
    const { contacts } = readJson(dir, "truth", "totals.json");
    expect(found.filter(({ properties }) => properties.hs_merged_object_ids)).toHaveLength(
      contacts.absorbed,
    );
  });

  it("filters and sorts by the time of change, given in milliseconds or as text", async () => {
    const from = "2026-06-01T00:00:00.000Z";
    const asked = (value: string) =>
      search({
        filterGroups: where(["lastmodifieddate", "GTE", value]),
        sorts: [{ propertyName: "lastmodifieddate", direction: "DESCENDING" }],
        limit: 200,
      });
    const page = await asked(from);
    const times = page.results.map(({ updatedAt }: Json) => updatedAt);
    expect(times).toEqual(times.toSorted().reverse());
    expect(times.at(-1) >= from).toBe(true);
    expect(await asked(String(Date.parse(from)))).toEqual(page);
  });

  it("pages by position, too, but never beyond 10,000 results", async () => {
    const first = await search({ sorts: byId, limit: 3 });
    const second = await search({ sorts: byId, limit: 3, after: first.paging.next.after });
    expect(ids(await search({ sorts: byId, limit: 6 }))).toEqual([...ids(first), ...ids(second)]);
    expect((await post({ limit: 200, after: "9900" })).status).toBe(400);
  });

  it("refuses what HubSpot refuses", async () => {
    expect((await post({ limit: 201 })).status).toBe(400);
    expect((await post({ sorts: [...byId, ...byId] })).status).toBe(400);
    expect((await post({ filterGroups: where(["email", "LIKE", "a"]) })).status).toBe(400);
    expect((await call(`${CONTACTS}?limit=101`)).status).toBe(400);
    const unknown = await call(CONTACTS, {}, "other");
    expect([unknown.status, (await json(unknown)).category]).toEqual([
      401,
      "INVALID_AUTHENTICATION",
    ]);
  });

  it("knows on a morning nothing that happened later", async () => {
    const now = new Map((await everyone()).map((contact) => [contact.id, contact]));
    vendors.setAsOf("2025-12-31");
    const then = await everyone();
    expect(then.length).toBeLessThan(now.size);
    for (const { updatedAt } of then) expect(updatedAt < "2025-12-31T23:00").toBe(true);
    // Somebody was another's double then, and is part of them now.
    const merged = [...now.values()].flatMap(
      ({ properties }) => properties.hs_merged_object_ids ?? [],
    );
    expect(then.some(({ id }) => merged.includes(id) && !now.has(id))).toBe(true);
  });
});

describe("faults", () => {
  const policy = async (response: Response) => [response.status, (await json(response)).policyName];

  it("name the limit that was met; of searches no header tells", async () => {
    fault("throttled", "search");
    const throttled = await post({});
    expect(throttled.headers.has("x-hubspot-ratelimit-max")).toBe(false);
    expect(await policy(throttled)).toEqual([429, "SECONDLY"]);
    fault("throttled", "list");
    const listed = await call(CONTACTS);
    expect(listed.headers.get("x-hubspot-ratelimit-remaining")).toBe("0");
    expect(await policy(listed)).toEqual([429, "TEN_SECONDLY_ROLLING"]);
    fault("quota", "search");
    expect(await policy(await post({}))).toEqual([429, "DAILY"]);
  });

  it("withhold the latest change, drop a row, or repeat one", async () => {
    const asked = { sorts: byId, limit: 5 };
    const whole = await search(asked);
    fault("dropped_row", "search");
    expect(await search(asked)).toMatchObject({
      total: whole.total,
      results: whole.results.slice(1),
    });
    fault("repeated_row", "search");
    expect(ids(await search(asked))).toEqual([ids(whole)[0], ...ids(whole)]);
    fault("late_index", "search");
    expect((await search(asked)).total).toBeLessThan(whole.total);
    expect(await search(asked)).toEqual(whole);
  });

  it("expire the token once", async () => {
    fault("expired_token", "account");
    expect((await call("/account-info/2026-03/details")).status).toBe(401);
    expect((await call("/account-info/2026-03/details")).status).toBe(200);
  });
});
