import { invalidQuery, refused } from "../errors.ts";
import { coerce } from "./coerce.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { apply, once, raise } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { jsonKey } from "./scope.ts";
import type { ExprOf } from "./syntax/ast.ts";
import { formatType, INT64, JSON_TYPE, quoteText, UNKNOWN } from "./types.ts";

export function compileSubscript(expr: ExprOf<"subscript">, context: Context): Typed {
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
    if (Number.isSafeInteger(index.literal) && typeof index.literal === "number") {
      return index.literal + shift >= 1
        ? `(${array.sql})[${index.literal + shift}]`
        : `(${array.sql})[0]`;
    }
    return once(
      [array.sql, index.sql],
      (a, n) =>
        `CASE WHEN ${n} BETWEEN ${1 - shift} AND len(${a}) - ${shift} THEN ${a}[${n} + ${shift}] END`,
    );
  }
  const element = array.type.kind === "ARRAY" ? array.type.element : UNKNOWN;
  return apply({ safe: false }, [array.sql, index.sql], (a, n) => {
    const failure = raise("Array index is out of bounds", element);
    return `CASE WHEN ${n} BETWEEN ${1 - shift} AND len(${a}) - ${shift} THEN ${a}[${n} + ${shift}] WHEN ${a} IS NOT NULL AND ${n} IS NOT NULL THEN ${failure} END`;
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
  if (Number.isSafeInteger(index.literal) && typeof index.literal === "number") {
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
