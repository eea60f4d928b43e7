import type { Place } from "../errors.ts";
import { fieldOf, unify } from "./coerce.ts";
import { once } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { noMatch } from "./operators.ts";
import type { BinaryOperator } from "./syntax/ast.ts";
import { BOOL, type SqlType, structFieldNames } from "./types.ts";

const SYMBOLS: Readonly<Partial<Record<BinaryOperator, string>>> = {
  "!=": "<>",
  "IS DISTINCT FROM": "IS DISTINCT FROM",
  "IS NOT DISTINCT FROM": "IS NOT DISTINCT FROM",
};

/** `=`, `!=`, `<`, … and IS [NOT] DISTINCT FROM on two values of a common type. Throws BigQuery's signature error. */
export function comparison(
  operator: BinaryOperator,
  left: Typed,
  right: Typed,
  place?: Place,
): Typed {
  const common = unify([left, right]);
  const [a, b] = common?.values ?? [];
  if (!common || !a || !b || !isComparable(common.type, operator))
    noMatch(operator, [left, right], place);
  if (common.type.kind === "STRUCT" && !operator.startsWith("IS "))
    return structComparison(operator, a, b, place);
  const symbol = SYMBOLS[operator] ?? operator;
  const plain = `(${a.sql} ${symbol} ${b.sql})`;
  return {
    sql: common.type.kind === "FLOAT64" ? withNaN(operator, a, b, plain) : plain,
    type: BOOL,
  };
}

/** Field by field, so that a NULL in a field makes the result unknown; for DuckDB it is a value of the struct like others. */
function structComparison(operator: BinaryOperator, a: Typed, b: Typed, place?: Place): Typed {
  const sql = once([a.sql, b.sql], (x, y) => {
    const left = fieldValues({ ...a, sql: x });
    const right = fieldValues({ ...b, sql: y });
    const tests = left.map((field, i) => comparison("=", field, right[i] ?? field, place).sql);
    return tests.length === 0 ? "true" : tests.join(" AND ");
  });
  return operator === "=" ? { sql, type: BOOL } : { sql: `(NOT ${sql})`, type: BOOL };
}

function fieldValues({ sql, type }: Typed): readonly Typed[] {
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  return type.fields.map((field, i) => ({ sql: fieldOf(sql, names[i] ?? ""), type: field.type }));
}

const ORDERINGS = ["<", "<=", ">", ">="];

function isComparable(type: SqlType, operator: BinaryOperator): boolean {
  if (type.kind === "JSON") return false;
  if (type.kind === "ARRAY") return operator.startsWith("IS ");
  if (type.kind !== "STRUCT") return true;
  return (
    !ORDERINGS.includes(operator) &&
    type.fields.every((field) => isComparable(field.type, operator))
  );
}

/** For DuckDB NaN is a value like others and the largest; in GoogleSQL every comparison with it is false, but != is true. */
function withNaN(operator: BinaryOperator, a: Typed, b: Typed, plain: string): string {
  const mayBeNaN = (value: Typed) => typeof value.literal !== "number";
  const isNaNOf = (...values: readonly Typed[]) =>
    values
      .filter(mayBeNaN)
      .map((value) => `isnan(${value.sql})`)
      .join(" OR ");
  switch (operator) {
    case "=":
      return mayBeNaN(a) && mayBeNaN(b) ? `(${plain} AND NOT isnan(${a.sql} + ${b.sql}))` : plain;
    case "!=":
      return mayBeNaN(a) && mayBeNaN(b) ? `(${plain} OR isnan(${a.sql} + ${b.sql}))` : plain;
    case ">":
    case ">=":
      return mayBeNaN(a) ? `(${plain} AND NOT (${isNaNOf(a)}))` : plain;
    case "<":
    case "<=":
      return mayBeNaN(b) ? `(${plain} AND NOT (${isNaNOf(b)}))` : plain;
    default:
      return plain;
  }
}
