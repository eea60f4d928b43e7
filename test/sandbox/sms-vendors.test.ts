import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fault, generate, startVendors, type Vendors } from "../../sandbox/index.ts";
import { type Json, readJson, readNdjson, tempDir } from "./worlds.ts";

const { dir, remove } = tempDir();
let vendors: Vendors;
let truth: Json;
let account: string;

beforeAll(async () => {
  await generate({ seed: 11, customers: 900, events: 500, outDir: dir });
  vendors = await startVendors(dir);
  truth = readJson(dir, "truth", "totals.json").messages;
  account = readJson(dir, "truth", "settings.json").settings.messages.twilio.account;
});
afterEach(() => {
  vendors.setFaults([]);
  vendors.setAsOf(null);
});
afterAll(async () => {
  await vendors.close();
  remove();
});

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

describe("Twilio", () => {
  const get = (path: string) =>
    fetch(`${vendors.addresses.twilio}${path}`, {
      headers: basic(vendors.env.TWILIO_API_KEY, vendors.env.TWILIO_API_SECRET),
    });
  const list = (query = "") => `/2010-04-01/Accounts/${account}/Messages.json${query}`;
  const fault = (kind: Fault["kind"], more: Partial<Fault> = {}) =>
    vendors.setFaults([{ vendor: "twilio", kind, route: "messages", ...more }]);

  /** All pages of a list. */
  async function all(query = ""): Promise<Json[]> {
    const messages: Json[] = [];
    for (let next: string | null = list(query); next !== null; ) {
      const page: Json = await (await get(next)).json();
      expect(page.messages).toHaveLength(page.messages.length && page.end - page.start + 1);
      messages.push(...page.messages);
      next = page.next_page_uri;
    }
    return messages;
  }

  it("lists every message once, newest first, whatever the size of a page", async () => {
    const messages = await all("?PageSize=100");
    expect(await all("?PageSize=1000")).toEqual(messages);
    expect(new Set(messages.map(({ sid }) => sid)).size).toBe(messages.length);
    expect(messages).toHaveLength(truth.by_provider.twilio.count + truth.twilio_replies.count);
    const times = messages.map((message) => Date.parse(message.date_created));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it("filters by whole days of sending, and so never finds what was not sent", async () => {
    const days = "DateSent%3E=2026-09-24&DateSent%3C=2026-09-25";
    const found = await all(`?${days}&PageSize=50`);
    expect(found.length).toBeGreaterThan(50);
    for (const { date_sent } of found)
      expect(new Date(date_sent).toISOString()).toMatch(/^2026-09-2[45]/);
    const unsent = (await all("?PageSize=1000")).filter(({ date_sent }) => date_sent === null);
    expect(unsent.length).toBeGreaterThan(2);
    for (const message of unsent) expect(message.status).toBe("failed");
  });

  it("writes prices negative, dates by RFC 2822, and no campaign but the tag in the text", async () => {
    const messages = await all("?PageSize=1000");
    for (const { price, date_created, direction, body, status, error_code } of messages) {
      if (price !== null) expect(price).toMatch(/^-0\.\d{5}$/);
      expect(date_created).toMatch(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/);
      if (direction === "inbound") expect(body).toBe("STOP");
      else expect(body).toMatch(/ #[A-Z0-9-]+$/);
      expect(error_code === null).toBe(!["failed", "undelivered"].includes(status));
    }
  });

  it("on the morning after knows neither all prices nor all states, and nothing of later", async () => {
    vendors.setAsOf("2026-09-24");
    const messages = await all("?PageSize=1000");
    const last = new Date(messages[0].date_created).toISOString();
    expect(last < "2026-09-24T22:00").toBe(true);
    const fresh = messages.filter(({ status }) => status === "sent");
    expect(fresh.length).toBeGreaterThan(2);
    for (const { price } of fresh) expect(price).toBeNull();
    const arrived = messages.filter(({ status }) => ["delivered", "read"].includes(status));
    expect(arrived.some(({ price }) => price === null)).toBe(true);
    vendors.setAsOf(null);
    expect((await all("?PageSize=1000")).some(({ status }) => status === "sent")).toBe(false);
  });

  it("refuses another key, and throttles with and without a hint", async () => {
    const stranger = await fetch(`${vendors.addresses.twilio}${list()}`, {
      headers: basic("SK1", "guess"),
    });
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ code: 20003 });
    fault("throttled", { minutes: 2 });
    const throttled = await get(list());
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "120"]);
    expect(await throttled.json()).toMatchObject({ code: 20429 });
    fault("throttled");
    expect((await get(list())).headers.get("retry-after")).toBeNull();
    fault("server_error");
    expect((await get(list())).status).toBe(500);
  });
});

describe("the Commify gateway", () => {
  const address = () => `${vendors.addresses.commify}/API/v1.0/REST`;
  const login = () =>
    fetch(`${address()}/login`, { headers: basic("ventolana", vendors.env.COMMIFY_PASSWORD) });
  let keys: Record<string, string>;
  const renew = async () => {
    const [user_key = "", Session_key = ""] = (await (await login()).text()).split(";");
    keys = { user_key, Session_key };
  };
  beforeAll(renew);
  const get = (path: string) => fetch(`${address()}/${path}`, { headers: keys });
  const json = async (path: string): Promise<Json> => (await get(path)).json();
  const whole = "from=20250501000000&to=20261031235959&timezone=Europe/Rome";

  async function orders(): Promise<Json[]> {
    const found: Json[] = [];
    for (let page = 1; ; page++) {
      const body = await json(`smshistory?${whole}&pageNumber=${page}&pageSize=200`);
      found.push(...body.smshistory);
      if (page * 200 >= body.total) return found;
    }
  }

  it("lists orders, ten a page unless asked, with their recipients behind them", async () => {
    const first = await json(`smshistory?${whole}`);
    expect(first.smshistory).toHaveLength(10);
    const all = await orders();
    expect(all).toHaveLength(first.total);
    let count = 0;
    for (const { order_id, num_recipients, create_time } of all) {
      const { recipients, recipient_number } = await json(`sms/${order_id}`);
      expect(recipients).toHaveLength(recipient_number);
      expect(recipients).toHaveLength(num_recipients);
      expect(create_time).toMatch(/^202[56]\d{10}$/);
      if (!order_id.startsWith("PROVA")) count += recipients.length;
    }
    expect(count).toBe(truth.by_provider.commify.count);
  });

  it("writes to the sale's audience in one order, on birthdays in one per day", async () => {
    const ids = (await orders()).map(({ order_id }) => order_id);
    expect(ids).toContain("SMS-SALDI-PE26-001");
    expect(ids.filter((id) => /^SMS-COMPLEANNO-\d{8}$/.test(id)).length).toBeGreaterThan(50);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("keeps a blacklist with times of another form", async () => {
    const query = "from=2025-05-01 00:00:00&to=2026-10-31 23:59:59&pageSize=500";
    const { blacklist, total } = await json(`blacklist/sms?${query}&origins=STOPSMS,WEB,API`);
    expect(blacklist).toHaveLength(total);
    expect(total).toBe(truth.opt_outs.commify);
    for (const { date } of blacklist) expect(date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const stops = await json(`blacklist/sms?${query}&origins=STOPSMS`);
    expect(stops.total).toBeLessThan(total);
  });

  it("on the morning after knows neither all states nor anything of later", async () => {
    vendors.setAsOf("2026-07-03");
    const { recipients } = await json("sms/SMS-SALDI-PE26-001");
    const open = recipients.filter(({ status }: Json) => ["SENT", "WAIT4DLVR"].includes(status));
    expect(open.length).toBeGreaterThan(2);
    for (const { delivery_date } of open) expect(delivery_date).toBe("");
    expect((await orders()).at(-1).create_time < "20260704").toBe(true);
  });

  it("ends a session on the next login, and refuses a wrong password", async () => {
    const old = { ...keys };
    await renew();
    expect((await fetch(`${address()}/smshistory`, { headers: old })).status).toBe(401);
    expect((await get("smshistory")).status).toBe(200);
    vendors.setFaults([{ vendor: "commify", kind: "expired_token", route: "orders" }]);
    expect((await get("smshistory")).status).toBe(401);
    expect((await get("smshistory")).status).toBe(401);
    await renew();
    expect((await get("smshistory")).status).toBe(200);
    const guess = await fetch(`${address()}/login`, { headers: basic("ventolana", "guess") });
    expect(guess.status).toBe(401);
  });
});

it("every message is a source record with its phone as delivered", () => {
  const records = readNdjson(dir, "truth", "records.ndjson");
  for (const provider of ["twilio", "commify"]) {
    const own = records.filter(({ source }) => source === provider);
    const { count } = truth.by_provider[provider];
    expect(own).toHaveLength(count + truth.opt_outs[provider]);
    for (const { phone } of own) expect(phone).toMatch(/^\+39\d{9,10}$/);
  }
});
