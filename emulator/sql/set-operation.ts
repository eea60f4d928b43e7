import { invalidQuery, refused } from "../errors.ts";
import { coerce, unify } from "./coerce.ts";
import type { CompiledRelation, Context, OutputColumn } from "./context.ts";
import type { Typed } from "./functions/define.ts";
import { isUnsettled } from "./output.ts";
import { compileBody } from "./query.ts";
import type { QueryBody, SetOperation } from "./syntax/ast.ts";
import { formatType, quoteName, type SqlType, UNKNOWN } from "./types.ts";

/** `a UNION ALL b UNION ALL c` is one operation of three: their columns agree on types all together. */
export function compileSetOperation(body: SetOperation, context: Context): CompiledRelation {
  const operands = operandsOf(body, body);
  return combine(
    body,
    operands.map((operand) => compileBody(operand, context)),
    context,
  );
}

function operandsOf(body: QueryBody, whole: SetOperation): readonly QueryBody[] {
  if (body.kind !== "set" || body.operator !== whole.operator) return [body];
  if (body.byName?.keep !== whole.byName?.keep || body.byName?.on !== whole.byName?.on)
    return [body];
  return [...operandsOf(body.left, whole), body.right];
}

/** BY NAME and CORRESPONDING: the operands with the columns that the operation keeps, in the same order. */
function matched(
  body: SetOperation,
  { keep, on }: NonNullable<SetOperation["byName"]>,
  operands: readonly CompiledRelation[],
  context: Context,
): readonly CompiledRelation[] {
  const lists = operands.map((operand) => namesOf(operand, body));
  const names = on ? on.map(({ text }) => text) : keptNames(keep, lists, body);
  for (const list of lists) {
    const missing = names.find((name) => !includes(list, name));
    const isRequired =
      keep === "STRICT" || keep === "INNER" || (keep === "LEFT" && list === lists[0]);
    if (missing !== undefined && isRequired) {
      throw invalidQuery(
        `Column ${missing} is missing in an operand of ${body.operator} by name`,
        body.place,
      );
    }
  }
  return operands.map((operand) => pick(operand, names, context));
}

function namesOf({ columns }: CompiledRelation, body: SetOperation): readonly string[] {
  const names = columns.map(({ name }) => name ?? "");
  const isClear = names.every((name, i) => name !== "" && !includes(names.slice(0, i), name));
  if (isClear) return names;
  throw invalidQuery(
    `${body.operator} by name does not allow unnamed columns and columns of the same name`,
    body.place,
  );
}

function keptNames(
  keep: NonNullable<SetOperation["byName"]>["keep"],
  [first = [], ...others]: readonly (readonly string[])[],
  body: SetOperation,
): readonly string[] {
  const common = first.filter((name) => others.every((list) => includes(list, name)));
  if (common.length === 0) {
    throw invalidQuery(
      `The operands of ${body.operator} by name have no common column`,
      body.place,
    );
  }
  if (keep === "INNER") return common;
  if (keep === "LEFT") return first;
  const all = [first, ...others].flat();
  return all.filter((name, i) => !includes(all.slice(0, i), name));
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}

const NULL_LITERAL: Typed = { sql: "NULL", type: UNKNOWN, literal: null };

/** The columns of these names in this order, NULL for one that it does not have. */
function pick(
  operand: CompiledRelation,
  names: readonly string[],
  context: Context,
): CompiledRelation {
  const alias = context.statement.alias();
  const columns = names.map((name): OutputColumn => {
    const found = operand.columns.find((column) => includes([column.name ?? ""], name));
    return found ?? { name, type: UNKNOWN, physical: name, written: NULL_LITERAL };
  });
  const items = columns.map(({ physical, written }) => {
    const value = written === NULL_LITERAL ? "NULL" : `${alias}.${quoteName(physical)}`;
    return `${value} AS ${quoteName(physical)}`;
  });
  return {
    ...operand,
    columns,
    sql: `SELECT ${items.join(", ")} FROM (${operand.sql}) AS ${alias}`,
  };
}

const SET_SQL = {
  "UNION ALL": "UNION ALL",
  "UNION DISTINCT": "UNION",
  "INTERSECT DISTINCT": "INTERSECT",
  "EXCEPT DISTINCT": "EXCEPT",
} as const;

/** Columns meet by position, under the names of the first operand and with the types that all have in common. */
export function combine(
  body: SetOperation,
  relations: readonly CompiledRelation[],
  context: Context,
): CompiledRelation {
  const { operands, columns, isValueTable } = align(body, relations, context);
  return { sql: operands.join(` ${SET_SQL[body.operator]} `), columns, isValueTable };
}

/** The operands, each in parentheses, in the same columns. */
export function align(
  body: SetOperation,
  relations: readonly CompiledRelation[],
  context: Context,
): Omit<CompiledRelation, "sql"> & { readonly operands: readonly string[] } {
  const operands = body.byName ? matched(body, body.byName, relations, context) : relations;
  const [first] = operands;
  if (!first) throw refused("this set operation", body.place);
  const columns = first.columns.map((column, i) => {
    return commonColumn(
      column,
      i,
      operands.map((operand) => operand.columns[i] ?? column),
      body,
    );
  });
  const other = operands.find((operand) => operand.columns.length !== columns.length);
  if (other) {
    throw invalidQuery(
      `Queries in ${body.operator} have mismatched column count; query 1 has ${columns.length} columns, another has ${other.columns.length}`,
      body.place,
    );
  }
  return {
    operands: operands.map((operand) => withTypes(operand, columns, context)),
    columns,
    isValueTable: operands.every((operand) => operand.isValueTable),
  };
}

function commonColumn(
  column: OutputColumn,
  index: number,
  all: readonly OutputColumn[],
  body: SetOperation,
): OutputColumn {
  const common = unify(all.map((one) => asValue(one)));
  if (!common) {
    const types = all.map((one) => formatType(one.type)).join(", ");
    throw invalidQuery(
      `Column ${index + 1} in ${body.operator} has incompatible types: ${types}`,
      body.place,
    );
  }
  const { written: _written, partitions: _partitions, ...rest } = column;
  if (isUnsettled(common.type)) return column;
  const partitions = all.flatMap((one) => one.partitions ?? []);
  return { ...rest, type: common.type, ...(partitions.length > 0 ? { partitions } : {}) };
}

/** A column as a value of which the type matters: a literal can still become a literal of another type. */
export function asValue(column: OutputColumn, sql = ""): Typed {
  return column.written ? { ...column.written, sql } : { sql, type: column.type };
}

function withTypes(
  side: CompiledRelation,
  columns: readonly OutputColumn[],
  context: Context,
): string {
  const isSame = side.columns.every((column, i) =>
    sameRepresentation(column.type, columns[i]?.type ?? column.type),
  );
  if (isSame) return `(${side.sql})`;
  const alias = context.statement.alias();
  const items = side.columns.map((column, i) => {
    const target = columns[i] ?? column;
    const sql = `${alias}.${quoteName(column.physical)}`;
    const value = coerce(asValue(column, sql), target.type);
    return `${value?.sql ?? sql} AS ${quoteName(target.physical)}`;
  });
  return `(SELECT ${items.join(", ")} FROM (${side.sql}) AS ${alias})`;
}

function sameRepresentation(a: SqlType, b: SqlType): boolean {
  return formatType(a) === formatType(b);
}
