import type { ObjectName, Relation, Routine, RoutineArgument, Variable } from "../sql/catalog.ts";
import type { Column, SqlType } from "../sql/types.ts";

/** How a table is partitioned; kept for REST, INFORMATION_SCHEMA and `require_partition_filter`. */
export interface Partitioning {
  /** Absent for ingestion-time partitioning. */
  readonly field?: string;
  readonly type: "HOUR" | "DAY" | "MONTH" | "YEAR" | "RANGE";
  readonly range?: { readonly start: string; readonly end: string; readonly interval: string };
  readonly expirationMs?: string;
  readonly requireFilter?: boolean;
}

/** A table or view as the catalogue keeps it. */
export interface TableEntry {
  readonly name: ObjectName;
  readonly type: "TABLE" | "VIEW" | "MATERIALIZED_VIEW";
  readonly columns: readonly Column[];
  /** GoogleSQL of a view. */
  readonly viewQuery?: string;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly partitioning?: Partitioning;
  readonly clustering?: readonly string[];
  /** Other OPTIONS(...), by name, as GoogleSQL text. */
  readonly options?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly expiresAt?: number;
}

export interface DatasetEntry {
  readonly project: string;
  readonly dataset: string;
  readonly location: string;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly defaultTableExpirationMs?: string;
  readonly defaultPartitionExpirationMs?: string;
  /** Kept for REST alone: who may do what, in REST's form, and how BigQuery would store and bill the data. */
  readonly access?: readonly Readonly<Record<string, unknown>>[];
  readonly maxTimeTravelHours?: string;
  readonly storageBillingModel?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** A routine as the catalogue keeps it: `sql` of a JavaScript function is made at registration, its body is kept. */
export interface RoutineEntry {
  readonly name: ObjectName;
  readonly kind: Routine["kind"];
  readonly args: readonly RoutineArgument[];
  readonly returns?: SqlType;
  /** Of a table function with RETURNS TABLE<…>. */
  readonly columns?: readonly Column[];
  readonly body: string;
  readonly description?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/**
 * The catalogue, seen through one connection: what it changes is part of that connection's transaction,
 * so an object and its entry appear, change and vanish together.
 */
export interface Catalogue {
  dataset(project: string, dataset: string): DatasetEntry | undefined;
  datasets(project: string): readonly DatasetEntry[];
  table(name: ObjectName): TableEntry | undefined;
  tables(project: string, dataset: string): readonly TableEntry[];
  routine(name: ObjectName): RoutineEntry | undefined;
  routines(project: string, dataset: string): readonly RoutineEntry[];
  putDataset(entry: DatasetEntry): Promise<void>;
  dropDataset(project: string, dataset: string): Promise<void>;
  putTable(entry: TableEntry): Promise<void>;
  dropTable(name: ObjectName): Promise<void>;
  putRoutine(entry: RoutineEntry): Promise<void>;
  dropRoutine(name: ObjectName): Promise<void>;
}

/** Rows of a finished query, kept until the server ends or the job is forgotten. */
export interface StoredResult {
  readonly columns: readonly Column[];
  /** DuckDB's name of the table that holds the rows in order. */
  readonly table: string;
  readonly rowCount: number;
}

/** A function with LANGUAGE js, as CREATE FUNCTION declares it; `name` is for its error messages. */
export interface JavaScriptFunction {
  readonly name: string;
  readonly args: readonly RoutineArgument[];
  readonly returns: SqlType;
  readonly body: string;
}

/** By lower-cased name. Starts with three empty maps; the script runner fills them. */
export interface TemporaryObjects {
  readonly tables: Map<string, Extract<Relation, { kind: "table" }>>;
  readonly functions: Map<string, Routine>;
  readonly variables: Map<string, Variable>;
}

/**
 * One job's (or one BigQuery session's) DuckDB connection. Statements run on it in order; temporary tables and
 * variables of the connection live as long as it.
 */
export interface Session {
  readonly project: string;
  readonly catalogue: Catalogue;
  /** Runs DuckDB SQL; run-time errors of DuckDB come out as BigQueryError with BigQuery's words where they are known. */
  run(sql: string): Promise<{ readonly rowsChanged: number }>;
  /** Runs DuckDB SQL and returns its rows as JavaScript values (BIGINT as bigint, others as @duckdb/node-api gives them). */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** Runs a compiled query and keeps its rows, in order. */
  store(sql: string, columns: readonly Column[]): Promise<StoredResult>;
  /** Forgets a result that no job will answer with. */
  discard(result: StoredResult): Promise<void>;
  /** DuckDB's quoted name of a permanent table: the schema is the dataset. */
  tableSql(name: ObjectName): string;
  /**
   * Waits until no other session writes these objects or drops their datasets, then holds them until `releaseLocks`.
   * BigQuery queues writers of one object; DuckDB would fail one of them.
   */
  lock(names: readonly ObjectName[]): Promise<void>;
  releaseLocks(): void;
  /** Runs `work` in one DuckDB transaction, unless one is open already (a BigQuery transaction); rolls back on error. */
  atomic<T>(work: () => Promise<T>): Promise<T>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  readonly inTransaction: boolean;
  /** Temporary tables and functions, variables: what statements leave for later ones of the session. */
  readonly temporary: TemporaryObjects;
  /** Makes a JavaScript function callable on this connection, once. */
  registerJavaScript(fn: JavaScriptFunction): Promise<void>;
  /** DuckDB SQL of a call of a JavaScript function in this session's statements. */
  javascriptCall(fn: JavaScriptFunction, args: readonly string[]): string;
  /** True once the job was asked to stop: long scripts ask between statements. */
  readonly cancelled: boolean;
  close(): Promise<void>;
}
