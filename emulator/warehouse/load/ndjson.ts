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
 * The rows of an NDJSON file. Each line is parsed into a struct of texts (`r`), and columns that nest also into one of
 * JSON tokens (`t`). A row that passes the quick test has no problem; only others go through the checks one by one.
 */
export function ndjsonSql(source: Source): string {
  const { file, gzip, columns, ignoreUnknownValues } = source;
  const texts = structure(columns, (type) => textStructure(type));
  const withTokens = columns.filter(isNested);
  const tokens = structure(withTokens, () => "JSON");
  const t = withTokens.length > 0 ? `json_transform(json, ${quoteText(tokens)})` : "NULL";
  const values = columns.map((c, i) => `${columnSql(c)} AS ${valueName(i)}`).join(", ");
  const checks = [
    { when: "json IS NULL", message: "'the line is not valid JSON'" },
    { when: "json_type(json) <> 'OBJECT'", message: "'the line is not a JSON object'" },
    ...(ignoreUnknownValues ? [] : unknownFields(columns)),
    ...columns.flatMap((c, i) => columnChecks(c, i)),
  ];
  const nested = [
    ...(ignoreUnknownValues ? [] : nestedUnknownFields(columns)),
    ...columns.flatMap((c, i) => (isNested(c) ? columnChecks(c, i) : [])),
  ];
  return `
    SELECT *, CASE WHEN ${quickTest(source)} THEN ${problemSql(nested)} ELSE ${problemSql(checks)} END AS problem
    FROM (
      SELECT json, r, t, ${values}
      FROM (
        SELECT json, json_transform(json, ${quoteText(texts)}) AS r, ${t} AS t
        FROM read_ndjson_objects(${quoteText(file)}, ignore_errors = true, compression = '${gzip ? "gzip" : "uncompressed"}')
      )
    )`;
}

/** Written as an array or an object. */
const NESTED = new Set<SqlType["kind"]>(["ARRAY", "STRUCT", "RANGE"]);

function isNested({ type }: Column): boolean {
  return NESTED.has(type.kind);
}

/**
 * True for most rows that have no problem, and for none that has one outside of columns that nest. It hardly depends on
 * the number of columns how often it parses the line; the checks parse it for each.
 */
function quickTest({ columns, ignoreUnknownValues }: Source): string {
  const strings = columns.filter(({ type }) => type.kind === "STRING");
  return [
    ignoreUnknownValues ? "json_type(json) = 'OBJECT'" : knownKeysOnly(columns),
    ...(strings.length === 0 ? [] : [stringsOnly(strings)]),
    ...columns.flatMap((column, i) => (isNested(column) ? [] : scalarTests(column, i))),
  ].join(" AND ");
}

/** As many keys as columns with a value: then all are known. Names are compared only where a key is NULL or unknown. */
function knownKeysOnly(columns: readonly Column[]): string {
  const names = columns.map(({ name }) => quoteText(name)).join(", ");
  const values = columns.map(({ name }) => `(r.${quoteName(name)} IS NOT NULL)::INTEGER`);
  return `CASE WHEN len(json_keys(json)) = ${values.join(" + ")} THEN len(json_keys(json)) > 0 ELSE list_has_all([${names}], json_keys(json)) END`;
}

/** The texts of JSON values that are no strings. */
const NO_STRING_TEXT = "(?m)^(?:-?[0-9][0-9.eE+-]*$|true$|false$|[{[])";
/** DuckDB's names of their kinds. */
const NO_STRING = ["ARRAY", "BIGINT", "BOOLEAN", "DOUBLE", "OBJECT", "UBIGINT"];

/** The line is parsed only where some text looks as if it had been no string. */
function stringsOnly(columns: readonly Column[]): string {
  const texts = columns.map(({ name }) => `r.${quoteName(name)}`).join(", ");
  const kinds = `json_type(json, [${columns.map(pathOf).join(", ")}])`;
  return `CASE WHEN regexp_matches(concat_ws(chr(10), ${texts}), ${quoteText(NO_STRING_TEXT)}) THEN NOT list_has_any([${NO_STRING.map(quoteText).join(", ")}], ${kinds}) ELSE true END`;
}

function scalarTests(column: Column, i: number): readonly string[] {
  const { name, type, required } = column;
  const raw = `r.${quoteName(name)}`;
  const isDecimal = type.kind === "NUMERIC" || type.kind === "BIGNUMERIC";
  return [
    ...(type.kind === "JSON" || (type.kind === "STRING" && !type.parameters)
      ? []
      : [`(${raw} IS NULL OR ${valueName(i)} IS NOT NULL)`]),
    // Only a number of more than 15 digits can be inexact; a text with an exponent does not show them all.
    ...(isDecimal
      ? [
          `CASE WHEN length(${raw}) > 15 OR contains(lower(${raw}), 'e') THEN json_type(json, ${pathOf(column)}) = 'VARCHAR' ELSE true END`,
        ]
      : []),
    ...(required ? [`${valueName(i)} IS NOT NULL`] : []),
  ];
}

function structure(columns: readonly Column[], of: (type: SqlType) => unknown): string {
  return JSON.stringify(Object.fromEntries(columns.map((c) => [c.name, of(c.type)])));
}

function columnSql({ name, type }: Column): string {
  // A JSON value is taken as it stands, a string included.
  if (type.kind === "JSON") return `r.${quoteName(name)}`;
  return valueSql(`r.${quoteName(name)}`, type);
}

function unknownFields(columns: readonly Column[]): Check[] {
  return [
    unknownKeys(
      "json_keys(json)",
      columns.map((c) => c.name),
      "",
    ),
    ...nestedUnknownFields(columns),
  ];
}

function nestedUnknownFields(columns: readonly Column[]): Check[] {
  return columns.flatMap((c) =>
    nestedUnknownKeys(c.type, { token: tokenOf(c), path: "$", label: c.name }),
  );
}

/** The first key that the schema does not have. Lines mostly have all keys in the schema's order, which is cheap to see. */
function unknownKeys(keys: string, known: readonly string[], prefix: string): Check {
  const names = known.map(quoteText).join(", ");
  const unknown = `list_filter(${keys}, lambda k: k NOT IN (${names}))`;
  return {
    when: `${keys} <> [${names}] AND len(${unknown}) > 0`,
    message: `${quoteText(`no such field: ${prefix}`)} || ${unknown}[1]`,
  };
}

/** A place inside a column: the column's token, a JSON path in it, and the name for messages. */
interface Place {
  readonly token: string;
  readonly path: string;
  readonly label: string;
}

const pathOf = ({ name }: Column): string =>
  quoteText(fieldOf({ path: "$", token: "", label: "" }, name).path);
const tokenOf = (column: Column): string =>
  isNested(column)
    ? `t.${quoteName(column.name)}`
    : `nullif(json_extract(json, ${pathOf(column)})::VARCHAR, 'null')`;
const elementOf = (place: Place): Place => ({ ...place, path: `${place.path}[*]` });
const fieldOf = (place: Place, name: string): Place => ({
  ...place,
  path: `${place.path}."${name.replaceAll('"', '\\"')}"`,
  label: `${place.label}.${name}`,
});

function nestedUnknownKeys(type: SqlType, place: Place): Check[] {
  if (type.kind === "ARRAY") return nestedUnknownKeys(type.element, elementOf(place));
  const keys = `json_keys(${place.token}, ${quoteText(place.path)})`;
  if (type.kind === "RANGE")
    return [
      unknownKeys(
        place.path.includes("[*]") ? `flatten(${keys})` : keys,
        ["start", "end"],
        `${place.label}.`,
      ),
    ];
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  return [
    unknownKeys(place.path.includes("[*]") ? `flatten(${keys})` : keys, names, `${place.label}.`),
    ...type.fields.flatMap((field, i) =>
      nestedUnknownKeys(field.type, fieldOf(place, names[i] ?? "")),
    ),
  ];
}

/** What the token of a column must begin with, where its text alone would not tell. */
const FIRST: Partial<Record<SqlType["kind"], string>> = {
  ARRAY: "[",
  STRUCT: "{",
  RANGE: "{",
  STRING: '"',
};

function columnChecks(column: Column, i: number): Check[] {
  const { name, type } = column;
  const first = FIRST[type.kind];
  const wrongKind = `NOT starts_with(${tokenOf(column)}::VARCHAR, ${quoteText(first ?? "")})`;
  return [
    ...(first === undefined ? [] : [{ when: wrongKind, message: conversionMessage(type, name) }]),
    ...nestedChecks(type, { token: tokenOf(column), path: "$", label: name }),
    ...unreadableChecks(column, i),
    ...inexactChecks(column),
    ...requiredChecks(column, i),
  ];
}

/** A JSON number is read as a double, which holds 15 digits of any decimal; beyond that only a string is exact. */
function inexactChecks(column: Column): Check[] {
  if (column.type.kind !== "NUMERIC" && column.type.kind !== "BIGNUMERIC") return [];
  const token = `${tokenOf(column)}::VARCHAR`;
  const digits = `length(regexp_replace(split_part(lower(${token}), 'e', 1), '[^0-9]', '', 'g'))`;
  // CASE, because AND would count the digits of every row.
  const when = `CASE WHEN NOT starts_with(${token}, '"') THEN regexp_matches(${token}, '[.eE]') AND ${digits} > 15 ELSE false END`;
  const message = `a number of more than 15 digits is exact only as a string. Field: ${column.name}`;
  return [{ when, message: quoteText(message) }];
}

function unreadableChecks({ name, type }: Column, i: number): Check[] {
  if (type.kind === "JSON") return [];
  const raw = `r.${quoteName(name)}`;
  const nested = type.kind === "ARRAY" || type.kind === "STRUCT";
  const when = nested ? unreadableSql(raw, type) : `${raw} IS NOT NULL AND ${valueName(i)} IS NULL`;
  return [{ when, message: conversionMessage(type, name) }];
}

/** Checks of the kinds of values inside an ARRAY or STRUCT. */
function nestedChecks(type: SqlType, place: Place): Check[] {
  if (type.kind === "ARRAY") {
    const element = elementOf(place);
    return [kindCheck(type.element, element), ...nestedChecks(type.element, element)];
  }
  if (type.kind !== "STRUCT") return [];
  const names = structFieldNames(type);
  return type.fields.flatMap((field, i) => {
    const inner = fieldOf(place, names[i] ?? "");
    return [kindCheck(field.type, inner), ...nestedChecks(field.type, inner)];
  });
}

const SCALARS = ["VARCHAR", "BIGINT", "UBIGINT", "DOUBLE", "BOOLEAN"];
/** DuckDB's names of the kinds of JSON values that a type may be written as. */
const KINDS: Partial<Record<SqlType["kind"], readonly string[]>> = {
  ARRAY: ["ARRAY"],
  STRUCT: ["OBJECT"],
  RANGE: ["OBJECT"],
  STRING: ["VARCHAR"],
  JSON: [...SCALARS, "OBJECT", "ARRAY"],
};

function kindCheck(type: SqlType, { token, path, label }: Place): Check {
  const kinds = KINDS[type.kind] ?? SCALARS;
  // A field of a struct can be NULL, an element of an array cannot.
  const allowed = path.endsWith("[*]") ? kinds : [...kinds, "NULL"];
  const list = `[${allowed.map(quoteText).join(", ")}]`;
  const found = `json_type(${token}, ${quoteText(path)})`;
  const when = path.includes("[*]")
    ? `NOT list_has_all(${list}, ${found})`
    : `NOT list_contains(${list}, ${found})`;
  return { when, message: conversionMessage(type, label) };
}
