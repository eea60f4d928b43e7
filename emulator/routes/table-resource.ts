import type { Context } from "../context.ts";
import { type TableSize, totalBytes } from "../warehouse/bytes.ts";
import { restFields } from "../warehouse/schema.ts";
import type { Partitioning, TableEntry } from "../warehouse/session.ts";
import { etagOf } from "./etag.ts";

/** A table or view as REST writes it. */
export function tableResource(entry: TableEntry, context: Context, size: TableSize): object {
  const dataset = context.warehouse.catalogue.dataset(entry.name.project, entry.name.dataset);
  return {
    ...tableListEntry(entry),
    selfLink: "",
    etag: etagOf(entry),
    location: dataset?.location ?? context.location,
    schema: { fields: restFields(entry.columns) },
    ...(entry.description === undefined ? {} : { description: entry.description }),
    lastModifiedTime: String(entry.modifiedAt),
    numRows: String(size.rows),
    numBytes: String(totalBytes(size)),
    numLongTermBytes: "0",
    numTotalLogicalBytes: String(totalBytes(size)),
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
