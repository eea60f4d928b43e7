import {
  type Column,
  quoteName,
  quoteText,
  type SqlType,
  structFieldNames,
} from "../../sql/types.ts";
import {
  type Check,
  conversionMessage,
  problemSql,
  requiredChecks,
  type Source,
  valueName,
} from "./source.ts";
import { textStructure, unreadableSql, valueSql } from "./values.ts";

/**
 * The rows of an NDJSON file. Each line is parsed into a struct of texts (`r`), and again into a struct of JSON
 * tokens (`t`) that still tell strings from numbers; the line itself (`json`) is asked only about nested values.
 */
export function ndjsonSql({ file, gzip, columns, ignoreUnknownValues }: Source): string {
  const texts = structure(columns, (type) => textStructure(type));
  const tokens = structure(columns, () => "JSON");
  const values = columns.map((c, i) => `${columnSql(c)} AS ${valueName(i)}`).join(", ");
  const checks = [
    { when: "json IS NULL", message: "'the line is not valid JSON'" },
    { when: "json_type(json) <> 'OBJECT'", message: "'the line is not a JSON object'" },
    ...(ignoreUnknownValues ? [] : unknownFields(columns)),
    ...columns.flatMap((c, i) => columnChecks(c, i)),
  ];
  return `
    SELECT *, ${problemSql(checks)} AS problem
    FROM (
      SELECT json, r, t, ${values}
      FROM (
        SELECT json, json_transform(json, ${quoteText(texts)}) AS r, json_transform(json, ${quoteText(tokens)}) AS t
        FROM read_ndjson_objects(${quoteText(file)}, ignore_errors = true, compression = '${gzip ? "gzip" : "uncompressed"}')
      )
    )`;
}

function structure(columns: readonly Column[], of: (type: SqlType) => unknown): string {
  return JSON.stringify(Object.fromEntries(columns.map((c) => [c.name, of(c.type)])));
}

function columnSql({ name, type }: Column): string {
  // A JSON value is taken as it stands, a string included.
  if (type.kind === "JSON") return `t.${quoteName(name)}`;
  return valueSql(`r.${quoteName(name)}`, type);
}

function unknownFields(columns: readonly Column[]): Check[] {
  const known = `[${columns.map((c) => quoteText(c.name)).join(", ")}]`;
  return [
    {
      when: `NOT list_has_all(${known}, json_keys(json))`,
      message: noSuchField(known, "json_keys(json)", ""),
    },
    ...columns.flatMap((c) => nestedUnknownFields(c.type, `$.${jsonKey(c.name)}`, c.name)),
  ];
}

/** The first key that the schema does not have, as BigQuery words it. */
function noSuchField(known: string, keys: string, prefix: string): string {
  return `'no such field: ${prefix.replaceAll("'", "''")}' || list_filter(${keys}, lambda k: NOT list_contains(${known}, k))[1]`;
}

function nestedUnknownFields(type: SqlType, path: string, label: string): Check[] {
  if (type.kind === "ARRAY") return nestedUnknownFields(type.element, `${path}[*]`, label);
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  const known = `[${names.map(quoteText).join(", ")}]`;
  const keys = path.includes("[*]")
    ? `flatten(json_keys(json, ${quoteText(path)}))`
    : `json_keys(json, ${quoteText(path)})`;
  return [
    {
      when: `NOT list_has_all(${known}, COALESCE(${keys}, []))`,
      message: noSuchField(known, keys, `${label}.`),
    },
    ...type.fields.flatMap((field, i) =>
      nestedUnknownFields(field.type, `${path}.${jsonKey(names[i] ?? "")}`, `${label}.${names[i]}`),
    ),
  ];
}

function columnChecks(column: Column, i: number): Check[] {
  const { name, type } = column;
  const token = `t.${quoteName(name)}`;
  const first = `left(${token}::VARCHAR, 1)`;
  return [
    {
      when: SHAPE_TESTS[type.kind]?.(first) ?? `${first} IN ('{', '[')`,
      message: conversionMessage(type, name),
    },
    ...nestedChecks(type, `$.${jsonKey(name)}`, name),
    ...unreadableChecks(column, i),
    ...requiredChecks(column, i),
  ];
}

/** What the first character of a column's token must not be. */
const SHAPE_TESTS: Partial<Record<SqlType["kind"], (first: string) => string>> = {
  ARRAY: (first) => `${first} <> '['`,
  STRUCT: (first) => `${first} <> '{'`,
  STRING: (first) => `${first} <> '"'`,
  JSON: () => "false",
};

function unreadableChecks({ name, type }: Column, i: number): Check[] {
  if (type.kind === "JSON") return [];
  const raw = `r.${quoteName(name)}`;
  const nested = type.kind === "ARRAY" || type.kind === "STRUCT";
  const when = nested ? unreadableSql(raw, type) : `${raw} IS NOT NULL AND ${valueName(i)} IS NULL`;
  return [{ when, message: conversionMessage(type, name) }];
}

/** JSON types that each kind of value may have; a scalar of another kind is checked by its conversion. */
const SHAPES: Partial<Record<SqlType["kind"], readonly string[]>> = {
  ARRAY: ["ARRAY"],
  STRUCT: ["OBJECT"],
  STRING: ["VARCHAR"],
};
const SCALAR_SHAPES = ["VARCHAR", "BIGINT", "UBIGINT", "DOUBLE", "BOOLEAN"];

/** Checks of the shapes inside an ARRAY or STRUCT. */
function nestedChecks(type: SqlType, path: string, label: string): Check[] {
  if (type.kind === "ARRAY") {
    return [
      shapeCheck(type.element, `${path}[*]`, label),
      ...nestedChecks(type.element, `${path}[*]`, label),
    ];
  }
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  return type.fields.flatMap((field, i) => {
    const inner = `${path}.${jsonKey(names[i] ?? "")}`;
    const innerLabel = `${label}.${names[i]}`;
    return [
      shapeCheck(field.type, inner, innerLabel),
      ...nestedChecks(field.type, inner, innerLabel),
    ];
  });
}

function shapeCheck(type: SqlType, path: string, label: string): Check {
  const shapes =
    type.kind === "JSON"
      ? [...SCALAR_SHAPES, "OBJECT", "ARRAY"]
      : (SHAPES[type.kind] ?? SCALAR_SHAPES);
  // An element of an array cannot be NULL, a field of a struct can.
  const allowed = path.endsWith("[*]") ? shapes : [...shapes, "NULL"];
  const list = `[${allowed.map(quoteText).join(", ")}]`;
  const types = `json_type(json, ${quoteText(path)})`;
  const when = path.includes("[*]")
    ? `NOT list_has_all(${list}, ${types})`
    : `NOT list_contains(${list}, ${types})`;
  return { when, message: conversionMessage(type, label) };
}

function jsonKey(name: string): string {
  return `"${name.replaceAll('"', '\\"')}"`;
}
