import { fullName, type Graph } from "./graph.ts";
import type { Sqlx, Template } from "./sqlx.ts";

/** One text of SQL that Dataform runs for an action. */
export interface Part {
  readonly sql: string;
  /** What Dataform writes before the query. */
  readonly before: string;
  /** The part of the SQLX file that it was compiled from. */
  readonly template: (file: Sqlx) => Template | undefined;
  /** Whether its columns are those of the action's table. */
  readonly isOutput: boolean;
}

export interface Action {
  /** `project.dataset.name` */
  readonly name: string;
  readonly kind: "table" | "operation" | "assertion";
  readonly fileName: string;
  readonly dependencies: readonly string[];
  /** In the order in which they run; of an incremental table, those of its first run come first. */
  readonly parts: readonly Part[];
  /** Whether others may read a table of its name. */
  readonly hasOutput: boolean;
}

/** Everything that Dataform runs, each behind what it depends on. */
export function actionsOf(graph: Graph): readonly Action[] {
  return inOrder([
    ...graph.tables.filter(({ disabled }) => !disabled).map(tableAction),
    ...graph.operations.filter(({ disabled }) => !disabled).map(operationAction),
    ...graph.assertions.filter(({ disabled }) => !disabled).map(assertionAction),
  ]);
}

function tableAction(table: Graph["tables"][number]): Action {
  const name = fullName(table.target);
  const body = (file: Sqlx) => file.body[0];
  const query = (sql: string, isOutput: boolean): Part => ({
    sql,
    before: isOutput ? creation(name, table) : "",
    template: body,
    isOutput,
  });
  const incremental = table.incrementalQuery
    ? [
        ...operations(table.incrementalPreOps, "preOperations"),
        query(table.incrementalQuery, false),
        ...operations(table.incrementalPostOps, "postOperations"),
      ]
    : [];
  const parts = [
    ...operations(table.preOps, "preOperations"),
    query(table.query, true),
    ...operations(table.postOps, "postOperations"),
    ...incremental,
  ];
  return { ...common(table), kind: "table", parts, hasOutput: true };
}

function creation(name: string, { type, bigquery }: Graph["tables"][number]): string {
  if (type === "view") return `create or replace view \`${name}\` as`;
  const { partitionBy, clusterBy } = bigquery;
  return [
    `create or replace table \`${name}\``,
    ...(partitionBy ? [`partition by ${partitionBy}`] : []),
    ...(clusterBy.length > 0 ? [`cluster by ${clusterBy.join(", ")}`] : []),
    "as",
  ].join(" ");
}

function operationAction(operation: Graph["operations"][number]): Action {
  const parts = operations(operation.queries, "body");
  return { ...common(operation), kind: "operation", parts, hasOutput: operation.hasOutput };
}

/** Of an assertion that stands in the config block of a model, the SQL is Dataform's own. */
function assertionAction(assertion: Graph["assertions"][number]): Action {
  const part: Part = {
    sql: assertion.query,
    before: `create or replace view \`${fullName(assertion.target)}\` as`,
    template: (file) => (assertion.parentAction ? undefined : file.body[0]),
    isOutput: true,
  };
  return { ...common(assertion), kind: "assertion", parts: [part], hasOutput: true };
}

const operations = (
  statements: readonly string[],
  section: "body" | "preOperations" | "postOperations",
): Part[] =>
  statements.map((sql, i) => ({
    sql,
    before: "",
    template: (file) => file[section][i],
    isOutput: false,
  }));

const common = (action: Graph["assertions"][number] | Graph["operations"][number]) => ({
  name: fullName(action.target),
  fileName: action.fileName,
  dependencies: action.dependencyTargets.map(fullName),
});

function inOrder(actions: readonly Action[]): readonly Action[] {
  const byName = new Map(actions.map((action) => [action.name, action]));
  const ordered = new Set<Action>();
  const visit = (action: Action, path: readonly Action[]) => {
    if (ordered.has(action) || path.includes(action)) return;
    for (const name of action.dependencies) {
      const dependency = byName.get(name);
      if (dependency) visit(dependency, [...path, action]);
    }
    ordered.add(action);
  };
  for (const action of actions) visit(action, []);
  return [...ordered];
}
