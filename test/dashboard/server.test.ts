import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import { type Dashboard, serveDashboard } from "../../dashboard/server.ts";
import { browserPath } from "./browser.ts";

let page: Dashboard;
afterEach(() => page.close());

/** The page's answer where every query fails like this. */
async function answerWhere(error: Error, path = "/api/about") {
  page = await serveDashboard({
    currency: "EUR",
    timeZone: "Europe/Rome",
    defaultModel: "linear",
    marts: { dataset: "marts", query: () => Promise.reject(error) },
  });
  const response = await fetch(page.url + path);
  return { status: response.status, body: await response.json() };
}

const notFound = () => Object.assign(new Error("Not found: Dataset local:marts"), { code: 404 });

test("before the first night there is nothing to show, and that is no failure of the warehouse", async () => {
  const { status, body } = await answerWhere(notFound());
  expect(status).toBe(409);
  expect(body).toEqual({ error: expect.stringContaining("No night has run yet"), noMarts: true });
});

test("what the warehouse refuses is said as it says it", async () => {
  const { status, body } = await answerWhere(new Error("Quota exceeded: too many queries"));
  expect(status).toBe(502);
  expect(body).toEqual({ error: "Quota exceeded: too many queries" });
});

test("the page and its chart library come from this machine", async () => {
  await answerWhere(notFound());
  for (const path of ["/", "/main.js", "/style.css", "/icon.svg", "/echarts/echarts.esm.min.mjs"]) {
    expect((await fetch(page.url + path)).status, path).toBe(200);
  }
  expect(new URL(page.url).hostname).toBe("127.0.0.1");
});

test("it answers this machine's own names only", async () => {
  await answerWhere(notFound());
  const { port } = new URL(page.url);
  const status = (host: string) =>
    new Promise((done) => {
      const asked = request({ host: "127.0.0.1", port, path: "/", headers: { host } });
      asked.on("response", (response) => done(response.resume().statusCode)).end();
    });
  expect(await status(`127.0.0.1:${port}`)).toBe(200);
  expect(await status(`localhost:${port}`)).toBe(200);
  expect(await status("shop.example")).toBe(403);
});

test("it lets the page load nothing but itself", async () => {
  await answerWhere(notFound());
  const { headers } = await fetch(page.url);
  expect(headers.get("content-security-policy")).toContain("default-src 'self'");
});

test("what is no period is refused, and said where", async () => {
  const { status, body } = await answerWhere(notFound(), "/api/overview?from=yesterday");
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain("from");
});

test("no file beside the page is served", async () => {
  await answerWhere(notFound());
  for (const path of ["/../server.ts", "/%2e%2e/server.ts", "/..%2f..%2fpackage.json", "/page/"]) {
    expect((await fetch(page.url + path)).status, path).not.toBe(200);
  }
});

test.skipIf(!browserPath(process.env))(
  "says in the browser what to do before the first night",
  async () => {
    const { chromium } = await import("playwright-core");
    await answerWhere(notFound());
    const browser = await chromium.launch({ executablePath: browserPath(process.env) ?? "" });
    const opened = await browser.newPage();
    await opened.goto(page.url);
    expect(await opened.textContent("[role=alert]")).toContain("filo nightly");
    await browser.close();
  },
);
