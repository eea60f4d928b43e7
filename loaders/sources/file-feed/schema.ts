import { z } from "zod";
import { column } from "../../core/schema.ts";
import { rawTable, type Table } from "../../core/tables.ts";
import {
  ENTITIES,
  type Entity,
  type EntityDefinition,
  type Field,
  type FieldKind,
  type LoaderColumn,
} from "./entities.ts";

/** A source of type `file-feed` in filo.json: any CSV or NDJSON, brought onto an entity by a mapping. */
export const fileFeedConfig = z.strictObject({
  type: z.literal("file-feed"),
  path: z.string().describe("Folder of the files, relative to filo.json"),
  mapping: z.string().describe("The mapping file, relative to filo.json"),
});

export type FileFeedConfig = z.infer<typeof fileFeedConfig>;

/** Where a row lies: every entity of a file feed has these. */
const place = {
  file_id: column.string(),
  line_no_in_file: column.int64(),
  feed: column.string(),
};

const COLUMN_OF_KIND: Readonly<Record<FieldKind, () => z.ZodType>> = {
  text: column.string,
  pseudonym: column.string,
  date: column.date,
  timestamp: column.timestamp,
  integer: column.int64,
  quantity: column.numeric,
  money: column.numeric,
};

const COLUMN_OF_LOADER: Readonly<Record<LoaderColumn["loader"], () => z.ZodType>> = {
  STRING: column.string,
  BOOL: column.bool,
  JSON: column.json,
};

function columnOf(declared: Field | LoaderColumn): z.ZodType {
  if ("loader" in declared) return COLUMN_OF_LOADER[declared.loader]().nullish();
  const own = COLUMN_OF_KIND[declared.kind]();
  return declared.isRequired || declared.otherwise !== undefined ? own : own.nullish();
}

function tableOf({ table, description, columns, partitionBy, clusterBy }: EntityDefinition): Table {
  const own = Object.entries(columns).map(([name, declared]) => {
    const column = "kind" in declared ? declared.column : undefined;
    return [column ?? name, columnOf(declared)] as const;
  });
  return rawTable({
    name: table,
    description,
    columns: z.object({ ...place, ...Object.fromEntries(own) }),
    // The same content may be delivered to two feeds.
    key: ["file_id", "line_no_in_file", "feed"],
    clusterBy,
    ...(partitionBy === undefined ? {} : { partitionBy }),
  });
}

/** The raw table of each entity. */
export const ENTITY_TABLES: Readonly<Record<Entity, Table>> = Object.fromEntries(
  Object.entries(ENTITIES).map(([entity, definition]) => [entity, tableOf(definition)]),
) as Record<Entity, Table>;
