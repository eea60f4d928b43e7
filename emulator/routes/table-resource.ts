import type { Context } from "../context.ts";
import type { TableReference } from "../jobs/configuration.ts";
import type { PartitioningRequest } from "../jobs/partitioning.ts";
import { type RestField, restFields } from "../warehouse/schema.ts";
import type { Partitioning, TableEntry } from "../warehouse/session.ts";

/** What clients send to create or change a table: null removes a value. */
export interface TableBody extends PartitioningRequest {
  readonly tableReference?: TableReference;
  readonly schema?: { readonly fields?: readonly RestField[] };
  readonly description?: string | null;
  readonly friendlyName?: string | null;
  readonly labels?: Readonly<Record<string, string | null>> | null;
  readonly expirationTime?: string | number | null;
  readonly externalDataConfiguration?: object;
  readonly materializedView?: object;
  readonly view?: { readonly query?: string; readonly useLegacySql?: boolean };
}

/** A table or view as REST writes it. */
export function tableResource(entry: TableEntry, context: Context, rows = 0): object {
  const dataset = context.warehouse.catalogue.dataset(entry.name.project, entry.name.dataset);
  return {
    ...tableListEntry(entry),
    selfLink: "",
    etag: String(entry.modifiedAt),
    location: dataset?.location ?? context.location,
    schema: { fields: restFields(entry.columns) },
    ...(entry.description === undefined ? {} : { description: entry.description }),
    lastModifiedTime: String(entry.modifiedAt),
    numRows: String(rows),
    numBytes: "0",
    numLongTermBytes: "0",
  };
}

/** The shorter form in lists. */
export function tableListEntry(entry: TableEntry): object {
  const { project, dataset, name } = entry.name;
  return {
    kind: "bigquery#table",
    id: `${project}:${dataset}.${name}`,
    tableReference: { projectId: project, datasetId: dataset, tableId: name },
    type: entry.type,
    creationTime: String(entry.createdAt),
    ...(entry.friendlyName === undefined ? {} : { friendlyName: entry.friendlyName }),
    ...(entry.labels ? { labels: entry.labels } : {}),
    ...(entry.expiresAt === undefined ? {} : { expirationTime: String(entry.expiresAt) }),
    ...partitioningResource(entry.partitioning),
    ...(entry.clustering ? { clustering: { fields: entry.clustering } } : {}),
    ...viewResource(entry),
  };
}

function viewResource({ type, viewQuery }: TableEntry): object {
  if (viewQuery === undefined) return {};
  if (type === "MATERIALIZED_VIEW") return { materializedView: { query: viewQuery } };
  return { view: { query: viewQuery, useLegacySql: false } };
}

function partitioningResource(partitioning: Partitioning | undefined): object {
  if (!partitioning) return {};
  const { type, field, range, expirationMs, requireFilter } = partitioning;
  const filter = requireFilter === undefined ? {} : { requirePartitionFilter: requireFilter };
  if (type === "RANGE") return { rangePartitioning: { field, range }, ...filter };
  const time = {
    type,
    ...(field ? { field } : {}),
    ...(expirationMs ? { expirationMs } : {}),
    ...filter,
  };
  return { timePartitioning: time, ...filter };
}
