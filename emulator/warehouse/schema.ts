import { BigQueryError, refused } from "../errors.ts";
import { compileDefault } from "../sql/default-value.ts";
import { type Column, rangeOf, type ScalarKind, type SqlType, scalarType } from "../sql/types.ts";

/** One field of a table or result as REST writes it. */
export interface RestField {
  readonly name: string;
  /** INTEGER, FLOAT, BOOLEAN, RECORD, … or the GoogleSQL name. */
  readonly type: string;
  readonly mode?: string;
  readonly description?: string;
  readonly fields?: readonly RestField[];
  readonly policyTags?: { readonly names?: readonly string[] };
  readonly maxLength?: string | number;
  readonly precision?: string | number;
  readonly scale?: string | number;
  readonly roundingMode?: string;
  readonly timestampPrecision?: string | number;
  readonly defaultValueExpression?: string;
  readonly collation?: string;
  readonly rangeElementType?: { readonly type: string };
}

const REST_NAMES: Partial<Record<SqlType["kind"], string>> = {
  INT64: "INTEGER",
  FLOAT64: "FLOAT",
  BOOL: "BOOLEAN",
  STRUCT: "RECORD",
  UNKNOWN: "INTEGER",
};

const FROM_REST: Readonly<Record<string, ScalarKind>> = {
  INTEGER: "INT64",
  FLOAT: "FLOAT64",
  BOOLEAN: "BOOL",
};

/** Columns as the `fields` of a REST schema. */
export function restFields(columns: readonly Column[]): readonly RestField[] {
  return columns.map((column) => ({
    ...restField(column.name, column.type, column.required ? "REQUIRED" : "NULLABLE"),
    ...(column.description === undefined ? {} : { description: column.description }),
    ...(column.policyTags === undefined ? {} : { policyTags: { names: column.policyTags } }),
    ...(column.defaultValue ? { defaultValueExpression: column.defaultValue.expression } : {}),
  }));
}

function restField(name: string, type: SqlType, mode: string): RestField {
  if (type.kind === "ARRAY") return restField(name, type.element, "REPEATED");
  const restType = REST_NAMES[type.kind] ?? type.kind;
  if (type.kind === "STRUCT") {
    const fields = type.fields.map((field, i) => ({
      ...restField(field.name ?? `_field_${i + 1}`, field.type, "NULLABLE"),
      ...(field.description === undefined ? {} : { description: field.description }),
      ...(field.policyTags === undefined ? {} : { policyTags: { names: field.policyTags } }),
    }));
    return { name, type: restType, mode, fields };
  }
  return { name, type: restType, mode, ...restParameters(type) };
}

function restParameters(type: SqlType): Partial<RestField> {
  if (type.kind === "RANGE") return { rangeElementType: { type: type.element.kind } };
  if (type.kind === "ARRAY" || type.kind === "STRUCT" || type.kind === "UNKNOWN") return {};
  const [first, second] = type.parameters ?? [];
  if (first === undefined) return {};
  if (type.kind === "STRING" || type.kind === "BYTES") return { maxLength: String(first) };
  return { precision: String(first), ...(second === undefined ? {} : { scale: String(second) }) };
}

/** The `fields` of a REST schema as columns. Throws `invalid` for what no table of BigQuery can have. */
export function columnsFromRest(fields: readonly RestField[]): readonly Column[] {
  assertSchema(fields, 1);
  if (leafCount(fields) > MAX_FIELDS) {
    throw new BigQueryError("invalid", `Too many total leaf fields: more than ${MAX_FIELDS}`);
  }
  return fields.map((field) => {
    const mode = field.mode?.toUpperCase() ?? "NULLABLE";
    const tags = field.policyTags?.names;
    const type = typeFromRest(field);
    const expression = field.defaultValueExpression;
    return {
      name: nameOf(field),
      type,
      ...(expression ? { defaultValue: compileDefault(expression, type) } : {}),
      ...(mode === "REQUIRED" ? { required: true } : {}),
      ...(field.description === undefined ? {} : { description: field.description }),
      ...(tags === undefined || tags.length === 0 ? {} : { policyTags: tags }),
    };
  });
}

/** BigQuery's limits of one schema. */
const MAX_DEPTH = 15;
const MAX_FIELDS = 10_000;
const MODES = ["NULLABLE", "REQUIRED", "REPEATED"];
/** Letters, digits, marks, connectors, dashes, blanks and some signs: BigQuery's flexible column names. */
const FIELD_NAME = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} &%=+:'<>#|]{1,300}$/u;

/** Throws for names, modes and nestings that a table cannot have. */
function assertSchema(fields: readonly RestField[], depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new BigQueryError("invalid", `Exceeded the maximum nested depth of ${MAX_DEPTH}`);
  }
  const seen = new Set<string>();
  for (const { name, mode, fields: inner } of fields) {
    if (!FIELD_NAME.test(name)) throw new BigQueryError("invalid", `Invalid field name "${name}"`);
    if (seen.has(name.toLowerCase())) {
      throw new BigQueryError("invalid", `Field ${name} already exists in schema`);
    }
    seen.add(name.toLowerCase());
    const upper = (mode || "NULLABLE").toUpperCase();
    if (!MODES.includes(upper)) {
      throw new BigQueryError("invalid", `Invalid value for mode: ${mode} is not a valid value`);
    }
    if (depth > 1 && upper === "REQUIRED") throw refused(`mode REQUIRED inside a RECORD (${name})`);
    if (inner) assertSchema(inner, depth + 1);
  }
}

function leafCount(fields: readonly RestField[]): number {
  return fields.reduce((sum, { fields: inner }) => sum + (inner ? leafCount(inner) : 1), 0);
}

function nestedName(field: RestField): string {
  if (field.defaultValueExpression) throw refused("default values of fields of a RECORD");
  return nameOf(field);
}

function nameOf(field: RestField): string {
  if (field.collation) throw refused("collation of columns");
  if (field.roundingMode && field.roundingMode !== "ROUND_HALF_AWAY_FROM_ZERO") {
    throw refused(`roundingMode ${field.roundingMode} of a column`);
  }
  if (Number(field.timestampPrecision ?? 6) !== 6) throw refused("timestamps with picoseconds");
  return field.name;
}

function typeFromRest(field: RestField): SqlType {
  const element = elementFromRest(field);
  return field.mode?.toUpperCase() === "REPEATED" ? { kind: "ARRAY", element } : element;
}

function elementFromRest(field: RestField): SqlType {
  const name = String(field.type ?? "").toUpperCase();
  if (name === "RECORD" || name === "STRUCT") {
    if (!field.fields?.length) {
      throw new BigQueryError("invalid", `Field ${field.name} is type RECORD but has no schema`);
    }
    return {
      kind: "STRUCT",
      fields: field.fields.map((inner) => ({
        name: nestedName(inner),
        type: typeFromRest(inner),
        ...(inner.description === undefined ? {} : { description: inner.description }),
        ...(inner.policyTags?.names?.length ? { policyTags: inner.policyTags.names } : {}),
      })),
    };
  }
  if (name === "RANGE") {
    const element = String(field.rangeElementType?.type ?? "").toUpperCase();
    const type = rangeOf(scalarType(element));
    if (type) return type;
    throw new BigQueryError(
      "invalid",
      `Field ${field.name} is type RANGE but has no rangeElementType`,
    );
  }
  const parameters = [field.maxLength ?? field.precision, field.scale]
    .filter((p) => p !== undefined)
    .map(Number);
  const type = scalarType(FROM_REST[name] ?? name, parameters);
  if (type) return type;
  throw new BigQueryError("invalid", `Invalid value for type: ${field.type} is not a valid value`);
}
