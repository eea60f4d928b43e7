import type { Column, SqlType } from "./types.ts";

/** A table, view or routine as BigQuery names it. */
export interface ObjectName {
  readonly project: string;
  readonly dataset: string;
  readonly name: string;
}

/** What the translator must know of a table or view to compile a query that reads it. */
export type Relation =
  | {
      readonly kind: "table";
      /** DuckDB's name for it, quoted, ready to be put behind FROM. */
      readonly sql: string;
      readonly columns: readonly Column[];
      /** Columns that are read by name only and no part of `*`: `_TABLE_SUFFIX` of a wildcard table. */
      readonly hidden?: readonly Column[];
      /** When `require_partition_filter` is set: the table's full name, and the columns of which one must be filtered on. */
      readonly requiredPartitionFilter?: {
        readonly table: string;
        readonly columns: readonly string[];
      };
    }
  | {
      readonly kind: "view";
      /** GoogleSQL, compiled again at each use, as in BigQuery. */
      readonly query: string;
      readonly columns: readonly Column[];
    };

export interface RoutineArgument {
  readonly name: string;
  /** Absent for ANY TYPE. */
  readonly type?: SqlType;
  readonly mode?: "IN" | "OUT" | "INOUT";
  /** Of a table function: the columns of an argument that is a table. */
  readonly table?: readonly Column[];
}

export type Routine =
  | {
      readonly kind: "sql_function";
      readonly args: readonly RoutineArgument[];
      /** GoogleSQL expression. */
      readonly body: string;
      readonly returns?: SqlType;
    }
  | {
      readonly kind: "js_function";
      readonly args: readonly RoutineArgument[];
      /** DuckDB SQL of a call, on the connection that runs the query. */
      readonly call: (args: readonly string[]) => string;
      readonly returns: SqlType;
    }
  | {
      readonly kind: "table_function";
      readonly args: readonly RoutineArgument[];
      /** GoogleSQL query. */
      readonly body: string;
      /** RETURNS TABLE<…>. */
      readonly columns?: readonly Column[];
    }
  | {
      readonly kind: "procedure";
      readonly args: readonly RoutineArgument[];
      /** GoogleSQL script between BEGIN and END. */
      readonly body: string;
    };

/** A script variable or a query parameter: its type and the DuckDB expression that has its value. */
export interface Variable {
  readonly type: SqlType;
  readonly sql: string;
}

/**
 * All that a statement can see. The translator is pure: it asks this and nothing else.
 * Look-ups return undefined for what does not exist; the translator turns that into BigQuery's error.
 */
export interface Environment {
  readonly project: string;
  /** For unqualified table names (`defaultDataset` of the job or `@@dataset_id`). */
  readonly defaultDataset?: string;
  /** `name` as written, split at the dots: ["p","d","t"], ["d","t"], or ["t"] (temp table or default dataset). */
  relation(path: readonly string[]): Relation | undefined;
  routine(path: readonly string[]): Routine | undefined;
  /** Script variable, lower-cased name. */
  variable(name: string): Variable | undefined;
  /** Query parameter: lower-cased name, or number from 1 for positional ones. */
  parameter(name: string | number): Variable | undefined;
  /** `@@name`, lower case. */
  systemVariable(name: string): Variable | undefined;
}
