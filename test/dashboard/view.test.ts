import { describe, expect, test } from "vitest";
// @ts-expect-error the page's modules are JavaScript, checked by their own tsconfig.json
import * as state from "../../dashboard/page/state.js";

const known = {
  firstDate: "2025-05-01",
  lastDate: "2026-03-31",
  models: ["linear", "position_based"],
  defaultModel: "position_based",
};
const read = (search: string) => state.readView(search, known);

describe("the address of a view", () => {
  test("without a word it is the last 90 days by the default model", () => {
    expect(read("")).toMatchObject({
      preset: "last90",
      from: "2026-01-01",
      to: "2026-03-31",
      model: "position_based",
    });
  });

  test.each([
    ["last7", "2026-03-25", "2026-03-31"],
    ["month", "2026-03-01", "2026-03-31"],
    ["lastMonth", "2026-02-01", "2026-02-28"],
    ["year", "2026-01-01", "2026-03-31"],
    ["last365", "2025-04-01", "2026-03-31"],
    ["all", "2025-05-01", "2026-03-31"],
  ])("%s is %s to %s", (preset, from, to) => {
    expect(read(`?period=${preset}`)).toMatchObject({ from, to });
  });

  test("says what is not as by default, and reads it again", () => {
    const view = read(
      "?from=2026-01-05&to=2026-01-06&model=linear&by=campaign&order=A%2F1&find=a&untouched=",
    );
    expect(view).toMatchObject({
      preset: "custom",
      from: "2026-01-05",
      order: "A/1",
      untouched: true,
    });
    expect(read(state.writeView(view, "position_based"))).toEqual(view);
  });

  test("what is no period, model or preset is as by default", () => {
    expect(read("?from=2026-02-01&to=2026-01-01&model=magic&period=toString&grain=hour")).toEqual(
      read(""),
    );
    expect(read("?from=2026-02-30&to=2026-03-01")).toEqual(read(""));
  });
});

test("bars are days for a quarter, weeks for a year, months beyond", () => {
  const grain = (from: string) => state.grainOf({ grain: "auto", from, to: "2026-03-31" });
  expect([grain("2026-01-01"), grain("2025-04-01"), grain("2024-01-01")]).toEqual([
    "day",
    "week",
    "month",
  ]);
});
