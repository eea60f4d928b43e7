import { BigQueryError, invalidQuery, refused } from "../../errors.ts";
import type { Session, TableEntry } from "../../warehouse/session.ts";
import { compileDefault } from "../default-value.ts";
import { type Column, duckdbType, formatType, quoteName, type SqlType } from "../types.ts";
import { findColumn, readColumn, readColumnName, skipConstraint, stored } from "./columns.ts";
import {
  alreadyExists,
  assertNoTransaction,
  assertType,
  display,
  notFound,
  objectName,
} from "./names.ts";
import { type Option, readOptions, textOption } from "./options.ts";
import { keyword, type Reader, reader, type Source } from "./reader.ts";
import type { Context, Statement } from "./statement.ts";
import { tableSettings } from "./table-settings.ts";
import { readType } from "./type.ts";

/** One step of ALTER: changes the table in DuckDB and returns the entry that it has then. */
type Change = (entry: TableEntry, context: Context) => Promise<TableEntry>;

/** ALTER TABLE, VIEW or MATERIALIZED VIEW [IF EXISTS] t action, …. */
export function parseAlterTable(source: Source): Statement {
  const input = reader(source);
  input.expect("ALTER");
  const type = (["MATERIALIZED_VIEW", "VIEW", "TABLE"] as const).find((name) =>
    input.accept(...name.split("_")),
  );
  if (!type) throw refused(`ALTER ${input.peek()?.text ?? ""}`, source.place);
  const ifExists = input.accept("IF", "EXISTS");
  const path = input.path();
  const changes: Change[] = [];
  do changes.push(readChange(input));
  while (input.accept(","));
  if (input.peek()) input.fail("end of statement");
  return {
    type: `ALTER_${type}`,
    source,
    writes: [path],
    async run(context) {
      const { session, env, dryRun } = context;
      assertNoTransaction(context, `ALTER_${type}`);
      const name = objectName(path, env);
      const outcome = { ddlTarget: name, referencedTables: [] };
      if (!dryRun) await session.lock([name]);
      const entry = session.catalogue.table(name);
      if (!entry && ifExists) return { ...outcome, ddlOperation: "SKIP" };
      if (!entry) throw notFound("Table", name, session);
      assertType(entry, type);
      if (!dryRun) await session.atomic(() => apply(changes, entry, context));
      return { ...outcome, ddlOperation: "ALTER" };
    },
  };
}

async function apply(
  changes: readonly Change[],
  entry: TableEntry,
  context: Context,
): Promise<void> {
  const { catalogue } = context.session;
  let changed = entry;
  for (const change of changes) changed = await change(changed, context);
  await emptyNewArrays(entry, changed, context);
  if (changed.name !== entry.name) await catalogue.dropTable(entry.name);
  await catalogue.putTable({ ...changed, modifiedAt: Date.now() });
}

/** New array columns are empty, not NULL. At the end, since DuckDB cannot alter a table that it has updated. */
async function emptyNewArrays(
  before: TableEntry,
  { name, columns }: TableEntry,
  { session }: Context,
): Promise<void> {
  const empty = columns
    .filter((column) => column.type.kind === "ARRAY" && !before.columns.includes(column))
    .map((column) => `${quoteName(column.name)} = coalesce(${quoteName(column.name)}, [])`);
  if (empty.length > 0)
    await session.run(`UPDATE ${session.tableSql(name)} SET ${empty.join(", ")}`);
}

function readChange(input: Reader): Change {
  if (input.accept("ADD", "COLUMN")) {
    const ifNotExists = input.accept("IF", "NOT", "EXISTS");
    return addColumn(readColumn(input), ifNotExists);
  }
  if (input.at("ADD", "CONSTRAINT") || input.at("ADD", "PRIMARY") || input.at("ADD", "FOREIGN")) {
    input.expect("ADD");
    skipConstraint(input);
    return unchanged;
  }
  if (input.accept("DROP", "PRIMARY", "KEY")) {
    input.accept("IF", "EXISTS");
    return unchanged;
  }
  if (input.accept("DROP", "CONSTRAINT")) {
    input.accept("IF", "EXISTS");
    input.name();
    return unchanged;
  }
  if (input.accept("DROP", "COLUMN")) {
    const ifExists = input.accept("IF", "EXISTS");
    return dropColumn(input.name(), ifExists);
  }
  if (input.accept("RENAME", "COLUMN")) {
    const ifExists = input.accept("IF", "EXISTS");
    const from = input.name();
    input.expect("TO");
    return renameColumn(from, readColumnName(input), ifExists);
  }
  if (input.accept("RENAME", "TO")) return renameTable(input.name());
  if (input.at("SET", "OPTIONS")) {
    input.expect("SET");
    return setOptions(readOptions(input));
  }
  if (input.accept("ALTER", "COLUMN")) return readColumnChange(input);
  throw refused(
    `ALTER TABLE … ${input.peek()?.text ?? ""} ${input.peek(1)?.text ?? ""}`,
    input.peek()?.place,
  );
}

/** Keys are not kept: see `skipConstraint`. */
const unchanged: Change = async (entry) => entry;

function readColumnChange(input: Reader): Change {
  const ifExists = input.accept("IF", "EXISTS");
  const name = input.name();
  if (input.accept("DROP", "NOT", "NULL")) return changeColumn(name, ifExists, dropNotNull);
  if (input.accept("DROP", "DEFAULT")) return changeColumn(name, ifExists, dropDefault);
  if (input.accept("SET", "DEFAULT")) {
    const { text, place } = input.until("an expression", (token) => keyword(token) === ",");
    return changeColumn(name, ifExists, async (table, column, session) => {
      const defaultValue = compileDefault(text, column.type, place);
      await session.run(
        `ALTER TABLE ${table} ALTER COLUMN ${quoteName(column.name)} SET DEFAULT ${defaultValue.sql}`,
      );
      return { ...column, defaultValue };
    });
  }
  if (input.accept("SET", "DATA", "TYPE")) {
    const type = readType(input);
    return changeColumn(name, ifExists, (table, column, session) =>
      setType(table, column, type, session),
    );
  }
  input.expect("SET");
  const description = textOption(readOptions(input), "description");
  return changeColumn(name, ifExists, async (_, { description: __, ...column }) =>
    description === undefined ? column : { ...column, description },
  );
}

function addColumn(column: Column, ifNotExists: boolean): Change {
  return async (entry, { session }) => {
    if (findColumn(entry.columns, column.name)) {
      if (ifNotExists) return entry;
      throw invalidQuery(`Column already exists: ${column.name}`);
    }
    if (column.required) {
      throw new BigQueryError(
        "invalid",
        `Cannot add required field ${column.name} to an existing table`,
      );
    }
    if (column.defaultValue) {
      throw invalidQuery(
        `Cannot add column ${column.name} with a default value; add it first, then ALTER COLUMN SET DEFAULT`,
      );
    }
    const table = session.tableSql(entry.name);
    const definition = `${quoteName(column.name)} ${duckdbType(column.type)}`;
    await session.run(`ALTER TABLE ${table} ADD COLUMN ${definition}`);
    return { ...entry, columns: [...entry.columns, column] };
  };
}

function dropColumn(name: string, ifExists: boolean): Change {
  return async (entry, { session }) => {
    const column = findColumn(entry.columns, name);
    if (!column && ifExists) return entry;
    if (!column) throw columnNotFound(name, entry);
    const used = [entry.partitioning?.field, ...(entry.clustering ?? [])];
    if (used.some((field) => field?.toLowerCase() === name.toLowerCase())) {
      throw invalidQuery(`Cannot drop column ${name}: the table is partitioned or clustered by it`);
    }
    if (entry.columns.length === 1) throw invalidQuery(`Cannot drop the only column ${name}`);
    await session.run(
      `ALTER TABLE ${session.tableSql(entry.name)} DROP COLUMN ${quoteName(column.name)}`,
    );
    return { ...entry, columns: entry.columns.filter((other) => other !== column) };
  };
}

function renameColumn(from: string, to: string, ifExists: boolean): Change {
  return changeColumn(from, ifExists, async (table, column, session) => {
    await session.run(
      `ALTER TABLE ${table} RENAME COLUMN ${quoteName(column.name)} TO ${quoteName(to)}`,
    );
    return { ...column, name: to };
  });
}

function renameTable(to: string): Change {
  return async (entry, { session }) => {
    const name = { ...entry.name, name: to };
    if (session.catalogue.table(name)) throw alreadyExists("Table", name);
    await session.lock([name]);
    await session.run(`ALTER TABLE ${session.tableSql(entry.name)} RENAME TO ${quoteName(to)}`);
    return { ...entry, name };
  };
}

function setOptions(options: readonly Option[]): Change {
  return async (entry, context) => {
    const { partition, options: others, ...settings } = await tableSettings(options, context);
    const { partitioning } = entry;
    return {
      ...entry,
      ...settings,
      ...(others ? { options: { ...entry.options, ...others } } : {}),
      ...(partitioning ? { partitioning: { ...partitioning, ...partition } } : {}),
    };
  };
}

function changeColumn(
  name: string,
  ifExists: boolean,
  change: (table: string, column: Column, session: Session) => Promise<Column>,
): Change {
  return async (entry, { session }) => {
    const column = findColumn(entry.columns, name);
    if (!column && ifExists) return entry;
    if (!column) throw columnNotFound(name, entry);
    const changed = await change(session.tableSql(entry.name), column, session);
    return {
      ...entry,
      columns: entry.columns.map((other) => (other === column ? changed : other)),
    };
  };
}

async function dropDefault(table: string, column: Column, session: Session): Promise<Column> {
  const { defaultValue: _, ...others } = column;
  await session.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(column.name)} DROP DEFAULT`);
  return others;
}

async function dropNotNull(table: string, column: Column, session: Session): Promise<Column> {
  const { required, ...nullable } = column;
  if (required) {
    await session.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(column.name)} DROP NOT NULL`);
  }
  return nullable;
}

/** BigQuery widens types only: https://cloud.google.com/bigquery/docs/managing-table-schemas */
const WIDER: Readonly<Partial<Record<SqlType["kind"], readonly SqlType["kind"][]>>> = {
  INT64: ["NUMERIC", "BIGNUMERIC", "FLOAT64"],
  NUMERIC: ["BIGNUMERIC", "FLOAT64"],
};

async function setType(
  table: string,
  column: Column,
  type: SqlType,
  session: Session,
): Promise<Column> {
  const { name, type: before } = column;
  if (before.kind !== type.kind && !WIDER[before.kind]?.includes(type.kind)) {
    throw invalidQuery(
      `ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (${formatType(before)}) is assignable to the new type (${formatType(type)})`,
    );
  }
  const quoted = quoteName(name);
  await session.run(
    `ALTER TABLE ${table} ALTER COLUMN ${quoted} SET DATA TYPE ${duckdbType(type)} USING ${stored(quoted, { name, type })}`,
  );
  return { ...column, type };
}

function columnNotFound(name: string, entry: TableEntry): BigQueryError {
  return invalidQuery(`Column not found: ${name} in table ${display(entry.name)}`);
}
