import { invalidQuery } from "../../errors.ts";
import type { Session } from "../../warehouse/session.ts";
import type { Environment, Relation } from "../catalog.ts";
import { type CompiledQuery, type CompiledRows, compileRows } from "../compile.ts";
import { requireFilters } from "../partition-filter.ts";
import type { Literal } from "../syntax/ast.ts";
import { toExpr } from "../syntax/expression.ts";
import type { Node } from "../syntax/node.ts";
import { type Column, duckdbType, INT64, quoteName } from "../types.ts";
import { type Assignment, assignedValues, resolveAssignments } from "./assignments.ts";
import type { DmlCounts } from "./dml.ts";
import { insertedColumns, insertSql } from "./insert.ts";
import type { Clause, Merge } from "./merge.ts";
import type { Target } from "./names.ts";
import {
  aliased,
  changesSql,
  columnNode,
  deleteSql,
  MATCHED_TWICE,
  numbered,
  rowQuery,
  TARGET,
  TARGET_ROW,
  targetRows,
  updateSql,
  withTables,
} from "./rows.ts";

const SOURCE = "#merge_source";
const SOURCE_ROW = "_filo_source_row";
const CANDIDATES = "#candidates";

/** DuckDB's temporary tables of a MERGE. */
const tables = {
  source: 'temp.main."_merge_source"',
  /** Pairs of row numbers that ON matches. */
  pairs: 'temp.main."_merge_pairs"',
  /** Of each kind of clause the rows that no clause has taken yet. */
  candidates: (rows: Clause["rows"]) => `temp.main."_merge_${rows}"`,
  changes: (i: number) => `temp.main."_merge_changes_${i}"`,
};

/** A MERGE in DuckDB's statements, in the order in which they run. */
export interface MergePlan {
  readonly prepare: readonly string[];
  /** Has a row when two source rows change one target row. */
  readonly twice: string;
  readonly apply: readonly { readonly counts: keyof DmlCounts; readonly sql: string }[];
  readonly cleanUp: readonly string[];
}

/** Compiles a MERGE. `from` is its compiled source. */
export function planMerge(
  merge: Merge,
  target: Target,
  from: CompiledQuery,
  outer: Environment,
): MergePlan {
  const sourceColumns = from.columns.map((column) => ({
    ...column,
    type: column.type.kind === "UNKNOWN" ? INT64 : column.type,
  }));
  const env = withTables(outer, {
    [TARGET]: targetRows(target),
    [SOURCE]: numbered(tables.source, sourceColumns, SOURCE_ROW),
  });
  const pairs = compileRows(
    rowQuery(
      [columnNode(TARGET_ROW), columnNode(SOURCE_ROW)],
      `${aliased(TARGET, merge.alias)}, ${aliased(SOURCE, merge.sourceAlias)}`,
      merge.on,
    ),
    env,
  );
  const clauses = merge.clauses.map((clause, i) =>
    planClause(clause, i, merge, target, sourceColumns, env),
  );
  requireTargetFilter(merge, pairs, clauses);
  const changed = merge.clauses.flatMap(({ rows }, i) =>
    rows === "matched" ? [`SELECT row FROM ${tables.changes(i)}`] : [],
  );
  return {
    prepare: [
      temp(tables.source, typedRows(from, sourceColumns)),
      temp(tables.pairs, `SELECT * FROM (${pairs.sql}) AS q(target_row, source_row)`),
      ...candidateTables(merge, target),
      ...clauses.flatMap(({ prepare }) => prepare),
    ],
    twice: `SELECT row FROM (${changed.join(" UNION ALL ") || "SELECT 1 AS row LIMIT 0"}) GROUP BY row HAVING count(*) > 1 LIMIT 1`,
    apply: clauses.map(({ apply }) => apply),
    cleanUp: [
      tables.source,
      tables.pairs,
      ...kindsOf(merge).map(tables.candidates),
      ...clauses.map((_, i) => tables.changes(i)),
    ].map((table) => `DROP TABLE ${table}`),
  };
}

/**
 * `require_partition_filter` is met by a condition in ON, or by one in each clause that looks at rows of the target.
 * Which source rows have no match is known only from the whole target, unless ON is FALSE.
 */
function requireTargetFilter(
  { on, clauses: written }: Merge,
  { unfiltered }: Pick<CompiledRows, "unfiltered">,
  clauses: readonly ClausePlan[],
): void {
  const byClause = clauses.flatMap((clause) => clause.unfiltered);
  const { literal } = toExpr(on) as Partial<Literal>;
  const isNever = literal?.of === "BOOL" && !literal.value;
  const readsAll = !isNever && written.some(({ rows }) => rows === "not_matched_by_target");
  if (byClause.length > 0 || readsAll) requireFilters(unfiltered);
}

/** Runs a plan: all changes are known before the first is applied. */
export async function applyMerge(plan: MergePlan, session: Session): Promise<DmlCounts> {
  for (const sql of plan.prepare) await session.run(sql);
  if ((await session.rows(plan.twice)).length > 0) throw invalidQuery(MATCHED_TWICE);
  const counts = { inserted: 0, updated: 0, deleted: 0 };
  for (const { counts: what, sql } of plan.apply) {
    counts[what] += (await session.run(sql)).rowsChanged;
  }
  for (const sql of plan.cleanUp) await session.run(sql);
  return counts;
}

function temp(table: string, query: string): string {
  return `CREATE OR REPLACE TEMP TABLE ${table} AS ${query}`;
}

function typedRows({ sql, columns }: CompiledQuery, typed: readonly Column[]): string {
  const items = columns.map(
    ({ name }, i) =>
      `q.${quoteName(name)}::${duckdbType(typed[i]?.type ?? INT64)} AS ${quoteName(name)}`,
  );
  return `SELECT ${items.join(", ")} FROM (${sql}) AS q`;
}

function kindsOf({ clauses }: Merge): readonly Clause["rows"][] {
  return [...new Set(clauses.map(({ rows }) => rows))];
}

function candidateTables(merge: Merge, target: Target): readonly string[] {
  const { pairs, source } = tables;
  const queries: Record<Clause["rows"], string> = {
    matched: `SELECT target_row, source_row FROM ${pairs}`,
    not_matched_by_target: `SELECT NULL::BIGINT AS target_row, s.rowid AS source_row FROM ${source} AS s ANTI JOIN ${pairs} AS p ON p.source_row = s.rowid`,
    not_matched_by_source: `SELECT t.rowid AS target_row, NULL::BIGINT AS source_row FROM ${target.sql} AS t ANTI JOIN ${pairs} AS p ON p.target_row = t.rowid`,
  };
  return kindsOf(merge).map((rows) => temp(tables.candidates(rows), queries[rows]));
}

interface ClausePlan extends Pick<CompiledRows, "unfiltered"> {
  readonly prepare: readonly string[];
  readonly apply: MergePlan["apply"][number];
}

function planClause(
  { rows, condition, action }: Clause,
  i: number,
  merge: Merge,
  target: Target,
  sourceColumns: readonly Column[],
  outer: Environment,
): ClausePlan {
  const candidates = tables.candidates(rows);
  const env = withTables(outer, { [CANDIDATES]: candidateRelation(candidates) });
  const assignments = assignmentsOf(action, target, sourceColumns, merge);
  const values = assignedValues(assignments, env, 2, merge.alias);
  const { unfiltered, ...query } = compileRows(
    rowQuery(
      [columnNode("_filo_target"), columnNode("_filo_candidate"), ...values.items],
      fromClause(rows, merge),
      condition,
    ),
    env,
  );
  const columns = assignments.map(({ column }) => column);
  const changes = tables.changes(i);
  const valueSql = [`q.${quoteName("_filo_candidate")}`, ...values.sql(query)];
  // The candidate's own number comes as v0 and the values behind it.
  const taken = `DELETE FROM ${candidates} WHERE rowid IN (SELECT v0 FROM ${changes})`;
  const shifted = `(SELECT row, ${columns.map((_, c) => `v${c + 1} AS v${c}`).join(", ") || "v0"} FROM ${changes})`;
  const prepare = [temp(changes, changesSql(query, valueSql)), taken];
  switch (action.kind) {
    case "delete":
      return { unfiltered, prepare, apply: { counts: "deleted", sql: deleteSql(target, changes) } };
    case "update":
      return {
        unfiltered,
        prepare,
        apply: { counts: "updated", sql: updateSql(target, columns, shifted) },
      };
    case "insert": {
      const sql = insertSql(target, columns, (empty) => {
        const items = [...columns.map((_, c) => `v${c}`), ...empty.map(() => "[]")];
        return `SELECT ${items.join(", ")} FROM ${shifted}`;
      });
      return { unfiltered, prepare, apply: { counts: "inserted", sql } };
    }
  }
}

function candidateRelation(table: string): Relation {
  return {
    kind: "table",
    sql: `(SELECT rowid AS "_filo_candidate", target_row AS "_filo_target", source_row AS "_filo_source" FROM ${table})`,
    columns: ["_filo_candidate", "_filo_target", "_filo_source"].map((name) => ({
      name,
      type: INT64,
    })),
  };
}

/** What the expressions of a clause can see: both tables, or the one that has the row. */
function fromClause(rows: Clause["rows"], { alias, sourceAlias }: Merge): string {
  const target = ` JOIN ${aliased(TARGET, alias)} ON ${TARGET_ROW} = _filo_target`;
  const source = ` JOIN ${aliased(SOURCE, sourceAlias)} ON ${SOURCE_ROW} = _filo_source`;
  const seen = {
    matched: target + source,
    not_matched_by_target: source,
    not_matched_by_source: target,
  };
  return `\`${CANDIDATES}\`${seen[rows]}`;
}

function assignmentsOf(
  action: Clause["action"],
  target: Target,
  sourceColumns: readonly Column[],
  { alias, sourceAlias }: Merge,
): readonly Assignment[] {
  if (action.kind === "delete") return [];
  if (action.kind === "update") return resolveAssignments(action.set, target, alias);
  const columns = insertedColumns(action.columns, target);
  const place = { line: 1, column: 1 };
  const values =
    action.values ??
    sourceColumns.map(({ name }) => ({ node: qualified(sourceAlias, name), place }));
  if (values.length !== columns.length) {
    throw invalidQuery(
      `Inserted row has wrong column count; Has ${values.length}, expected ${columns.length}`,
      values[0]?.place,
    );
  }
  return columns.map((column, i) => ({
    column,
    parts: [{ fields: [], value: values[i] ?? { node: undefined, place } }],
  }));
}

function qualified(table: string, name: string): Node {
  return { column: { table: { name: table, quoted: true }, name: { name, quoted: true } } };
}
