import { invalidQuery } from "../errors.ts";
import { type RangeVariable, resolveName, type Scope } from "./scope.ts";
import type { Expr } from "./syntax/ast.ts";
import { quoteName } from "./types.ts";
import { childrenOf } from "./walk.ts";

/**
 * One read of a table with `require_partition_filter`. BigQuery runs it only when a condition can tell which partitions
 * are needed: a condition on the partitioning column and constants, on its own or joined to others by AND.
 */
export interface PartitionRead {
  /** Its full name. */
  readonly table: string;
  /** The partitioning column, or the pseudo columns of a table partitioned by ingestion time. */
  readonly columns: readonly string[];
  filtered: boolean;
}

/** The reads whose partitioning column an expression of DuckDB is. */
type Columns = ReadonlyMap<string, readonly PartitionRead[]>;

/** The partitioning columns among those of some tables, by their SQL. */
export function partitionColumns(tables: readonly RangeVariable[]): Columns {
  const columns = new Map<string, readonly PartitionRead[]>();
  for (const table of tables) {
    for (const column of [...table.columns, ...(table.hidden ?? [])]) {
      const reads = table.partitions?.get(column.name.toLowerCase());
      if (reads) columns.set(column.sql ?? `${table.sql}.${quoteName(column.name)}`, reads);
    }
  }
  return columns;
}

/** Notes the partitions that a condition of WHERE or ON picks. `tables` are those whose rows it takes away. */
export function noteFilters(expr: Expr, scope: Scope, tables: readonly RangeVariable[]): void {
  const columns = partitionColumns(tables);
  if (columns.size === 0) return;
  for (const read of filteredBy(expr, scope, columns)) read.filtered = true;
}

function filteredBy(expr: Expr, scope: Scope, columns: Columns): readonly PartitionRead[] {
  if (expr.kind === "paren") return filteredBy(expr.inner, scope, columns);
  if (expr.kind !== "operation" || (expr.operator !== "AND" && expr.operator !== "OR")) {
    return partitionTest(expr, scope, columns);
  }
  const sides = expr.operands.map((operand) => filteredBy(operand, scope, columns));
  if (expr.operator === "AND") return sides.flat();
  const [first = [], ...others] = sides;
  return first.filter((read) => others.every((side) => side.includes(read)));
}

/** The reads that a condition tests: it mentions their partitioning column, no other column and no subquery. */
function partitionTest(expr: Expr, scope: Scope, columns: Columns): readonly PartitionRead[] {
  const tested = new Set<readonly PartitionRead[]>();
  const isTest = (inner: Expr): boolean => {
    if (inner.kind === "subquery" || (inner.kind === "in" && inner.query)) return false;
    if (inner.kind !== "name") return childrenOf(inner).every(isTest);
    const value = resolveName(inner.parts, scope);
    const reads = value && columns.get(value.sql);
    if (reads) tested.add(reads);
    return !value || reads !== undefined || isArgument(inner.parts[0]?.text ?? "", scope);
  };
  const [only = []] = isTest(expr) && tested.size === 1 ? tested : [];
  return only;
}

/** True for an argument of a function, which is as good as a constant. */
function isArgument(name: string, scope: Scope | undefined): boolean {
  if (!scope) return false;
  const same = (other: { readonly name?: string }) =>
    other.name?.toLowerCase() === name.toLowerCase();
  if (scope.args?.has(name.toLowerCase())) return true;
  return !scope.tables.some(same) && !scope.columns.some(same) && isArgument(name, scope.parent);
}

/** @throws BigQueryError for a read that nothing filters */
export function requireFilters(reads: readonly PartitionRead[]): void {
  const read = reads.find(({ filtered }) => !filtered);
  if (!read) return;
  throw invalidQuery(
    `Cannot query over table '${read.table}' without a filter over column(s) ${read.columns.map((name) => `'${name}'`).join(", ")} that can be used for partition elimination`,
  );
}
