import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import { formatType, quoteName } from "../sql/types.ts";
import { prepareTarget } from "../warehouse/load/target.ts";
import { displayName, requireTable } from "../warehouse/tables.ts";
import { withSession } from "../warehouse/warehouse.ts";
import type { CopyConfiguration } from "./configuration.ts";
import { targetOf } from "./load.ts";
import { tableTarget } from "./names.ts";
import type { Work } from "./registry.ts";

/** The work of a copy job: the rows of one or more tables of the same columns. */
export function copyWork(copy: CopyConfiguration, { project, warehouse }: Context): Work {
  const references = copy.sourceTables ?? (copy.sourceTable ? [copy.sourceTable] : []);
  const sources = references.map((reference) => tableTarget(reference, project).table);
  const target = targetOf(copy, project, undefined, "WRITE_EMPTY");
  return (onCancel) =>
    withSession(warehouse, async (session) => {
      onCancel(() => session.cancel());
      const entries = sources.map((name) => requireTable(session, name));
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
        const { entry, columns } = await prepareTarget(session, {
          ...target,
          schema: first.columns,
          ...(partitioning ? { partitioning } : {}),
          ...(clustering ? { clustering } : {}),
        });
        const names = columns.map((c) => quoteName(c.name)).join(", ");
        for (const name of sources) {
          await session.run(
            `INSERT INTO ${session.tableSql(entry.name)} (${names}) SELECT ${names} FROM ${session.tableSql(name)}`,
          );
        }
        await session.catalogue.putTable({ ...entry, modifiedAt: Date.now() });
      });
      return { kind: "copy", destination: target.name };
    });
}
