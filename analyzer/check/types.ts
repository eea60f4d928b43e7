import type { Analyzer } from "../analyzer.ts";
import type { Catalog, Column, UserFunction } from "../catalog.ts";
import { checkScript, type Problem } from "../script.ts";
import { type Action, actionsOf } from "./actions.ts";
import type { Files } from "./files.ts";
import { fullName, type Graph } from "./graph.ts";
import type { Finding, Report, Skip } from "./report.ts";

/** Tables that are there before any action runs, by full name. */
export type Sources = ReadonlyMap<string, readonly Column[]>;

export interface TypeCheck extends Report {
  /** What the actions leave: every table and function whose columns or signature are known. */
  readonly catalog: Catalog;
  /** By kind of action: how many were checked whole. */
  readonly checked: Readonly<Record<Action["kind"], number>>;
}

/**
 * Checks every action as BigQuery's dry run would, in the order in which they run: each knows the columns that those
 * before it have made. What reads a table whose columns are not known is skipped by name.
 */
export async function checkTypes(
  analyzer: Analyzer,
  graph: Graph,
  sources: Sources,
  files: Files,
  onAction: (done: number, all: number) => void,
): Promise<TypeCheck> {
  const findings: Finding[] = [];
  const skipped: Skip[] = [];
  const checked = { table: 0, operation: 0, assertion: 0 };
  const tables = new Map(sources);
  const functions = new Map<string, UserFunction>();
  /** Why a table or function is not in the catalogue. */
  const unknown = new Map<string, string>();
  for (const { target } of graph.declarations) {
    const name = fullName(target);
    if (!tables.has(name)) unknown.set(name, `the columns of ${name} are not known here`);
  }
  const databases = new Set(graph.declarations.map(({ target }) => target.database));
  const actions = actionsOf(graph);
  const makers = new Map(actions.map((action) => [action.name, action]));
  const datasets = new Set(
    [...makers.keys(), ...sources.keys(), ...unknown.keys()].map((name) => datasetOf(name)),
  );
  /** In a dataset of which the project tells nothing, there may be anything. */
  const isForeign = (name: string) => name.includes(".") && !datasets.has(datasetOf(name));
  for (const [i, action] of actions.entries()) {
    onAction(i + 1, actions.length);
    const result = await checkAction(analyzer, action, { tables, functions });
    const [reason] = result.problems.flatMap(({ problem }) => {
      const name = missing(problem);
      return unknown.get(name) ?? (isForeign(name) ? `${name} is not declared here` : []);
    });
    if (reason !== undefined) {
      skipped.push({ reason, subject: action.name });
    } else {
      for (const { part, problem } of result.problems) {
        const { fileName } = action;
        const finding = files.finding({ ...part, fileName }, problem.place, problem.message);
        const maker = makers.get(missing(problem));
        findings.push({ ...finding, ...(maker ? notBefore(maker) : remedy(problem)) });
      }
      for (const construct of result.skipped)
        skipped.push({ reason: construct, subject: action.name });
      if (result.problems.length === 0 && result.skipped.length === 0) checked[action.kind]++;
    }
    for (const [name, columns] of permanent(result.catalog.tables, databases)) {
      tables.set(name, columns);
    }
    for (const [name, declared] of permanent(result.catalog.functions, databases)) {
      functions.set(name, declared);
    }
    if (result.columns && result.problems.length === 0) tables.set(action.name, result.columns);
    else if (action.hasOutput && !tables.has(action.name) && !functions.has(action.name)) {
      unknown.set(action.name, reason ?? `the columns of ${action.name} are not known`);
    }
  }
  return { findings, skipped, catalog: { tables, functions }, checked };
}

interface PartProblem {
  readonly part: Action["parts"][number];
  readonly problem: Problem;
}

async function checkAction(analyzer: Analyzer, action: Action, before: Catalog) {
  const problems: PartProblem[] = [];
  const skipped: string[] = [];
  let columns: readonly Column[] | undefined;
  let catalog = before;
  for (const part of action.parts) {
    const result = await checkScript(analyzer, part.sql, catalog, part.before);
    problems.push(...result.problems.map((problem) => ({ part, problem })));
    skipped.push(...result.skipped);
    if (part.isOutput) columns = result.columns;
    catalog = result.catalog;
  }
  return { problems, skipped, columns, catalog };
}

/** What outlives a script has a dataset in its name. */
function* permanent<T>(
  named: ReadonlyMap<string, T>,
  databases: ReadonlySet<string>,
): Iterable<readonly [string, T]> {
  const [database] = databases;
  for (const [name, value] of named) {
    const parts = name.split(".").length;
    if (parts === 3) yield [name, value];
    if (parts === 2 && database !== undefined) yield [`${database}.${name}`, value];
  }
}

/** `dataset` of `project.dataset.name` and of `dataset.name`. */
const datasetOf = (name: string): string | undefined => name.split(".").at(-2);

/** The table or function that a problem misses. */
function missing({ message }: Problem): string {
  const name = /^(?:Table|Function) not found: ([^;]+)/.exec(message)?.[1] ?? "";
  return name.replaceAll("`", "");
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/neither grouped nor aggregated/, "group by it, or aggregate it, as any_value does"],
  [/^Table not found/, "name a model with ref(), and declare other tables in definitions/sources/"],
  [/^Number of arguments does not match/, "give the arguments that it lists"],
  [/^No matching signature/, "cast the argument to a type that is listed"],
];

function remedy({ message }: Problem): { readonly remedy?: string } {
  const found = REMEDIES.find(([pattern]) => pattern.test(message))?.[1];
  return found === undefined ? {} : { remedy: found };
}

const notBefore = ({ fileName }: Action) => ({
  remedy: `${fileName} makes it: name it with ref() or in dependencies, so that it is there before`,
});
