import { describe, expect, it } from "vitest";
import { supported } from "../../../emulator/sql/supported.ts";
import { ENTRIES, WITHOUT_REFERENCE } from "./signatures/index.ts";
import { differentialTests } from "./suite.ts";

/** About a thousand queries, always the same; `npm run test:long` tries twenty thousand. */
differentialTests({ runs: 4, least: 1, mostRefused: 0.05, seed: 20_240_229 });

describe("the list of what is supported", () => {
  it("is composed of, but for what has no reference", () => {
    const listed = supported()
      // The reference runs queries: see test/emulator/constructs for statements and scripts.
      .filter(({ kind }) => kind !== "statement" && kind !== "scripting")
      .map(({ name }) => name);
    expect([...ENTRIES, ...Object.keys(WITHOUT_REFERENCE)].toSorted()).toEqual(listed.toSorted());
  });
});
