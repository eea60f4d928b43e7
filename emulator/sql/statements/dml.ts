import type { ObjectName } from "../catalog.ts";
import type { Target } from "./names.ts";
import type { Context, Outcome } from "./statement.ts";

export type DmlCounts = NonNullable<Outcome["dml"]>;

/**
 * Runs the changes of a DML statement as one step with the new modification time of its table. A dry run answers with
 * the schema of the table.
 */
export async function applyDml(
  target: Target,
  { session, dryRun, prepare }: Context,
  referencedTables: readonly ObjectName[],
  change: () => Promise<DmlCounts>,
): Promise<Outcome> {
  if (dryRun) return { referencedTables, columns: target.columns };
  await prepare();
  const dml = await session.atomic(async () => {
    const counts = await change();
    const { entry } = target;
    if (entry) await session.catalogue.putTable({ ...entry, modifiedAt: Date.now() });
    return counts;
  });
  return { referencedTables, dml };
}
