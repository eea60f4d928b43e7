import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { projectFiles } from "../../analyzer/check/files.ts";
import { AnalyzerUnavailable } from "../../analyzer/errors.ts";
import { installAnalyzer } from "../../analyzer/install.ts";
import { report } from "../../scripts/commands/check.ts";
import { type Ended, filo } from "../night/world.ts";
import { dataformProject, type TestProject } from "./project.ts";

const withAnalyzer = describe.skipIf(inject("analyzerMissing") !== "");

/** The lines that begin with a place in a file. */
const places = (stdout: string) => stdout.match(/^definitions\/\S+:\d+:\d+: .*$/gm) ?? [];

const model = (description: string) =>
  `config { type: "table", description: "One row per ${description}." }\n`;

withAnalyzer("filo check on a project with mistakes", () => {
  let project: TestProject;
  let ended: Ended;

  beforeAll(async () => {
    project = dataformProject({
      "definitions/sources.js": `declare({ schema: "raw", name: "raw_pos_lines" });
declare({ schema: "analytics", name: "events" });
`,
      "includes/text.js": `module.exports = {
  columns: (...names) => names.join(",\\n  "),
  wrong: "line_gross +\\n  'a'",
};
`,
      "definitions/clean.sqlx": `config { type: "operations", hasOutput: true, description: "Function: trims." }

create or replace function \${self()}(raw string) returns array<struct<value string>>
language js as "return [{value: raw.trim()}];"
`,
      "definitions/right.sqlx": `${model("line")}
/* NOT SQL,
   NOR THIS */
select \${text.columns("file_id", "sku", "qty")}, line_gross, business_date
from \${ref("raw", "raw_pos_lines")}
where sku <> '''ORDER
AND CASE'''
`,
      "definitions/wrong_column.sqlx": `${model("line")}
select
  \${text.columns("file_id", "sku", "qty")},
  line_grosss
from \${ref("raw", "raw_pos_lines")}
`,
      "definitions/wrong_type.sqlx": `${model("line")}
select
  \${text.columns("sku", "qty")},
  date_trunc(line_gross, month) as month
from \${ref("right")}
`,
      "definitions/missing_argument.sqlx": `config {
  type: "table", description: "One row per value.", dependencies: ["clean"]
}
select sku, value, qty -- \${not.expanded} in a comment
from \${ref("right")}
cross join unnest(\`local.shop.clean\`())
`,
      "definitions/a_too_early.sqlx": `${model("value")}
select sku from \${ref("right")} where exists (select 1 from unnest(\`local.shop.clean\`(sku)))
`,
      "definitions/ungrouped.sqlx": `${model("article")}
select
  sku,
  business_date,
  sum(qty) as pieces
from \${ref("right")}
group by sku
`,
      "definitions/in_expansion.sqlx": `${model("line")}
select
  sku,
  \${text.wrong} as odd
from \${ref("right")}
`,
      "definitions/reads_wrong.sqlx": `${model("line")}
select * from \${ref("wrong_column")}
`,
      "definitions/partitioned.sqlx": `config {
  type: "table",
  description: "One row per line.",
  partitionBy: "bought_on",
  assertions: {
    rowConditions: ["qty > 'a'"]
  }
}

select sku, qty, business_date from \${ref("right")}
`,
      "definitions/asserted.sqlx": `config {
  type: "view",
  description: "One row per line.",
  assertions: {
    uniqueKey: ["sku"],
    rowConditions: ["quantity > 0"]
  }
}

select sku, qty from \${ref("right")}
`,
      "definitions/night.sqlx": `config { type: "operations" }

declare bought int64 default (select sum(qty) from \${ref("right")});
create temp table lines as select sku, qty from \${ref("right")};
if bought > 0 then
  select sku, quantity from lines;
end if;
while bought do
  set bought = bought - 1;
end while;
---
select * from nowhere
`,
      "definitions/grown.sqlx": `config { type: "incremental", description: "One row per line." }

pre_operations {
  declare since date default \${when(incremental(), \`(select max(bought) from \${self()})\`, \`date '2026-01-01'\`)}
}

select sku, business_date from \${ref("right")}
where business_date > since
`,
      "definitions/by_script.js": `publish("by_script", { type: "view", description: "One row per line." })
  .query((ctx) => \`select skuu from \${ctx.ref("right")}\`);
`,
      "definitions/undocumented.sqlx": `config { type: "view", columns: { gone: "Not there any more" } }

SELECT sku from \${ref("right")}
`,
      "definitions/marts.sqlx": `config {
  type: "view",
  dataset: "marts",
  description: "One row per line.",
  columns: { sku: "The article" }
}

select sku, qty from \${ref("right")}
`,
      "definitions/unnamed.sqlx": `${model("line")}
select sku, qty + 1 from \${ref("right")}
`,
      "definitions/newer.sqlx": `${model("article")}
select sku, sum(qty) as pieces from \${ref("right")} group by all
`,
      "definitions/elsewhere.sqlx": `${model("event")}
select * from \${ref("analytics", "events")}
`,
      "definitions/public.sqlx": `${model("event")}
select bqutil.fn.int(id) as id from \`bigquery-public-data.some.events\`
`,
      "definitions/test_right.sqlx": `config { type: "test", dataset: "right" }

input "raw", "raw_pos_lines" {
  select 'f' as file_id, 'a' as sku, 2 as qty, 5 as line_gross, date '2026-01-01' as business_date
}

select 'f' as file_id, 'a' as sku, 3 as qty, 5 as line_gross, date '2026-01-01' as business_date
`,
    });
    ended = await filo(["check", "--project", project.dir]);
  }, 120_000);
  afterAll(() => project.remove());

  test("ends with exit code 1 and the number of findings", () => {
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stdout).toMatch(new RegExp(`^${places(ended.stdout).length} to correct$`, "m"));
  });

  test.each([
    [
      "a wrong column",
      "wrong_column.sqlx:5:3: Unrecognized name: line_grosss; Did you mean line_gross?",
    ],
    ["a wrong type", "wrong_type.sqlx:5:3: No matching signature for function DATE_TRUNC"],
    ["a missing argument", "missing_argument.sqlx:6:19: Number of arguments does not match"],
    ["a function that may not be there yet", "a_too_early.sqlx:3:68: Function not found"],
    [
      "an ungrouped column",
      "ungrouped.sqlx:5:3: SELECT list expression references column business_date",
    ],
    ["what an expansion yields", "in_expansion.sqlx:5:3: No matching signature for operator +"],
    ["what a table is partitioned by", "partitioned.sqlx:4:17: Unrecognized name: bought_on"],
    ["a condition on rows", "asserted.sqlx:6:22: Unrecognized name: quantity"],
    ["a step of a script", "night.sqlx:6:15: Unrecognized name: quantity"],
    [
      "a variable that cannot take its value",
      "night.sqlx:3:30: bought is INT64, and this is NUMERIC",
    ],
    ["a condition of a script", "night.sqlx:8:7: A condition must be a BOOL, and this is INT64"],
    ["the second statement of an operation", "night.sqlx:12:15: Table not found: nowhere"],
    ["a pre-operation of later runs", "grown.sqlx:4:30: Unrecognized name: bought"],
    ["a model written in JavaScript", "by_script.js:2:"],
    ["a column without a name", "unnamed.sqlx:3:1: CREATE TABLE columns must be named"],
    [
      "a unit test that the reference does not pass",
      'test_right.sqlx:1:8: GoogleSQL\'s reference expects "3" in row 1 of column qty, and sees "2"',
    ],
    ["a model without a description", "undocumented.sqlx:1:8: undocumented has no description"],
    [
      "a description of a column that is not there",
      "undocumented.sqlx:1:35: undocumented describes column gone",
    ],
    [
      "a column of marts without a description",
      "marts.sqlx:5:3: column qty of marts has no description",
    ],
    ["SQL in capitals", "undocumented.sqlx:3:1: SQL is written in lower case"],
  ])("finds %s", (_, expected) => {
    expect(places(ended.stdout).filter((line) => line.includes(`/${expected}`))).toHaveLength(1);
  });

  test("blames nothing else", () => {
    expect(places(ended.stdout).filter((line) => line.includes("/right.sqlx"))).toEqual([]);
    expect(places(ended.stdout)).toHaveLength(20);
  });

  test("names what it skipped, and why", () => {
    expect(ended.stdout).toMatch(/^skipped: GROUP BY ALL: local\.shop\.newer$/m);
    expect(ended.stdout).toMatch(
      /^skipped: the columns of local\.analytics\.events are not known here: local\.shop\.elsewhere$/m,
    );
    expect(ended.stdout).toMatch(
      /^skipped: bigquery-public-data\.some\.events is not declared here: local\.shop\.public$/m,
    );
    expect(ended.stdout).toMatch(
      /^skipped: what it reads has findings, or was skipped itself: .*local\.shop\.reads_wrong/m,
    );
  });
});

test("a project that does not compile is shown as the compiler does, with exit code 1", async () => {
  const project = dataformProject({ "definitions/broken.sqlx": `select \${nobody}\n` });
  const ended = await filo(["check", "--project", project.dir]);
  project.remove();
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain("definitions/broken.sqlx: ReferenceError: nobody is not defined");
});

withAnalyzer("filo check on Filo's own models", () => {
  test("passes: types, documentation, style, and the unit tests that have a reference", async () => {
    const ended = await filo(["check"]);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const [, tables, operations, assertions, unitTests] =
      /checked (\d+) tables and views, (\d+) operations, (\d+) assertions; (\d+) unit tests pass/.exec(
        ended.stdout,
      ) ?? [];
    expect(Number(tables)).toBeGreaterThan(80);
    expect(Number(operations)).toBeGreaterThan(5);
    expect(Number(assertions)).toBeGreaterThan(150);
    expect(Number(unitTests)).toBeGreaterThan(50);
    // What has no reference: functions in JavaScript, and these constructs.
    const skipped = [...ended.stdout.matchAll(/^skipped: (.*?): /gm)].map(([, reason]) => reason);
    expect(
      skipped.filter((reason) => !/^(JavaScript function .*|MAX_BY)$/.test(reason ?? "")),
    ).toEqual([]);
  });
});

describe("where the analyzer cannot run", () => {
  test("it is refused by name", async () => {
    await expect(installAnalyzer(() => {}, "sunos-sparc")).rejects.toThrow(AnalyzerUnavailable);
  });

  test("the report says that this part was skipped", () => {
    const text = report(
      { findings: [], skipped: [], checked: undefined },
      "there is no GoogleSQL analyzer for sunos-sparc",
    );
    expect(text).toBe(
      "types and unit tests were not checked: there is no GoogleSQL analyzer for sunos-sparc\nnothing to correct in what was checked\n",
    );
  });
});

test("a place is given in the file that a person writes, behind blocks and expansions", () => {
  const project = dataformProject({
    "definitions/one.sqlx": `config { type: "view" }
js { const text = "}"; }
select \${[1, 2].map((n) => \`\${n} as c\${n}\`).join(", ")},
\tè, nope
from t
`,
  });
  const compiled = "select 1 as c1, 2 as c2,\n\tè, nope\nfrom t\n";
  const files = projectFiles(project.dir);
  const source = {
    sql: compiled,
    fileName: "definitions/one.sqlx",
    template: (file: ReturnType<typeof files.read>) => file.body[0],
  };
  // The analyzer counts the tab as eight columns.
  expect(files.finding(source, { line: 2, column: 12 }, "x")).toMatchObject({ line: 4, column: 5 });
  expect(files.finding(source, { line: 1, column: 17 }, "x")).toMatchObject({ line: 3, column: 8 });
  project.remove();
});
