import type { RunResult } from "../../script/run.ts";
import type { Session } from "../../warehouse/session.ts";
import type { Environment } from "../catalog.ts";
import type { Query } from "./query.ts";
import type { Path, Source } from "./reader.ts";

/** What a statement runs with. */
export interface Context {
  readonly session: Session;
  readonly env: Environment;
  /** Where the job runs: a new dataset's location unless it names one. */
  readonly location: string;
  /** Takes down what DuckDB is to read, for the statistics of the job. */
  readonly reads: Set<string>;
  /** Check and describe, change nothing. */
  readonly dryRun: boolean;
  /** Makes the functions that the compiled SQL calls known to the connection: before a compiled statement runs. */
  readonly prepare: () => Promise<void>;
  /** True while all names that were compiled mean what they meant then. */
  readonly isCurrent: () => boolean;
}

/**
 * What was compiled, or the same compiled again where a table, view or routine has become another before the
 * transaction began in which it is to run.
 */
export async function current<T>(
  compiled: T,
  compile: () => T,
  { isCurrent, prepare }: Context,
): Promise<T> {
  if (isCurrent()) return compiled;
  const again = compile();
  await prepare();
  return again;
}

/** What a statement answers. */
export type Outcome = Omit<RunResult, "statementType">;

/** One statement, read but not yet compiled: its tables may come into being only later in the script. */
export interface Statement {
  /** As in `statistics.query.statementType`. */
  readonly type: string;
  readonly source: Source;
  /** The permanent objects that it changes, as written: a transaction locks them when it begins. */
  readonly writes: readonly Path[];
  /** Of a SELECT: the query itself. */
  readonly query?: Query;
  /** Compiles it and, unless this is a dry run, runs it. Takes the locks of what it writes; others release them. */
  readonly run: (context: Context) => Promise<Outcome>;
}

/** The reader of one kind of statement, for a text that starts with its keywords. Throws syntax errors. */
export type StatementParser = (source: Source) => Statement;
