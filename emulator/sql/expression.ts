import { invalidQuery, type Place, refused } from "../errors.ts";
import { compileAggregate } from "./aggregate.ts";
import { compileCall } from "./call.ts";
import { cast } from "./cast.ts";
import { arrayValue, coerce, structValue, supertype, unify } from "./coerce.ts";
import type { Context } from "./context.ts";
import { compileExtract } from "./extract.ts";
import { apply, once, raise } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { compileInterval } from "./interval.ts";
import { compileLiteral, number } from "./literal.ts";
import { binary, bitwiseNot, bool, comparison, negate, not, refuseBareNull } from "./operators.ts";
import { asValue, compileQueryIn } from "./query.ts";
import { jsonKey, resolveFields, resolveName } from "./scope.ts";
import type { Expr, ExprOf, In, NamePath, Operation, Parameter, Query } from "./syntax/ast.ts";
import {
  arrayOf,
  BOOL,
  duckdbType,
  formatType,
  INT64,
  JSON_TYPE,
  quoteName,
  quoteText,
  type SqlType,
  STRING,
  structOf,
  UNKNOWN,
} from "./types.ts";
import { compileWindow } from "./window.ts";

/** Compiles an expression to DuckDB SQL with its GoogleSQL type. Throws BigQueryError with the place. */
export function compileExpr(expr: Expr, context: Context): Typed {
  switch (expr.kind) {
    case "literal":
      return compileLiteral(expr);
    case "name":
      return compileName(expr, context);
    case "parameter":
      return compileParameter(expr, context);
    case "paren":
      return compileExpr(expr.inner, context);
    case "field":
      return resolveFields(compileExpr(expr.base, context), [expr.name]);
    case "subscript":
      return compileSubscript(expr, context);
    case "operation":
      return compileOperation(expr, context);
    case "between":
      return compileBetween(expr, context);
    case "in":
      return compileIn(expr, context);
    case "like":
      return compileLike(expr, context);
    case "is":
      return compileIs(expr, context);
    case "case":
      return compileCase(expr, context);
    case "cast":
      if (expr.format)
        throw refused("CAST with FORMAT", expr.place, "FORMAT_DATE, PARSE_DATE and their like");
      if ("parameters" in expr.type)
        throw refused("CAST to a parameterized type", expr.place, "ROUND or SUBSTR");
      return cast(compileExpr(expr.value, context), expr.type, expr.safe, expr.place);
    case "struct":
      return compileStruct(expr, context);
    case "array":
      return compileArray(expr, context);
    case "subquery":
      return compileSubquery(expr.form, expr.query, context, expr.place);
    case "extract": {
      const zone = expr.zone && compileExpr(expr.zone, context);
      return compileExtract(expr.part, compileExpr(expr.value, context), zone, expr.place);
    }
    case "interval":
      return compileInterval(compileExpr(expr.value, context), expr.from, expr.to, expr.place);
    case "call":
      if (expr.over) return compileWindow(expr, expr.over, context);
      return compileAggregate(expr, context) ?? compileCall(expr, context);
    case "named_argument":
      throw refused(`named argument ${expr.name.text}`, expr.place);
  }
}

/** Compiles a condition. `clause` names it in the message when it is no BOOL. */
export function compileCondition(expr: Expr, clause: string, context: Context): Typed {
  if (/WHERE|JOIN/.test(clause)) noteNames(expr, context.statement.filtered);
  const value = compileExpr(expr, context);
  const condition = coerce(value, BOOL);
  if (!condition) {
    throw invalidQuery(
      `${clause} should return type BOOL, but returns ${formatType(value.type)}`,
      expr.place,
    );
  }
  return condition;
}

/** Adds the names that an expression mentions, for `require_partition_filter`. */
function noteNames(value: unknown, names: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  if ("text" in value) names.add(String(value.text).toLowerCase());
  for (const child of Object.values(value)) noteNames(child, names);
}

function compileName(expr: NamePath, { scope, statement }: Context): Typed {
  const found = resolveName(expr.parts, scope);
  if (found) return found;
  const [first, ...fields] = expr.parts;
  const name = first?.text ?? "";
  const variable = statement.env.variable(name.toLowerCase());
  if (!variable) throw invalidQuery(`Unrecognized name: ${name}`, first?.place);
  return resolveFields({ sql: variable.sql, type: variable.type }, fields);
}

function compileParameter(expr: Parameter, { statement }: Context): Typed {
  const { env } = statement;
  if (expr.system && typeof expr.name === "string") {
    const variable = env.systemVariable(expr.name);
    if (!variable) throw invalidQuery(`Unrecognized name: @@${expr.name}`, expr.place);
    return { sql: variable.sql, type: variable.type };
  }
  const parameter = env.parameter(expr.name);
  if (!parameter) {
    const what =
      typeof expr.name === "number"
        ? `Positional parameter ${expr.name}`
        : `Query parameter '${expr.name}'`;
    throw invalidQuery(`${what} not found`, expr.place);
  }
  return { sql: parameter.sql, type: parameter.type, coercible: true };
}

function compileOperation(expr: Operation, context: Context): Typed {
  const [first, second] = expr.operands;
  if (!first) throw refused("operator without operands", expr.place);
  switch (expr.operator) {
    case "NOT":
      return not(compileExpr(first, context), expr.place);
    case "NEGATE":
      if (first.kind === "literal" && first.literal.of === "NUMBER")
        return number(`-${first.literal.text}`, expr.place);
      return negate(compileExpr(first, context), expr.place);
    case "~":
      return bitwiseNot(compileExpr(first, context), expr.place);
    default:
      if (!second) throw refused("operator without operands", expr.place);
      return binary(
        expr.operator,
        compileExpr(first, context),
        compileExpr(second, context),
        expr.place,
      );
  }
}

function compileBetween(expr: ExprOf<"between">, context: Context): Typed {
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
  return {
    sql: `(${value.sql} ${expr.not ? "NOT " : ""}BETWEEN ${low.sql} AND ${high.sql})`,
    type: BOOL,
  };
}

function compileIn(expr: In, context: Context): Typed {
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
  if (common.type.kind === "STRUCT" && left) {
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
    // An empty or NULL array holds nothing, not even NULL; a NULL element makes "not found" unknown.
    return `CASE WHEN coalesce(len(${a}), 0) = 0 THEN false WHEN list_contains(${a}, ${x}) THEN true WHEN ${x} IS NOT NULL AND list_count(${a}) = len(${a}) THEN false END`;
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
  return {
    sql: `(${left.sql} IN (SELECT ${right.sql} FROM (${relation.sql}) AS ${inner}))`,
    type: BOOL,
  };
}

function compileLike(expr: ExprOf<"like">, context: Context): Typed {
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
  const isPlain = typeof pattern.literal === "string" && !pattern.literal.includes("\\");
  return { sql: `(${left.sql} LIKE ${right.sql}${isPlain ? "" : " ESCAPE '\\'"})`, type: BOOL };
}

function compileIs(expr: ExprOf<"is">, context: Context): Typed {
  const value = compileExpr(expr.value, context);
  const operand = expr.what === "NULL" ? value : bool(value, `IS ${expr.what}`, expr.place);
  return { sql: `(${operand.sql} IS ${expr.not ? "NOT " : ""}${expr.what})`, type: BOOL };
}

function compileCase(expr: ExprOf<"case">, context: Context): Typed {
  const results = expr.whens.map((when) => compileExpr(when.result, context));
  const otherwise: Typed = expr.otherwise
    ? compileExpr(expr.otherwise, context)
    : { sql: "NULL", type: UNKNOWN, literal: null };
  const common = unify([...results, otherwise]);
  if (!common) {
    const types = [...results, otherwise].map((value) => formatType(value.type)).join(", ");
    throw invalidQuery(
      `No matching signature for operator CASE; all THEN/ELSE arguments must be coercible to a common type; argument types: ${types}`,
      expr.place,
    );
  }
  const operand = expr.operand && compileExpr(expr.operand, context);
  const branches = expr.whens.map((when, i) => {
    const condition = operand
      ? comparison("=", operand, compileExpr(when.condition, context), when.condition.place)
      : bool(compileExpr(when.condition, context), "CASE WHEN", when.condition.place);
    return `WHEN ${condition.sql} THEN ${common.values[i]?.sql}`;
  });
  return {
    sql: `CASE ${branches.join(" ")} ELSE ${common.values.at(-1)?.sql} END`,
    type: common.type,
  };
}

function compileStruct(expr: ExprOf<"struct">, context: Context): Typed {
  const values = expr.fields.map((field) => compileExpr(field.value, context));
  if (expr.type) return typedStruct(expr.type, values, expr.place);
  const fields = expr.fields.map((field, i) => {
    const type = values[i]?.type ?? UNKNOWN;
    const name = field.name?.text ?? impliedName(field.value);
    return name === undefined ? { type } : { name, type };
  });
  // A field of a bare NULL is an INT64 unless something gives it another type.
  const known = fields.map((field) =>
    field.type.kind === "UNKNOWN" ? { ...field, type: INT64 } : field,
  );
  return structValue(values, structOf(known));
}

/** The name that a struct field or a column gets from its expression: the last part of a path. */
export function impliedName(expr: Expr): string | undefined {
  if (expr.kind === "name") return expr.parts.at(-1)?.text;
  if (expr.kind === "field") return expr.name.text;
  return undefined;
}

function typedStruct(type: SqlType, values: readonly Typed[], place?: Place): Typed {
  if (type.kind !== "STRUCT" || type.fields.length !== values.length) {
    throw invalidQuery(`STRUCT type has a different number of fields than the constructor`, place);
  }
  const parts = values.map((value, i) => {
    const target = type.fields[i]?.type ?? value.type;
    const part = coerce(value, target);
    if (!part) {
      throw invalidQuery(
        `Struct field ${i + 1} has type ${formatType(value.type)} which does not coerce to ${formatType(target)}`,
        place,
      );
    }
    return part;
  });
  return structValue(parts, type);
}

function compileArray(expr: ExprOf<"array">, context: Context): Typed {
  const values = expr.elements.map((element) => compileExpr(element, context));
  const element = expr.type?.kind === "ARRAY" ? expr.type.element : supertype(values);
  if (values.length === 0) return arrayValue([], element ?? UNKNOWN);
  const parts = values.map((value) => element && coerce(value, element));
  if (!element || parts.includes(undefined)) {
    const types = [...new Set(values.map((value) => formatType(value.type)))].join(", ");
    throw invalidQuery(
      `Array elements of types {${types}} do not have a common supertype`,
      expr.place,
    );
  }
  if (element.kind === "ARRAY")
    throw invalidQuery(
      "Cannot construct array with element type ARRAY because nested arrays are not supported",
      expr.place,
    );
  return arrayValue(
    parts.filter((part) => part !== undefined),
    element,
  );
}

function compileSubscript(expr: ExprOf<"subscript">, context: Context): Typed {
  const base = compileExpr(expr.base, context);
  const index = compileExpr(expr.index, context);
  if (base.type.kind === "JSON") return jsonSubscript(base, index, expr);
  if (base.type.kind === "STRUCT")
    throw refused("subscript of a STRUCT", expr.place, "the field's name");
  if (base.type.kind !== "ARRAY") {
    throw invalidQuery(
      `Subscript access using [INT64] is not supported on values of type ${formatType(base.type)}`,
      expr.place,
    );
  }
  const n = coerce(index, INT64);
  if (!n)
    throw invalidQuery(
      `Array position in [] must be coercible to INT64 type, but has type ${formatType(index.type)}`,
      expr.place,
    );
  return { sql: elementAt(base, n, expr.mode), type: base.type.element };
}

function elementAt(array: Typed, index: Typed, mode: string): string {
  const shift = mode.endsWith("ORDINAL") ? 0 : 1;
  if (mode.startsWith("SAFE_")) {
    if (typeof index.literal === "number") {
      return index.literal + shift >= 1
        ? `(${array.sql})[${index.literal + shift}]`
        : `(${array.sql})[0]`;
    }
    return once(
      [array.sql, index.sql],
      (a, n) => `CASE WHEN ${n} >= ${1 - shift} THEN ${a}[${n} + ${shift}] END`,
    );
  }
  const element = array.type.kind === "ARRAY" ? array.type.element : UNKNOWN;
  return apply({ safe: false }, [array.sql, index.sql], (a, n) => {
    const failure = raise("Array index is out of bounds", element);
    return `CASE WHEN ${n} >= ${1 - shift} AND ${n} + ${shift} <= len(${a}) THEN ${a}[${n} + ${shift}] WHEN ${a} IS NOT NULL AND ${n} IS NOT NULL THEN ${failure} END`;
  });
}

function jsonSubscript(base: Typed, index: Typed, expr: ExprOf<"subscript">): Typed {
  if (expr.mode !== "PLAIN")
    throw invalidQuery(`Subscript ${expr.mode} is not supported on JSON`, expr.place);
  if (typeof index.literal === "string") {
    return {
      sql: `json_extract(${base.sql}, ${quoteText(jsonKey(index.literal))})`,
      type: JSON_TYPE,
    };
  }
  if (typeof index.literal === "number") {
    if (index.literal < 0) return { sql: "CAST(NULL AS JSON)", type: JSON_TYPE };
    return { sql: `json_extract(${base.sql}, '$[${index.literal}]')`, type: JSON_TYPE };
  }
  if (index.type.kind !== "INT64")
    throw refused("JSON subscript that is not a literal", expr.place);
  const sql = once(
    [base.sql, index.sql],
    (j, n) => `CASE WHEN ${n} >= 0 THEN json_extract(${j}, '$[' || ${n} || ']') END`,
  );
  return { sql, type: JSON_TYPE };
}

function compileSubquery(
  form: "scalar" | "array" | "exists",
  query: Query,
  context: Context,
  place?: Place,
): Typed {
  const relation = compileQueryIn(query, context);
  if (form === "exists") return { sql: `EXISTS (${relation.sql})`, type: BOOL };
  const [column] = relation.columns;
  if (!column || relation.columns.length !== 1) {
    const what = form === "array" ? "ARRAY subquery" : "Scalar subquery";
    throw invalidQuery(
      `${what} cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values`,
      place,
    );
  }
  if (form === "scalar") return { sql: `(${relation.sql})`, type: column.type };
  if (column.type.kind === "ARRAY") {
    throw invalidQuery(
      "Cannot use array subquery with column of type ARRAY because nested arrays are not supported",
      place,
    );
  }
  return { sql: `ARRAY(${relation.sql})`, type: arrayOf(column.type) };
}
