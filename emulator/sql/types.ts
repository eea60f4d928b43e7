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
}
export interface ArrayType {
  readonly kind: "ARRAY";
  readonly element: SqlType;
}
export interface StructField {
  /** Absent for an anonymous field, as in STRUCT(1, 2). */
  readonly name?: string;
  readonly type: SqlType;
}
export interface StructType {
  readonly kind: "STRUCT";
  readonly fields: readonly StructField[];
}
/** The type of a bare NULL (or of an empty array's element) until something gives it one. */
export interface UnknownType {
  readonly kind: "UNKNOWN";
}
export type SqlType = ScalarType | ArrayType | StructType | UnknownType;

/** One column of a table, view or result. `mode` and `description` matter to REST clients only. */
export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly required?: boolean;
  readonly description?: string;
  readonly policyTags?: readonly string[];
}
