import type { Variable } from "../sql/catalog.ts";
import type { Session, StoredResult } from "../warehouse/session.ts";
import type { Column } from "../sql/types.ts";
import type { ObjectName } from "../sql/catalog.ts";

/** What a query job asks for besides its text. */
export interface RunOptions {
  readonly defaultDataset?: string;
  /** Query parameters by lower-cased name or by number from 1. */
  readonly parameters?: ReadonlyMap<string | number, Variable>;
  /** `destinationTable` of the job with its dispositions. */
  readonly destination?: {
    readonly table: ObjectName;
    readonly write: "WRITE_EMPTY" | "WRITE_APPEND" | "WRITE_TRUNCATE" | "WRITE_TRUNCATE_DATA";
    readonly create: "CREATE_IF_NEEDED" | "CREATE_NEVER";
  };
  /** Check and describe, run nothing. */
  readonly dryRun?: boolean;
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
}

/** Runs a request of one statement or a script on a session. Throws BigQueryError. */
export declare function runScript(text: string, session: Session, options: RunOptions): Promise<RunResult>;
