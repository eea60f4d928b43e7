import { formatType, type SqlType } from "../sql/types.ts";
import type { InfoRow } from "./information-schema.ts";
import type { Session, TableEntry } from "./session.ts";

const yesNo = (value: boolean): string => (value ? "YES" : "NO");

function tablesOf(session: Session, dataset: string): readonly TableEntry[] {
  return session.catalogue.tables(session.project, dataset);
}

function nameOf({ name }: TableEntry): InfoRow {
  return { table_catalog: name.project, table_schema: name.dataset, table_name: name.name };
}

export function schemaRows({ project, catalogue }: Session, dataset: string): readonly InfoRow[] {
  const entry = catalogue.dataset(project, dataset);
  if (!entry) return [];
  return [
    {
      catalog_name: project,
      schema_name: dataset,
      creation_time: new Date(entry.createdAt),
      last_modified_time: new Date(entry.modifiedAt),
      location: entry.location,
    },
  ];
}

const TABLE_TYPES = {
  TABLE: "BASE TABLE",
  VIEW: "VIEW",
  MATERIALIZED_VIEW: "MATERIALIZED VIEW",
} as const;

export function tableRows(session: Session, dataset: string): readonly InfoRow[] {
  return tablesOf(session, dataset).map((entry) => ({
    ...nameOf(entry),
    table_type: TABLE_TYPES[entry.type],
    is_insertable_into: yesNo(entry.type === "TABLE"),
    is_typed: "NO",
    creation_time: new Date(entry.createdAt),
  }));
}

export function viewRows(session: Session, dataset: string): readonly InfoRow[] {
  return tablesOf(session, dataset)
    .filter((entry) => entry.type === "VIEW")
    .map((entry) => ({
      ...nameOf(entry),
      view_definition: entry.viewQuery ?? null,
      use_standard_sql: "YES",
    }));
}

export function columnRows(session: Session, dataset: string): readonly InfoRow[] {
  return tablesOf(session, dataset).flatMap((entry) =>
    entry.columns.map((column, i) => {
      const clustering = entry.clustering?.findIndex((name) => sameName(name, column.name)) ?? -1;
      return {
        ...nameOf(entry),
        column_name: column.name,
        ordinal_position: i + 1,
        is_nullable: yesNo(!column.required),
        data_type: formatType(column.type),
        is_generated: "NEVER",
        is_hidden: "NO",
        is_system_defined: "NO",
        is_partitioning_column: yesNo(sameName(entry.partitioning?.field, column.name)),
        clustering_ordinal_position: clustering < 0 ? null : clustering + 1,
        collation_name: "NULL",
        column_default: column.defaultValue?.expression ?? "NULL",
        policy_tags: column.policyTags ?? [],
      };
    }),
  );
}

export function columnFieldPathRows(session: Session, dataset: string): readonly InfoRow[] {
  return tablesOf(session, dataset).flatMap((entry) =>
    entry.columns.flatMap((column) =>
      fieldPaths(column.name, column.type).map(([path, type], i) => ({
        ...nameOf(entry),
        column_name: column.name,
        field_path: path,
        data_type: formatType(type),
        description: i === 0 ? (column.description ?? null) : null,
        collation_name: "NULL",
        policy_tags: column.policyTags ?? [],
      })),
    ),
  );
}

/** A column and every field inside it, each with its path. */
function fieldPaths(path: string, type: SqlType): readonly (readonly [string, SqlType])[] {
  const struct = type.kind === "ARRAY" ? type.element : type;
  const inner = struct.kind === "STRUCT" ? struct.fields : [];
  return [
    [path, type],
    ...inner.flatMap((field) => fieldPaths(`${path}.${field.name}`, field.type)),
  ];
}

function sameName(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

export function optionRows(session: Session, dataset: string): readonly InfoRow[] {
  return tablesOf(session, dataset).flatMap((entry) =>
    tableOptions(entry).map(([option_name, option_type, option_value]) => ({
      ...nameOf(entry),
      option_name,
      option_type,
      option_value,
    })),
  );
}

type Option = readonly [name: string, type: string, value: string];

function tableOptions(entry: TableEntry): readonly Option[] {
  const { description, friendlyName, labels, expiresAt, partitioning, options } = entry;
  const pairs = Object.entries(labels ?? {}).map(
    ([k, v]) => `STRUCT(${JSON.stringify(k)}, ${JSON.stringify(v)})`,
  );
  const found: Option[] = [];
  if (description !== undefined) found.push(["description", "STRING", JSON.stringify(description)]);
  if (friendlyName !== undefined)
    found.push(["friendly_name", "STRING", JSON.stringify(friendlyName)]);
  if (pairs.length > 0)
    found.push(["labels", "ARRAY<STRUCT<STRING, STRING>>", `[${pairs.join(", ")}]`]);
  if (expiresAt !== undefined) {
    found.push([
      "expiration_timestamp",
      "TIMESTAMP",
      `TIMESTAMP "${new Date(expiresAt).toISOString()}"`,
    ]);
  }
  if (partitioning?.requireFilter !== undefined) {
    found.push(["require_partition_filter", "BOOL", String(partitioning.requireFilter)]);
  }
  if (partitioning?.expirationMs !== undefined) {
    const days = Number(partitioning.expirationMs) / 86_400_000;
    found.push([
      "partition_expiration_days",
      "FLOAT64",
      Number.isInteger(days) ? `${days}.0` : String(days),
    ]);
  }
  const named = new Set(found.map(([name]) => name));
  const others = Object.entries(options ?? {}).filter(([name]) => !named.has(name));
  return [...found, ...others.map(([name, text]): Option => [name, optionType(text), text])];
}

/** The type of an option that is kept as GoogleSQL text. */
function optionType(text: string): string {
  if (/^["']/.test(text)) return "STRING";
  if (/^(true|false)$/i.test(text)) return "BOOL";
  if (/^-?\d+$/.test(text)) return "INT64";
  return /^-?[\d.]+$/.test(text) ? "FLOAT64" : "STRING";
}

export const ROUTINE_TYPES = {
  sql_function: "FUNCTION",
  js_function: "FUNCTION",
  table_function: "TABLE FUNCTION",
  procedure: "PROCEDURE",
} as const;

export function routineRows(session: Session, dataset: string): readonly InfoRow[] {
  return session.catalogue.routines(session.project, dataset).map((entry) => {
    const { project, dataset: schema, name } = entry.name;
    const javascript = entry.kind === "js_function";
    return {
      ...{ specific_catalog: project, specific_schema: schema, specific_name: name },
      ...{ routine_catalog: project, routine_schema: schema, routine_name: name },
      routine_type: ROUTINE_TYPES[entry.kind],
      data_type: entry.returns ? formatType(entry.returns) : null,
      routine_body: javascript ? "EXTERNAL" : "SQL",
      routine_definition: entry.body,
      external_language: javascript ? "JAVASCRIPT" : null,
      created: new Date(entry.createdAt),
      last_altered: new Date(entry.modifiedAt),
    };
  });
}
