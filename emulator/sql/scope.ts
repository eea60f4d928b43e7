import { invalidQuery } from "../errors.ts";
import { fieldOf, structValue } from "./coerce.ts";
import type { Typed } from "./functions/define.ts";
import type { PartitionRead } from "./partition-filter.ts";
import type { Name } from "./syntax/ast.ts";
import {
  type Column,
  formatType,
  JSON_TYPE,
  quoteName,
  quoteText,
  structFieldNames,
  structOf,
} from "./types.ts";

/** A column of a range variable. `sql` is its DuckDB expression where it is not `alias.name`; an unnamed one has the name "". */
export interface ScopeColumn extends Column {
  readonly sql?: string;
}

/** A table, subquery or array in FROM, as names can refer to it. */
export interface RangeVariable {
  /** The alias, or the last part of the table's name; absent for a subquery without alias. */
  readonly name?: string;
  /** The alias by which the DuckDB statement calls it, quoted. */
  readonly sql: string;
  readonly columns: readonly ScopeColumn[];
  /** Columns that are read by name only. */
  readonly hidden?: readonly ScopeColumn[];
  /** The reads that a condition on a column filters, by the column's lower-case name. */
  readonly partitions?: ReadonlyMap<string, readonly PartitionRead[]>;
  /** The value of a row of a value table (UNNEST, SELECT AS STRUCT): what the name alone means. */
  readonly value?: Typed;
}

/** The names that an expression can see: its own FROM, then those of the enclosing queries. */
export interface Scope {
  readonly tables: readonly RangeVariable[];
  /** What an unqualified name can mean, in the order of `*`. JOIN … USING makes one column of two. */
  readonly columns: readonly ColumnRef[];
  /** Arguments of a SQL function, by lower-case name. */
  readonly args?: ReadonlyMap<string, Typed>;
  /** Set behind GROUP BY: a column is visible only when it is one of the grouping keys (by its SQL). */
  readonly groupedBy?: ReadonlyMap<string, Typed>;
  /** The items before this one in the same FROM: arrays can refer to them, subqueries cannot. */
  readonly siblings?: boolean;
  /** Output columns of the SELECT list, in ORDER BY, HAVING and QUALIFY: they hide columns, not fields of tables. */
  readonly isOutput?: boolean;
  readonly parent?: Scope;
}

export interface ColumnRef extends Typed {
  readonly name: string;
  /** Why it cannot be used where its name is in sight. */
  readonly misplaced?: string;
}

export const EMPTY_SCOPE: Scope = { tables: [], columns: [] };

/** The scope of a DML statement: the columns of its tables. `sql` is the quoted DuckDB alias, `name` the GoogleSQL one. */
export function scopeOf(tables: readonly RangeVariable[], parent?: Scope): Scope {
  const columns = tables.flatMap(columnRefs);
  return parent ? { tables, columns, parent } : { tables, columns };
}

export function columnRefs(table: RangeVariable): readonly ColumnRef[] {
  return refs(table, table.columns);
}

function hiddenRefs(table: RangeVariable): readonly ColumnRef[] {
  return refs(table, table.hidden ?? []);
}

function refs(table: RangeVariable, columns: readonly ScopeColumn[]): readonly ColumnRef[] {
  return columns.map((column) => ({
    name: column.name,
    type: column.type,
    sql: column.sql ?? `${table.sql}.${quoteName(column.name)}`,
  }));
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/**
 * What a path of names means: the longest of table, column and fields. Undefined when no scope knows its first name.
 * @throws BigQueryError for an ambiguous name, a missing column of a known table and a missing field
 */
export function resolveName(parts: readonly Name[], scope: Scope | undefined): Typed | undefined {
  const [first] = parts;
  if (!first) return undefined;
  for (let at = scope; at; at = at.parent) {
    const found = resolveHere(parts, first, at);
    if (found) return found;
  }
  return undefined;
}

function resolveHere(parts: readonly Name[], first: Name, scope: Scope): Typed | undefined {
  const argument = scope.args?.get(first.text.toLowerCase());
  if (argument) return resolveFields(argument, parts.slice(1));
  const table = scope.tables.find((t) => t.name !== undefined && sameName(t.name, first.text));
  if (table) return resolveInTable(table, first, parts.slice(1), scope);
  if (scope.isOutput && parts.length > 1 && isTable(first.text, scope.parent)) return undefined;
  const column =
    onlyColumn(scope.columns, first) ?? onlyColumn(scope.tables.flatMap(hiddenRefs), first);
  if (column?.misplaced) throw invalidQuery(column.misplaced, first.place);
  return column && fieldsOf(column, first, parts.slice(1), scope);
}

function isTable(name: string, scope: Scope | undefined): boolean {
  return (
    scope?.tables.some((table) => table.name !== undefined && sameName(table.name, name)) ?? false
  );
}

function onlyColumn(columns: readonly ColumnRef[], name: Name): ColumnRef | undefined {
  const found = columns.filter((column) => sameName(column.name, name.text));
  if (new Set(found.map(({ sql }) => sql)).size > 1) {
    throw invalidQuery(`Column name ${name.text} is ambiguous`, name.place);
  }
  return found[0];
}

function resolveInTable(
  table: RangeVariable,
  first: Name,
  rest: readonly Name[],
  scope: Scope,
): Typed {
  const [second, ...fields] = rest;
  if (!second) return wholeRow(table, first, scope);
  const column = onlyColumn([...columnRefs(table), ...hiddenRefs(table)], second);
  if (column) return fieldsOf(column, second, fields, scope);
  if (table.value) return fieldsOf(table.value, first, rest, scope);
  throw invalidQuery(`Name ${second.text} not found inside ${first.text}`, second.place);
}

/** A table's name alone is a struct of its columns, or the value of a value table. */
function wholeRow(table: RangeVariable, name: Name, scope: Scope): Typed {
  if (table.value) return fieldsOf(table.value, name, [], scope);
  const columns = columnRefs(table);
  const type = structOf(
    table.columns.map(({ name: field, type: fieldType }) =>
      field === "" ? { type: fieldType } : { name: field, type: fieldType },
    ),
  );
  return fieldsOf({ sql: structValue(columns, type).sql, type }, name, [], scope);
}

/** The fields of a value. Behind GROUP BY the value, or one of the fields on the way, must be a key. */
function fieldsOf(value: Typed, name: Name, fields: readonly Name[], scope: Scope): Typed {
  if (!scope.groupedBy) return resolveFields(value, fields);
  for (let taken = 0; taken <= fields.length; taken++) {
    const key = scope.groupedBy.get(resolveFields(value, fields.slice(0, taken)).sql);
    if (key) return resolveFields(key, fields.slice(taken));
  }
  throw invalidQuery(
    `SELECT list expression references column ${name.text} which is neither grouped nor aggregated`,
    name.place,
  );
}

/** Field access `value.a.b`, on structs and on JSON. */
export function resolveFields(value: Typed, fields: readonly Name[]): Typed {
  return fields.reduce(fieldAccess, value);
}

function fieldAccess(value: Typed, field: Name): Typed {
  if (value.type.kind === "JSON") {
    return {
      sql: `json_extract(${value.sql}, ${quoteText(jsonKey(field.text))})`,
      type: JSON_TYPE,
    };
  }
  if (value.type.kind !== "STRUCT") {
    throw invalidQuery(
      `Cannot access field ${field.text} on a value with type ${formatType(value.type)}`,
      field.place,
    );
  }
  const { fields } = value.type;
  const indices = fields.flatMap((f, i) =>
    f.name !== undefined && sameName(f.name, field.text) ? [i] : [],
  );
  const [index] = indices;
  if (index === undefined) {
    throw invalidQuery(
      `Field name ${field.text} does not exist in ${formatType(value.type)}`,
      field.place,
    );
  }
  if (indices.length > 1)
    throw invalidQuery(`Struct field name ${field.text} is ambiguous`, field.place);
  const name = structFieldNames(value.type)[index] ?? "";
  return { sql: fieldOf(value.sql, name), type: fields[index]?.type ?? value.type };
}

/** The fields of a struct as columns. */
export function fieldColumns(value: Typed): readonly ScopeColumn[] {
  if (value.type.kind !== "STRUCT") return [];
  const names = structFieldNames(value.type);
  return value.type.fields.map((field, i) => ({
    name: field.name ?? "",
    type: field.type,
    sql: fieldOf(value.sql, names[i] ?? ""),
  }));
}

/** A DuckDB JSON path to one key. */
export function jsonKey(key: string): string {
  return `$."${key.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
