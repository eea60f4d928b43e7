import { invalidQuery, refused } from "../errors.ts";
import { containsAggregate, containsWindow, direction } from "./aggregate.ts";
import { coerce, nullOf, structValue } from "./coerce.ts";
import type { CompiledRelation, Context, OutputColumn } from "./context.ts";
import { compileCondition, compileExpr, impliedName } from "./expression.ts";
import { compileFrom, type Source } from "./from.ts";
import type { Typed } from "./functions/define.ts";
import { type Grouping, groupingOf } from "./group.ts";
import { ordinal } from "./query.ts";
import { columnRefs, fieldColumns, type Scope } from "./scope.ts";
import type { Expr, OrderItem, Select, SelectItem, Window } from "./syntax/ast.ts";
import { arrayOf, formatType, INT64, quoteName, type SqlType, structOf } from "./types.ts";

/** One column of a SELECT list, stars expanded. It is compiled when it is known how the rows are grouped. */
export interface Output {
  readonly name?: string;
  /** Absent for a column that a star stands for. */
  readonly expr?: Expr;
  readonly compile: (context: Context) => Typed;
}

const NO_ROWS_FROM: Source = { sql: "", tables: [], columns: [] };

/** Compiles SELECT … with the ORDER BY behind it. */
export function compileSelect(
  select: Select,
  orderBy: readonly OrderItem[],
  outer: Context,
): CompiledRelation {
  const source = select.from ? compileFrom(select.from, outer) : NO_ROWS_FROM;
  const scope: Scope = { tables: source.tables, columns: source.columns, parent: outer.scope };
  const { statement, ctes } = outer;
  const plain: Context = { statement, ctes, scope };
  const where =
    select.where &&
    compileCondition(select.where, "WHERE clause", { ...plain, clause: "WHERE clause" });
  const outputs = select.items.flatMap((item) => expandItem(item, source, plain, select));
  if (outputs.length === 0) throw invalidQuery("SELECT list must not be empty", select.place);
  const windows = new Map(
    select.windows.map(({ name, window }) => [name.text.toLowerCase(), window]),
  );
  const grouping = groupingOf(select, outputs, orderBy, plain);
  const context = resultContext(plain, grouping, windows);
  const written = outputs.map((output) => groupedOutput(output, context));
  const values = written.map(settled);
  const afterSelect = withOutputs(context, outputs, values);
  const having =
    select.having &&
    compileCondition(select.having, "HAVING clause", { ...afterSelect, clause: "HAVING clause" });
  if (having && !grouping)
    throw invalidQuery(
      "The HAVING clause requires GROUP BY or aggregation to be present",
      select.place,
    );
  const qualify = select.qualify && compileCondition(select.qualify, "QUALIFY clause", afterSelect);
  if (qualify && !usesWindows(select, outputs)) {
    throw invalidQuery(
      "The QUALIFY clause requires analytic function to be present",
      select.qualify?.place,
    );
  }
  const columns = nameColumns(select, outputs, values, written);
  const items = listItems(select, columns, values);
  const sql = [
    `SELECT ${select.distinct ? "DISTINCT " : ""}${items}`,
    source.sql && `FROM ${source.sql}`,
    where && `WHERE ${where.sql}`,
    grouping?.sql,
    having && `HAVING ${having.sql}`,
    qualify && `QUALIFY ${qualify.sql}`,
  ]
    .filter(Boolean)
    .join(" ");
  if (select.distinct) refuseDistinctOf(values, select);
  if (!select.from) refuseWithoutFrom(select, orderBy, grouping);
  return {
    sql: withOrder(sql, { select, orderBy, outputs, values, columns, context: afterSelect }),
    columns,
    isValueTable: select.as !== undefined,
  };
}

/** A column of a grouped query: an expression that is as a whole one of the keys, or one made of keys and aggregates. */
function groupedOutput(output: Output, context: Context): Typed {
  const { aggregateScope, ...rest } = context;
  const { expr } = output;
  if (!aggregateScope || !expr || containsAggregate(expr) || containsWindow(expr))
    return output.compile(context);
  const value = output.compile({ ...rest, scope: aggregateScope });
  return context.scope.groupedBy?.has(value.sql)
    ? { sql: value.sql, type: value.type }
    : output.compile(context);
}

function refuseWithoutFrom(
  select: Select,
  orderBy: readonly OrderItem[],
  grouping: Grouping | undefined,
): void {
  const used =
    (select.where && "have a WHERE clause") ||
    (select.groupBy && "have a GROUP BY clause") ||
    (select.having && "have a HAVING clause") ||
    (select.qualify && "have a QUALIFY clause") ||
    (orderBy.length > 0 && "have an ORDER BY clause") ||
    (select.distinct && "use SELECT DISTINCT") ||
    (grouping && "use aggregation");
  if (used) throw invalidQuery(`Query without FROM clause cannot ${used}`, select.place);
}

/** The context of SELECT list, HAVING, QUALIFY and ORDER BY. */
function resultContext(
  plain: Context,
  grouping: Grouping | undefined,
  windows: ReadonlyMap<string, Window>,
): Context {
  if (!grouping) return { ...plain, windows };
  return {
    ...plain,
    windows,
    scope: { ...plain.scope, groupedBy: grouping.keys },
    aggregateScope: plain.scope,
  };
}

/** HAVING, QUALIFY and ORDER BY see the aliases of the SELECT list before the columns. */
function withOutputs(
  context: Context,
  outputs: readonly Output[],
  values: readonly Typed[],
): Context {
  const columns = outputs.flatMap((output, i) => {
    const value = values[i];
    return output.name !== undefined && value
      ? [{ name: output.name, sql: value.sql, type: value.type }]
      : [];
  });
  return { ...context, scope: { tables: [], columns, isOutput: true, parent: context.scope } };
}

function usesWindows(select: Select, outputs: readonly Output[]): boolean {
  const inQualify = select.qualify && containsWindow(select.qualify);
  return inQualify || outputs.some((output) => output.expr && containsWindow(output.expr));
}

function refuseDistinctOf(values: readonly Typed[], select: Select): void {
  const wrong = values.find((value) => value.type.kind === "JSON");
  if (wrong) {
    throw invalidQuery(
      `Column of type ${formatType(wrong.type)} cannot be used in SELECT DISTINCT`,
      select.place,
    );
  }
}

/** A bare NULL is an INT64 where nothing gave it another type, the element of an empty array too. */
function settled(value: Typed): Typed {
  if (value.type.kind === "UNKNOWN") return nullOf(INT64);
  const type = settledType(value.type);
  return type === value.type ? value : (coerce(value, type) ?? value);
}

function settledType(type: SqlType): SqlType {
  return isEmptyArray(type) ? arrayOf(INT64) : type;
}

function isEmptyArray(type: SqlType): boolean {
  return type.kind === "ARRAY" && type.element.kind === "UNKNOWN";
}

function expandItem(
  item: SelectItem,
  source: Source,
  context: Context,
  select: Select,
): readonly Output[] {
  if (item.kind === "expression") {
    const name = item.alias?.text ?? impliedName(item.value);
    return [
      {
        ...(name === undefined ? {} : { name }),
        expr: item.value,
        compile: (c) => compileExpr(item.value, c),
      },
    ];
  }
  if (!item.of && !select.from) throw invalidQuery("SELECT * must have a FROM clause", item.place);
  const columns = item.of ? columnsOf(item.of, source, context) : source.columns;
  const known = (name: string) =>
    columns.some((column) => column.name.toLowerCase() === name.toLowerCase());
  for (const { text, place } of [...item.except, ...item.replace.map((r) => r.name)]) {
    if (!known(text))
      throw invalidQuery(`Column ${text} in SELECT * EXCEPT or REPLACE list does not exist`, place);
  }
  const except = new Set(item.except.map((name) => name.text.toLowerCase()));
  const outputs = columns
    .filter((column) => !except.has(column.name.toLowerCase()))
    .map((column): Output => {
      const replaced = item.replace.find(
        (r) => r.name.text.toLowerCase() === column.name.toLowerCase(),
      );
      const named = column.name === "" ? {} : { name: column.name };
      if (replaced)
        return { ...named, expr: replaced.value, compile: (c) => compileExpr(replaced.value, c) };
      return { ...named, compile: (c) => starColumn(column, c) };
    });
  if (outputs.length === 0)
    throw invalidQuery("SELECT * expands to zero columns after applying EXCEPT", item.place);
  return outputs;
}

/** `t.*` of a table, and of a column that is a struct. */
function columnsOf(of: Expr, source: Source, context: Context) {
  const [only, second] = of.kind === "name" ? of.parts : [];
  const table = second
    ? undefined
    : source.tables.find((t) => t.name?.toLowerCase() === only?.text.toLowerCase());
  if (table && (!table.value || table.value.type.kind === "STRUCT")) return columnRefs(table);
  const value = compileExpr(of, context);
  if (value.type.kind !== "STRUCT") {
    throw invalidQuery(`Dot-star is not supported for type ${formatType(value.type)}`, of.place);
  }
  return fieldColumns(value).map((column) => ({ ...column, sql: column.sql ?? "" }));
}

/** A column of `*`; behind GROUP BY it must be a key. */
function starColumn(column: { readonly name: string } & Typed, context: Context): Typed {
  const value = { sql: column.sql, type: column.type };
  const { groupedBy } = context.scope;
  if (!groupedBy || groupedBy.has(column.sql)) return value;
  throw invalidQuery(
    `Star expansion expression references column ${column.name} which is neither grouped nor aggregated`,
  );
}

/** DuckDB's names of the columns: those of the result, `f0_` for unnamed ones, `_1` behind the second of a name. */
function nameColumns(
  select: Select,
  outputs: readonly Output[],
  values: readonly Typed[],
  written: readonly Typed[],
): readonly OutputColumn[] {
  if (select.as) return [valueColumn(select, outputs, values)];
  const names = resultNames(outputs.map((output) => output.name ?? ""));
  return outputs.map((output, i): OutputColumn => {
    const value = values[i] ?? nullOf(INT64);
    const physical = names[i] ?? "";
    const column = {
      type: value.type,
      physical,
      ...(output.name === undefined ? {} : { name: output.name }),
    };
    const type = written[i]?.type ?? value.type;
    return type.kind !== value.type.kind || isEmptyArray(type)
      ? { ...column, written: type }
      : column;
  });
}

/** The names under which a result's columns are answered; "" is an unnamed one. */
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

function valueColumn(
  select: Select,
  outputs: readonly Output[],
  values: readonly Typed[],
): OutputColumn {
  const [only, second] = values;
  if (select.as === "VALUE") {
    if (!only || second)
      throw invalidQuery("SELECT AS VALUE query must have exactly one column", select.place);
    return { type: only.type, physical: "_value" };
  }
  const fields = outputs.map((output, i) => {
    const type = values[i]?.type ?? INT64;
    return output.name === undefined ? { type } : { name: output.name, type };
  });
  return { type: structOf(fields), physical: "_value" };
}

function listItems(
  select: Select,
  columns: readonly OutputColumn[],
  values: readonly Typed[],
): string {
  const [only] = columns;
  if (select.as === "STRUCT" && only?.type.kind === "STRUCT") {
    return `${structValue(values, only.type).sql} AS _value`;
  }
  return values
    .map((value, i) => `${value.sql} AS ${quoteName(columns[i]?.physical ?? "")}`)
    .join(", ");
}

interface Ordering {
  readonly select: Select;
  readonly orderBy: readonly OrderItem[];
  readonly outputs: readonly Output[];
  readonly values: readonly Typed[];
  readonly columns: readonly OutputColumn[];
  readonly context: Context;
}

function withOrder(sql: string, ordering: Ordering): string {
  const { orderBy, select, columns, context } = ordering;
  if (orderBy.length === 0) return sql;
  if (!select.distinct || select.as) {
    if (select.distinct)
      throw refused("SELECT DISTINCT AS STRUCT or VALUE with ORDER BY", select.place);
    return `${sql} ORDER BY ${orderBy.map((item) => `${orderKey(item, ordering)}${direction(item)}`).join(", ")}`;
  }
  // Behind DISTINCT only the output is left to sort by, so expressions need a query around it.
  const positions = orderBy.map((item) => namedPosition(item.value, ordering));
  if (!positions.includes(undefined)) {
    return `${sql} ORDER BY ${orderBy.map((item, i) => `${positions[i]}${direction(item)}`).join(", ")}`;
  }
  const alias = context.statement.alias();
  const outputs = columns.map((column) => ({
    name: column.name ?? "",
    type: column.type,
    sql: `${alias}.${quoteName(column.physical)}`,
  }));
  const { statement, ctes } = context;
  const scope: Scope = { tables: [], columns: outputs };
  const keys = orderBy.map((item, i) => {
    const position = positions[i];
    const key =
      position === undefined
        ? compileExpr(item.value, { statement, ctes, scope })
        : outputs[position - 1];
    return `${key?.sql}${direction(item)}`;
  });
  return `SELECT * FROM (${sql}) AS ${alias} ORDER BY ${keys.join(", ")}`;
}

function orderKey(item: OrderItem, ordering: Ordering): string {
  if (!ordering.select.as) {
    const position = outputPosition(item.value, ordering);
    if (position !== undefined) return String(position);
  } else {
    const position = ordinal(item.value, ordering.outputs.length);
    if (position !== undefined) return ordering.values[position - 1]?.sql ?? "";
  }
  const value = compileExpr(item.value, ordering.context);
  refuseUnsortable(value, item.value);
  return value.literal === undefined ? value.sql : `(${value.sql})`;
}

function refuseUnsortable(value: Typed, expr: Expr): void {
  if (["ARRAY", "STRUCT", "JSON"].includes(value.type.kind)) {
    throw invalidQuery(
      `ORDER BY does not support expressions of type ${formatType(value.type)}`,
      expr.place,
    );
  }
}

/** The output column that an ORDER BY expression is: by number, by alias, or because it is the same expression. */
function outputPosition(expr: Expr, ordering: Ordering): number | undefined {
  const { values, context } = ordering;
  const named = namedPosition(expr, ordering);
  if (named !== undefined || expr.kind === "literal") return named;
  const { sql } = compileExpr(expr, context);
  const index = values.findIndex((value) => value.sql === sql);
  return index < 0 ? undefined : index + 1;
}

/** The output column that a number or an alias in ORDER BY means. */
function namedPosition(expr: Expr, { outputs, values }: Ordering): number | undefined {
  const position = ordinal(expr, outputs.length) ?? aliasPosition(expr, outputs);
  const value = position === undefined ? undefined : values[position - 1];
  if (value) refuseUnsortable(value, expr);
  return position;
}

function aliasPosition(expr: Expr, outputs: readonly Output[]): number | undefined {
  const [only, second] = expr.kind === "name" ? expr.parts : [];
  if (!only || second) return undefined;
  const found = outputs.flatMap((output, i) =>
    output.name?.toLowerCase() === only.text.toLowerCase() ? [i] : [],
  );
  if (found.length > 1) {
    throw invalidQuery(`Column name ${only.text} is ambiguous`, only.place);
  }
  return found[0] === undefined ? undefined : found[0] + 1;
}

/** True when the query groups its rows: by GROUP BY or because it aggregates. */
export function aggregates(
  select: Select,
  outputs: readonly Output[],
  orderBy: readonly OrderItem[],
): boolean {
  if (select.groupBy) return true;
  const expressions = [
    ...outputs.flatMap((output) => (output.expr ? [output.expr] : [])),
    ...(select.having ? [select.having] : []),
    ...(select.qualify ? [select.qualify] : []),
    ...orderBy.map((item) => item.value),
  ];
  return expressions.some(containsAggregate);
}
