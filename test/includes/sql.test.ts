import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testWarehouse } from "../emulator/script/warehouse.ts";
import { include } from "./load.ts";

const DEFINITIONS = join(import.meta.dirname, "../../definitions");

type Sql = (...args: string[]) => string;

const { rows } = testWarehouse();

/** The values of these GoogleSQL expressions. */
async function values(...expressions: string[]): Promise<unknown[]> {
  const [row] = await rows(`select ${expressions.map((sql, i) => `${sql} as c${i}`).join(", ")}`);
  return row ?? [];
}

describe("variables", () => {
  it.each([
    ["asOf", "31/10/2026", /asOf is "31\/10\/2026"; give a date/],
    ["runId", "x' or '1", /runId/],
    ["timeZone", "Rome'; --", /timeZone/],
    ["currency", "euro", /currency is "euro"; it must look like EUR/],
    ["defaultModel", "best", /defaultModel is "best"; it must be one of first_touch/],
  ])("%s of %s is refused, with the remedy", (name, value, message) => {
    expect(() => include("constants", { [name]: value })).toThrow(message);
  });
});

describe("time", () => {
  it("counts the last day whole where the retailer is, in winter and in summer", async () => {
    for (const [asOf, last, after] of [
      ["2026-12-31", "2026-12-31 22:59:59.999999+00", "2026-12-31 23:00:00+00"],
      ["2026-06-30", "2026-06-30 21:59:59.999999+00", "2026-06-30 22:00:00+00"],
    ] as const) {
      const { untilAsOf } = include<{ untilAsOf: Sql }>("time", { asOf });
      const sql = [last, after].map((at) => untilAsOf(`timestamp '${at}'`));
      expect(await values(...sql)).toEqual([true, false]);
    }
  });

  it("counts all without a last day", () => {
    const { untilAsOf, dateUntilAsOf } = include<{ untilAsOf: Sql; dateUntilAsOf: Sql }>("time");
    expect([untilAsOf("t"), dateUntilAsOf("d")]).toEqual(["true", "true"]);
  });

  it("knows the local day and its beginning", async () => {
    const { localDate, startOfDay } = include<{ localDate: Sql; startOfDay: Sql }>("time");
    expect(
      await values(
        `cast(${localDate("timestamp '2026-10-24 22:30:00+00'")} as string)`,
        `${startOfDay("date '2026-10-25'")} = timestamp '2026-10-24 22:00:00+00'`,
        `${startOfDay("date '2026-10-26'")} = timestamp '2026-10-25 23:00:00+00'`,
      ),
    ).toEqual(["2026-10-25", true, true]);
  });
});

describe("sources", () => {
  it("reach no further than the last day counted", async () => {
    const cut = (asOf: string) => include<{ cutAtAsOf: Sql }>("sources", { asOf }).cutAtAsOf;
    const day = (asOf: string, last: string) => `cast(${cut(asOf)(last)} as string)`;
    expect(
      await values(
        day("2026-08-31", "date '2026-10-31'"),
        day("2026-08-31", "date '2026-08-30'"),
        day("", "date '2026-10-31'"),
      ),
    ).toEqual(["2026-08-31", "2026-08-30", "2026-10-31"]);
  });
});

describe("money", () => {
  const money = include<{ amountFromJson: Sql; cents: Sql; fromCents: Sql }>("money");

  it("is read from JSON to the cent, and null where there is none", async () => {
    const json = `json '{"a": 10.005, "b": "7", "c": "seven"}'`;
    const read = ["$.a", "$.b", "$.c", "$.d"].map(
      (path) => `cast(${money.amountFromJson(json, path)} as string)`,
    );
    expect(await values(...read)).toEqual(["10.01", "7", null, null]);
  });

  it("comes back from cents as it went", async () => {
    expect(
      await values(
        money.cents("numeric '-12.34'"),
        `cast(${money.fromCents(money.cents("numeric '-12.34'"))} as string)`,
      ),
    ).toEqual([-1234, "-12.34"]);
  });
});

describe("hosts", () => {
  const { host, isInternal } = include<{ host: Sql; isInternal: Sql }>("channels");

  it.each([
    ["https://www.Shop.example/a?b#c", "shop.example"],
    ["http://m.facebook.com:443/", "facebook.com"],
    ["android-app://com.google.android.gm/", null],
    ["not a url", null],
  ])("of %s is %s", async (url, expected) => {
    expect(await values(host(`'${url}'`))).toEqual([expected]);
  });

  it.each([
    ["shop.example", "shop.example", true],
    ["blog.shop.example", "shop.example", true],
    ["shop.example", "it.shop.example", true],
    ["othershop.example", "shop.example", false],
    ["secure.bank.example", "shop.example", true],
    ["paypal.com", "shop.example", true],
    ["notpaypal.com", "shop.example", false],
    ["facebook.com", "shop.example", false],
  ])("%s is no source for %s: %s", async (referrer, page, expected) => {
    expect(await values(isInternal(`'${referrer}'`, `'${page}'`))).toEqual([expected]);
  });
});

describe("models", () => {
  it("share an order of four touches as the definitions say", async () => {
    const { weights } = include<{ weights: Sql }>("attribution");
    const touches = [
      [1, 21],
      [2, 14],
      [3, 7],
      [4, 0],
    ].map(([position, age]) => `(${position}, 4, 3, ${age})`);
    const result = await rows(`
      select model, string_agg(cast(weight as string), ' ' order by position)
      from unnest(array<struct<position int64, path_length int64, last_non_direct_position int64, age_days float64>>[${touches.join(", ")}])
      cross join unnest(${weights()})
      group by model order by model`);
    expect(Object.fromEntries(result as [string, string][])).toEqual({
      first_touch: "1 0 0 0",
      last_non_direct: "0 0 1 0",
      last_touch: "0 0 0 1",
      linear: "1 1 1 1",
      // 40, 10, 10 and 40 percent
      position_based: "0.8 0.2 0.2 0.8",
      // a week halves
      time_decay: "0.125 0.25 0.5 1",
    });
  });
});

describe("functions of our own", () => {
  it("live beside the models, in the environment's datasets", () => {
    const nameOf = (settings: Record<string, string>) =>
      include<{ name: Sql }>("udf", {}, settings).name("f");
    expect(nameOf({})).toBe("`local.intermediate.f`");
    expect(nameOf({ defaultDatabase: "acme", schemaSuffix: "dev" })).toBe(
      "`acme.intermediate_dev.f`",
    );
  });
});

describe("laws", () => {
  const laws = include<Record<string, string[]> & { all: string[] }>("laws");

  it("are all assertions, and every assertion is a law but those that no mart waits for", () => {
    const assertions = readdirSync(join(DEFINITIONS, "assertions")).map((file) =>
      file.replace(".sqlx", ""),
    );
    const truths = laws.all.filter((name) => name.startsWith("assert_"));
    // they tell of gaps in what was delivered; what came is counted
    const reported = [
      "assert_closed_days_are_complete",
      "assert_few_web_orders_are_unreadable",
      "assert_receipts_are_paid",
    ];
    expect([...truths, ...reported].sort()).toEqual(assertions.sort());
  });

  it("are waited for by every mart but the sources' status", () => {
    const marts = readdirSync(join(DEFINITIONS, "marts")).filter((file) =>
      /^(dim|fct|mart|customer)_/.test(file),
    );
    const free = marts.filter(
      (file) => !readFileSync(join(DEFINITIONS, "marts", file), "utf8").includes("laws."),
    );
    expect(free).toEqual(["mart_source_status.sqlx"]);
  });
});

describe("unit tests", () => {
  it("exist for every intermediate table and view", () => {
    const models = readdirSync(join(DEFINITIONS, "intermediate"), { recursive: true })
      .map(String)
      .filter((file) => /\bint_\w+\.sqlx$/.test(file))
      .filter(
        (file) =>
          !readFileSync(join(DEFINITIONS, "intermediate", file), "utf8").includes('"operations"'),
      )
      .map((file) => file.replace(/^.*\/|\.sqlx$/g, ""));
    const tested = readdirSync(join(DEFINITIONS, "tests")).map((file) =>
      file.replace(/^test_(\w+?)__.*$/, "$1"),
    );
    expect(models.filter((model) => !tested.includes(model))).toEqual([]);
  });

  it("have their rows in order, and only there", () => {
    const { order } = include<{ order: Sql }>("tests");
    expect([order("", "a, b"), order("`p.d.t`", "a, b")]).toEqual(["order by a, b", ""]);
  });
});
