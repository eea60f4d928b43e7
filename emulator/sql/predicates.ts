import { invalidQuery, type Place, refused } from "../errors.ts";
import { coerce, unify } from "./coerce.ts";
import { comparison } from "./comparison.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { once, raise, reused } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { bool, not, refuseBareNull } from "./operators.ts";
import { compileQueryIn } from "./query.ts";
import { asValue } from "./set-operation.ts";
import type { ExprOf, In, Query } from "./syntax/ast.ts";
import { arrayOf, BOOL, duckdbType, formatType, quoteName, STRING } from "./types.ts";

export function compileBetween(expr: ExprOf<"between">, context: Context): Typed {
  const values = [expr.value, expr.low, expr.high].map((part) => compileExpr(part, context));
  const common = unify(values);
  const [value, low, high] = common?.values ?? [];
  if (
    !common ||
    !value ||
    !low ||
    !high ||
    ["ARRAY", "STRUCT", "JSON"].includes(common.type.kind)
  ) {
    const types = values.map((v) => formatType(v.type)).join(", ");
    throw invalidQuery(
      `No matching signature for operator BETWEEN for argument types: ${types}`,
      expr.place,
    );
  }
  if (common.type.kind === "FLOAT64") {
    const test = { sql: numberBetween(value, low, high), type: BOOL };
    return expr.not ? not(test) : test;
  }
  return {
    sql: `(${value.sql} ${expr.not ? "NOT " : ""}BETWEEN ${low.sql} AND ${high.sql})`,
    type: BOOL,
  };
}

/** NaN is between no numbers, and no number is below it; for DuckDB it is the largest. */
function numberBetween(value: Typed, low: Typed, high: Typed): string {
  const numbers = [value, high].filter(({ literal }) => typeof literal !== "number");
  const tests = numbers.map(({ sql }) => ` AND NOT isnan(${sql})`);
  return `(${value.sql} BETWEEN ${low.sql} AND ${high.sql}${tests.join("")})`;
}

export function compileIn(expr: In, context: Context): Typed {
  const value = compileExpr(expr.value, context);
  const negated = (test: Typed) => (expr.not ? not(test) : test);
  if (expr.query) return negated(inQuery(value, expr.query, context, expr.place));
  if (expr.array) return negated(inArray(value, compileExpr(expr.array, context), expr.place));
  return negated(
    inList(
      value,
      (expr.list ?? []).map((item) => compileExpr(item, context)),
      expr.place,
    ),
  );
}

function inList(value: Typed, list: readonly Typed[], place?: Place): Typed {
  const common = unify([value, ...list]);
  if (!common || ["ARRAY", "JSON"].includes(common.type.kind)) {
    const types = [value, ...list].map((v) => formatType(v.type)).join(", ");
    throw invalidQuery(`No matching signature for operator IN for argument types: ${types}`, place);
  }
  const [left, ...items] = common.values;
  const mayBeNaN = ({ literal }: Typed) =>
    common.type.kind === "FLOAT64" && typeof literal !== "number";
  if (left && (common.type.kind === "STRUCT" || items.some(mayBeNaN))) {
    const tests = items.map((item) => comparison("=", left, item, place).sql);
    return { sql: `(${tests.join(" OR ")})`, type: BOOL };
  }
  return { sql: `(${left?.sql} IN (${items.map((item) => item.sql).join(", ")}))`, type: BOOL };
}

function inArray(value: Typed, array: Typed, place?: Place): Typed {
  if (array.parts && array.parts.length > 0) return inList(value, array.parts, place);
  if (array.type.kind === "UNKNOWN") return { sql: "false", type: BOOL };
  const element = array.type.kind === "ARRAY" ? array.type.element : undefined;
  const needle = element && unify([{ sql: "NULL", type: element }, value]);
  const type = needle?.type;
  if (!element || !type) {
    throw invalidQuery(
      `No matching signature for operator IN UNNEST for argument types: ${formatType(value.type)}, ${formatType(array.type)}`,
      place,
    );
  }
  if (type.kind === "STRUCT") throw refused("IN UNNEST of STRUCTs", place, "EXISTS");
  const needles = coerce(value, type) ?? value;
  const list = coerce(array, arrayOf(type)) ?? {
    sql: `${array.sql}::${duckdbType(arrayOf(type))}`,
  };
  const sql = once([needles.sql, list.sql], (x, a) => {
    const notNaN = type.kind === "FLOAT64" ? ` AND NOT isnan(${x})` : "";
    // An empty or NULL array holds nothing, not even NULL; a NULL element makes "not found" unknown.
    return `CASE WHEN coalesce(len(${a}), 0) = 0 THEN false WHEN list_contains(${a}, ${x})${notNaN} THEN true WHEN ${x} IS NOT NULL AND list_count(${a}) = len(${a}) THEN false END`;
  });
  return { sql, type: BOOL };
}

function inQuery(value: Typed, query: Query, context: Context, place?: Place): Typed {
  const relation = compileQueryIn(query, context);
  const [column] = relation.columns;
  if (!column || relation.columns.length !== 1) {
    throw invalidQuery("Subquery of type IN must have only one output column", place);
  }
  const inner = context.statement.alias();
  const common = unify([value, asValue(column, `${inner}.${quoteName(column.physical)}`)]);
  const [left, right] = common?.values ?? [];
  if (!left || !right) {
    throw invalidQuery(
      `No matching signature for operator IN for argument types: ${formatType(value.type)}, ${formatType(column.type)}`,
      place,
    );
  }
  if (common?.type.kind === "STRUCT") throw refused("IN (subquery) of STRUCTs", place, "EXISTS");
  // NaN equals nothing, and for DuckDB itself.
  const numbers = common?.type.kind === "FLOAT64" ? ` WHERE isnan(${right.sql}) IS NOT TRUE` : "";
  return {
    sql: `(${left.sql} IN (SELECT ${right.sql} FROM (${relation.sql}) AS ${inner}${numbers}))`,
    type: BOOL,
  };
}

export function compileLike(expr: ExprOf<"like">, context: Context): Typed {
  const value = compileExpr(expr.value, context);
  const patterns = expr.patterns.map((pattern) => compileExpr(pattern, context));
  if (!expr.quantifier) refuseBareNull("LIKE", [value, ...patterns], expr.place);
  const tests = patterns.map((pattern) => like(value, pattern, expr.place));
  const [first] = tests;
  if (first && !expr.quantifier) return first;
  const joined = tests.map((test) => test.sql).join(expr.quantifier === "ALL" ? " AND " : " OR ");
  return { sql: `(${joined})`, type: BOOL };
}

function like(value: Typed, pattern: Typed, place?: Place): Typed {
  const left = coerce(value, STRING);
  const right = coerce(pattern, STRING);
  if (!left || !right) {
    if (value.type.kind === "BYTES") throw refused("LIKE on BYTES", place);
    throw invalidQuery(
      `No matching signature for operator LIKE for argument types: ${formatType(value.type)}, ${formatType(pattern.type)}`,
      place,
    );
  }
  if (typeof pattern.literal === "string") {
    const { literal } = pattern;
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(literal)) throw invalidQuery(ENDS_WITH_BACKSLASH, place);
    const ending = literal.includes("\\") ? " ESCAPE '\\'" : "";
    return { sql: `(${left.sql} LIKE ${right.sql}${ending})`, type: BOOL };
  }
  const sql = reused([left.sql, right.sql], (text, like) => {
    const isOpen = `ends_with(${like}, '\\') AND length(regexp_extract(${like}, '\\\\*$')) % 2 = 1`;
    return `CASE WHEN ${isOpen} THEN ${raise(ENDS_WITH_BACKSLASH, BOOL)} ELSE ${text} LIKE ${like} ESCAPE '\\' END`;
  });
  return { sql, type: BOOL };
}

const ENDS_WITH_BACKSLASH = "LIKE pattern ends with a backslash";

export function compileIs(expr: ExprOf<"is">, context: Context): Typed {
  const value = compileExpr(expr.value, context);
  const operand = expr.what === "NULL" ? value : bool(value, `IS ${expr.what}`, expr.place);
  return { sql: `(${operand.sql} IS ${expr.not ? "NOT " : ""}${expr.what})`, type: BOOL };
}
