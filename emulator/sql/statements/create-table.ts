import { invalidQuery, refused } from "../../errors.ts";
import {
  currentPartitionSql,
  isByIngestion,
  PARTITION_TIME,
} from "../../warehouse/ingestion-time.ts";
import type { Session, TableEntry } from "../../warehouse/session.ts";
import { definitionSql } from "../../warehouse/tables.ts";
import type { ObjectName } from "../catalog.ts";
import { assign } from "../coerce.ts";
import type { CompiledQuery } from "../compile.ts";
import { type Column, quoteName } from "../types.ts";
import { assertColumnName, readColumns, stored } from "./columns.ts";
import { type CreateMode, readCreate } from "./create.ts";
import { COPIES, readCopy } from "./create-copy.ts";
import {
  alreadyExists,
  assertNoTransaction,
  assertType,
  objectName,
  requireDataset,
} from "./names.ts";
import { type Option, readOptions } from "./options.ts";
import {
  assertSameSpec,
  checkPartitioning,
  readClustering,
  readPartitioning,
} from "./partitioning.ts";
import { parseQuery, type Query, referencedTables } from "./query.ts";
import { type Path, type Reader, reader, type Source } from "./reader.ts";
import { type Context, current, type Outcome, type Statement } from "./statement.ts";
import { type TableSettings, tableSettings } from "./table-settings.ts";

interface CreateTable {
  readonly path: Path;
  readonly mode: CreateMode;
  readonly temporary: boolean;
  readonly declared: readonly Column[] | undefined;
  readonly partitioning: TableEntry["partitioning"];
  readonly clustering: readonly string[] | undefined;
  readonly options: readonly Option[];
  readonly query: Query | undefined;
}

/** CREATE [OR REPLACE] [TEMP] TABLE with columns, AS a query, or both. */
export function parseCreateTable(source: Source): Statement {
  const input = reader(source);
  const head = readCreate(input, "TABLE");
  if (COPIES.some((keyword) => input.at(keyword))) {
    if (head.temporary) throw refused("CREATE TEMP TABLE as a copy", source.place, "AS SELECT");
    return readCopy(input, head, source);
  }
  const create = { ...head, ...readDefinition(input) };
  return {
    type: create.query ? "CREATE_TABLE_AS_SELECT" : "CREATE_TABLE",
    source,
    writes: create.temporary ? [] : [create.path],
    run: (context) => run(create, context),
  };
}

/** What stands behind the name. */
function readDefinition(input: Reader): Omit<CreateTable, "path" | "mode" | "temporary"> {
  const declared = input.at("(") ? readColumns(input) : undefined;
  const partitioning = input.at("PARTITION", "BY") ? readPartitioning(input) : undefined;
  const clustering = input.at("CLUSTER", "BY") ? readClustering(input) : undefined;
  const options = input.at("OPTIONS") ? readOptions(input) : [];
  const query = input.accept("AS") ? parseQuery(input.rest("a query")) : undefined;
  if (input.peek()) input.fail("end of statement");
  if (!declared && !query) input.fail("a column list or AS");
  return { declared, partitioning, clustering, options, query };
}

/** The columns of a new table, and the query that its rows come from. */
interface Contents {
  readonly columns: readonly Column[];
  readonly compiled?: CompiledQuery;
}

function compileContents(create: CreateTable, context: Context): Contents {
  const compiled = create.query?.compile(context);
  const columns = columnsOf(create, compiled);
  checkPartitioning(create.partitioning, create.clustering, columns);
  return { columns, ...(compiled ? { compiled } : {}) };
}

async function run(create: CreateTable, context: Context): Promise<Outcome> {
  const contents = compileContents(create, context);
  if (create.query && create.partitioning && isByIngestion(create)) {
    throw invalidQuery("PARTITION BY _PARTITIONDATE cannot be used with AS query");
  }
  if (create.temporary) return createTemporary(create, contents, context);
  const name = objectName(create.path, context.env);
  const outcome = await createPermanent(create, name, contents, context);
  return { ...outcome, ddlTarget: name };
}

function outcomeOf(
  ddlOperation: NonNullable<Outcome["ddlOperation"]>,
  { columns, compiled }: Contents,
  context: Context,
): Outcome {
  const referenced = compiled ? referencedTables(compiled, context) : [];
  return { ddlOperation, columns, referencedTables: referenced };
}

function columnsOf(
  { declared }: CreateTable,
  compiled: CompiledQuery | undefined,
): readonly Column[] {
  if (!compiled) return declared ?? [];
  if (declared) {
    if (declared.length === compiled.columns.length) return declared;
    throw invalidQuery(
      `Number of columns in the column definition list (${declared.length}) does not match the number of columns produced by the query (${compiled.columns.length})`,
    );
  }
  return columnsOfQuery(compiled, "CREATE TABLE");
}

/** The columns of a table that a query makes. Throws for columns without a name and for two of the same name. */
export function columnsOfQuery(
  { columns, duplicateName }: CompiledQuery,
  what: string,
): readonly Column[] {
  columns.forEach(({ name }, i) => {
    if (!/^f\d+_$/.test(name)) return;
    throw invalidQuery(`${what} columns must be named, but column ${i + 1} has no name`);
  });
  if (duplicateName !== undefined)
    throw invalidQuery(`Duplicate column name ${duplicateName} in ${what} AS`);
  for (const { name } of columns) assertColumnName(name);
  return columns.map(({ name, type }) => ({
    name,
    type: type.kind === "UNKNOWN" ? { kind: "INT64" } : type,
  }));
}

/** DuckDB statements that make the table with its rows, replacing one of the same name. */
export async function makeTable(
  session: Session,
  keywords: "TABLE" | "TEMP TABLE",
  sql: string,
  columns: readonly Column[],
  compiled: CompiledQuery | undefined,
  partitioning?: TableEntry["partitioning"],
): Promise<void> {
  const entry = { columns, ...(partitioning ? { partitioning } : {}) };
  if (!compiled) {
    await session.run(`CREATE OR REPLACE ${keywords} ${sql} (${definitionSql(entry)})`);
    return;
  }
  const values = columns.map((column, i) => {
    const from = compiled.columns[i] ?? column;
    const value = assign(
      { sql: `q.${quoteName(from.name)}`, type: from.type },
      column.type,
      `column ${column.name}`,
    );
    return `${stored(value.sql, column)} AS ${quoteName(column.name)}`;
  });
  const time = partitioning && isByIngestion(entry) ? currentPartitionSql(partitioning) : undefined;
  if (time !== undefined) values.push(`${time} AS ${quoteName(PARTITION_TIME)}`);
  // The query may read the table that it replaces.
  await session.run(
    `CREATE OR REPLACE ${keywords} ${sql} AS SELECT ${values.join(", ")} FROM (${compiled.sql}) AS q`,
  );
  const alter = (name: string, change: string) =>
    session.run(`ALTER TABLE ${sql} ALTER COLUMN ${quoteName(name)} SET ${change}`);
  if (time !== undefined) await alter(PARTITION_TIME, `DEFAULT ${time}`);
  for (const { name, required, type, defaultValue } of columns) {
    if (defaultValue) await alter(name, `DEFAULT ${defaultValue.sql}`);
    if (required && type.kind !== "ARRAY") await alter(name, "NOT NULL");
  }
}

async function createTemporary(
  create: CreateTable,
  contents: Contents,
  context: Context,
): Promise<Outcome> {
  const { path, mode } = create;
  const { session, dryRun, prepare } = context;
  const name = path.at(-1) ?? "";
  if (path.length > 1 && path[0]?.toUpperCase() !== "_SESSION") {
    throw invalidQuery(`Temporary table names cannot be qualified: ${path.join(".")}`);
  }
  const key = name.toLowerCase();
  const exists = session.temporary.tables.has(key);
  if (exists && mode === "if_not_exists") return outcomeOf("SKIP", contents, context);
  if (exists && mode === "create") throw invalidQuery(`Already Exists: Table ${name}`);
  const operation = exists ? "REPLACE" : "CREATE";
  if (dryRun) return outcomeOf(operation, contents, context);
  const sql = `temp.main.${quoteName(name)}`;
  await prepare();
  const made = await session.atomic(async () => {
    const now = await current(contents, () => compileContents(create, context), context);
    await makeTable(session, "TEMP TABLE", sql, now.columns, now.compiled);
    return now;
  });
  session.temporary.tables.set(key, { kind: "table", sql, columns: made.columns });
  return outcomeOf(operation, made, context);
}

async function createPermanent(
  create: CreateTable,
  name: ObjectName,
  contents: Contents,
  context: Context,
): Promise<Outcome> {
  const { session, dryRun, prepare } = context;
  assertNoTransaction(context, "CREATE_TABLE");
  if (!dryRun) await session.lock([name]);
  requireDataset(name, session);
  const existing = session.catalogue.table(name);
  if (existing && create.mode === "if_not_exists") return outcomeOf("SKIP", contents, context);
  if (existing && create.mode === "create") throw alreadyExists("Table", name);
  if (existing) assertType(existing, "TABLE");
  if (existing) assertSameSpec(existing, specOf(create));
  const operation = existing ? "REPLACE" : "CREATE";
  if (dryRun) return outcomeOf(operation, contents, context);
  await prepare();
  const settings = await tableSettings(create.options, context);
  return session.atomic(async () => {
    const made = await current(contents, () => compileContents(create, context), context);
    const sql = session.tableSql(name);
    await makeTable(session, "TABLE", sql, made.columns, made.compiled, create.partitioning);
    await session.catalogue.putTable(tableEntry(create, name, made.columns, settings));
    return outcomeOf(operation, made, context);
  });
}

function specOf({
  partitioning,
  clustering,
}: CreateTable): Pick<TableEntry, "partitioning" | "clustering"> {
  return { ...(partitioning ? { partitioning } : {}), ...(clustering ? { clustering } : {}) };
}

function tableEntry(
  create: CreateTable,
  name: ObjectName,
  columns: readonly Column[],
  { partition, ...settings }: TableSettings,
): TableEntry {
  const now = Date.now();
  const { partitioning, ...spec } = specOf(create);
  return {
    name,
    type: "TABLE",
    columns,
    ...settings,
    ...spec,
    ...(partitioning ? { partitioning: { ...partitioning, ...partition } } : {}),
    createdAt: now,
    modifiedAt: now,
  };
}
