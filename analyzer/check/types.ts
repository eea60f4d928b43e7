import type { Analyzer } from "../analyzer.ts";
import type { Catalog, Column, UserFunction } from "../catalog.ts";
import { checkScript, type Problem } from "../script.ts";
import { type Action, actionsOf } from "./actions.ts";
import type { Compiled, Files } from "./files.ts";
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

/** What is known of the project while it is checked. */
interface Knowledge {
  readonly actions: ReadonlyMap<string, Action>;
  readonly tables: Map<string, readonly Column[]>;
  readonly functions: Map<string, UserFunction>;
  /** Why a table or function is not among them. */
  readonly unknown: Map<string, string>;
  /** Datasets that the project tells of: in any other, there may be anything. */
  readonly datasets: ReadonlySet<string | undefined>;
  /** Of the names that leave theirs out. */
  readonly database: string | undefined;
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
  const actions = actionsOf(graph);
  const known = atFirst(graph, sources, actions);
  for (const [i, action] of actions.entries()) {
    onAction(i + 1, actions.length);
    const result = await checkAction(analyzer, action, known);
    const reasons = [...result.skipped];
    for (const { part, problem } of result.problems) {
      const reason = outOfReach(problem, known);
      if (reason !== undefined) reasons.push(reason);
      else findings.push(findingOf(problem, { ...part, fileName: action.fileName }, files, known));
    }
    skipped.push(...reasons.map((reason) => ({ reason, subject: action.name })));
    if (result.problems.length === 0 && reasons.length === 0) checked[action.kind]++;
    remember(known, action, result);
  }
  const { tables, functions } = known;
  return { findings, skipped, catalog: { tables, functions }, checked };
}

function atFirst(graph: Graph, sources: Sources, actions: readonly Action[]): Knowledge {
  const declared = graph.declarations.map(({ target }) => fullName(target));
  const names = [...declared, ...sources.keys(), ...actions.map(({ name }) => name)];
  return {
    actions: new Map(actions.map((action) => [action.name, action])),
    tables: new Map(sources),
    functions: new Map(),
    unknown: new Map(
      declared
        .filter((name) => !sources.has(name))
        .map((name) => [name, `the columns of ${name} are not known here`]),
    ),
    datasets: new Set(names.map(datasetOf)),
    database: names[0]?.split(".")[0],
  };
}

/** Why a problem is none that can be judged here: it misses something that may well be there. */
function outOfReach(problem: Problem, { unknown, datasets }: Knowledge): string | undefined {
  const name = missing(problem);
  if (unknown.has(name)) return unknown.get(name);
  return name.includes(".") && !datasets.has(datasetOf(name))
    ? `${name} is not declared here`
    : undefined;
}

/** What an action makes; where it is not understood, what reads it cannot be checked. */
function remember(known: Knowledge, action: Action, result: ActionCheck): void {
  const { tables, functions, unknown, database } = known;
  for (const [name, columns] of permanent(result.catalog.tables, database)) {
    tables.set(name, columns);
  }
  for (const [name, declared] of permanent(result.catalog.functions, database)) {
    functions.set(name, declared);
  }
  if (result.columns && result.problems.length === 0) tables.set(action.name, result.columns);
  else if (action.hasOutput && !tables.has(action.name) && !functions.has(action.name)) {
    unknown.set(action.name, "what it reads has findings, or was skipped itself");
  }
}

interface ActionCheck {
  readonly problems: readonly PartProblem[];
  readonly skipped: readonly string[];
  readonly columns: readonly Column[] | undefined;
  readonly catalog: Catalog;
}

interface PartProblem {
  readonly part: Action["parts"][number];
  readonly problem: Problem;
}

async function checkAction(
  analyzer: Analyzer,
  action: Action,
  before: Catalog,
): Promise<ActionCheck> {
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
  database: string | undefined,
): Iterable<readonly [string, T]> {
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

function findingOf(
  problem: Problem,
  compiled: Compiled,
  files: Files,
  { actions }: Knowledge,
): Finding {
  const finding = files.finding(compiled, problem.place, problem.message);
  const maker = actions.get(missing(problem));
  const remedy = maker
    ? `${maker.fileName} makes it: name it with ref() or in dependencies, so that it is there before`
    : REMEDIES.find(([pattern]) => pattern.test(problem.message))?.[1];
  return remedy === undefined ? finding : { ...finding, remedy };
}
