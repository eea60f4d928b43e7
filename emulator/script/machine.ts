import type { BigQueryError } from "../errors.ts";
import type { Variable } from "../sql/catalog.ts";
import type { Source } from "../sql/statements/reader.ts";
import type { Context, Outcome, Statement } from "../sql/statements/statement.ts";
import type { Session } from "../warehouse/session.ts";
import { sessionEnvironment } from "./environment.ts";
import { findVariable, type VariableScope } from "./scope.ts";
import { systemVariable } from "./system-variables.ts";

/** An error with the statement that raised it. */
export interface Failure {
  readonly error: BigQueryError;
  readonly statement: Source;
}

/** What the statements of one request share and change. */
export interface State {
  /** Rows that the last DML statement changed. */
  rowCount?: number;
  /** Where the job runs. */
  readonly location: string;
  /** DuckDB SQL of the queries that were read. */
  readonly reads: Set<string>;
  /** Settable system variables. */
  datasetId: string | undefined;
  queryLabel?: string;
  /** What the last statement answered. */
  last?: Outcome;
  /** The newest error, where it came from. */
  failure?: Failure;
  /** What the open transaction has changed, as far as it can be done again: see `replay.ts`. */
  changes?: readonly Statement[] | undefined;
  /** Temporary tables as they were when the open transaction began. */
  tablesBefore?: Session["temporary"]["tables"];
}

/** Where a statement runs: its block, its call, the error it handles. */
export interface Machine {
  readonly session: Session;
  readonly state: State;
  readonly scope: VariableScope;
  readonly parameters: ReadonlyMap<string | number, Variable>;
  /** Of CALL and EXECUTE IMMEDIATE. */
  readonly calls: number;
  /** In an exception handler. */
  readonly handled?: Failure;
}

/** What a statement of the script compiles and runs with. */
export function contextOf(machine: Machine): Context {
  const { session, state, scope, parameters } = machine;
  const { env, prepare, isCurrent } = sessionEnvironment(session, {
    defaultDataset: state.datasetId,
    variable: (name) => findVariable(scope, name),
    parameter: (name) => parameters.get(name),
    systemVariable: (name) => systemVariable(name, machine),
  });
  const { location, reads } = state;
  return { session, env, prepare, isCurrent, location, reads, dryRun: false };
}
