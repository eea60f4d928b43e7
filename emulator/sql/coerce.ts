import { invalidQuery, type Place } from "../errors.ts";
import { castFromText } from "./cast.ts";
import { raise, raiseText } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import {
  arrayOf,
  duckdbType,
  FLOAT64,
  formatType,
  quoteText,
  type SqlType,
  type StructType,
  sameType,
  structFieldNames,
  structOf,
} from "./types.ts";

/**
 * GoogleSQL's coercion (https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules): which types
 * convert without a CAST, what literals and parameters may become besides, and the type that several values share.
 */

const NUMBERS = ["INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64"];
const TEXT_LITERAL_TARGETS = ["DATE", "DATETIME", "TIME", "TIMESTAMP"];

function isNumber(type: SqlType): boolean {
  return NUMBERS.includes(type.kind);
}

/** True when every value of `from` converts to `to` without a CAST. */
function convertsImplicitly(from: SqlType, to: SqlType): boolean {
  if (from.kind === "UNKNOWN" || sameType(from, to)) return true;
  if (isNumber(from) && isNumber(to)) return NUMBERS.indexOf(from.kind) <= NUMBERS.indexOf(to.kind);
  if (from.kind === "DATE" && to.kind === "DATETIME") return true;
  if (from.kind === "STRUCT" && to.kind === "STRUCT") {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, i) => {
        const target = to.fields[i];
        return target !== undefined && convertsImplicitly(field.type, target.type);
      })
    );
  }
  if (from.kind === "ARRAY" && to.kind === "ARRAY") {
    return from.element.kind === "UNKNOWN" || sameShape(from.element, to.element);
  }
  return false;
}

/** The same type but for the names of struct fields. */
function sameShape(a: SqlType, b: SqlType): boolean {
  if (a.kind === "STRUCT" && b.kind === "STRUCT") {
    return (
      a.fields.length === b.fields.length &&
      a.fields.every((field, i) => sameShape(field.type, b.fields[i]?.type ?? field.type))
    );
  }
  if (a.kind === "ARRAY" && b.kind === "ARRAY") return sameShape(a.element, b.element);
  return a.kind === b.kind;
}

/** Literals and parameters may become more than other values: a text a date, a FLOAT64 a NUMERIC. */
function literalConverts(value: Typed, to: SqlType): boolean {
  if (value.literal === undefined && value.coercible !== true) return false;
  if (value.type.kind === "STRING") return TEXT_LITERAL_TARGETS.includes(to.kind);
  return (
    value.literal !== undefined &&
    value.type.kind === "FLOAT64" &&
    isNumber(to) &&
    to.kind !== "INT64"
  );
}

function canCoerce(value: Typed, to: SqlType): boolean {
  if (value.raises !== undefined) return true;
  if (convertsImplicitly(value.type, to) || literalConverts(value, to)) return true;
  if (!value.parts) return false;
  if (value.type.kind === "ARRAY" && to.kind === "ARRAY") {
    return value.parts.every((part) => canCoerce(part, to.element));
  }
  if (
    value.type.kind === "STRUCT" &&
    to.kind === "STRUCT" &&
    value.parts.length === to.fields.length
  ) {
    return value.parts.every((part, i) => canCoerce(part, to.fields[i]?.type ?? part.type));
  }
  return false;
}

/** The value as the other type by implicit coercion; undefined when GoogleSQL wants a CAST. */
export function coerce(value: Typed, to: SqlType): Typed | undefined {
  if (sameType(value.type, to)) return value;
  return canCoerce(value, to) ? converted(value, to) : undefined;
}

function converted(value: Typed, to: SqlType): Typed {
  if (sameType(value.type, to)) return value;
  if (value.raises !== undefined) return { ...value, sql: raiseText(value.raises, to), type: to };
  if (value.type.kind === "UNKNOWN") return nullOf(to);
  if (value.parts && to.kind === "ARRAY") {
    return arrayValue(
      value.parts.map((part) => converted(part, to.element)),
      to.element,
    );
  }
  if (value.parts && to.kind === "STRUCT") {
    const parts = value.parts.map((part, i) => converted(part, to.fields[i]?.type ?? part.type));
    return structValue(parts, to);
  }
  if (value.type.kind === "STRING") return castFromText(value, to, false);
  if (value.digits !== undefined && isNumber(to)) {
    return { sql: `${quoteText(value.digits)}::${duckdbType(to)}`, type: to };
  }
  if (typeof value.literal === "number" && to.kind === "FLOAT64") {
    return { sql: `${value.literal}::DOUBLE`, type: to, literal: value.literal };
  }
  return { sql: changeRepresentation(value.sql, value.type, to), type: to };
}

/** DuckDB SQL that turns a value of one type into the same value of another. */
function changeRepresentation(sql: string, from: SqlType, to: SqlType): string {
  if (sameType(from, to)) return sql;
  if (from.kind === "ARRAY" && to.kind === "ARRAY") {
    if (from.element.kind === "UNKNOWN") return `${sql}::${duckdbType(to)}`;
    const element = changeRepresentation("_e", from.element, to.element);
    return `list_transform(${sql}, lambda _e: ${element})`;
  }
  if (from.kind === "STRUCT" && to.kind === "STRUCT") {
    const names = structFieldNames(from);
    const parts = to.fields.map((field, i) => {
      const source = from.fields[i]?.type ?? field.type;
      return {
        sql: changeRepresentation(fieldOf(sql, names[i] ?? ""), source, field.type),
        type: field.type,
      };
    });
    return `CASE WHEN ${sql} IS NOT NULL THEN ${structValue(parts, to).sql} END`;
  }
  return `${sql}::${duckdbType(to)}`;
}

/** NULL of a type. */
export function nullOf(type: SqlType): Typed {
  return { sql: `CAST(NULL AS ${duckdbType(type)})`, type, literal: null };
}

/** The field of a DuckDB struct by its DuckDB name. */
export function fieldOf(sql: string, name: string): string {
  return `struct_extract(${sql}, ${quoteText(name)})`;
}

/** An array of values that have the element's type already. */
export function arrayValue(parts: readonly Typed[], element: SqlType): Typed {
  const list = `[${parts.map((part) => part.sql).join(", ")}]`;
  const type = arrayOf(element);
  const sql = parts.length === 0 ? `${list}::${duckdbType(type)}` : list;
  return { sql, type, parts };
}

/** A struct of values that have the fields' types already. */
export function structValue(parts: readonly Typed[], type: StructType): Typed {
  const names = structFieldNames(type);
  const fields = parts.map((part, i) => {
    const target = type.fields[i]?.type ?? part.type;
    const value = part.type.kind === "UNKNOWN" ? nullOf(target) : part;
    return `${quoteText(names[i] ?? "")}: ${value.sql}`;
  });
  return { sql: `{${fields.join(", ")}}`, type, parts };
}

/**
 * The type that the values have in common: of CASE branches, array elements, comparison operands, rows of a UNION.
 * Literals adapt to the other values. Undefined when there is none.
 */
export function supertype(values: readonly Typed[]): SqlType | undefined {
  const typed = values.filter(
    (value) => value.type.kind !== "UNKNOWN" && value.raises === undefined,
  );
  const [first] = typed;
  if (!first) return values[0]?.type;
  const struct = structSupertype(typed);
  if (struct) return struct;
  const fixed = typed.filter((value) => !isAdaptable(value));
  const fixedType = fixed.length > 0 ? supertypeOf(fixed.map((value) => value.type)) : undefined;
  if (fixedType && typed.every((value) => canCoerce(value, fixedType))) return fixedType;
  const common = supertypeOf(typed.map((value) => value.type));
  if (common) return common;
  // All are literals, or arrays and structs of literals: the first type that all can become.
  return typed
    .map((value) => value.type)
    .find((type) => typed.every((value) => canCoerce(value, type)));
}

/** Structs meet field by field, under the names of the first; literals in constructors adapt. */
function structSupertype(values: readonly Typed[]): SqlType | undefined {
  const [first] = values;
  if (first?.type.kind !== "STRUCT") return undefined;
  const fields = first.type.fields.map((field, i) => {
    const parts = values.map((value) => partOf(value, i));
    const type = parts.includes(undefined)
      ? undefined
      : supertype(parts.filter((part) => part !== undefined));
    return type && { ...field, type: type.kind === "UNKNOWN" ? field.type : type };
  });
  const known = fields.filter((field) => field !== undefined);
  const sameLength = values.every(
    ({ type }) => type.kind === "STRUCT" && type.fields.length === fields.length,
  );
  return sameLength && known.length === fields.length ? structOf(known) : undefined;
}

/** A field of a struct as far as its type matters. */
function partOf(value: Typed, i: number): Typed | undefined {
  if (value.parts) return value.parts[i];
  const type = value.type.kind === "STRUCT" ? value.type.fields[i]?.type : undefined;
  return type && { sql: "", type };
}

function isAdaptable(value: Typed): boolean {
  return isLiteral(value) || value.coercible === true;
}

/** A literal, or an array or struct constructor of literals. */
export function isLiteral(value: Typed): boolean {
  return value.parts ? value.parts.every(isLiteral) : value.literal !== undefined;
}

function supertypeOf(types: readonly SqlType[]): SqlType | undefined {
  const [first, ...others] = types;
  return others.reduce<SqlType | undefined>(
    (common, type) => common && commonOfTwo(common, type),
    first,
  );
}

function commonOfTwo(a: SqlType, b: SqlType): SqlType | undefined {
  if (a.kind === "UNKNOWN") return b;
  if (b.kind === "UNKNOWN" || sameType(a, b)) return a;
  if (isNumber(a) && isNumber(b)) {
    const wider = NUMBERS.indexOf(a.kind) >= NUMBERS.indexOf(b.kind) ? a : b;
    return wider.kind === "FLOAT64" ? FLOAT64 : wider;
  }
  if (a.kind === "DATE" && b.kind === "DATETIME") return b;
  if (a.kind === "DATETIME" && b.kind === "DATE") return a;
  if (a.kind === "STRUCT" && b.kind === "STRUCT" && a.fields.length === b.fields.length) {
    const fields = a.fields.map((field, i) => {
      const type = commonOfTwo(field.type, b.fields[i]?.type ?? field.type);
      return type && (field.name === undefined ? { type } : { name: field.name, type });
    });
    const known = fields.filter((field) => field !== undefined);
    return known.length === fields.length ? structOf(known) : undefined;
  }
  if (a.kind === "ARRAY" && b.kind === "ARRAY") {
    if (a.element.kind === "UNKNOWN") return b;
    if (b.element.kind === "UNKNOWN" || sameShape(a.element, b.element)) return a;
  }
  return undefined;
}

/** The values as their common type; undefined when there is none. */
export function unify(
  values: readonly Typed[],
): { type: SqlType; values: readonly Typed[] } | undefined {
  const type = supertype(values);
  if (!type) return undefined;
  const coerced = values.map((value) => coerce(value, type));
  const known = coerced.filter((value) => value !== undefined);
  return known.length === values.length ? { type, values: known } : undefined;
}

/**
 * The value as it is written to a column, variable or parameter of the type: GoogleSQL's assignment coercion, with the
 * length and precision of a parameterized type enforced. Throws BigQuery's type error (`what` names the target).
 */
export function assign(value: Typed, to: SqlType, what: string, place?: Place): Typed {
  const coerced = coerce(value, to);
  if (!coerced) {
    throw invalidQuery(
      `Value has type ${formatType(value.type)} which cannot be inserted into ${what}, which has type ${formatType(to)}`,
      place,
    );
  }
  return enforceParameters({ ...coerced, type: to }, what);
}

function enforceParameters(value: Typed, what: string): Typed {
  const { type, sql } = value;
  if (!("parameters" in type) || !type.parameters) return value;
  const [first = 0, scale = 0] = type.parameters;
  if (type.kind === "STRING" || type.kind === "BYTES") {
    const length = type.kind === "STRING" ? `length(${sql})` : `octet_length(${sql})`;
    const message = `${what} has maximum length ${first} but got a longer value`;
    return {
      sql: `CASE WHEN ${length} > ${first} THEN ${raise(message, type)} ELSE ${sql} END`,
      type,
    };
  }
  const rounded = `round(${sql}, ${scale})`;
  const message = `${what} has precision ${first} and scale ${scale} but got a value that is out of range`;
  const limit = `1${"0".repeat(first - scale)}`;
  return {
    sql: `CASE WHEN abs(${rounded}) >= ${limit} THEN ${raise(message, type)} ELSE ${rounded}::${duckdbType(type)} END`,
    type,
  };
}
