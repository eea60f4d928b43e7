import { BigQueryError, invalidQuery, type Place } from "../errors.ts";
import type { Environment, Relation } from "./catalog.ts";
import { arrayValue } from "./coerce.ts";
import type { CompiledRelation, Context, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import { compileJoin } from "./join.ts";
import { compilePivot, compileUnpivot } from "./pivot.ts";
import { compileQueryIn } from "./query.ts";
import {
  type ColumnRef,
  columnRefs,
  EMPTY_SCOPE,
  fieldColumns,
  type RangeVariable,
  resolveName,
  type Scope,
} from "./scope.ts";
import { sessionize } from "./sessionize.ts";
import type { From, Name } from "./syntax/ast.ts";
import { parseStatement } from "./syntax/parse.ts";
import { toQuery } from "./syntax/query.ts";
import { callTableFunction } from "./table-function.ts";
import { formatType, INT64, quoteName } from "./types.ts";

/** A compiled FROM clause: DuckDB text, and the names that it brings. */
export interface Source {
  readonly sql: string;
  readonly tables: readonly RangeVariable[];
  /** The columns of `*` in order; a column of JOIN … USING comes once. */
  readonly columns: readonly ColumnRef[];
}

/** Compiles an item of FROM. `scope` of the context has what stands before it, which arrays can refer to. */
export function compileFrom(from: From, context: Context): Source {
  switch (from.kind) {
    case "table":
      return compileTable(from, context);
    case "unnest":
      return compileUnnest(compileExpr(from.array, context), from, context);
    case "table_function":
      return compileTableFunction(from, context);
    case "derived":
      return derived(
        compileQueryIn(from.query, withoutSiblings(context)),
        from.alias?.text,
        context,
      );
    case "join":
      return compileJoin(from, context);
    case "pivot":
      return compilePivot(from, compileFrom(from.source, context), context);
    case "unpivot":
      return compileUnpivot(from, compileFrom(from.source, context), context);
  }
}

function compileTableFunction(
  { call, alias }: Extract<From, { kind: "table_function" }>,
  context: Context,
): Source {
  const outside = withoutSiblings(context);
  const rows =
    call.name === "RANGE_SESSIONIZE" ? sessionize(call, outside) : callTableFunction(call, outside);
  return derived(rows, alias?.text, context);
}

/** A subquery in FROM sees the enclosing query, but not its siblings in the same FROM. */
function withoutSiblings(context: Context): Context {
  return {
    ...context,
    scope: context.scope.siblings ? (context.scope.parent ?? EMPTY_SCOPE) : context.scope,
  };
}

/** A subquery as an item of FROM. */
export function derived(
  relation: CompiledRelation,
  name: string | undefined,
  context: Context,
): Source {
  return aliased(`(${relation.sql})`, relation.columns, relation.isValueTable, name, context);
}

function aliased(
  sql: string,
  output: readonly OutputColumn[],
  isValueTable: boolean,
  name: string | undefined,
  context: Context,
): Source {
  const alias = context.statement.alias();
  const [only] = output;
  if (isValueTable && only) {
    const value = { sql: `${alias}.${quoteName(only.physical)}`, type: only.type };
    return one(`${sql} AS ${alias}`, valueVariable(alias, name, value));
  }
  const columns = output.map((column) => ({
    name: column.name ?? "",
    type: column.type,
    sql: `${alias}.${quoteName(column.physical)}`,
  }));
  const partitions = new Map(
    output.flatMap((column) =>
      column.partitions ? [[(column.name ?? "").toLowerCase(), column.partitions] as const] : [],
    ),
  );
  return one(`${sql} AS ${alias}`, {
    ...(name === undefined ? {} : { name }),
    sql: alias,
    columns,
    partitions,
  });
}

/** A row that is one value: its fields are columns too when it is a struct. */
function valueVariable(alias: string, name: string | undefined, value: Typed): RangeVariable {
  const columns =
    value.type.kind === "STRUCT"
      ? fieldColumns(value)
      : [{ name: name ?? "", type: value.type, sql: value.sql }];
  return { ...(name === undefined ? {} : { name }), sql: alias, columns, value };
}

function one(sql: string, table: RangeVariable): Source {
  return { sql, tables: [table], columns: columnRefs(table) };
}

function compileTable(from: Extract<From, { kind: "table" }>, context: Context): Source {
  const { path, place } = from;
  const [first = ""] = path;
  const name = from.alias?.text ?? path.at(-1) ?? "";
  const cte = path.length === 1 && context.ctes.findLast((c) => c.name === first.toLowerCase());
  if (cte) return aliased(cte.sql, cte.columns, cte.isValueTable, name, context);
  const array = path.length > 1 && arrayOfEarlierTable(path, context, place);
  if (array) {
    const alias = from.alias ?? { text: name };
    return compileUnnest(array, { alias, place }, context);
  }
  const relation = readRelation(path, context, place);
  if (relation.kind === "view") return derived(compileView(relation, context), name, context);
  const alias = context.statement.alias();
  const { columns, hidden = [], requiredPartitionFilter } = relation;
  const table = { name, sql: alias, columns, hidden };
  if (!requiredPartitionFilter) return one(`${relation.sql} AS ${alias}`, table);
  const read = { ...requiredPartitionFilter, filtered: false };
  context.statement.partitionReads.push(read);
  const partitions = new Map(read.columns.map((column) => [column.toLowerCase(), [read]]));
  return one(`${relation.sql} AS ${alias}`, { ...table, partitions });
}

/** `o.items` in FROM is the array of an earlier table when `o` is one. */
function arrayOfEarlierTable(
  path: readonly string[],
  context: Context,
  place?: Place,
): Typed | undefined {
  const [first = ""] = path;
  if (!isTableInSight(first, context.scope)) return undefined;
  return resolveName(
    path.map((text): Name => ({ text, place })),
    context.scope,
  );
}

function isTableInSight(name: string, scope: Scope | undefined): boolean {
  if (!scope) return false;
  const isHere = scope.tables.some((table) => table.name?.toLowerCase() === name.toLowerCase());
  return isHere || isTableInSight(name, scope.parent);
}

function readRelation(path: readonly string[], context: Context, place?: Place): Relation {
  const { env, reads } = context.statement;
  const relation = env.relation(path);
  if (!relation) throw tableNotFound(path, env, place);
  reads.push(path);
  return relation;
}

function tableNotFound(path: readonly string[], env: Environment, place?: Place): BigQueryError {
  const at = place ? ` at [${place.line}:${place.column}]` : "";
  if (path.length === 1 && env.defaultDataset === undefined) {
    return invalidQuery(
      `Table ${JSON.stringify(path[0])} must be qualified with a dataset (e.g. dataset.table)`,
      place,
    );
  }
  const [name = "", dataset = env.defaultDataset, project = env.project] = [...path].reverse();
  return new BigQueryError(
    "notFound",
    `Not found: Table ${project}:${dataset}.${name} was not found${at}`,
  );
}

/** A view's query sees neither variables nor parameters of the query that reads it. */
function compileView(
  view: Extract<Relation, { kind: "view" }>,
  context: Context,
): CompiledRelation {
  const query = toQuery(parseStatement(view.query));
  const statement = { ...context.statement, env: closedEnvironment(context.statement.env) };
  const compiled = compileQueryIn(query, { statement, scope: EMPTY_SCOPE, ctes: [] });
  if (compiled.isValueTable || view.columns.length !== compiled.columns.length) return compiled;
  const columns = compiled.columns.map((column, i) => ({
    ...column,
    name: view.columns[i]?.name ?? column.physical,
  }));
  return { ...compiled, columns };
}

/** The environment of a stored body: the same objects, without variables and parameters. */
export function closedEnvironment(env: Environment): Environment {
  const { defaultDataset } = env;
  return {
    project: env.project,
    ...(defaultDataset === undefined ? {} : { defaultDataset }),
    relation: (path) => env.relation(path),
    routine: (path) => env.routine(path),
    variable: () => undefined,
    parameter: () => undefined,
    systemVariable: (name) => env.systemVariable(name),
  };
}

interface UnnestOptions {
  readonly alias?: Name;
  readonly offset?: Name;
  readonly place?: Place | undefined;
}

function compileUnnest(array: Typed, options: UnnestOptions, context: Context): Source {
  const list = array.type.kind === "UNKNOWN" ? arrayValue([], INT64) : array;
  if (list.type.kind !== "ARRAY") {
    throw invalidQuery(
      `Values referenced in UNNEST must be arrays. UNNEST contains expression of type ${formatType(array.type)}`,
      options.place,
    );
  }
  const alias = context.statement.alias();
  const { element } = list.type;
  const value = { sql: `${alias}.v`, type: element.kind === "UNKNOWN" ? INT64 : element };
  const table = valueVariable(alias, options.alias?.text, value);
  if (!options.offset) return one(`unnest(${list.sql}) AS ${alias}(v)`, table);
  const offset: RangeVariable = {
    name: options.offset.text,
    sql: alias,
    columns: [{ name: options.offset.text, type: INT64, sql: `(${alias}.o - 1)` }],
    value: { sql: `(${alias}.o - 1)`, type: INT64 },
  };
  return {
    sql: `unnest(${list.sql}) WITH ORDINALITY AS ${alias}(v, o)`,
    tables: [table, offset],
    columns: [...columnRefs(table), ...columnRefs(offset)],
  };
}
