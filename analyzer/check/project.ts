import type { Analyzer } from "../analyzer.ts";
import { checkDocumentation } from "./documentation.ts";
import { projectFiles } from "./files.ts";
import type { Graph } from "./graph.ts";
import type { Finding, Skip } from "./report.ts";
import { checkStyle } from "./style.ts";
import { checkTypes, type Sources } from "./types.ts";
import { runUnitTests } from "./unit-tests.ts";

export interface ProjectCheck {
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skip[];
  /** What was checked whole; undefined without an analyzer. */
  readonly checked:
    | {
        readonly table: number;
        readonly operation: number;
        readonly assertion: number;
        readonly unitTest: number;
      }
    | undefined;
}

/**
 * Checks a compiled Dataform project in a folder: types and unit tests where there is an analyzer, documentation and style in
 * any case. `onProgress` is told what is being done.
 */
export async function checkProject(
  dir: string,
  graph: Graph,
  sources: Sources,
  analyzer: Analyzer | undefined,
  onProgress: (what: string) => void,
): Promise<ProjectCheck> {
  const files = projectFiles(dir);
  const told = (what: string) => (done: number, all: number) =>
    onProgress(`${done} of ${all} ${what}`);
  const types = analyzer && (await checkTypes(analyzer, graph, sources, files, told("actions")));
  const tests =
    analyzer &&
    types &&
    (await runUnitTests(analyzer, graph, types.catalog, files, told("unit tests")));
  const findings = [
    ...(types?.findings ?? []),
    ...(tests?.findings ?? []),
    ...checkDocumentation(graph, (name) => types?.catalog.tables.get(name), files),
    ...checkStyle(dir, (fileName) => files.read(fileName)),
  ];
  return {
    findings: distinct(findings).sort(byPlace),
    skipped: [...(types?.skipped ?? []), ...(tests?.skipped ?? [])],
    checked: types && tests && { ...types.checked, unitTest: tests.passed },
  };
}

/** An incremental table has the same mistake in its first run and in the later ones. */
function distinct(findings: readonly Finding[]): Finding[] {
  const key = ({ file, line, column, message }: Finding) => `${file}:${line}:${column}:${message}`;
  return [...new Map(findings.map((finding) => [key(finding), finding])).values()];
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
