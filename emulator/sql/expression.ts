import { invalidQuery, type Place, refused } from "../errors.ts";
import { compileSubscript } from "./access.ts";
import { compileAggregate } from "./aggregate.ts";
import { bitwiseNot } from "./bits.ts";
import { compileCall } from "./call.ts";
import { cast } from "./cast.ts";
import { coerce, unify } from "./coerce.ts";
import { comparison } from "./comparison.ts";
import { compileArray, compileStruct } from "./constructors.ts";
import type { Context } from "./context.ts";
import { compileExtract } from "./extract.ts";
import type { Typed } from "./functions/define.ts";
import { compileInterval } from "./interval.ts";
import { compileLiteral, number } from "./literal.ts";
import { binary, bool, negate, not } from "./operators.ts";
import { compileBetween, compileIn, compileIs, compileLike } from "./predicates.ts";
import { compileQueryIn } from "./query.ts";
import { resolveFields, resolveName } from "./scope.ts";
import type { Expr, ExprOf, NamePath, Operation, Parameter, Query } from "./syntax/ast.ts";
import { arrayOf, BOOL, formatType, UNKNOWN } from "./types.ts";
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
