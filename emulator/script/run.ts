import { BigQueryError, invalidQuery } from "../errors.ts";
import type { ObjectName, Variable } from "../sql/catalog.ts";
import { writeDestination } from "../sql/statements/destination.ts";
import type { Statement } from "../sql/statements/statement.ts";
import type { Column } from "../sql/types.ts";
import type { Partitioning, Session, StoredResult } from "../warehouse/session.ts";
import { checkBody } from "./check.ts";
import { runBody } from "./interpreter.ts";
import { contextOf, type Machine } from "./machine.ts";
import { parseScript } from "./parse.ts";
import { rehearse } from "./rehearsal.ts";
import { rollbackOpen } from "./transactions.ts";
import type { Body, Node } from "./tree.ts";

/** What a query job asks for besides its text. */
export interface RunOptions {
  /** Where the job runs; "US", as in BigQuery, when nobody says. */
  readonly location?: string;
  readonly defaultDataset?: string;
  /** Query parameters by lower-cased name or by number from 1. */
  readonly parameters?: ReadonlyMap<string | number, Variable>;
  /** `destinationTable` of the job with its dispositions. */
  readonly destination?: {
    readonly table: ObjectName;
    readonly write: "WRITE_EMPTY" | "WRITE_APPEND" | "WRITE_TRUNCATE" | "WRITE_TRUNCATE_DATA";
    readonly create: "CREATE_IF_NEEDED" | "CREATE_NEVER";
    readonly partitioning?: Partitioning;
    readonly clustering?: readonly string[];
    /** `schemaUpdateOptions` has ALLOW_FIELD_ADDITION. */
    readonly allowFieldAddition?: boolean;
  };
  /** Check and describe, run nothing. */
  readonly dryRun?: boolean;
  /** The job is one of a BigQuery session, whose temporary tables outlive it. */
  readonly inSession?: boolean;
}

/** What a query job answers: the result of its last statement. */
export interface RunResult {
  /** SELECT, INSERT, CREATE_TABLE_AS_SELECT, SCRIPT, … as in `statistics.query.statementType`. */
  readonly statementType: string;
  readonly ddlOperation?: "CREATE" | "REPLACE" | "SKIP" | "DROP" | "ALTER";
  readonly ddlTarget?: ObjectName;
  /** Schema of the result; for CREATE TABLE and CREATE VIEW that of the new object. */
  readonly columns?: readonly Column[];
  /** Rows of a SELECT (absent in a dry run). */
  readonly result?: StoredResult;
  readonly dml?: { readonly inserted: number; readonly updated: number; readonly deleted: number };
  readonly referencedTables: readonly ObjectName[];
  /** DuckDB SQL of the queries behind it: what they read is what BigQuery would bill. */
  readonly reads?: Iterable<string>;
}

/**
 * Runs a request of one statement or a script on a session.
 * @throws BigQueryError; in a script with the place of the statement that failed. What a script did before stays done,
 * except for an open transaction, which is rolled back
 */
export async function runScript(
  text: string,
  session: Session,
  options: RunOptions,
): Promise<RunResult> {
  const body = parseScript({ text, place: { line: 1, column: 1 } });
  const machine = startMachine(session, options);
  try {
    const statement = singleStatement(body);
    const { reads } = machine.state;
    if (!statement) {
      const result = await runAsScript(body, machine, options);
      return options.dryRun ? result : { ...result, reads };
    }
    for (const node of body.slice(0, -1)) await runBody([node], machine);
    return { ...(await runSingle(statement, machine, options)), reads };
  } finally {
    await rollbackOpen(machine);
  }
}

function startMachine(session: Session, options: RunOptions): Machine {
  return {
    session,
    state: {
      location: options.location ?? "US",
      reads: new Set(),
      datasetId: options.defaultDataset,
    },
    scope: { variables: session.temporary.variables, depth: 0 },
    parameters: options.parameters ?? new Map(),
    calls: 0,
  };
}

/** The statement of a request that is no script: it may follow temporary functions that it uses. */
function singleStatement(body: Body): Statement | undefined {
  const last = body.at(-1);
  if (last?.kind !== "statement") return undefined;
  const isFunction = (node: Node) =>
    node.kind === "statement" &&
    node.statement.type === "CREATE_FUNCTION" &&
    node.statement.writes.length === 0;
  if (body.length > 1 && !last.statement.query) return undefined;
  return body.slice(0, -1).every(isFunction) ? last.statement : undefined;
}

async function runSingle(
  statement: Statement,
  machine: Machine,
  { destination, dryRun = false, inSession = false }: RunOptions,
): Promise<RunResult> {
  const { type, query } = statement;
  const context = { ...contextOf(machine), dryRun };
  try {
    if (destination && !query) throw noDestination(type);
    if (/^CREATE_TABLE/.test(type) && statement.writes.length === 0 && !inSession && !dryRun) {
      throw invalidQuery("Use of CREATE TEMPORARY TABLE requires a script or session");
    }
    const outcome =
      destination && query
        ? await writeDestination(query, destination, context)
        : await statement.run(context);
    return { statementType: type, ...outcome };
  } finally {
    machine.session.releaseLocks();
  }
}

function noDestination(type: string): BigQueryError {
  return new BigQueryError(
    "invalid",
    `Cannot set destination table in a job with ${type} statements`,
  );
}

async function runAsScript(
  body: Body,
  machine: Machine,
  { destination, dryRun }: RunOptions,
): Promise<RunResult> {
  if (destination) throw noDestination("script");
  const result = { statementType: "SCRIPT", referencedTables: [] };
  try {
    if (dryRun) await checkBody(body, rehearsing(machine));
    else await runBody(body, machine);
  } catch (error) {
    throw located(error, machine);
  }
  const { last } = machine.state;
  return last?.result ? { ...result, columns: last.result.columns, result: last.result } : result;
}

/** The machine on a session that rehearses. */
function rehearsing(machine: Machine): Machine {
  const session = rehearse(machine.session);
  const scope = { ...machine.scope, variables: session.temporary.variables };
  return { ...machine, session, scope };
}

/** The error with the place of its statement, when its message names none. */
function located(error: unknown, { state }: Machine): unknown {
  const { failure } = state;
  if (!(error instanceof BigQueryError) || failure?.error !== error) return error;
  if (/\[\d+:\d+\]$/.test(error.message)) return error;
  const { line, column } = failure.statement.place;
  return new BigQueryError(error.reason, `${error.message} at [${line}:${column}]`, {
    ...(error.location === undefined ? {} : { location: error.location }),
    cause: error,
  });
}
