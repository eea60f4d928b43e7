import { invalidQuery, type Place } from "../errors.ts";
import { arrayValue, coerce, structValue, supertype } from "./coerce.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import type { Typed } from "./functions/define.ts";
import type { Expr, ExprOf } from "./syntax/ast.ts";
import { formatType, INT64, type SqlType, structOf, UNKNOWN } from "./types.ts";

export function compileStruct(expr: ExprOf<"struct">, context: Context): Typed {
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
  if (expr.kind === "paren") return impliedName(expr.inner);
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

export function compileArray(expr: ExprOf<"array">, context: Context): Typed {
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
