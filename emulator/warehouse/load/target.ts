import { BigQueryError, refused } from "../../errors.ts";
import type { ObjectName } from "../../sql/catalog.ts";
import { type Column, formatType, quoteName, quoteText } from "../../sql/types.ts";
import { PARTITION_TIME } from "../ingestion-time.ts";
import { addedFields } from "../nested-fields.ts";
import { PARTITION_FORMATS } from "../partitions.ts";
import type { Partitioning, Session, TableEntry } from "../session.ts";
import { changeColumns, createTable, displayName, dropTable } from "../tables.ts";

/** The table a job writes into, and how. */
export interface LoadTarget {
  readonly name: ObjectName;
  /** `20260101` of `table$20260101`. */
  readonly partition?: string;
  readonly schema?: readonly Column[];
  readonly write: "WRITE_EMPTY" | "WRITE_APPEND" | "WRITE_TRUNCATE" | "WRITE_TRUNCATE_DATA";
  readonly create: "CREATE_IF_NEEDED" | "CREATE_NEVER";
  readonly schemaUpdateOptions: readonly string[];
  readonly partitioning?: Partitioning;
  readonly clustering?: readonly string[];
}

export interface PreparedTarget {
  readonly entry: TableEntry;
  /** The columns that the rows bring, in their order. */
  readonly columns: readonly Column[];
  /** The test that a row belongs to the partition, where one was named. */
  readonly partition?: {
    readonly column: string;
    readonly contains: (value: string) => string;
    /** Of a table partitioned by ingestion time: the time that the rows get. */
    readonly value?: string;
  };
}

/** Makes the table ready to be inserted into, inside the job's transaction. */
export async function prepareTarget(session: Session, target: LoadTarget): Promise<PreparedTarget> {
  const existing = session.catalogue.table(target.name);
  if (!existing) return createTarget(session, target);
  if (existing.type !== "TABLE") {
    throw new BigQueryError(
      "invalid",
      `Cannot load into ${displayName(target.name)}: it is not a table`,
    );
  }
  if (target.write === "WRITE_EMPTY" && (await hasRows(session, existing))) {
    throw new BigQueryError("duplicate", `Already Exists: Table ${displayName(target.name)}`);
  }
  const replaced = target.write === "WRITE_TRUNCATE" && target.partition === undefined;
  if (replaced && target.schema && !sameColumns(existing.columns, target.schema)) {
    await dropTable(session, target.name);
    return createTarget(session, target);
  }
  const entry = await withSchema(session, existing, target);
  if (!target.schema && entry.columns.some(({ defaultValue }) => defaultValue)) {
    throw refused(
      "a load without a schema into a table with default values",
      undefined,
      "a schema with the columns that the file has",
    );
  }
  const columns = target.schema ? target.schema.map((c) => columnOf(entry, c)) : entry.columns;
  const partition =
    target.partition === undefined ? {} : { partition: partitionTest(entry, target.partition) };
  if (target.write === "WRITE_TRUNCATE" || target.write === "WRITE_TRUNCATE_DATA") {
    await empty(session, entry, partition.partition);
  }
  return { entry, columns, ...partition };
}

async function createTarget(session: Session, target: LoadTarget): Promise<PreparedTarget> {
  const { name, schema, partitioning, clustering } = target;
  if (target.create === "CREATE_NEVER") {
    throw new BigQueryError("notFound", `Not found: Table ${displayName(name)}`);
  }
  if (!schema) throw new BigQueryError("invalid", "No schema specified on job or table.");
  const now = Date.now();
  const entry: TableEntry = {
    ...{ name, type: "TABLE", columns: schema, createdAt: now, modifiedAt: now },
    ...(partitioning ? { partitioning } : {}),
    ...(clustering ? { clustering } : {}),
  };
  await createTable(session, entry);
  return {
    entry,
    columns: schema,
    ...(target.partition === undefined
      ? {}
      : { partition: partitionTest(entry, target.partition) }),
  };
}

async function hasRows(session: Session, entry: TableEntry): Promise<boolean> {
  const rows = await session.rows(`SELECT 1 FROM ${session.tableSql(entry.name)} LIMIT 1`);
  return rows.length > 0;
}

function sameColumns(before: readonly Column[], after: readonly Column[]): boolean {
  const shape = (columns: readonly Column[]) =>
    columns.map((c) => `${c.name} ${formatType(c.type)} ${c.required ?? false}`).join("\n");
  return shape(before) === shape(after);
}

/** The table's entry, after the changes that the job's schema brings and `schemaUpdateOptions` allow. */
async function withSchema(
  session: Session,
  entry: TableEntry,
  target: LoadTarget,
): Promise<TableEntry> {
  if (!target.schema) return entry;
  const known = new Map(entry.columns.map((c) => [c.name.toLowerCase(), c]));
  const added = target.schema.filter((c) => !known.has(c.name.toLowerCase()));
  const relaxes = target.schemaUpdateOptions.includes("ALLOW_FIELD_RELAXATION");
  const adds = target.schemaUpdateOptions.includes("ALLOW_FIELD_ADDITION");
  const kept = entry.columns.map((column) => {
    const wanted = target.schema?.find((w) => w.name.toLowerCase() === column.name.toLowerCase());
    const hasMore = wanted && addedFields(column.type, wanted.type, [])?.length;
    const c = adds && hasMore ? { ...column, type: wanted.type } : column;
    const { required, ...nullable } = c;
    return relaxes && required && !wanted?.required ? nullable : c;
  });
  if (added.length > 0 && !adds) {
    throw mismatch(entry, `Cannot add fields (field: ${added[0]?.name})`);
  }
  const columns = [...kept, ...added];
  await changeColumns(session, entry, columns);
  return { ...entry, columns };
}

/** The table's own column for one of the job's schema; their types must agree. */
function columnOf(entry: TableEntry, wanted: Column): Column {
  const column = entry.columns.find((c) => c.name.toLowerCase() === wanted.name.toLowerCase());
  if (!column) throw mismatch(entry, `Cannot add fields (field: ${wanted.name})`);
  if (formatType(column.type) !== formatType(wanted.type)) {
    throw mismatch(
      entry,
      `Field ${wanted.name} has changed type from ${formatType(column.type)} to ${formatType(wanted.type)}`,
    );
  }
  return { ...column, name: column.name };
}

function mismatch(entry: TableEntry, what: string): BigQueryError {
  return new BigQueryError(
    "invalid",
    `Provided Schema does not match Table ${displayName(entry.name)}. ${what}`,
  );
}

async function empty(
  session: Session,
  entry: TableEntry,
  partition: PreparedTarget["partition"],
): Promise<void> {
  const where = partition ? ` WHERE ${partition.contains(quoteName(partition.column))}` : "";
  await session.run(`DELETE FROM ${session.tableSql(entry.name)}${where}`);
}

/** Deletes the rows of one partition, and nothing else of the table. Throws `invalid` for what has no such partition. */
export async function emptyPartition(
  session: Session,
  entry: TableEntry,
  id: string,
): Promise<void> {
  await empty(session, entry, partitionTest(entry, id));
  await session.catalogue.putTable({ ...entry, modifiedAt: Date.now() });
}

/** The test that a row of a table belongs to one of its partitions. Throws for an id that is none. */
export function partitionTest(
  entry: TableEntry,
  id: string,
): NonNullable<PreparedTarget["partition"]> {
  const { partitioning } = entry;
  if (!partitioning) {
    throw new BigQueryError(
      "invalid",
      `Cannot write to partition ${id}: table ${displayName(entry.name)} is not partitioned`,
    );
  }
  if (partitioning.type === "RANGE") throw refused("writing to a partition of an integer range");
  if (id === "__NULL__" && partitioning.field !== undefined)
    return { column: partitioning.field, contains: (value) => `${value} IS NULL` };
  const format = PARTITION_FORMATS[partitioning.type];
  // Every part of the format is two digits as well as two characters; the year has four.
  if (!/^\d+$/.test(id) || id.length !== format.length + 2) {
    throw new BigQueryError(
      "invalid",
      `Invalid partition ${id}: ${displayName(entry.name)} has one per ${partitioning.type}`,
    );
  }
  if (partitioning.field === undefined) {
    const value = `timezone('UTC', strptime(${quoteText(id)}, '${format}'))`;
    return { column: PARTITION_TIME, value, contains: (time) => `${time} = ${value}` };
  }
  return {
    column: partitioning.field,
    contains: (value) => `strftime(${value}, '${format}') = ${quoteText(id)}`,
  };
}
