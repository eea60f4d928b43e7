import { invalidQuery, refused } from "../errors.ts";
import { aggregateOver } from "./aggregate.ts";
import { aggregateFunctions } from "./aggregates.ts";
import { supertype } from "./coerce.ts";
import { comparison } from "./comparison.ts";
import type { Context, OutputColumn } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { derived, type Source } from "./from.ts";
import type { ColumnRef, Scope } from "./scope.ts";
import type { Expr, From, Pivot } from "./syntax/ast.ts";
import { formatType, quoteName, quoteText, STRING } from "./types.ts";

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
      const condition = comparison("=", input, compileExpr(value, inner), place);
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

/** UNPIVOT: one row per named column of each row. */
export function compileUnpivot(
  from: Extract<From, { kind: "unpivot" }>,
  source: Source,
  context: Context,
): Source {
  const { unpivot, place } = from;
  const picked = unpivot.columns.map(({ column, label }) => {
    const found = source.columns.find((c) => c.name.toLowerCase() === column.text.toLowerCase());
    if (!found) throw invalidQuery(`Column ${column.text} not found in UNPIVOT`, column.place);
    if (label && !(label.kind === "literal" && label.literal.of === "STRING"))
      throw refused("an UNPIVOT label that is no STRING", place);
    const text =
      label?.kind === "literal" && label.literal.of === "STRING" ? label.literal.text : found.name;
    return { column: found, text };
  });
  const type = supertype(picked.map(({ column }) => ({ sql: column.sql, type: column.type })));
  if (!type || picked.some(({ column }) => formatType(column.type) !== formatType(type))) {
    throw invalidQuery("The columns of UNPIVOT must have the same type", place);
  }
  const isPicked = (column: ColumnRef) => picked.some((p) => p.column === column);
  const kept = source.columns.filter((column) => !isPicked(column));
  const alias = context.statement.alias();
  const pairs = picked.map(({ column, text }) => `{'v': ${column.sql}, 'n': ${quoteText(text)}}`);
  const items = [
    ...kept.map((column) => `${column.sql} AS ${quoteName(column.name)}`),
    `${alias}.p.v AS ${quoteName(unpivot.value.text)}`,
    `${alias}.p.n AS ${quoteName(unpivot.name.text)}`,
  ];
  const filter = unpivot.includeNulls ? "" : ` WHERE ${alias}.p.v IS NOT NULL`;
  const sql = `SELECT ${items.join(", ")} FROM ${source.sql} CROSS JOIN unnest([${pairs.join(", ")}]) AS ${alias}(p)${filter}`;
  const columns: OutputColumn[] = [
    ...kept.map(({ name, type: kept }) => ({ name, type: kept, physical: name })),
    { name: unpivot.value.text, type, physical: unpivot.value.text },
    { name: unpivot.name.text, type: STRING, physical: unpivot.name.text },
  ];
  return derived({ sql, columns, isValueTable: false }, from.alias?.text, context);
}
