import { BigQueryError } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { quoteName } from "../sql/types.ts";
import { CATALOGUE_SCHEMA } from "./catalogue.ts";
import { WAREHOUSE_DATABASE } from "./duckdb.ts";
import type { DatasetEntry, Session } from "./session.ts";

/** Names that DuckDB keeps for itself, or that hold our catalogue. */
const RESERVED = new Set([CATALOGUE_SCHEMA, "information_schema", "pg_catalog", "main", "temp"]);

/** DuckDB's quoted name of a dataset's schema. */
export function schemaSql(dataset: string): string {
  return `${quoteName(WAREHOUSE_DATABASE)}.${quoteName(dataset)}`;
}

/** Creates a dataset. Throws `duplicate` when it exists, `invalid` for a name that cannot be one. */
export async function createDataset(session: Session, entry: DatasetEntry): Promise<void> {
  const { project, dataset } = entry;
  if (!/^\w{1,1024}$/.test(dataset) || RESERVED.has(dataset.toLowerCase())) {
    throw new BigQueryError(
      "invalid",
      `Invalid dataset ID "${dataset}": letters, digits and underscores, and no reserved name`,
    );
  }
  await session.lock([datasetLock(project, dataset)]);
  try {
    await session.atomic(async () => {
      if (session.catalogue.dataset(project, dataset)) {
        throw new BigQueryError("duplicate", `Already Exists: Dataset ${project}:${dataset}`);
      }
      await session.run(`CREATE SCHEMA ${schemaSql(dataset)}`);
      await session.catalogue.putDataset(entry);
    });
  } finally {
    if (!session.inTransaction) session.releaseLocks();
  }
}

/** Drops a dataset; with `cascade` all that is in it. Throws `resourceInUse` when it is not empty. */
export async function dropDataset(
  session: Session,
  dataset: string,
  cascade: boolean,
): Promise<void> {
  const { project, catalogue } = session;
  const tables = () => catalogue.tables(project, dataset).map((table) => table.name);
  const routines = () => catalogue.routines(project, dataset).map((routine) => routine.name);
  await session.lock([datasetLock(project, dataset)]);
  try {
    await session.atomic(async () => {
      // What the dataset holds may have changed while the lock was waited for.
      if (!catalogue.dataset(project, dataset)) {
        throw new BigQueryError("notFound", `Not found: Dataset ${project}:${dataset}`);
      }
      if (!cascade && tables().length + routines().length > 0) {
        throw new BigQueryError("resourceInUse", `Dataset ${project}:${dataset} is still in use`);
      }
      await session.run(`DROP SCHEMA ${schemaSql(dataset)} CASCADE`);
      for (const name of tables()) await catalogue.dropTable(name);
      for (const name of routines()) await catalogue.dropRoutine(name);
      await catalogue.dropDataset(project, dataset);
    });
  } finally {
    if (!session.inTransaction) session.releaseLocks();
  }
}

/** Who changes a dataset's own settings waits for others who do, and for nobody who works in it. */
export function settingsLock(project: string, dataset: string): ObjectName {
  return { project, dataset, name: "$settings" };
}

/** A dataset is locked under a name no table can have. */
export function datasetLock(project: string, dataset: string): ObjectName {
  return { project, dataset, name: "" };
}
