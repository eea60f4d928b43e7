import { z } from "zod";
import { BigQueryError, refused } from "../errors.ts";
import { partitioningFields, tableReference, tableSchema } from "../jobs/configuration.ts";
import { clusteringOf, partitioningOf } from "../jobs/partitioning.ts";
import type { TableEntry } from "../warehouse/session.ts";
import { displayName } from "../warehouse/tables.ts";
import { readBody } from "./body.ts";
import { mergeLabels, withoutNulls } from "./datasets.ts";

const text = z.string().nullable().exactOptional();
/** What a table cannot be here, by the field that would say so. */
const REFUSED = {
  externalDataConfiguration: "external tables",
  snapshotDefinition: "table snapshots made by REST",
  cloneDefinition: "table clones made by REST",
  tableConstraints: "tableConstraints of a table",
  encryptionConfiguration: "encryptionConfiguration of a table",
  biglakeConfiguration: "BigLake tables",
  tableReplicationInfo: "table replicas",
  defaultCollation: "defaultCollation of a table",
  defaultRoundingMode: "defaultRoundingMode of a table",
  maxStaleness: "maxStaleness of a table",
} as const;

/** The body of tables.insert, patch and update: null removes a value. */
const tableBody = z.object({
  tableReference: tableReference.nullable().exactOptional(),
  schema: tableSchema.nullable().exactOptional(),
  description: text,
  friendlyName: text,
  labels: z.record(z.string(), z.string().nullable()).nullable().exactOptional(),
  expirationTime: z.union([z.string(), z.number()]).nullable().exactOptional(),
  requirePartitionFilter: z.boolean().nullable().exactOptional(),
  timePartitioning: partitioningFields.timePartitioning.unwrap().nullable().exactOptional(),
  rangePartitioning: partitioningFields.rangePartitioning.unwrap().nullable().exactOptional(),
  clustering: partitioningFields.clustering.unwrap().nullable().exactOptional(),
  view: z
    .object({ query: z.string().exactOptional(), useLegacySql: z.boolean().exactOptional() })
    .nullable()
    .exactOptional(),
  materializedView: z.object({ query: z.string().exactOptional() }).nullable().exactOptional(),
});
export type TableBody = z.infer<typeof tableBody>;

/** Reads a body of tables.insert, patch or update. Throws `invalid`, or a refusal by name. */
export function readTable(body: unknown): TableBody {
  const table = readBody(tableBody, body);
  for (const [name, value] of Object.entries(body ?? {})) {
    if (value && name in REFUSED) throw refused(REFUSED[name as keyof typeof REFUSED]);
  }
  if (table.view?.useLegacySql === true) {
    throw new BigQueryError(
      "invalid",
      "Legacy SQL is not supported by the emulator; set view.useLegacySql to false",
    );
  }
  return table;
}

/** For tables.update: what the body does not name goes. The schema stays, because a table cannot lose columns. */
export function replacing(body: TableBody): TableBody {
  const nothing = { description: null, friendlyName: null, labels: null, expirationTime: null };
  return { ...nothing, clustering: null, requirePartitionFilter: null, ...body };
}

/** An entry with what a body sets: null removes a value, and what the body does not name stays. */
export function patched(entry: TableEntry, body: TableBody): TableEntry {
  const { description, friendlyName, labels, expiresAt, clustering, ...kept } = entry;
  const { partitioning: _, ...others } = kept;
  const values = {
    description: body.description === undefined ? description : body.description,
    friendlyName: body.friendlyName === undefined ? friendlyName : body.friendlyName,
    labels: body.labels === undefined ? labels : mergeLabels(labels, body.labels),
    expiresAt: body.expirationTime === undefined ? expiresAt : expirationOf(body.expirationTime),
    partitioning: partitioningAfter(entry, body),
    clustering:
      body.clustering === undefined
        ? clustering
        : body.clustering && clusteringOf({ clustering: body.clustering }),
  };
  return { ...others, modifiedAt: Date.now(), ...withoutNulls(values) };
}

function expirationOf(value: string | number | null): number | null {
  if (value === null) return null;
  const time = Number(value);
  if (Number.isSafeInteger(time) && time > Date.now()) return time;
  throw new BigQueryError(
    "invalid",
    `Invalid value for expirationTime: ${value} is not in the future`,
  );
}

/** A table that exists keeps its column and unit of partitioning; how long partitions last and whether they must be filtered may change. */
function partitioningAfter(entry: TableEntry, body: TableBody): TableEntry["partitioning"] {
  const { timePartitioning, rangePartitioning, requirePartitionFilter } = body;
  const asked = partitioningOf({
    ...(timePartitioning ? { timePartitioning } : {}),
    ...(rangePartitioning ? { rangePartitioning } : {}),
  });
  const before = entry.partitioning;
  if (asked && before && (asked.type !== before.type || asked.field !== before.field)) {
    throw new BigQueryError(
      "invalid",
      `Cannot change the partitioning of ${displayName(entry.name)}`,
    );
  }
  const after = asked ?? before;
  if (!after || requirePartitionFilter === undefined) {
    return after && before?.requireFilter !== undefined && after.requireFilter === undefined
      ? { ...after, requireFilter: before.requireFilter }
      : after;
  }
  const { requireFilter: _, ...kept } = after;
  return requirePartitionFilter === null
    ? kept
    : { ...kept, requireFilter: requirePartitionFilter };
}
