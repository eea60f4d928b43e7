import { BigQueryError, invalidQuery } from "../../errors.ts";
import { unitOf, writablePseudoColumns } from "../../warehouse/ingestion-time.ts";
import type { Session, TableEntry } from "../../warehouse/session.ts";
import type { Environment, ObjectName } from "../catalog.ts";
import type { Column } from "../types.ts";
import type { WritableColumn } from "./columns.ts";
import type { Path } from "./reader.ts";
import type { Context } from "./statement.ts";

/** Resolves the name of a permanent object. Throws when it has no dataset or belongs to another project. */
export function objectName(path: Path, env: Environment, what = "Table"): ObjectName {
  const [name = "", dataset = env.defaultDataset, project = env.project, ...more] =
    path.toReversed();
  if (more.length > 0) throw invalidQuery(`Invalid ${what.toLowerCase()} name: ${path.join(".")}`);
  if (dataset === undefined) {
    throw invalidQuery(`${what} "${name}" must be qualified with a dataset (e.g. dataset.table)`);
  }
  if (project !== env.project) {
    throw new BigQueryError(
      "accessDenied",
      `Access Denied: ${what} ${project}:${dataset}.${name}: only project ${env.project} is in this warehouse`,
    );
  }
  return { project, dataset, name };
}

/** `p:d.t`, as BigQuery's messages write it. */
export function display({ project, dataset, name }: ObjectName): string {
  return `${project}:${dataset}.${name}`;
}

export function notFound(what: string, name: ObjectName, session: Session): BigQueryError {
  const dataset = session.catalogue.dataset(name.project, name.dataset);
  if (!dataset) return datasetNotFound(name.project, name.dataset);
  return new BigQueryError(
    "notFound",
    `Not found: ${what} ${display(name)} was not found in location ${dataset.location}`,
  );
}

export function datasetNotFound(project: string, dataset: string): BigQueryError {
  return new BigQueryError(
    "notFound",
    `Not found: Dataset ${project}:${dataset} was not found in location US`,
  );
}

export function requireDataset({ project, dataset }: ObjectName, session: Session): void {
  if (!session.catalogue.dataset(project, dataset)) throw datasetNotFound(project, dataset);
}

export function alreadyExists(what: string, name: ObjectName): BigQueryError {
  return new BigQueryError("duplicate", `Already Exists: ${what} ${display(name)}`);
}

/** The name of a temporary table, when the path can only or does mean one. */
export function temporaryName(path: Path, session: Session): string | undefined {
  const [first = "", second] = path;
  if (path.length === 2 && first.toUpperCase() === "_SESSION") return second;
  return path.length === 1 && session.temporary.tables.has(first.toLowerCase()) ? first : undefined;
}

/** A table that a statement writes to: temporary, or permanent with its catalogue entry. */
export interface Target {
  /** DuckDB's name, quoted. */
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly name: string;
  readonly entry?: TableEntry;
}

/** The columns that a statement can write to by name. */
export function writableColumns({ columns, entry }: Target): readonly WritableColumn[] {
  const { partitioning } = entry ?? {};
  if (!entry || !partitioning) return columns;
  const truncatedTo = unitOf(partitioning);
  return [
    ...columns,
    ...writablePseudoColumns(entry).map((column) => ({ ...column, truncatedTo })),
  ];
}

/** Locks a table for writing and returns it as it is then. Throws when it does not exist or is a view. */
export async function lockTarget(path: Path, { session, env, dryRun }: Context): Promise<Target> {
  const temporary = temporaryName(path, session);
  if (temporary !== undefined) {
    const table = session.temporary.tables.get(temporary.toLowerCase());
    if (!table) throw new BigQueryError("notFound", `Not found: Table ${temporary}`);
    return { sql: table.sql, columns: table.columns, name: temporary };
  }
  const name = objectName(path, env);
  if (!dryRun) await session.lock([name]);
  const entry = session.catalogue.table(name);
  if (!entry) throw notFound("Table", name, session);
  assertType(entry, "TABLE");
  return { sql: session.tableSql(name), columns: entry.columns, name: name.name, entry };
}

/** Throws when an object of this name is of another type than the statement is about. */
export function assertType(entry: TableEntry, ...types: TableEntry["type"][]): void {
  if (types.includes(entry.type)) return;
  throw new BigQueryError(
    "invalid",
    `${display(entry.name)} is not allowed for this operation because it is currently a ${entry.type.replace("_", " ")}.`,
  );
}

/** DDL on permanent objects commits on its own in BigQuery, so it has no place inside a transaction. */
export function assertNoTransaction({ session }: Context, type: string): void {
  if (!session.inTransaction) return;
  throw invalidQuery(
    `${type.replaceAll("_", " ")} of a permanent object is not supported inside a transaction`,
  );
}
