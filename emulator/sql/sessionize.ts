import { invalidQuery, refused } from "../errors.ts";
import type { CompiledRelation, Context, OutputColumn } from "./context.ts";
import { raise } from "./functions/body.ts";
import { compileQueryIn } from "./query.ts";
import { keptBound, rangeOfBounds } from "./range.ts";
import type { Call, Expr } from "./syntax/ast.ts";
import { formatType, quoteName, type RangeType } from "./types.ts";

/**
 * RANGE_SESSIONIZE(TABLE t, 'range column', ['partitioning column', …][, 'MEETS' | 'OVERLAPS']): the rows of a table, each
 * with the span of all the ranges that its own is connected to
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/range-functions#range_sessionize).
 */
export function sessionize(call: Call, context: Context): CompiledRelation {
  const [table, column, keys, option, ...more] = call.args;
  if (table?.kind !== "subquery" || !column || !keys || more.length > 0)
    throw invalidQuery(`No matching signature for ${SIGNATURE}`, call.place);
  const relation = compileQueryIn(table.query, context);
  const range = findColumn(relation, column);
  const { type } = range;
  if (type.kind !== "RANGE")
    throw invalidQuery(
      `RANGE_SESSIONIZE needs a column of type RANGE, not ${formatType(type)}`,
      call.place,
    );
  if (relation.columns.some((one) => one.physical.toLowerCase() === SESSION))
    throw refused(`RANGE_SESSIONIZE of a table with a column ${SESSION}`, call.place);
  const partition = partitionNames(keys).map((name) => findColumn(relation, name));
  const meets = sessionMode(option) === "MEETS";
  return {
    ...relation,
    sql: sessionSql(relation, { range, type, partition, meets }, context),
    columns: [...relation.columns, { name: SESSION, physical: SESSION, type }],
  };
}

const SIGNATURE = "RANGE_SESSIONIZE(TABLE, STRING, ARRAY<STRING>, [STRING])";
const SESSION = "session_range";

function findColumn({ columns }: CompiledRelation, name: Expr): OutputColumn {
  const text = textOf(name);
  const found = columns.find((column) => column.name?.toLowerCase() === text.toLowerCase());
  if (!found) throw invalidQuery(`RANGE_SESSIONIZE: no column ${text} in the table`, name.place);
  return found;
}

function partitionNames(keys: Expr): readonly Expr[] {
  if (keys.kind !== "array")
    throw invalidQuery("RANGE_SESSIONIZE: the partitioning columns must be a literal", keys.place);
  if (keys.elements.length === 0)
    throw refused("RANGE_SESSIONIZE without partitioning columns", keys.place);
  return keys.elements;
}

function sessionMode(option: Expr | undefined): string {
  const mode = option ? textOf(option) : "MEETS";
  if (mode === "MEETS" || mode === "OVERLAPS") return mode;
  throw invalidQuery(
    `Could not cast literal ${JSON.stringify(mode)} to type RANGE_SESSIONIZE_MODE`,
    option?.place,
  );
}

function textOf(expr: Expr): string {
  if (expr.kind === "literal" && expr.literal.of === "STRING") return expr.literal.text;
  throw invalidQuery("RANGE_SESSIONIZE takes literals for names and options", expr.place);
}

interface Sessions {
  readonly range: OutputColumn;
  readonly type: RangeType;
  readonly partition: readonly OutputColumn[];
  readonly meets: boolean;
}

/** A session begins with a range that starts behind the ends of all before it; its span is that of its ranges. */
function sessionSql(relation: CompiledRelation, sessions: Sessions, context: Context): string {
  const { range, type, partition, meets } = sessions;
  const alias = context.statement.alias();
  const r = `${alias}.${quoteName(range.physical)}`;
  const keys = partition.map((column) => `${alias}.${quoteName(column.physical)}`).join(", ");
  const [start, end] = [keptBound(r, "start"), keptBound(r, "end")];
  const order = `PARTITION BY ${keys} ORDER BY ${r} ROWS BETWEEN UNBOUNDED PRECEDING`;
  const reach = `max(${end}) OVER (${order} AND 1 PRECEDING)`;
  const failure = raise("Not supported by the emulator: RANGE_SESSIONIZE of a NULL range", type);
  const given = `CASE WHEN ${r} IS NULL THEN ${failure} ELSE ${r} END`;
  const begins = `(${start} ${meets ? "<=" : "<"} ${reach}) IS NOT TRUE`;
  const first = `SELECT ${alias}.* REPLACE (${given} AS ${quoteName(range.physical)}), ${begins} AS _begins FROM (${relation.sql}) AS ${alias}`;
  const counted = `SELECT ${alias}.*, count(*) FILTER (WHERE ${alias}._begins) OVER (${order} AND CURRENT ROW) AS _session FROM (${first}) AS ${alias}`;
  const all = `OVER (PARTITION BY ${keys}, ${alias}._session)`;
  const span = rangeOfBounds(`min(${start}) ${all}`, `max(${end}) ${all}`);
  const columns = relation.columns.map((column) => `${alias}.${quoteName(column.physical)}`);
  return `SELECT ${columns.join(", ")}, ${span} AS ${SESSION} FROM (${counted}) AS ${alias}`;
}
