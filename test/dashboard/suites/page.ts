import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { browserPath } from "../browser.ts";
import { client, FROM } from "../client.ts";
import { AS_OF, type StaleWorld } from "../stale-world.ts";

const SHOTS = resolve(import.meta.dirname, "../../../.filo/test");

/** Tables' cells and tiles as the page shows them, in English figures. */
const figure = (value: string, digits: number) =>
  new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value as Intl.StringNumericLiteral);

export function page(world: () => StaleWorld): void {
  describe("the page in a browser", () => {
    const { overview } = client(world);
    let browser: Browser | undefined;
    const problems: string[] = [];

    beforeAll(async () => {
      const executablePath = browserPath(process.env);
      if (executablePath) browser = await chromium.launch({ executablePath });
    });
    afterAll(() => browser?.close());
    afterEach(() => {
      expect(problems.splice(0), "complaints and requests elsewhere").toEqual([]);
    });

    /** Opens the page; whatever the console complains of, and each request that leaves the machine, is a problem. */
    async function open(
      context: TestContext,
      query: string,
      {
        colorScheme = "light",
        width = 1280,
      }: { colorScheme?: "light" | "dark"; width?: number } = {},
    ) {
      if (!browser) {
        return context.skip("no browser: apt-get install chromium, or name one in CHROMIUM_PATH");
      }
      const page = await browser.newPage({
        colorScheme,
        locale: "en-GB",
        viewport: { width, height: 900 },
      });
      page.on("console", (said) => said.type() !== "log" && problems.push(said.text()));
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("request", (asked) => {
        if (!asked.url().startsWith(`${world().url}/`)) problems.push(`asked for ${asked.url()}`);
      });
      await page.goto(`${world().url}/${query}`);
      await drawn(page);
      return page;
    }

    const drawn = (page: Page) => page.waitForSelector("#sections[aria-busy=false] #sources");
    const period = `?from=${FROM}&to=${AS_OF}`;

    test("shows the query's figures, and others when the model changes", async (context) => {
      const page = await open(context, period);
      const shown = async () => ({
        roas: await page.textContent("#roas"),
        online: await page.textContent("#roas-online"),
        platform: await page.textContent("#roas-by tbody tr:first-child strong"),
      });
      const expected = async (model: string) => {
        const { totals, platforms } = await overview(model);
        const dearest = platforms[0]?.roas;
        return {
          roas: figure(totals.roas ?? "", 2),
          online: figure(totals.online_roas ?? "", 2),
          platform: figure(dearest ?? "", 2),
        };
      };
      const first = await shown();
      expect(first).toEqual(await expected("position_based"));
      await page.selectOption("#model", "last_touch");
      await page.waitForURL(/model=last_touch/);
      await drawn(page);
      expect(await shown()).toEqual(await expected("last_touch"));
      expect(await shown()).not.toEqual(first);
      const unpointed = await page.textContent("#roas");
      await page.selectOption("#locale", "it-IT");
      await drawn(page);
      expect(await page.textContent("#roas")).toBe(unpointed?.replace(".", ","));
      expect(await page.textContent("#run")).toMatch(/Counted up to 30 ott 2026.*Run 2026-10-30_/);
      await page.close();
    });

    test("names the source that is late, the days and what to do", async (context) => {
      const page = await open(context, period);
      const notice = await page.textContent("#provisional");
      expect(notice).toContain("meta");
      expect(notice).toContain("30 Oct 2026");
      expect(notice).toContain("META_TOKEN_EXPIRED");
      expect(await page.textContent("#sources")).toContain("late");
      await page.close();
    });

    test("opens the way to an order from the list, by keyboard too", async (context) => {
      const page = await open(context, period);
      const first = page.locator("#order-list tbody button").first();
      const name = (await first.textContent()) ?? "";
      await first.focus();
      await page.keyboard.press("Enter");
      await page.waitForSelector("#journey .thread li");
      expect(await page.textContent("#journey h3")).toBe(`Order ${name}`);
      expect(await page.evaluate("document.activeElement.textContent")).toBe(name);
      await page.close();
    });

    test("is light and dark, and remembers which was chosen", async (context) => {
      mkdirSync(SHOTS, { recursive: true });
      const canvas = "getComputedStyle(document.body).backgroundColor";
      const dark = await open(context, period, { colorScheme: "dark" });
      await dark.screenshot({ path: `${SHOTS}/dashboard-dark.png`, fullPage: true });
      const darkCanvas = await dark.evaluate(canvas);
      await dark.click("#theme");
      await dark.reload();
      await drawn(dark);
      const light = await open(context, period);
      await light.screenshot({ path: `${SHOTS}/dashboard.png`, fullPage: true });
      expect(await light.evaluate(canvas)).not.toBe(darkCanvas);
      expect(await dark.evaluate(canvas)).toBe(await light.evaluate(canvas));
      await Promise.all([dark.close(), light.close()]);
    });

    test("fits a telephone", async (context) => {
      const page = await open(context, period, { width: 375 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
      await page.close();
    });
  });
}
