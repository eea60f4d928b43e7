import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import { formatType, quoteName } from "../sql/types.ts";
import { isByIngestion, PARTITION_TIME } from "../warehouse/ingestion-time.ts";
import { partitionTest, prepareTarget } from "../warehouse/load/target.ts";
import type { TableEntry } from "../warehouse/session.ts";
import { displayName, requireTable } from "../warehouse/tables.ts";
import { withSession } from "../warehouse/warehouse.ts";
import type { CopyConfiguration } from "./configuration.ts";
import { targetOf } from "./load.ts";
import { tableTarget } from "./names.ts";
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

/** The work of a copy job: the rows of one or more tables of the same columns. */
export function copyWork(copy: CopyConfiguration, { project, warehouse }: Context): Work {
  const references = copy.sourceTables ?? (copy.sourceTable ? [copy.sourceTable] : []);
  const sources = references.map((reference) => tableTarget(reference, project));
  const target = targetOf(copy, project, undefined, "WRITE_EMPTY");
  return (onCancel) =>
    withSession(warehouse, async (session) => {
      onCancel(() => session.cancel());
      const entries = sources.map(({ table }) => requireTable(session, table));
      const [first] = entries;
      if (!first) throw new BigQueryError("invalid", "Required parameter is missing: sourceTable");
      const shape = (entry: typeof first) =>
        entry.columns.map((c) => `${c.name} ${formatType(c.type)}`).join();
      const other = entries.find((entry) => shape(entry) !== shape(first));
      if (other)
        throw new BigQueryError(
          "invalid",
          `Tables ${displayName(first.name)} and ${displayName(other.name)} have different schemas`,
        );
      await session.lock([target.name]);
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
          await session.run(
            `INSERT INTO ${session.tableSql(entry.name)} (${into}) SELECT ${[...names, ...time].join(", ")} FROM ${session.tableSql(source.name)}${where}`,
          );
        }
        await session.catalogue.putTable({ ...entry, modifiedAt: Date.now() });
      });
      return { kind: "copy", destination: target.name };
    });
}
