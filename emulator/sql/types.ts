/** GoogleSQL types: what the translator knows of every expression. */

export type ScalarKind =
  | "INT64"
  | "FLOAT64"
  | "NUMERIC"
  | "BIGNUMERIC"
  | "BOOL"
  | "STRING"
  | "BYTES"
  | "DATE"
  | "TIME"
  | "DATETIME"
  | "TIMESTAMP"
  | "INTERVAL"
  | "JSON";

export interface ScalarType {
  readonly kind: ScalarKind;
  /** NUMERIC(10, 2), STRING(20): only columns have them, and only writing to the column enforces them. */
  readonly parameters?: readonly number[];
}
export interface ArrayType {
  readonly kind: "ARRAY";
  readonly element: SqlType;
}
export interface StructField {
  /** Absent for an anonymous field, as in STRUCT(1, 2). */
  readonly name?: string;
  readonly type: SqlType;
  /** For REST clients only. */
  readonly description?: string;
  readonly policyTags?: readonly string[];
  /** What a row has that says nothing about the column: in GoogleSQL, and compiled for DuckDB. */
  readonly defaultValue?: { readonly expression: string; readonly sql: string };
}
export interface StructType {
  readonly kind: "STRUCT";
  readonly fields: readonly StructField[];
}
/** A span from one date or time, included, to another, excluded; either can be unbounded. */
export interface RangeType {
  readonly kind: "RANGE";
  readonly element: RangeElement;
}
export type RangeElement = ScalarType & { readonly kind: "DATE" | "DATETIME" | "TIMESTAMP" };
/** The type of a bare NULL (or of an empty array's element) until something gives it one. */
export interface UnknownType {
  readonly kind: "UNKNOWN";
}
export type SqlType = ScalarType | ArrayType | StructType | RangeType | UnknownType;

/** One column of a table, view or result. `mode` and `description` matter to REST clients only. */
export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly required?: boolean;
  readonly description?: string;
  readonly policyTags?: readonly string[];
  /** What a row has that says nothing about the column: in GoogleSQL, and compiled for DuckDB. */
  readonly defaultValue?: { readonly expression: string; readonly sql: string };
}

export const INT64: ScalarType = { kind: "INT64" };
export const FLOAT64: ScalarType = { kind: "FLOAT64" };
export const NUMERIC: ScalarType = { kind: "NUMERIC" };
export const BIGNUMERIC: ScalarType = { kind: "BIGNUMERIC" };
export const BOOL: ScalarType = { kind: "BOOL" };
export const STRING: ScalarType = { kind: "STRING" };
export const BYTES: ScalarType = { kind: "BYTES" };
export const DATE: ScalarType = { kind: "DATE" };
export const TIME: ScalarType = { kind: "TIME" };
export const DATETIME: ScalarType = { kind: "DATETIME" };
export const TIMESTAMP: ScalarType = { kind: "TIMESTAMP" };
export const INTERVAL: ScalarType = { kind: "INTERVAL" };
export const JSON_TYPE: ScalarType = { kind: "JSON" };
export const UNKNOWN: UnknownType = { kind: "UNKNOWN" };

export function arrayOf(element: SqlType): ArrayType {
  return { kind: "ARRAY", element };
}

export function structOf(fields: readonly StructField[]): StructType {
  return { kind: "STRUCT", fields };
}

/** RANGE<DATE>, RANGE<DATETIME> or RANGE<TIMESTAMP>; undefined for any other element. */
export function rangeOf(element: SqlType | undefined): RangeType | undefined {
  switch (element?.kind) {
    case "DATE":
    case "DATETIME":
    case "TIMESTAMP":
      return { kind: "RANGE", element: { kind: element.kind } };
    default:
      return undefined;
  }
}

/** GoogleSQL's text of a type, as INFORMATION_SCHEMA prints it: `ARRAY<STRUCT<a STRING, b NUMERIC(10, 2)>>`. */
export function formatType(type: SqlType): string {
  switch (type.kind) {
    case "ARRAY":
      return `ARRAY<${formatType(type.element)}>`;
    case "STRUCT": {
      const fields = type.fields.map((field) =>
        field.name === undefined
          ? formatType(field.type)
          : `${field.name} ${formatType(field.type)}`,
      );
      return `STRUCT<${fields.join(", ")}>`;
    }
    case "RANGE":
      return `RANGE<${type.element.kind}>`;
    case "UNKNOWN":
      return "INT64";
    default:
      return type.parameters ? `${type.kind}(${type.parameters.join(", ")})` : type.kind;
  }
}

const DUCKDB_NAMES: Readonly<Record<ScalarKind, string>> = {
  INT64: "BIGINT",
  FLOAT64: "DOUBLE",
  NUMERIC: "DECIMAL(38,9)",
  // 38 digits in all, where BigQuery has 76: values that need more are errors, never rounded.
  BIGNUMERIC: "DECIMAL(38,18)",
  BOOL: "BOOLEAN",
  STRING: "VARCHAR",
  BYTES: "BLOB",
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "TIMESTAMP",
  TIMESTAMP: "TIMESTAMPTZ",
  INTERVAL: "INTERVAL",
  JSON: "JSON",
};

/** DuckDB's name of the type that stores values of a GoogleSQL type. A bare NULL is an INT64, as in BigQuery's results. */
export function duckdbType(type: SqlType): string {
  switch (type.kind) {
    case "ARRAY":
      return `${duckdbType(type.element)}[]`;
    case "STRUCT": {
      const names = structFieldNames(type);
      return `STRUCT(${type.fields.map((f, i) => `${quoteName(names[i] ?? "")} ${duckdbType(f.type)}`).join(", ")})`;
    }
    case "RANGE": {
      // An unbounded end is DuckDB's infinity, so that ranges compare, sort and group as BigQuery's do.
      const bound = DUCKDB_NAMES[type.element.kind];
      return `STRUCT("start" ${bound}, "end" ${bound})`;
    }
    case "UNKNOWN":
      return "BIGINT";
    default:
      return DUCKDB_NAMES[type.kind];
  }
}

/**
 * The names that DuckDB's struct has for the fields. GoogleSQL allows fields without a name and two of the same name;
 * DuckDB allows neither, so those are called by their position.
 */
export function structFieldNames(type: StructType): readonly string[] {
  const seen = new Set<string>();
  return type.fields.map((field, i) => {
    const key = field.name?.toLowerCase();
    if (field.name === undefined || key === undefined || seen.has(key)) return `_field_${i + 1}`;
    seen.add(key);
    return field.name;
  });
}

/** A name as DuckDB's quoted identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a DuckDB string literal. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  // DuckDB's parser ends at U+0000.
  return text.includes("\0") ? `(${quoted.replaceAll("\0", "' || chr(0) || '")})` : quoted;
}

/** True when values of the two types have the same meaning and the same DuckDB representation (field names included). */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a.kind === "ARRAY" && b.kind === "ARRAY") return sameType(a.element, b.element);
  if (a.kind === "STRUCT" && b.kind === "STRUCT") {
    return (
      a.fields.length === b.fields.length &&
      a.fields.every((field, i) => {
        const other = b.fields[i];
        return other !== undefined && field.name === other.name && sameType(field.type, other.type);
      })
    );
  }
  if (a.kind === "RANGE" && b.kind === "RANGE") return a.element.kind === b.element.kind;
  return a.kind === b.kind;
}

const TYPE_ALIASES: Readonly<Record<string, ScalarKind>> = {
  INT64: "INT64",
  INT: "INT64",
  SMALLINT: "INT64",
  INTEGER: "INT64",
  BIGINT: "INT64",
  TINYINT: "INT64",
  BYTEINT: "INT64",
  FLOAT64: "FLOAT64",
  NUMERIC: "NUMERIC",
  DECIMAL: "NUMERIC",
  BIGNUMERIC: "BIGNUMERIC",
  BIGDECIMAL: "BIGNUMERIC",
  BOOL: "BOOL",
  BOOLEAN: "BOOL",
  STRING: "STRING",
  BYTES: "BYTES",
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "DATETIME",
  TIMESTAMP: "TIMESTAMP",
  INTERVAL: "INTERVAL",
  JSON: "JSON",
};

/** The type that a GoogleSQL type name or one of its documented aliases means; undefined for any other word. */
export function scalarType(name: string, parameters?: readonly number[]): ScalarType | undefined {
  const kind = TYPE_ALIASES[name.toUpperCase()];
  if (!kind) return undefined;
  return parameters && parameters.length > 0 ? { kind, parameters } : { kind };
}
