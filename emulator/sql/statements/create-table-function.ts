import { invalidQuery, refused } from "../../errors.ts";
import type { RoutineEntry } from "../../warehouse/session.ts";
import type { Environment, RoutineArgument } from "../catalog.ts";
import { type Column, duckdbType } from "../types.ts";
import { assertDistinct } from "./columns.ts";
import { type CreateMode, readCreate } from "./create.ts";
import { columnsOfQuery } from "./create-table.ts";
import { alreadyExists, assertNoTransaction, objectName, requireDataset } from "./names.ts";
import { type Option, readOptions, textOption } from "./options.ts";
import { parseQuery, type Query } from "./query.ts";
import { type Path, type Reader, reader, type Source } from "./reader.ts";
import type { Context, Outcome, Statement } from "./statement.ts";
import { readTableType, readType } from "./type.ts";

interface CreateTableFunction {
  readonly path: Path;
  readonly mode: CreateMode;
  readonly args: readonly RoutineArgument[];
  /** RETURNS TABLE<…>. */
  readonly columns: readonly Column[] | undefined;
  readonly options: readonly Option[];
  readonly body: Source;
  readonly query: Query;
}

const TYPE = "CREATE_TABLE_FUNCTION";

/** CREATE [OR REPLACE] TABLE FUNCTION f(a INT64, b ANY TYPE, t TABLE<…>) [RETURNS TABLE<…>] AS query. */
export function parseCreateTableFunction(source: Source): Statement {
  const create = readCreateTableFunction(reader(source), source);
  return {
    type: TYPE,
    source,
    writes: [create.path],
    run: (context) => createTableFunction(create, context),
  };
}

function readCreateTableFunction(input: Reader, source: Source): CreateTableFunction {
  const { mode, temporary, path } = readCreate(input, "TABLE", "FUNCTION");
  if (temporary) throw refused("CREATE TEMP TABLE FUNCTION", source.place);
  const args = readArguments(input);
  const columns = input.accept("RETURNS") ? readTableType(input) : undefined;
  const options = input.at("OPTIONS") ? readOptions(input) : [];
  input.expect("AS");
  const body = input.rest("a query");
  return { path, mode, args, columns, options, body, query: parseQuery(body) };
}

function readArguments(input: Reader): readonly RoutineArgument[] {
  const args: RoutineArgument[] = [];
  input.expect("(");
  if (input.accept(")")) return args;
  do {
    const name = input.name();
    if (input.at("TABLE", "<")) args.push({ name, table: readTableType(input) });
    else args.push(input.accept("ANY", "TYPE") ? { name } : { name, type: readType(input) });
  } while (input.accept(","));
  input.expect(")");
  assertDistinct(args.map(({ name }) => ({ name, type: { kind: "UNKNOWN" } })));
  return args;
}

async function createTableFunction(
  create: CreateTableFunction,
  context: Context,
): Promise<Outcome> {
  const { session, env, dryRun } = context;
  assertNoTransaction(context, TYPE);
  const name = objectName(create.path, env, "Routine");
  requireDataset(name, session);
  checkBody(create, context);
  if (!dryRun) await session.lock([name]);
  const existing = session.catalogue.routine(name);
  const outcome = { ddlTarget: name, referencedTables: [] };
  if (existing && create.mode === "if_not_exists") return { ...outcome, ddlOperation: "SKIP" };
  if (existing && create.mode === "create") throw alreadyExists("Routine", name);
  if (!dryRun) await session.atomic(() => session.catalogue.putRoutine(entryOf(create, name)));
  return { ...outcome, ddlOperation: existing ? "REPLACE" : "CREATE" };
}

function entryOf(create: CreateTableFunction, name: RoutineEntry["name"]): RoutineEntry {
  const { args, body, columns, options } = create;
  const description = textOption(options, "description");
  const now = Date.now();
  return {
    name,
    kind: "table_function",
    args,
    body: body.text,
    ...(columns ? { columns } : {}),
    ...(description === undefined ? {} : { description }),
    createdAt: now,
    modifiedAt: now,
  };
}

/** Compiles the body where all argument types are known. */
function checkBody({ args, columns, query }: CreateTableFunction, context: Context): void {
  if (args.some(({ type, table }) => !type && !table)) return;
  const described = query.describe({ ...context, env: insideOf(args, context.env) });
  const selected = columnsOfQuery(described, "CREATE TABLE FUNCTION");
  if (!columns) return;
  const isSame =
    columns.length === selected.length &&
    columns.every(({ name }, i) => name.toLowerCase() === selected[i]?.name.toLowerCase());
  if (isSame) return;
  throw invalidQuery(
    `The query of the table function has the columns ${names(selected)}, RETURNS TABLE the columns ${names(columns)}`,
  );
}

/** What the body sees: the permanent objects, and its arguments. */
function insideOf(args: readonly RoutineArgument[], env: Environment): Environment {
  const find = (name: string) => args.find((arg) => arg.name.toLowerCase() === name.toLowerCase());
  return {
    ...env,
    parameter: () => undefined,
    variable(name) {
      const type = find(name)?.type;
      return type && { type, sql: `NULL::${duckdbType(type)}` };
    },
    relation(path) {
      const columns = path.length === 1 ? find(path[0] ?? "")?.table : undefined;
      return columns ? { kind: "table", sql: "", columns } : env.relation(path);
    },
  };
}

function names(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(", ");
}
