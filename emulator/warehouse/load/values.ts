import { refused } from "../../errors.ts";
import { rangeBetween } from "../../sql/range.ts";
import {
  duckdbType,
  quoteName,
  quoteText,
  type ScalarType,
  type SqlType,
  structFieldNames,
} from "../../sql/types.ts";

const NUMBER = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";
/** 0001 to 9999, the years that BigQuery has. */
const YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])";
const DAY = `${YEAR}-[0-9]{1,2}-[0-9]{1,2}`;
const CLOCK = "([01]?[0-9]|2[0-3]):[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]{1,6})?";
const ZONE = " ?(Z|UTC|[+-][0-9]{1,2}(:[0-9]{2})?|[A-Za-z]+/[A-Za-z_/]+)";

/** The text each type is written in, where DuckDB's own cast accepts more than BigQuery does. */
const FORMATS: Partial<Record<ScalarType["kind"], string>> = {
  INT64: "[+-]?[0-9]+",
  FLOAT64: `${NUMBER}|[+-]?(?i:nan|inf|infinity)`,
  NUMERIC: NUMBER,
  BIGNUMERIC: NUMBER,
  DATE: DAY,
  TIME: CLOCK,
  DATETIME: `${DAY}([ T]${CLOCK})?`,
  TIMESTAMP: `${DAY}([ T]${CLOCK})?(${ZONE})?`,
};

/**
 * The DuckDB expression of a value that a file has as text: NULL where the text is no value of the type.
 * @param raw VARCHAR for scalars, lists and structs of VARCHAR for ARRAY and STRUCT
 */
export function valueSql(raw: string, type: SqlType): string {
  if (type.kind === "UNKNOWN") throw refused("loading a column without a type");
  if (type.kind === "ARRAY") {
    return `list_transform(COALESCE(${raw}, []), lambda x: ${valueSql("x", type.element)})`;
  }
  if (type.kind === "STRUCT") {
    const names = structFieldNames(type);
    const fields = type.fields.map((field, i) => {
      const name = quoteName(names[i] ?? "");
      return `${name} := ${valueSql(`${raw}.${name}`, field.type)}`;
    });
    return `CASE WHEN ${raw} IS NOT NULL THEN struct_pack(${fields.join(", ")}) END`;
  }
  if (type.kind === "RANGE") {
    const bounds = [`${raw}."start"`, `${raw}."end"`];
    const [start, end] = bounds.map((bound) =>
      valueSql(`nullif(${bound}, 'UNBOUNDED')`, type.element),
    );
    const isRead = bounds.map(
      (bound) => `NOT (${unreadableSql(`nullif(${bound}, 'UNBOUNDED')`, type.element)})`,
    );
    return `CASE WHEN ${raw} IS NOT NULL AND ${isRead.join(" AND ")} THEN ${rangeBetween(start ?? "", end ?? "", type, true)} END`;
  }
  return withinParameters(scalarSql(raw, type), type);
}

function scalarSql(raw: string, type: ScalarType): string {
  switch (type.kind) {
    case "STRING":
      return raw;
    case "JSON":
      return `CASE WHEN json_valid(${raw}) THEN ${raw}::JSON END`;
    case "BYTES":
      return `TRY(from_base64(${raw}))`;
    case "BOOL":
      return `CASE WHEN lower(${raw}) IN ('true', 't', 'yes', 'y', '1') THEN true WHEN lower(${raw}) IN ('false', 'f', 'no', 'n', '0') THEN false END`;
    case "INTERVAL":
      throw refused("loading INTERVAL columns");
    default: {
      const formatted = `CASE WHEN regexp_full_match(${raw}, ${quoteText(FORMATS[type.kind] ?? "")}) THEN ${castSql(raw, type)}`;
      return type.kind === "TIMESTAMP"
        ? `${formatted} WHEN regexp_full_match(${raw}, '-?[0-9]+(\\.[0-9]*)?') THEN ${epochSql(raw)} END`
        : `${formatted} END`;
    }
  }
}

function castSql(raw: string, type: ScalarType): string {
  const cast = `TRY_CAST(${raw} AS ${duckdbType(type)})`;
  if (type.kind !== "NUMERIC") return cast;
  // Text to 18 digits is a hundred times as fast in DuckDB as text to 38, and enough for nearly all amounts.
  return `COALESCE(TRY_CAST(${raw} AS DECIMAL(18,9))::DECIMAL(38,9), ${cast})`;
}

/** 0001-01-01 and 10000-01-01 in seconds since 1970. */
const YEAR_1 = -62_135_596_800;
const YEAR_10000 = 253_402_300_800;

/** Seconds since 1970, as BigQuery reads a number in a TIMESTAMP column; NULL outside its years, so for milliseconds. */
function epochSql(raw: string): string {
  const seconds = `TRY_CAST(${raw} AS DECIMAL(38,6))`;
  return `CASE WHEN ${seconds} >= ${YEAR_1} AND ${seconds} < ${YEAR_10000} THEN make_timestamptz((${seconds} * 1000000)::BIGINT) END`;
}

/** True where some text inside `raw` is no value of its type. */
export function unreadableSql(raw: string, type: SqlType): string {
  if (type.kind === "ARRAY") {
    return `len(list_filter(${raw}, lambda x: ${unreadableSql("x", type.element)})) > 0`;
  }
  if (type.kind === "STRUCT") {
    const names = structFieldNames(type);
    return type.fields
      .map((field, i) => `(${unreadableSql(`${raw}.${quoteName(names[i] ?? "")}`, field.type)})`)
      .join(" OR ");
  }
  return `${raw} IS NOT NULL AND ${valueSql(raw, type)} IS NULL`;
}

/** STRING(n), BYTES(n) and NUMERIC(p, s) hold no more than they say. */
function withinParameters(sql: string, type: ScalarType): string {
  const [first, second = 0] = type.parameters ?? [];
  if (first === undefined) return sql;
  if (type.kind === "STRING") return `CASE WHEN length(${sql}) <= ${first} THEN ${sql} END`;
  if (type.kind === "BYTES") return `CASE WHEN octet_length(${sql}) <= ${first} THEN ${sql} END`;
  return `TRY_CAST(TRY_CAST(${sql} AS DECIMAL(${first},${second})) AS ${duckdbType(type)})`;
}

/** The `json_transform` structure in which every scalar stays text. */
export function textStructure(type: SqlType): unknown {
  if (type.kind === "ARRAY") return [textStructure(type.element)];
  if (type.kind === "STRUCT") {
    const names = structFieldNames(type);
    return Object.fromEntries(
      type.fields.map((field, i) => [names[i] ?? "", textStructure(field.type)]),
    );
  }
  if (type.kind === "RANGE") return { start: "VARCHAR", end: "VARCHAR" };
  return type.kind === "JSON" ? "JSON" : "VARCHAR";
}
