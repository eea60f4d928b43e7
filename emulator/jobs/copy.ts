import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import { formatType, quoteName } from "../sql/types.ts";
import { isByIngestion, PARTITION_TIME } from "../warehouse/ingestion-time.ts";
import {
  type LoadTarget,
  type PreparedTarget,
  partitionTest,
  prepareTarget,
} from "../warehouse/load/target.ts";
import type { Session, TableEntry } from "../warehouse/session.ts";
import { displayName, requireTable } from "../warehouse/tables.ts";
import { withSession } from "../warehouse/warehouse.ts";
import type { CopyConfiguration } from "./configuration.ts";
import { targetOf } from "./load.ts";
import { type TableTarget, tableTarget } from "./names.ts";
import type { Work } from "./registry.ts";

/** `$20260101` behind the name of a source: only the rows of that partition. */
function partitionCondition(source: TableEntry, id: string | undefined): string {
  if (id === undefined) return "";
  const { column, contains } = partitionTest(source, id);
  return ` WHERE ${contains(quoteName(column))}`;
}

/** The partition that copied rows go into: the one that is named, or the one that they come from. */
function partitionTimeOf(
  source: TableEntry,
  target: TableEntry,
  named: string | undefined,
): readonly string[] {
  if (!isByIngestion(target)) return [];
  if (named !== undefined) return [named];
  return isByIngestion(source) ? [quoteName(PARTITION_TIME)] : [];
}

/** Rows go into the named partition, or nothing is done. */
async function requireRowsOf(
  { column, contains, value }: NonNullable<PreparedTarget["partition"]>,
  rows: string,
  session: Session,
): Promise<void> {
  if (value !== undefined) return;
  const outside = await session.rows(
    `SELECT 1 FROM (${rows}) WHERE (${contains(quoteName(column))}) IS NOT TRUE LIMIT 1`,
  );
  if (outside.length === 0) return;
  throw new BigQueryError("invalid", `Rows belong to another partition. Field: ${column}`);
}

/** A truncated table has nothing left to be copied from it. */
function requireOther(sources: readonly TableTarget[], target: LoadTarget): void {
  if (!target.write.startsWith("WRITE_TRUNCATE")) return;
  const isTruncated = ({ table, partition }: TableTarget) =>
    table.dataset === target.name.dataset &&
    table.name === target.name.name &&
    (target.partition ?? partition) === partition;
  if (sources.some(isTruncated)) throw refused("a copy of a table over itself");
}

/** The work of a copy job: the rows of one or more tables of the same columns. */
export function copyWork(copy: CopyConfiguration, { project, warehouse }: Context): Work {
  const references = copy.sourceTables ?? (copy.sourceTable ? [copy.sourceTable] : []);
  const sources = references.map((reference) => tableTarget(reference, project));
  const target = targetOf(copy, project, undefined, "WRITE_EMPTY");
  requireOther(sources, target);
  return (onCancel) =>
    withSession(warehouse, async (session) => {
      onCancel(() => session.cancel());
      await session.lock([target.name, ...sources.map(({ table }) => table)]);
      const entries = sources.map(({ table }) => requireTable(session, table));
      const [first] = entries;
      if (!first) throw new BigQueryError("invalid", "Required parameter is missing: sourceTable");
      const view = entries.find(({ type }) => type !== "TABLE");
      if (view) {
        throw new BigQueryError(
          "invalid",
          `${displayName(view.name)} is a view: only tables are copied`,
        );
      }
      const shape = (entry: typeof first) =>
        entry.columns.map((c) => `${c.name} ${formatType(c.type)}`).join();
      const other = entries.find((entry) => shape(entry) !== shape(first));
      if (other)
        throw new BigQueryError(
          "invalid",
          `Tables ${displayName(first.name)} and ${displayName(other.name)} have different schemas`,
        );
      await session.atomic(async () => {
        const { partitioning, clustering } = first;
        const { entry, columns, partition } = await prepareTarget(session, {
          ...target,
          schema: first.columns,
          ...(partitioning ? { partitioning } : {}),
          ...(clustering ? { clustering } : {}),
        });
        const names = columns.map((c) => quoteName(c.name));
        for (const [i, source] of entries.entries()) {
          const where = partitionCondition(source, sources[i]?.partition);
          const time = partitionTimeOf(source, entry, partition?.value);
          const into = [...names, ...time.map(() => quoteName(PARTITION_TIME))].join(", ");
          const rows = `SELECT ${[...names, ...time].join(", ")} FROM ${session.tableSql(source.name)}${where}`;
          if (partition) await requireRowsOf(partition, rows, session);
          await session.run(`INSERT INTO ${session.tableSql(entry.name)} (${into}) ${rows}`);
        }
        await session.catalogue.putTable({ ...entry, modifiedAt: Date.now() });
      });
      return { kind: "copy", destination: target.name };
    });
}
