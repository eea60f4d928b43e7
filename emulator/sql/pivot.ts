import { invalidQuery, type Place, refused } from "../errors.ts";
import { aggregateOver } from "./aggregate.ts";
import { aggregateFunctions } from "./aggregates.ts";
import { supertype } from "./coerce.ts";
import { comparison } from "./comparison.ts";
import type { Context, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { derived, type Source } from "./from.ts";
import type { Typed } from "./functions/define.ts";
import { type ColumnRef, EMPTY_SCOPE, type Scope } from "./scope.ts";
import type { Expr, From, Name, Pivot } from "./syntax/ast.ts";
import { formatType, quoteName, quoteText, type SqlType, STRING } from "./types.ts";

/** PIVOT: one row per value of the other columns, one aggregate per value of the input column. */
export function compilePivot(
  from: Extract<From, { kind: "pivot" }>,
  source: Source,
  context: Context,
): Source {
  const { pivot, place } = from;
  const scope: Scope = { tables: source.tables, columns: source.columns, parent: context.scope };
  const inner: Context = {
    statement: context.statement,
    ctes: context.ctes,
    scope,
    clause: "PIVOT",
  };
  const input = compileExpr(pivot.input, inner);
  const used = new Set([input.sql]);
  const track: Scope = { ...scope, columns: source.columns };
  const outputs = pivot.values.flatMap(({ value, alias }) =>
    pivot.aggregates.map((aggregate) => {
      const { call } = aggregate;
      const definition =
        call.kind === "call" && !call.over ? aggregateFunctions.get(call.name) : undefined;
      if (call.kind !== "call" || !definition)
        throw invalidQuery("PIVOT expression must be an aggregate function call", call.place);
      for (const column of columnsIn(call, track)) used.add(column);
      const condition = comparison("IS NOT DISTINCT FROM", input, compileExpr(value, inner), place);
      const result = aggregateOver(definition, call, inner, "", [condition.sql]);
      return { ...result, name: pivotName(pivot, aggregate, value, alias?.text) };
    }),
  );
  const keys = source.columns.filter((column) => !used.has(column.sql));
  const columns: OutputColumn[] = [...keys, ...outputs].map((column) => ({
    name: column.name,
    type: column.type,
    physical: column.name,
  }));
  const list = [...keys, ...outputs].map((column) => `${column.sql} AS ${quoteName(column.name)}`);
  const groupBy = keys.length > 0 ? ` GROUP BY ${keys.map((key) => key.sql).join(", ")}` : "";
  const sql = `SELECT ${list.join(", ")} FROM ${source.sql}${groupBy}`;
  return derived({ sql, columns, isValueTable: false }, from.alias?.text, context);
}

/** The columns that an aggregate reads: they are not among the grouping columns. */
function columnsIn(value: unknown, scope: Scope): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => columnsIn(item, scope));
  if (typeof value !== "object" || value === null) return [];
  if ("kind" in value && value.kind === "name" && "parts" in value && Array.isArray(value.parts)) {
    const names = value.parts.slice(0, 2).map((part: { text: string }) => part.text.toLowerCase());
    return scope.columns
      .filter((column) => names.includes(column.name.toLowerCase()))
      .map((column) => column.sql);
  }
  return Object.values(value).flatMap((item) => columnsIn(item, scope));
}

/** `alias_value`, `value` for an aggregate without alias. */
function pivotName(
  pivot: Pivot,
  aggregate: Pivot["aggregates"][number],
  value: Expr,
  alias: string | undefined,
): string {
  const label = alias ?? labelOf(value);
  if (aggregate.alias) return `${aggregate.alias.text}_${label}`;
  if (pivot.aggregates.length > 1)
    throw invalidQuery(
      "PIVOT expressions need aliases when there are several",
      aggregate.call.place,
    );
  return label;
}

function labelOf(value: Expr): string {
  if (value.kind === "literal") {
    const { literal } = value;
    if (literal.of === "STRING" || (literal.of === "NUMBER" && /^\d+$/.test(literal.text))) {
      return literal.of === "NUMBER" ? `_${literal.text}` : literal.text;
    }
    if (literal.of === "BOOL") return String(literal.value);
    if (literal.of === "DATE") return literal.text.replaceAll("-", "_").replace(/^/, "_");
  }
  throw refused("a PIVOT value of this kind without an alias", value.place, "IN (value AS alias)");
}

/** UNPIVOT: of each row one for each set of columns. */
export function compileUnpivot(
  from: Extract<From, { kind: "unpivot" }>,
  source: Source,
  context: Context,
): Source {
  const { unpivot, place } = from;
  const sets = unpivot.sets.map(({ columns, label }) => {
    if (columns.length !== unpivot.values.length)
      throw invalidQuery("UNPIVOT needs as many columns in each set as it has values", place);
    return { columns: columns.map((name) => pickedColumn(name, source)), label };
  });
  const labels = sets.map(({ columns, label }) => unpivotLabel(columns, label, context));
  const labelType = labels[0]?.type ?? STRING;
  if (labels.some(({ type }) => type.kind !== labelType.kind))
    throw invalidQuery("The labels of UNPIVOT must have the same type", place);
  const types = unpivot.values.map((_, i) =>
    commonType(
      sets.map((set) => set.columns[i]),
      place,
    ),
  );
  const isPicked = (column: ColumnRef) => sets.some((set) => set.columns.includes(column));
  const kept = source.columns.filter((column) => !isPicked(column));
  const alias = context.statement.alias();
  const rows = sets.map((set, i) => {
    const values = set.columns.map((column, v) => `'v${v}': ${column.sql}`);
    return `{${[...values, `'n': ${labels[i]?.sql}`].join(", ")}}`;
  });
  const columns: OutputColumn[] = [
    ...kept.map(({ name, type }) => ({ name, type, physical: name })),
    ...unpivot.values.map(({ text }, i) => ({
      name: text,
      type: types[i] ?? STRING,
      physical: text,
    })),
    { name: unpivot.name.text, type: labelType, physical: unpivot.name.text },
  ];
  const values = unpivot.values.map((_, i) => `${alias}.p.v${i}`);
  const sources = [...kept.map(({ sql }) => sql), ...values, `${alias}.p.n`];
  const items = sources.map((sql, i) => `${sql} AS ${quoteName(columns[i]?.physical ?? "")}`);
  // A row is left out when none of its values is there.
  const isThere = values.map((value) => `${value} IS NOT NULL`).join(" OR ");
  const filter = unpivot.includeNulls ? "" : ` WHERE ${isThere}`;
  const sql = `SELECT ${items.join(", ")} FROM ${source.sql} CROSS JOIN unnest([${rows.join(", ")}]) AS ${alias}(p)${filter}`;
  return derived({ sql, columns, isValueTable: false }, from.alias?.text, context);
}

function pickedColumn({ text, place }: Name, source: Source): ColumnRef {
  const found = source.columns.find((column) => column.name.toLowerCase() === text.toLowerCase());
  if (found) return found;
  throw invalidQuery(`Column ${text} not found in UNPIVOT`, place);
}

/** What stands in the name column: the label that is written, else the names of the columns. */
function unpivotLabel(
  columns: readonly ColumnRef[],
  label: Expr | undefined,
  context: Context,
): Typed {
  if (!label) return { sql: quoteText(columns.map(({ name }) => name).join("_")), type: STRING };
  const value = compileExpr(label, { ...context, scope: EMPTY_SCOPE });
  const isLabel = value.literal !== undefined && ["STRING", "INT64"].includes(value.type.kind);
  if (isLabel) return { sql: value.sql, type: value.type };
  throw invalidQuery("An UNPIVOT label must be a STRING or INT64 literal", label.place);
}

function commonType(
  columns: readonly (ColumnRef | undefined)[],
  place: Place | undefined,
): SqlType {
  const picked = columns.flatMap((column) => (column ? [column] : []));
  const type = supertype(picked.map(({ sql, type }) => ({ sql, type })));
  if (type && picked.every((column) => formatType(column.type) === formatType(type))) return type;
  throw invalidQuery("The columns of UNPIVOT must have the same type", place);
}
