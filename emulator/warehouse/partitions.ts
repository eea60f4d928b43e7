import { type Column, quoteName, quoteText } from "../sql/types.ts";
import { rowsSql } from "./information-schema.ts";
import { PARTITION_TIME } from "./ingestion-time.ts";
import type { Partitioning, Session, TableEntry } from "./session.ts";

/** strftime format of a partition's name, by the unit of the partitioning: `20260101` for DAY. */
export const PARTITION_FORMATS = {
  YEAR: "%Y",
  MONTH: "%Y%m",
  DAY: "%Y%m%d",
  HOUR: "%Y%m%d%H",
} as const;

/** Names of the partitions a table's rows are in. */
export function partitionIdSql(partitioning: Partitioning | undefined): string {
  if (!partitioning) return "CAST(NULL AS VARCHAR)";
  const { type, field, range } = partitioning;
  const column = quoteName(field ?? PARTITION_TIME);
  if (type !== "RANGE")
    return `COALESCE(strftime(${column}, '${PARTITION_FORMATS[type]}'), '__NULL__')`;
  const { start = "0", end = "0", interval = "1" } = range ?? {};
  return `CASE WHEN ${column} IS NULL THEN '__NULL__'
    WHEN ${column} < ${start} OR ${column} >= ${end} THEN '__UNPARTITIONED__'
    ELSE CAST((${column} - ${start}) // ${interval} * ${interval} + ${start} AS VARCHAR) END`;
}

/** INFORMATION_SCHEMA.PARTITIONS of some tables, counted when the query runs. */
export function partitionsSql(
  tables: readonly TableEntry[],
  columns: readonly Column[],
  session: Session,
): string {
  const parts = tables
    .filter((entry) => entry.type === "TABLE" && entry.columns.length > 0)
    .map((entry) => {
      const { project, dataset, name } = entry.name;
      const names = [project, dataset, name].map(quoteText).join(", ");
      const having = entry.partitioning ? "HAVING count(*) > 0" : "";
      const modified = `make_timestamptz(${entry.modifiedAt} * 1000)`;
      return `SELECT ${names}, ${partitionIdSql(entry.partitioning)} AS "#partition", count(*), ${modified}, 'ACTIVE' FROM ${session.tableSql(entry.name)} GROUP BY "#partition" ${having}`;
    });
  return `(${[rowsSql(columns, []), ...parts].join(" UNION ALL ")})`;
}
