import { invalidQuery } from "../errors.ts";
import type { CompiledRelation, Context } from "./context.ts";
import { compileCondition } from "./expression.ts";
import { compileFrom, type Source } from "./from.ts";
import { type Grouping, groupingOf } from "./group.ts";
import { withOrder } from "./order.ts";
import {
  compileOutput,
  expandItems,
  fromStart,
  type Output,
  type Result,
  selectList,
} from "./output.ts";
import { noteFilters, partitionColumns } from "./partition-filter.ts";
import type { ColumnRef, Scope } from "./scope.ts";
import type { OrderItem, Select } from "./syntax/ast.ts";
import { formatType, UNKNOWN } from "./types.ts";
import { containsAggregate, containsWindow } from "./walk.ts";

const NO_FROM: Source = { sql: "", tables: [], columns: [] };

/** Compiles SELECT … with the ORDER BY behind it. */
export function compileSelect(
  select: Select,
  orderBy: readonly OrderItem[],
  outer: Context,
): CompiledRelation {
  const source = select.from ? compileFrom(select.from, outer) : NO_FROM;
  const { statement, ctes } = outer;
  const scope: Scope = { tables: source.tables, columns: source.columns, parent: outer.scope };
  const plain: Context = { statement, ctes, scope };
  const where = compileClause(select.where, "WHERE clause", plain);
  if (select.where) noteFilters(select.where, scope, source.tables);
  const outputs = expandItems(select, source, plain);
  const listed: Context = { ...plain, aliasesFrom: statement.aliases() };
  const grouping = aggregates(select, outputs, orderBy)
    ? groupingOf(select, outputs, listed)
    : undefined;
  const context = resultContext(select, listed, grouping);
  const results = outputs.map((output) => compileOutput(output, context));
  refuseMisplaced(select, orderBy, outputs, results, grouping);
  const after = withAliases(withResults(context, results), outputs, listed);
  const having = compileClause(select.having, "HAVING clause", after);
  const qualify = compileClause(select.qualify, "QUALIFY clause", after);
  const list = selectList(select, results);
  const columns = withPartitions(list.columns, select, outputs, results, source);
  const sql = [
    `SELECT ${select.distinct ? "DISTINCT " : ""}${list.sql}`,
    source.sql && `FROM ${source.sql}`,
    where && `WHERE ${where}`,
    grouping?.sql,
    having && `HAVING ${having}`,
    qualify && `QUALIFY ${qualify}`,
  ]
    .filter(Boolean)
    .join(" ");
  return {
    sql: withOrder(sql, { select, orderBy, results, columns, context: after }),
    columns,
    isValueTable: select.as !== undefined,
  };
}

/** Notes which columns are partitioning columns of a table below. A window or a set of values hides them. */
function withPartitions(
  columns: CompiledRelation["columns"],
  select: Select,
  outputs: readonly Output[],
  results: readonly Result[],
  source: Source,
): CompiledRelation["columns"] {
  const known = partitionColumns(source.tables);
  const isHidden = select.as !== undefined || usesWindows(select, outputs);
  if (known.size === 0 || isHidden) return columns;
  return columns.map((column, i) => {
    const partitions = known.get(results[i]?.value.sql ?? "");
    return partitions ? { ...column, partitions } : column;
  });
}

function usesWindows(select: Select, outputs: readonly Output[]): boolean {
  return [select.qualify, ...outputs.map((output) => output.expr)].some(
    (expr) => expr && containsWindow(expr),
  );
}

function compileClause(
  expr: Select["where"],
  clause: string,
  context: Context,
): string | undefined {
  return expr && compileCondition(expr, clause, { ...context, clause }).sql;
}

/** The context of SELECT list, HAVING, QUALIFY and ORDER BY. */
function resultContext(select: Select, plain: Context, grouping: Grouping | undefined): Context {
  const windows = new Map(
    select.windows.map(({ name, window }) => [name.text.toLowerCase(), window]),
  );
  if (!grouping) return { ...plain, windows };
  const scope: Scope = { ...plain.scope, groupedBy: grouping.keys };
  return { ...plain, windows, scope, aggregateScope: plain.scope };
}

/** HAVING, QUALIFY and ORDER BY see the aliases of the SELECT list before the columns. */
function withResults(context: Context, results: readonly Result[]): Context {
  const columns = results.flatMap(({ name, value }) =>
    name === undefined ? [] : [{ name, sql: value.sql, type: value.type }],
  );
  return { ...context, scope: { tables: [], columns, isOutput: true, parent: context.scope } };
}

/**
 * Inside aggregates of HAVING, QUALIFY and ORDER BY an alias of the SELECT list means its expression before the rows are
 * grouped, and goes before a column of its name: an alias that aggregates itself has no place there.
 */
function withAliases(context: Context, outputs: readonly Output[], plain: Context): Context {
  const { aggregateScope } = context;
  if (!aggregateScope) return context;
  const columns = outputs.flatMap((output): ColumnRef[] => {
    const { name, expr } = output;
    if (name === undefined || !expr) return [];
    if (containsAggregate(expr) || containsWindow(expr)) {
      const misplaced = "Aggregations of aggregations are not allowed";
      return [{ name, sql: name, type: UNKNOWN, misplaced }];
    }
    return [{ ...fromStart(plain, () => output.compile(plain)), name }];
  });
  const scope: Scope = { tables: [], columns, isOutput: true, parent: aggregateScope };
  return { ...context, aggregateScope: scope };
}

/** True when the query groups its rows: by GROUP BY or because it aggregates. */
function aggregates(
  select: Select,
  outputs: readonly Output[],
  orderBy: readonly OrderItem[],
): boolean {
  const expressions = [
    ...outputs.map((output) => output.expr),
    select.having,
    select.qualify,
    ...orderBy.map((item) => item.value),
  ];
  return (
    select.groupBy !== undefined || expressions.some((expr) => expr && containsAggregate(expr))
  );
}

function refuseMisplaced(
  select: Select,
  orderBy: readonly OrderItem[],
  outputs: readonly Output[],
  results: readonly Result[],
  grouping: Grouping | undefined,
): void {
  const { place } = select;
  if (!select.from) refuseWithoutFrom(select, orderBy, grouping);
  if (select.having && !grouping) {
    throw invalidQuery("The HAVING clause requires GROUP BY or aggregation to be present", place);
  }
  if (select.qualify && !usesWindows(select, outputs)) {
    throw invalidQuery("The QUALIFY clause requires analytic function to be present", place);
  }
  const json = select.distinct && results.find(({ value }) => value.type.kind === "JSON");
  if (json) {
    throw invalidQuery(
      `Column of type ${formatType(json.value.type)} cannot be used in SELECT DISTINCT`,
      place,
    );
  }
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
