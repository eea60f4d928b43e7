import { describe, expect, it } from "vitest";
import { PROJECT, type TestWarehouse } from "../script/warehouse.ts";

/** A request and the rows that it answers with, or a part of the message that it fails with. */
export type Case = readonly [sql: string, answer: readonly (readonly unknown[])[] | RegExp];
/** By the name of the construct in the list of what is supported. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

/** Runs every case; those of one construct in order, so that they can build on each other. */
export function runCases(cases: Cases, { rows }: Pick<TestWarehouse, "rows">): void {
  describe.each(Object.entries(cases))("%s", (_name, list) => {
    it.each(list.map(([sql, answer]) => ({ sql, answer })))("$sql", async ({ sql, answer }) => {
      if (answer instanceof RegExp) await expect(rows(sql)).rejects.toThrow(answer);
      else expect(await rows(sql.replaceAll("PROJECT", PROJECT))).toEqual(answer);
    });
  });
}
