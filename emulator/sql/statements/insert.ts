import { invalidQuery, type Place } from "../../errors.ts";
import { assign } from "../coerce.ts";
import { type CompiledQuery, compileExpressionNode } from "../compile.ts";
import type { Node } from "../syntax/node.ts";
import { parseExpression } from "../syntax/parse.ts";
import { type Column, quoteName } from "../types.ts";
import { defaultSql, findColumn, stored } from "./columns.ts";
import { applyDml } from "./dml.ts";
import { lockTarget, type Target, writableColumns } from "./names.ts";
import { parseQuery, type Query, referencedTables } from "./query.ts";
import { keyword, type Path, type Reader, reader, type Source } from "./reader.ts";
import type { Context, Statement } from "./statement.ts";

/** An inserted or assigned value; undefined for DEFAULT. */
export interface Value {
  readonly node: Node | undefined;
  readonly place: Place;
}

interface Insert {
  readonly path: Path;
  readonly columns: readonly string[] | undefined;
  readonly from: Rows | Query;
}

/** The rows of VALUES. */
type Rows = readonly (readonly Value[])[];

/** INSERT [INTO] t [(a, b)] VALUES … or a query. */
export function parseInsert(source: Source): Statement {
  const insert = readInsert(reader(source));
  return {
    type: "INSERT",
    source,
    writes: [insert.path],
    async run(context) {
      const target = await lockTarget(insert.path, context);
      const columns = insertedColumns(insert.columns, target);
      return applyDml(target, context, () => {
        const { rows, referenced } = rowsOf(insert.from, columns, context);
        const sql = insertSql(target, columns, rows);
        return {
          referencedTables: referenced,
          async apply() {
            const { rowsChanged } = await context.session.run(sql);
            return { inserted: rowsChanged, updated: 0, deleted: 0 };
          },
        };
      });
    },
  };
}

function readInsert(input: Reader): Insert {
  input.expect("INSERT");
  input.accept("INTO");
  const path = input.path();
  const isColumnList =
    input.at("(") && !["SELECT", "WITH", "(", "FROM"].includes(keyword(input.peek(1)));
  const columns = isColumnList ? readNames(input) : undefined;
  if (!input.accept("VALUES")) return { path, columns, from: parseQuery(input.rest("a query")) };
  const rows: (readonly Value[])[] = [];
  do rows.push(readRow(input));
  while (input.accept(","));
  if (input.peek()) input.fail("end of statement");
  return { path, columns, from: rows };
}

export function readNames(input: Reader): readonly string[] {
  const names: string[] = [];
  input.expect("(");
  do names.push(input.name());
  while (input.accept(","));
  input.expect(")");
  return names;
}

/** Reads `(1, DEFAULT, 'x')`. */
export function readRow(input: Reader): readonly Value[] {
  const values: Value[] = [];
  input.expect("(");
  do values.push(readValue(input, [",", ")"]));
  while (input.accept(","));
  input.expect(")");
  return values;
}

/** Reads an expression or DEFAULT, up to one of the `ends`. */
export function readValue(input: Reader, ends: readonly string[]): Value {
  const { text, place } = input.until("an expression", (token) => ends.includes(keyword(token)));
  const isDefault = text.toUpperCase() === "DEFAULT";
  return { node: isDefault ? undefined : parseExpression(text, place), place };
}

/** The columns that a list of names, or its absence, means. */
export function insertedColumns(
  names: readonly string[] | undefined,
  target: Target,
): readonly Column[] {
  if (!names) return target.columns;
  const writable = writableColumns(target);
  const seen = new Set<string>();
  return names.map((name) => {
    const column = findColumn(writable, name);
    if (!column) throw invalidQuery(`Column ${name} is not present in table ${target.name}`);
    if (seen.has(column.name))
      throw invalidQuery(`INSERT has columns with duplicate name: ${name}`);
    seen.add(column.name);
    return column;
  });
}

/** `INSERT INTO t (…) rows`; array columns that get no value become empty, not NULL; DuckDB knows other defaults. */
export function insertSql(
  target: Target,
  columns: readonly Column[],
  rows: (alsoEmpty: readonly Column[]) => string,
): string {
  const arrays = target.columns.filter(
    (column) => column.type.kind === "ARRAY" && !column.defaultValue && !columns.includes(column),
  );
  const names = [...columns, ...arrays].map(({ name }) => quoteName(name)).join(", ");
  return `INSERT INTO ${target.sql} (${names}) ${rows(arrays)}`;
}

function rowsOf(from: Rows | Query, columns: readonly Column[], context: Context) {
  if (!("compile" in from)) return { rows: valueRows(from, columns, context), referenced: [] };
  const compiled = from.compile(context);
  return { rows: selectRows(compiled, columns), referenced: referencedTables(compiled, context) };
}

/** The rows of a query for `columns`, by position. */
export function selectRows(
  compiled: CompiledQuery,
  columns: readonly Column[],
): (empty: readonly Column[]) => string {
  assertCount(compiled.columns.length, columns.length);
  const values = columns.map((column, i) => {
    const from = compiled.columns[i] ?? column;
    const value = { sql: `q.${quoteName(from.name)}`, type: from.type };
    return stored(assign(value, column.type, `column ${column.name}`).sql, column);
  });
  return (empty) =>
    `SELECT ${[...values, ...empty.map(() => "[]")].join(", ")} FROM (${compiled.sql}) AS q`;
}

function valueRows(rows: Rows, columns: readonly Column[], { env }: Context) {
  const lines = rows.map((row) => {
    assertCount(row.length, columns.length, row[0]?.place);
    return columns.map((column, i) => {
      const { node, place } = row[i] ?? {};
      if (!node) return defaultSql(column);
      const value = assign(
        compileExpressionNode(node, env),
        column.type,
        `column ${column.name}`,
        place,
      );
      return stored(value.sql, column);
    });
  });
  return (empty: readonly Column[]) =>
    `VALUES ${lines.map((line) => `(${[...line, ...empty.map(() => "[]")].join(", ")})`).join(", ")}`;
}

function assertCount(has: number, expected: number, place?: Place): void {
  if (has === expected) return;
  throw invalidQuery(
    `Inserted row has wrong column count; Has ${has}, expected ${expected}`,
    place,
  );
}
