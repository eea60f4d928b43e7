import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Analyzer, startAnalyzer } from "../../analyzer/analyzer.ts";
import { compiledGraph, fullName, type Graph } from "../../analyzer/check/graph.ts";
import { checkProject, type ProjectCheck } from "../../analyzer/check/project.ts";
import type { Sources } from "../../analyzer/check/types.ts";
import { AnalyzerUnavailable } from "../../analyzer/errors.ts";
import { CliError } from "../../loaders/core/errors.ts";
import { loaderTables } from "../../loaders/index.ts";
import { presentFile, readConfig } from "../config.ts";
import { compileProject, PROJECT_DIR } from "../dataform.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { type Progress, terminalProgress } from "../progress.ts";

/**
 * `filo check`: the models compiled, type-checked as BigQuery's dry run would, their unit tests answered by GoogleSQL's
 * reference, style and documentation. Needs no warehouse and no account.
 */
export async function check(options: { config?: string; project?: string }): Promise<ExitCode> {
  const dir = projectDir(options.project);
  const progress = terminalProgress();
  const { json, errors } = await progress.step("compiling the models", () =>
    compileProject(dir, variables(options.config ?? presentFile())),
  );
  if (errors) {
    process.stdout.write(`${errors}\n`);
    return EXIT.failed;
  }
  const graph = compiledGraph.parse(JSON.parse(json));
  const analyzer = await startIfPossible(progress);
  try {
    const result = await progress.step("checking", (update) =>
      checkProject(dir, graph, loadedTables(graph), analyzer.running, update),
    );
    process.stdout.write(report(result, analyzer.missing));
    return result.findings.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await analyzer.running?.close();
  }
}

/** @throws CliError where there is no Dataform project */
function projectDir(given: string | undefined): string {
  if (given === undefined) return PROJECT_DIR;
  const dir = resolve(given);
  const settings = ["dataform.json", "workflow_settings.yaml"];
  if (settings.some((file) => existsSync(join(dir, file)))) return dir;
  throw new CliError(`--project ${given}: there is no Dataform project (${settings.join(" or ")})`);
}

/** What of the configuration the models depend on. */
function variables(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  const { timeZone, currency, defaultModel, warehouse } = readConfig({ config: file });
  return [
    `--vars=timeZone=${timeZone},currency=${currency},defaultModel=${defaultModel}`,
    ...(warehouse.type === "bigquery" ? [`--default-database=${warehouse.project}`] : []),
  ];
}

async function startIfPossible(
  progress: Progress,
): Promise<{ running: Analyzer | undefined; missing: string }> {
  try {
    return { running: await startAnalyzer(progress.note), missing: "" };
  } catch (error) {
    if (!(error instanceof AnalyzerUnavailable)) throw error;
    return { running: undefined, missing: error.message };
  }
}

/** The columns of the declared tables that the loaders write. */
function loadedTables({ declarations }: Graph): Sources {
  const tables = new Map(loaderTables().map((table) => [`${table.dataset}.${table.name}`, table]));
  return new Map(
    declarations.flatMap(({ target }) => {
      const table = tables.get(`${target.schema}.${target.name}`);
      return table ? [[fullName(target), table.columns] as const] : [];
    }),
  );
}

/** What `filo check` prints: what was skipped and why, findings by place, figures. */
export function report({ findings, skipped, checked }: ProjectCheck, missing: string): string {
  const lines: string[] = [];
  const reasons = new Map<string, string[]>();
  for (const { reason, subject } of skipped) {
    reasons.set(reason, [...(reasons.get(reason) ?? []), subject]);
  }
  for (const [reason, subjects] of reasons) {
    lines.push(`skipped: ${reason}: ${someOf([...new Set(subjects)])}`);
  }
  if (missing) lines.push(`types and unit tests were not checked: ${missing}`);
  // What a person has to do stands last, where the screen shows it.
  for (const { file, line, column, message, remedy } of findings) {
    lines.push(`${file}:${line}:${column}: ${message}`);
    if (remedy !== undefined) lines.push(`    → ${remedy}`);
  }
  if (checked) {
    const { table, operation, assertion, unitTest } = checked;
    lines.push(
      `checked ${table} tables and views, ${operation} operations, ${assertion} assertions; ${unitTest} unit tests pass`,
    );
  }
  const nothing = missing ? "nothing to correct in what was checked" : "nothing to correct";
  lines.push(findings.length === 0 ? nothing : `${findings.length} to correct`);
  return `${lines.join("\n")}\n`;
}

const NAMED = 5;

function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
