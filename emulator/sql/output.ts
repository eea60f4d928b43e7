import { BigQueryError, invalidQuery } from "../errors.ts";
import { coerce, isLiteral, nullOf, structValue } from "./coerce.ts";
import { impliedName } from "./constructors.ts";
import type { Context, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Source } from "./from.ts";
import type { Typed } from "./functions/define.ts";
import { type ColumnRef, columnRefs, fieldColumns } from "./scope.ts";
import type { Expr, ExprOf, Select, SelectItem } from "./syntax/ast.ts";
import { arrayOf, formatType, INT64, quoteName, type SqlType, structOf } from "./types.ts";
import { containsAggregate, containsWindow } from "./walk.ts";

/** One column of a SELECT list, stars expanded. It is compiled when it is known how the rows are grouped. */
export interface Output {
  readonly name?: string;
  /** Absent for a column that a star stands for. */
  readonly expr?: Expr;
  readonly compile: (context: Context) => Typed;
}

/** A column of a SELECT list with its value. */
export interface Result {
  readonly name?: string;
  readonly value: Typed;
  /** The value as written: the type of a bare NULL and of `[]` is not settled. */
  readonly written: Typed;
}

/** The columns of a SELECT list. */
export function expandItems(select: Select, source: Source, context: Context): readonly Output[] {
  const outputs = select.items.flatMap((item) =>
    item.kind === "star" ? expandStar(item, select, source, context) : [outputOf(item)],
  );
  if (outputs.length === 0) throw invalidQuery("SELECT list must not be empty", select.place);
  return outputs;
}

function outputOf({ value, alias }: Extract<SelectItem, { kind: "expression" }>): Output {
  return expressionOutput(alias?.text ?? impliedName(value), value);
}

function expressionOutput(name: string | undefined, expr: Expr): Output {
  return { ...namedAs(name), expr, compile: (context) => compileExpr(expr, context) };
}

function namedAs(name: string | undefined): { readonly name?: string } {
  return name === undefined || name === "" ? {} : { name };
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function expandStar(
  item: Extract<SelectItem, { kind: "star" }>,
  select: Select,
  source: Source,
  context: Context,
): readonly Output[] {
  if (!item.of && !select.from) throw invalidQuery("SELECT * must have a FROM clause", item.place);
  const columns = item.of ? columnsOf(item.of, source, context) : source.columns;
  const named = [...item.replace.map((r) => r.name), ...item.rename.map((r) => r.from)];
  for (const { text, place } of [...item.except, ...named]) {
    if (!columns.some((column) => isSame(column.name, text))) {
      throw invalidQuery(`Column ${text} in SELECT * EXCEPT or REPLACE list does not exist`, place);
    }
  }
  const outputs = columns
    .filter((column) => !item.except.some((name) => isSame(name.text, column.name)))
    .map((column): Output => {
      const replaced = item.replace.find((r) => isSame(r.name.text, column.name));
      if (replaced) return expressionOutput(column.name, replaced.value);
      const renamed = item.rename.find((r) => isSame(r.from.text, column.name));
      return { ...namedAs(renamed?.to.text ?? column.name), compile: (c) => starColumn(column, c) };
    });
  if (outputs.length > 0) return outputs;
  throw invalidQuery("SELECT * expands to zero columns after applying EXCEPT", item.place);
}

/** `t.*` of a table, and of a column that is a struct. */
function columnsOf(
  of: ExprOf<"name"> | Expr,
  source: Source,
  context: Context,
): readonly ColumnRef[] {
  const [only, second] = of.kind === "name" ? of.parts : [];
  const table = second
    ? undefined
    : source.tables.find((t) => t.name !== undefined && isSame(t.name, only?.text ?? ""));
  if (table && (!table.value || table.value.type.kind === "STRUCT")) return columnRefs(table);
  const value = compileExpr(of, context);
  if (value.type.kind !== "STRUCT") {
    throw invalidQuery(`Dot-star is not supported for type ${formatType(value.type)}`, of.place);
  }
  return fieldColumns(value).map((column) => ({ ...column, sql: column.sql ?? "" }));
}

/** A column of `*`; behind GROUP BY it must be a key. */
function starColumn(column: ColumnRef, { scope }: Context): Typed {
  if (!scope.groupedBy || scope.groupedBy.has(column.sql)) {
    return { sql: column.sql, type: column.type };
  }
  throw invalidQuery(
    `Star expansion expression references column ${column.name} which is neither grouped nor aggregated`,
  );
}

export function compileOutput(output: Output, context: Context): Result {
  const key = output.expr && wholeKey(output.expr, context);
  const written = key ?? fromStart(context, () => output.compile(context));
  return { ...namedAs(output.name), value: settled(written), written };
}

/** The grouping key that an expression is as a whole: `DATE_TRUNC(d, MONTH)` behind GROUP BY DATE_TRUNC(d, MONTH). */
export function wholeKey(expr: Expr, context: Context): Typed | undefined {
  const { aggregateScope, ...rest } = context;
  const keys = context.scope.groupedBy ?? context.scope.parent?.groupedBy;
  if (!aggregateScope || !keys?.size || containsAggregate(expr) || containsWindow(expr))
    return undefined;
  try {
    const value = fromStart(context, () => compileExpr(expr, { ...rest, scope: aggregateScope }));
    return keys.get(value.sql);
  } catch (error) {
    // In ORDER BY it may mention aliases, which are no columns; what is wrong is said when it is compiled for good.
    if (error instanceof BigQueryError) return undefined;
    throw error;
  }
}

/** Gives every expression of a SELECT list the same aliases, so that the same expressions have the same SQL. */
export function fromStart<T>({ statement, aliasesFrom }: Context, work: () => T): T {
  return aliasesFrom === undefined ? work() : statement.withAliasesFrom(aliasesFrom, work);
}

/** A bare NULL is an INT64 where nothing gave it another type, the element of an empty array too. */
function settled(value: Typed): Typed {
  if (value.type.kind === "UNKNOWN") return nullOf(INT64);
  if (value.type.kind !== "ARRAY" || value.type.element.kind !== "UNKNOWN") return value;
  return coerce(value, arrayOf(INT64)) ?? value;
}

export function isUnsettled(type: SqlType): boolean {
  return type.kind === "UNKNOWN" || (type.kind === "ARRAY" && type.element.kind === "UNKNOWN");
}

/** The columns of a SELECT by DuckDB's names, and the list that has them. */
export function selectList(
  select: Select,
  results: readonly Result[],
): { readonly sql: string; readonly columns: readonly OutputColumn[] } {
  if (select.as === "STRUCT") return structItem(results);
  if (select.as === "VALUE") return valueItem(select, results);
  const names = resultNames(results.map(({ name }) => name ?? ""));
  const columns = results.map(({ name, value, written }, i): OutputColumn => {
    const column = { ...namedAs(name), type: value.type, physical: names[i] ?? "" };
    return isLiteral(written) ? { ...column, written } : column;
  });
  const items = results.map(({ value }, i) => `${value.sql} AS ${quoteName(names[i] ?? "")}`);
  return { sql: items.join(", "), columns };
}

function structItem(results: readonly Result[]) {
  const type = structOf(results.map(({ name, value }) => ({ ...namedAs(name), type: value.type })));
  const { sql } = structValue(
    results.map(({ value }) => value),
    type,
  );
  return { sql: `${sql} AS _value`, columns: [{ type, physical: "_value" }] };
}

function valueItem(select: Select, [only, second]: readonly Result[]) {
  if (!only || second) {
    throw invalidQuery("SELECT AS VALUE query must have exactly one column", select.place);
  }
  return {
    sql: `${only.value.sql} AS _value`,
    columns: [{ type: only.value.type, physical: "_value" }],
  };
}

/** The names under which columns are answered: `f0_` for unnamed ones (""), `_1` behind the second of a name. */
export function resultNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  let unnamed = 0;
  return names.map((name) => {
    const base = name === "" ? `f${unnamed++}_` : name;
    let unique = base;
    for (let n = 1; used.has(unique.toLowerCase()); n++) unique = `${base}_${n}`;
    used.add(unique.toLowerCase());
    return unique;
  });
}
