import { BigQueryError, invalidQuery } from "../../errors.ts";
import type { RunOptions } from "../../script/run.ts";
import type { TableEntry } from "../../warehouse/session.ts";
import { changeColumns } from "../../warehouse/tables.ts";
import type { CompiledQuery } from "../compile.ts";
import { type Column, quoteName } from "../types.ts";
import { findColumn } from "./columns.ts";
import { columnsOfQuery, makeTable } from "./create-table.ts";
import { insertSql, selectRows } from "./insert.ts";
import { alreadyExists, assertType, display, notFound, requireDataset } from "./names.ts";
import { checkPartitioning } from "./partitioning.ts";
import { type Query, referencedTables } from "./query.ts";
import { type Context, current, type Outcome } from "./statement.ts";

type Destination = NonNullable<RunOptions["destination"]>;

/** Writes a query's rows to the destination table of its job; the result is the whole table. */
export async function writeDestination(
  query: Query,
  destination: Destination,
  context: Context,
): Promise<Outcome> {
  const { session, dryRun, prepare } = context;
  const name = destination.table;
  const compile = () => compileRows(query, destination, context);
  const rows = compile();
  if (!dryRun) await session.lock([name]);
  requireDataset(name, session);
  const existing = session.catalogue.table(name);
  if (existing) assertType(existing, "TABLE");
  if (!existing && destination.create === "CREATE_NEVER") throw notFound("Table", name, session);
  const isAppend = existing !== undefined && destination.write === "WRITE_APPEND";
  if (destination.allowFieldAddition && destination.write !== "WRITE_APPEND") {
    throw new BigQueryError(
      "invalid",
      "Schema update options should only be specified with WRITE_APPEND disposition, or with WRITE_TRUNCATE disposition on a table partition.",
    );
  }
  const referenced = (compiled: CompiledQuery) => ({
    referencedTables: referencedTables(compiled, context),
  });
  if (dryRun) return { ...referenced(rows.compiled), columns: rows.selected };
  await prepare();
  return session.atomic(async () => {
    const { compiled, selected } = await current(rows, compile, context);
    if (existing && isAppend) await append(existing, destination, compiled, context);
    else if (existing && destination.write === "WRITE_TRUNCATE_DATA") {
      await session.run(`DELETE FROM ${session.tableSql(name)}`);
      await append(existing, destination, compiled, context);
    } else {
      if (existing && destination.write === "WRITE_EMPTY") await assertEmpty(existing, context);
      const entry = newEntry(destination, selected, existing);
      const sql = session.tableSql(name);
      await makeTable(session, "TABLE", sql, selected, compiled, entry.partitioning);
      await session.catalogue.putTable(entry);
    }
    const columns = session.catalogue.table(name)?.columns ?? selected;
    const names = columns.map((column) => quoteName(column.name)).join(", ");
    const result = await session.store(`SELECT ${names} FROM ${session.tableSql(name)}`, columns);
    return { ...referenced(compiled), columns, result };
  });
}

/** The query with the columns that a table can have of it. */
function compileRows(query: Query, { partitioning, clustering }: Destination, context: Context) {
  const compiled = query.compile(context);
  if (compiled.duplicateName !== undefined) {
    throw invalidQuery(
      `Duplicate column names in the result are not supported when a destination table is present. Found duplicate(s): ${compiled.duplicateName}`,
    );
  }
  const selected = columnsOfQuery(compiled, "The result");
  checkPartitioning(partitioning, clustering, selected);
  return { compiled, selected };
}

async function assertEmpty({ name }: TableEntry, { session }: Context): Promise<void> {
  const rows = await session.rows(`SELECT 1 FROM ${session.tableSql(name)} LIMIT 1`);
  if (rows.length > 0) throw alreadyExists("Table", name);
}

/** A replaced table keeps what the job says nothing about. */
function newEntry(
  { table, partitioning, clustering }: Destination,
  columns: readonly Column[],
  existing: TableEntry | undefined,
): TableEntry {
  const now = Date.now();
  return {
    createdAt: now,
    ...existing,
    name: table,
    type: "TABLE",
    columns,
    ...(partitioning ? { partitioning } : {}),
    ...(clustering ? { clustering } : {}),
    modifiedAt: now,
  };
}

/** Appended columns meet those of the table by name. */
async function append(
  existing: TableEntry,
  { allowFieldAddition = false }: Destination,
  compiled: CompiledQuery,
  context: Context,
): Promise<void> {
  const { session } = context;
  const added = compiled.columns.filter(({ name }) => !findColumn(existing.columns, name));
  if (added.length > 0 && !allowFieldAddition) {
    throw new BigQueryError(
      "invalid",
      `Provided Schema does not match Table ${display(existing.name)}. Cannot add fields (field: ${added[0]?.name})`,
    );
  }
  const columns = [...existing.columns, ...added];
  if (added.length > 0) await changeColumns(session, existing, columns);
  const inserted = compiled.columns.flatMap(({ name }) => findColumn(columns, name) ?? []);
  const target = { sql: session.tableSql(existing.name), columns, name: existing.name.name };
  await session.run(insertSql(target, inserted, selectRows(compiled, inserted)));
  await session.catalogue.putTable({ ...existing, columns, modifiedAt: Date.now() });
}
