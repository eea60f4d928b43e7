import { expect, it } from "vitest";
import { compiled } from "./project.ts";

const { tables, assertions } = compiled("local");
const isMart = (name: string) => !/^(stg|int)_/.test(name);

// Published whatever the laws say: it is where people look when one failed.
const marts = tables.filter(
  ({ target }) => isMart(target.name) && target.name !== "mart_source_status",
);

it.each(marts.map((mart) => [mart.target.name, mart] as const))(
  "%s waits for the keys of every model of every layer before it",
  (_, mart) => {
    const awaited = new Set(mart.dependencyTargets?.map(({ name }) => name));
    const keys = assertions.filter(
      ({ parentAction }) => parentAction && !isMart(parentAction.name),
    );
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.map(({ target }) => target.name).filter((name) => !awaited.has(name))).toEqual([]);
  },
);

it("no law is forgotten: a mart waits for each, but for those that stop nothing", () => {
  const awaited = new Set(marts.flatMap((mart) => mart.dependencyTargets ?? []).map((t) => t.name));
  const laws = assertions.map(({ target }) => target.name).filter((name) => /^assert_/.test(name));
  expect(laws.filter((name) => !awaited.has(name)).sort()).toEqual([
    "assert_closed_days_are_complete",
    "assert_few_web_orders_are_unreadable",
    "assert_receipts_are_paid",
  ]);
});
