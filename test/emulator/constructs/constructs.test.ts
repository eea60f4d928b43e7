import { describe, expect, it } from "vitest";
import { supported } from "../../../emulator/sql/supported.ts";
import { testWarehouse } from "../script/warehouse.ts";
import { runCases } from "./cases.ts";
import { QUERY_CASES } from "./queries.ts";
import { SCRIPT_CASES } from "./scripting.ts";
import { STATEMENT_CASES } from "./statements.ts";

const warehouse = testWarehouse();
const cases = { construct: QUERY_CASES, statement: STATEMENT_CASES, scripting: SCRIPT_CASES };

describe.each(Object.entries(cases))("%s", (kind, list) => {
  it("has cases for each line of the list, and no others", () => {
    const names = supported()
      .filter((entry) => entry.kind === kind)
      .map(({ name }) => name);
    expect(Object.keys(list).toSorted()).toEqual(names.toSorted());
  });
  runCases(list, warehouse);
});
