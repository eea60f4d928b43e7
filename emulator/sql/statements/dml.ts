import type { ObjectName } from "../catalog.ts";
import type { Target } from "./names.ts";
import { type Context, current, type Outcome } from "./statement.ts";

export type DmlCounts = NonNullable<Outcome["dml"]>;

/** A compiled DML statement. */
export interface Changes {
  readonly referencedTables: readonly ObjectName[];
  readonly apply: () => Promise<DmlCounts>;
}

/**
 * Compiles a DML statement and runs its changes of a DML statement as one step with the new modification time of its table. A dry run answers with
 * the schema of the table.
 */
export async function applyDml(
  target: Target,
  context: Context,
  compile: () => Changes,
): Promise<Outcome> {
  const { session, dryRun, prepare } = context;
  const compiled = compile();
  if (dryRun) return { referencedTables: compiled.referencedTables, columns: target.columns };
  await prepare();
  return session.atomic(async () => {
    const { referencedTables, apply } = await current(compiled, compile, context);
    const dml = await apply();
    const { entry } = target;
    if (entry) await session.catalogue.putTable({ ...entry, modifiedAt: Date.now() });
    return { referencedTables, dml };
  });
}
