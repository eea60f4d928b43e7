import { BigQueryError } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import type { DatasetReference, TableReference } from "./configuration.ts";

/** The table a reference means; `$20260101` at its end names one partition. */
export interface TableTarget {
  readonly table: ObjectName;
  readonly partition?: string;
}

/** Reads a table reference; its project is `project` where it has none. Throws `invalid` when a part is missing. */
export function tableTarget(reference: TableReference | undefined, project: string): TableTarget {
  if (!reference?.tableId)
    throw new BigQueryError("invalid", "Required parameter is missing: tableId");
  const [name = "", partition] = reference.tableId.split("$");
  const table = { project, dataset: datasetOf(reference), name };
  if (reference.projectId !== undefined && reference.projectId !== project) {
    throw otherProject(reference.projectId);
  }
  return partition === undefined ? { table } : { table, partition };
}

export function datasetOf(reference: DatasetReference): string {
  if (reference.datasetId) return reference.datasetId;
  throw new BigQueryError("invalid", "Required parameter is missing: datasetId");
}

export function otherProject(project: string): BigQueryError {
  return new BigQueryError(
    "accessDenied",
    `Access Denied: Project ${project}: the emulator has no such project`,
  );
}
