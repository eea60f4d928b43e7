import type { Analyzer, Answer } from "../analyzer.ts";
import type { Catalog, Column } from "../catalog.ts";
import { GoogleSqlError } from "../errors.ts";
import { lackingConstruct } from "../lacking.ts";
import type { Value } from "../values.ts";
import type { Files } from "./files.ts";
import type { Graph } from "./graph.ts";
import { offsetAt, originOf } from "./places.ts";
import type { Finding, Report, Skip } from "./report.ts";
import type { Template } from "./sqlx.ts";

type UnitTest = Graph["tests"][number];

export interface UnitTestCheck extends Report {
  readonly passed: number;
}

/**
 * Answers every unit test of the project with GoogleSQL's reference implementation and compares as `dataform test` does: row
 * by row, the columns that are expected.
 */
export async function runUnitTests(
  analyzer: Analyzer,
  graph: Graph,
  catalog: Catalog,
  files: Files,
  onTest: (done: number, all: number) => void,
): Promise<UnitTestCheck> {
  const findings: Finding[] = [];
  const skipped: Skip[] = [];
  let passed = 0;
  for (const [i, unitTest] of graph.tests.entries()) {
    onTest(i + 1, graph.tests.length);
    const outcome = await runUnitTest(analyzer, graph, unitTest, catalog, files);
    if (outcome === "passed") passed++;
    else if ("reason" in outcome) skipped.push(outcome);
    else findings.push(outcome);
  }
  return { findings, skipped, passed };
}

async function runUnitTest(
  analyzer: Analyzer,
  graph: Graph,
  unitTest: UnitTest,
  catalog: Catalog,
  files: Files,
): Promise<"passed" | Finding | Skip> {
  const { fileName, testQuery, expectedOutputQuery } = unitTest;
  const answers: Answer[] = [];
  for (const sql of [expectedOutputQuery, testQuery]) {
    try {
      answers.push(await analyzer.evaluate(sql, catalog));
    } catch (error) {
      if (!(error instanceof GoogleSqlError)) throw error;
      const lacking = lackingConstruct(error, sql);
      if (lacking !== undefined) return { reason: lacking, subject: unitTest.name };
      const place = error.place ?? { line: 1, column: 1 };
      const where = whereOf(graph, unitTest, sql, offsetAt(sql, place), files);
      return files.finding({ sql, ...where }, place, error.message);
    }
  }
  const [expected, actual] = answers;
  const difference = expected && actual && firstDifference(expected, actual);
  return difference === undefined ? "passed" : files.configFinding(fileName, difference);
}

/**
 * Where a place of a test's SQL is written: in the rows that are expected, in an input, or in the model, since the query of
 * a test is the model's with rows instead of what it refers to.
 */
function whereOf(
  graph: Graph,
  { fileName }: UnitTest,
  sql: string,
  offset: number,
  files: Files,
): { readonly fileName: string; readonly template: () => Template | undefined } {
  const own = files.read(fileName);
  const candidates = [
    ...[...own.body, ...own.inputs].map((template) => ({ fileName, template })),
    ...graph.tables.flatMap((model) =>
      files.read(model.fileName).body.map((template) => ({ fileName: model.fileName, template })),
    ),
  ];
  const found = candidates.find(({ template }) => {
    const origin = originOf(template, sql, offset);
    return origin !== undefined && origin.expansion === undefined;
  });
  return { fileName: found?.fileName ?? fileName, template: () => found?.template };
}

function firstDifference(expected: Answer, actual: Answer): string | undefined {
  const names = (answer: Answer) => answer.columns.map(({ name }) => name.toLowerCase());
  const columns = names(expected);
  const given = names(actual);
  if (columns.length !== given.length || columns.some((name) => !given.includes(name))) {
    return `GoogleSQL's reference expects the columns ${columns.join(", ")}, and sees ${given.join(", ")}`;
  }
  if (expected.rows.length !== actual.rows.length) {
    return `GoogleSQL's reference expects ${expected.rows.length} rows, and sees ${actual.rows.length}`;
  }
  for (const [i, row] of expected.rows.entries()) {
    for (const [j, name] of columns.entries()) {
      const wanted = shown(row[j], expected.columns[j]);
      const k = given.indexOf(name);
      const seen = shown(actual.rows[i]?.[k], actual.columns[k]);
      if (wanted !== seen) {
        return `GoogleSQL's reference expects ${wanted} in row ${i + 1} of column ${name}, and sees ${seen}`;
      }
    }
  }
  return undefined;
}

/** BigQuery returns a NULL array as an empty one. */
function shown(value: Value | undefined, column: Column | undefined): string {
  const isArray = column?.type.startsWith("ARRAY<") ?? false;
  return JSON.stringify(value === null && isArray ? [] : value);
}
