import { pseudoColumns, pseudoItems } from "../../warehouse/ingestion-time.ts";
import type { TableEntry } from "../../warehouse/session.ts";
import type { Environment, Relation } from "../catalog.ts";
import type { CompiledQuery } from "../compile.ts";
import { childOf, type Node } from "../syntax/node.ts";
import { parseStatement } from "../syntax/parse.ts";
import { type Column, INT64, quoteName } from "../types.ts";
import type { Target } from "./names.ts";
import { requiredFilter } from "./partitioning.ts";
import type { Source } from "./reader.ts";

/**
 * UPDATE, DELETE and MERGE run as queries that say which rows change and to what; the changes are then applied by
 * row number. Any expression that a query can compute works in them, and all of it sees the table as it was before.
 */

/** Names that no script can write: what the queries call their tables. */
export const TARGET = "#target";
/** The row number of the target table, as a column. */
export const TARGET_ROW = "_filo_target_row";

/** The environment with some tables under names of their own. */
export function withTables(
  env: Environment,
  tables: Readonly<Record<string, Relation>>,
): Environment {
  return {
    ...env,
    relation: (path) => (path.length === 1 && tables[path[0] ?? ""]) || env.relation(path),
  };
}

/** The table that a statement changes, with its row numbers. */
export function targetRows({ sql, columns, entry }: Target): Extract<Relation, { kind: "table" }> {
  const required = entry && requiredFilter(entry);
  return {
    ...numbered(sql, columns, TARGET_ROW, entry),
    ...(required ? { requiredPartitionFilter: required } : {}),
  };
}

/** A DuckDB table with its row numbers as a hidden column, besides its pseudo columns. */
export function numbered(
  sql: string,
  columns: readonly Column[],
  row: string,
  entry: Pick<TableEntry, "partitioning"> = {},
): Extract<Relation, { kind: "table" }> {
  return {
    kind: "table",
    sql: `(SELECT rowid AS ${quoteName(row)}, *${pseudoItems(entry)} FROM ${sql})`,
    columns,
    hidden: [{ name: row, type: INT64 }, ...pseudoColumns(entry)],
  };
}

/** `table AS alias` for the FROM of `rowQuery`. */
export function aliased(table: string, alias: string): string {
  return `\`${table}\` AS \`${alias}\``;
}

/**
 * SELECT items FROM from WHERE condition.
 * @param from text of our own
 * @param more more of FROM as the user wrote it: its places are kept
 */
export function rowQuery(
  items: readonly Node[],
  from: string,
  where: Node | undefined,
  more?: Source,
): Node {
  const text = more ? `${from},\n${" ".repeat(more.place.column - 1)}${more.text}` : from;
  const origin = more && { line: more.place.line - 1, column: 1 };
  const select = childOf(parseStatement(`SELECT 1 FROM ${text}`, origin).select);
  return {
    select: { ...select, expressions: items, ...(where ? { where_clause: { this: where } } : {}) },
  };
}

/** An unqualified column as an expression. */
export function columnNode(name: string): Node {
  return { column: { name: { name } } };
}

/** DuckDB's statements that apply changes kept in a table: `row` is the target's row number, `v0`, `v1`, … the values. */
export function updateSql(target: Target, columns: readonly Column[], changes: string): string {
  const set = columns.map(({ name }, i) => `${quoteName(name)} = u.v${i}`).join(", ");
  return `UPDATE ${target.sql} AS t SET ${set} FROM ${changes} AS u WHERE t.rowid = u.row`;
}

export function deleteSql(target: Target, changes: string): string {
  return `DELETE FROM ${target.sql} WHERE rowid IN (SELECT row FROM ${changes})`;
}

/** The query of a table of changes: the row number and the values under the names that `updateSql` reads. */
export function changesSql(query: CompiledQuery, values: readonly string[]): string {
  const row = query.columns[0] ? `q.${quoteName(query.columns[0].name)}` : "NULL";
  const columns = [`${row} AS row`, ...values.map((value, i) => `${value} AS v${i}`)];
  return `SELECT ${columns.join(", ")} FROM (${query.sql}) AS q`;
}

export const MATCHED_TWICE = "UPDATE/MERGE must match at most one source row for each target row";
