import { type Column, quoteName, TIMESTAMP } from "../sql/types.ts";
import type { Partitioning, TableEntry } from "./session.ts";

/**
 * A table that is partitioned without a column is partitioned by the time at which its rows came. DuckDB's table has that
 * time in a column more; queries see it as the pseudo columns _PARTITIONTIME and _PARTITIONDATE.
 */
export const PARTITION_TIME = "_PARTITIONTIME";
const PARTITION_DATE = "_PARTITIONDATE";

interface Partitioned {
  readonly partitioning?: TableEntry["partitioning"] | undefined;
}

export function isByIngestion({ partitioning }: Partitioned): boolean {
  return partitioning !== undefined && partitioning.field === undefined;
}

/** The unit that the times are truncated to. */
export function unitOf({ type }: Partitioning): string {
  return type === "RANGE" ? "day" : type.toLowerCase();
}

/** What a statement can write to by name besides the columns. The value must be the beginning of a partition. */
export function writablePseudoColumns(entry: Partitioned): readonly Column[] {
  return isByIngestion(entry) ? [{ name: PARTITION_TIME, type: TIMESTAMP }] : [];
}

/** What a query can read by name besides the columns of `rowsSql`. */
export function pseudoColumns(entry: Partitioned): readonly Column[] {
  if (!isByIngestion(entry)) return [];
  return [...writablePseudoColumns(entry), { name: PARTITION_DATE, type: { kind: "DATE" } }];
}

/** More items for a SELECT * of DuckDB's table, so that it has the pseudo columns: text that begins with a comma, or nothing. */
export function pseudoItems(entry: Partitioned): string {
  if (!isByIngestion(entry)) return "";
  return `, CAST(timezone('UTC', ${quoteName(PARTITION_TIME)}) AS DATE) AS ${quoteName(PARTITION_DATE)}`;
}

/** The partition of a row that comes now. */
export function currentPartitionSql(partitioning: Partitioning): string {
  return `timezone('UTC', date_trunc('${unitOf(partitioning)}', timezone('UTC', now())))`;
}

/** DuckDB's definition of the column, for the end of a column list. */
export function partitionTimeColumnSql(entry: Partitioned): string {
  if (!entry.partitioning || !isByIngestion(entry)) return "";
  return `, ${quoteName(PARTITION_TIME)} TIMESTAMPTZ DEFAULT (${currentPartitionSql(entry.partitioning)})`;
}
