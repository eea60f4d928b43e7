import { refused } from "../errors.ts";
import type { Relation } from "../sql/catalog.ts";
import {
  arrayOf,
  type Column,
  duckdbType,
  INT64,
  quoteName,
  quoteText,
  type SqlType,
  STRING,
  TIMESTAMP,
} from "../sql/types.ts";
import {
  columnFieldPathRows,
  columnRows,
  optionRows,
  routineRows,
  schemaRows,
  tableRows,
  viewRows,
} from "./information-schema-rows.ts";
import { partitionsSql } from "./partitions.ts";
import type { Session } from "./session.ts";

/** A value of a row: text, number, milliseconds since 1970, list, or NULL. */
export type InfoValue = string | number | Date | readonly string[] | null;
/** Values by column name; a column that is not named is NULL. */
export type InfoRow = Readonly<Record<string, InfoValue>>;

interface InfoView {
  readonly columns: readonly Column[];
  readonly rows: (session: Session, dataset: string) => readonly InfoRow[];
}

const strings = (...names: readonly string[]): Column[] =>
  names.map((name) => ({ name, type: STRING }));
const column = (name: string, type: SqlType): Column => ({ name, type });

const TABLE_NAME = strings("table_catalog", "table_schema", "table_name");

/** The views that are kept, with the columns that BigQuery documents; columns about storage and billing are left out. */
const VIEWS: Readonly<Record<string, InfoView>> = {
  SCHEMATA: {
    columns: [
      ...strings("catalog_name", "schema_name", "schema_owner"),
      column("creation_time", TIMESTAMP),
      column("last_modified_time", TIMESTAMP),
      ...strings("location", "default_collation_name"),
    ],
    rows: schemaRows,
  },
  TABLES: {
    columns: [
      ...TABLE_NAME,
      ...strings("table_type", "is_insertable_into", "is_typed"),
      column("creation_time", TIMESTAMP),
    ],
    rows: tableRows,
  },
  COLUMNS: {
    columns: [
      ...TABLE_NAME,
      ...strings("column_name"),
      column("ordinal_position", INT64),
      ...strings(
        "is_nullable",
        "data_type",
        "is_generated",
        "generation_expression",
        "is_stored",
        "is_hidden",
      ),
      ...strings("is_updatable", "is_system_defined", "is_partitioning_column"),
      column("clustering_ordinal_position", INT64),
      ...strings("collation_name", "column_default", "rounding_mode"),
      column("policy_tags", arrayOf(STRING)),
    ],
    rows: columnRows,
  },
  COLUMN_FIELD_PATHS: {
    columns: [
      ...TABLE_NAME,
      ...strings(
        "column_name",
        "field_path",
        "data_type",
        "description",
        "collation_name",
        "rounding_mode",
      ),
      column("policy_tags", arrayOf(STRING)),
    ],
    rows: columnFieldPathRows,
  },
  VIEWS: {
    columns: [...TABLE_NAME, ...strings("view_definition", "check_option", "use_standard_sql")],
    rows: viewRows,
  },
  TABLE_OPTIONS: {
    columns: [...TABLE_NAME, ...strings("option_name", "option_type", "option_value")],
    rows: optionRows,
  },
  ROUTINES: {
    columns: [
      ...strings("specific_catalog", "specific_schema", "specific_name"),
      ...strings("routine_catalog", "routine_schema", "routine_name", "routine_type", "data_type"),
      ...strings("routine_body", "routine_definition", "external_language"),
      column("created", TIMESTAMP),
      column("last_altered", TIMESTAMP),
    ],
    rows: routineRows,
  },
};

const PARTITION_COLUMNS: readonly Column[] = [
  ...TABLE_NAME,
  ...strings("partition_id"),
  column("total_rows", INT64),
  column("last_modified_time", TIMESTAMP),
  ...strings("storage_tier"),
];

/**
 * `[project.]dataset.INFORMATION_SCHEMA.VIEW`, the same with a region in the dataset's place, or
 * `INFORMATION_SCHEMA.SCHEMATA`: a relation with the state of the catalogue as the session sees it now.
 * Undefined when the path names no such view, or the dataset does not exist.
 */
export function informationSchema(path: readonly string[], session: Session): Relation | undefined {
  const at = path.length - 2;
  if (at < 0 || path[at]?.toUpperCase() !== "INFORMATION_SCHEMA") return undefined;
  const datasets = datasetsOf(path.slice(0, at), session);
  const name = path[at + 1]?.toUpperCase() ?? "";
  if (!datasets) return undefined;
  if (name === "PARTITIONS") {
    const tables = datasets.flatMap((dataset) =>
      session.catalogue.tables(session.project, dataset),
    );
    return {
      kind: "table",
      columns: PARTITION_COLUMNS,
      sql: partitionsSql(tables, PARTITION_COLUMNS, session),
    };
  }
  const view = VIEWS[name];
  if (!view) throw refused(`INFORMATION_SCHEMA.${name}`);
  const rows = datasets.flatMap((dataset) => view.rows(session, dataset));
  return { kind: "table", columns: view.columns, sql: rowsSql(view.columns, rows) };
}

/** The datasets that what stands before INFORMATION_SCHEMA means. */
function datasetsOf(qualifier: readonly string[], session: Session): readonly string[] | undefined {
  const { project, catalogue } = session;
  const last = qualifier.at(-1);
  if (qualifier.length > 2 || (qualifier.length === 2 && qualifier[0] !== project))
    return undefined;
  if (last === undefined || last === project || /^region-/i.test(last)) {
    return catalogue.datasets(project).map((entry) => entry.dataset);
  }
  return catalogue.dataset(project, last) ? [last] : undefined;
}

/** Rows as a subquery; the first SELECT gives names and types, and no row. */
export function rowsSql(columns: readonly Column[], rows: readonly InfoRow[]): string {
  const head = columns
    .map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(name)}`)
    .join(", ");
  const empty = `SELECT ${head} WHERE false`;
  if (rows.length === 0) return `(${empty})`;
  const values = rows.map(
    (row) => `(${columns.map(({ name }) => valueSql(row[name] ?? null)).join(", ")})`,
  );
  return `(${empty} UNION ALL VALUES ${values.join(", ")})`;
}

function valueSql(value: InfoValue): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoteText(value);
  if (value instanceof Date) return `make_timestamptz(${value.getTime()} * 1000)`;
  return `[${value.map(quoteText).join(", ")}]`;
}
