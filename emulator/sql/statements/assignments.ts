import { invalidQuery } from "../../errors.ts";
import type { Environment } from "../catalog.ts";
import { assign, fieldOf, structValue } from "../coerce.ts";
import { type CompiledQuery, compileExpressionNode } from "../compile.ts";
import type { Typed } from "../functions/define.ts";
import { kindOf, type Node } from "../syntax/node.ts";
import { formatType, quoteName, quoteText, type SqlType, structFieldNames } from "../types.ts";
import { defaultSql, findColumn, stored, type WritableColumn } from "./columns.ts";
import type { Value } from "./insert.ts";
import { type Target, writableColumns } from "./names.ts";
import type { Path } from "./reader.ts";

/** `a = 1`, before the table is known. */
export interface WrittenAssignment {
  readonly path: Path;
  readonly value: Value;
}

/** A column and what it gets: one value, or values for some of the fields of a STRUCT. */
export interface Assignment {
  readonly column: WritableColumn;
  readonly parts: readonly Part[];
}

interface Part {
  /** Names of fields inside the column; none for all of it. */
  readonly fields: readonly string[];
  readonly value: Value;
}

/** The columns that SET names, each once. */
export function resolveAssignments(
  set: readonly WrittenAssignment[],
  target: Target,
  alias: string,
): readonly Assignment[] {
  const found = new Map<WritableColumn, Part[]>();
  const writable = writableColumns(target);
  for (const { path, value } of set) {
    const start = startOfColumn(path, writable, alias);
    const column = findColumn(writable, path[start] ?? "");
    if (!column) {
      throw invalidQuery(
        `Column ${path.at(-1)} is not present in table ${target.name}`,
        value.place,
      );
    }
    const part = { fields: path.slice(start + 1), value };
    const parts = found.get(column) ?? [];
    if (parts.some((other) => overlaps(other.fields, part.fields))) {
      throw invalidQuery(`Update item ${path.join(".")} assigned more than once`, value.place);
    }
    found.set(column, [...parts, part]);
  }
  return [...found].map(([column, parts]) => ({ column, parts }));
}

/** A path may begin with the table's alias, which goes before a column of its name. */
function startOfColumn(path: Path, columns: readonly WritableColumn[], alias: string): number {
  const isQualified =
    path[0]?.toLowerCase() === alias.toLowerCase() && findColumn(columns, path[1] ?? "");
  if (isQualified) return 1;
  return Math.max(
    path.findIndex((name) => findColumn(columns, name)),
    0,
  );
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).join(".").toLowerCase() === b.slice(0, length).join(".").toLowerCase();
}

/**
 * The assigned values, to be computed by a query: `items` go into its SELECT behind `before` others, and `sql` reads
 * the stored form of each from its result, called `q`. `alias` is the target table's in that query.
 */
export function assignedValues(
  assignments: readonly Assignment[],
  env: Environment,
  before: number,
  alias: string,
): { items: readonly Node[]; sql: (query: CompiledQuery) => readonly string[] } {
  const nodes: Node[] = [];
  const slot = (node: Node): number => nodes.push(node) - 1;
  const planned = assignments.map(({ column, parts }) => {
    const isWhole = parts.every(({ fields }) => fields.length === 0);
    return {
      column,
      whole: isWhole ? undefined : slot(columnOf(alias, column.name)),
      parts: parts.map((part) => ({
        ...part,
        slot: isComputed(part.value) ? slot(part.value.node) : undefined,
      })),
    };
  });
  return {
    items: nodes.map((node, i) => ({ alias: { this: node, alias: { name: `v${i}` } } })),
    sql(query) {
      const read = (i: number): Typed => {
        const from = query.columns[before + i];
        if (!from) throw new Error(`The query has no column ${before + i}`);
        return { sql: `q.${quoteName(from.name)}`, type: from.type };
      };
      const sqlOf = (part: Part & { slot: number | undefined }, type: SqlType, what: string) => {
        const { node, place } = part.value;
        const value =
          part.slot === undefined && node
            ? compileExpressionNode(node, env)
            : read(part.slot ?? -1);
        return assign(value, type, what, place).sql;
      };
      return planned.map(({ column, whole, parts }) => {
        const what = `column ${column.name}`;
        if (whole !== undefined) {
          return stored(
            withFields(read(whole), parts, (part, type) => sqlOf(part, type, what)),
            column,
          );
        }
        const [part] = parts;
        if (!part?.value.node) return defaultSql(column);
        return stored(sqlOf(part, column.type, what), column);
      });
    },
  };
}

/** A literal adapts to the column's type, which a column of a query would not. */
function isComputed(value: Value): value is Value & { readonly node: Node } {
  return value.node !== undefined && !["literal", "null"].includes(kindOf(value.node));
}

function columnOf(table: string, name: string): Node {
  return { column: { table: { name: table, quoted: true }, name: { name, quoted: true } } };
}

/** A STRUCT with other values in some of its fields. */
function withFields<P extends Part>(
  { sql, type }: Typed,
  parts: readonly P[],
  sqlOf: (part: P, type: SqlType) => string,
): string {
  const [first] = parts;
  if (type.kind !== "STRUCT") {
    throw invalidQuery(
      `Cannot access field ${first?.fields[0]} on a value with type ${formatType(type)}`,
      first?.value.place,
    );
  }
  const names = structFieldNames(type);
  const isOf = (part: P, i: number) =>
    part.fields[0]?.toLowerCase() === type.fields[i]?.name?.toLowerCase();
  const unknown = parts.find((part) => !type.fields.some((_, i) => isOf(part, i)));
  if (unknown) {
    throw invalidQuery(
      `Field name ${unknown.fields[0]} does not exist in ${formatType(type)}`,
      unknown.value.place,
    );
  }
  const fields = type.fields.map((field, i): Typed => {
    const own = { sql: fieldOf(sql, names[i] ?? ""), type: field.type };
    const [part, ...others] = parts.filter((candidate) => isOf(candidate, i));
    if (!part) return own;
    if (part.fields.length === 1) {
      if (!part.value.node) throw invalidQuery("DEFAULT is for columns only", part.value.place);
      return { ...own, sql: sqlOf(part, field.type) };
    }
    const inner = [part, ...others].map((one) => ({ ...one, fields: one.fields.slice(1) }));
    return { ...own, sql: withFields(own, inner, sqlOf) };
  });
  const message = quoteText(`Cannot set field of NULL ${formatType(type)}`);
  return `CASE WHEN ${sql} IS NULL THEN error(${message}) ELSE ${structValue(fields, type).sql} END`;
}
