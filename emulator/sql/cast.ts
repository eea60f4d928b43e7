import { invalidQuery, type Place } from "../errors.ts";
import { arrayValue, coerce, fieldOf, nullOf, structValue } from "./coerce.ts";
import { apply, raiseText, reused } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { instantOfText, TIMESTAMP_TEXT } from "./functions/zones.ts";
import { rangeOfText, rangeText } from "./range.ts";
import {
  duckdbType,
  formatType,
  quoteText,
  type ScalarKind,
  type ScalarType,
  type SqlType,
  sameType,
  structFieldNames,
} from "./types.ts";

/** CAST and SAFE_CAST: https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions#cast */

/** @param safe SAFE_CAST: a value that cannot be converted becomes NULL */
export function cast(value: Typed, to: SqlType, safe: boolean, place?: Place): Typed {
  if (value.type.kind === "UNKNOWN") return nullOf(to);
  if (sameType(value.type, to)) return { sql: value.sql, type: to };
  if (value.raises !== undefined) return coerce(value, to) ?? value;
  // What no NUMERIC holds goes the way of other FLOAT64, where SAFE_CAST makes NULL of it.
  const isTooLarge = to.kind === "NUMERIC" && Math.abs(Number(value.literal)) > 1e29;
  const isWritten = value.parts !== undefined || (value.digits !== undefined && !isTooLarge);
  if (isWritten && to.kind !== "INT64" && coerce(value, to)) return coerce(value, to) ?? value;
  if (value.type.kind === "ARRAY" && to.kind === "ARRAY") {
    if (value.type.element.kind === "UNKNOWN") return arrayValue([], to.element);
    const element = cast({ sql: "_e", type: value.type.element }, to.element, safe, place);
    return { sql: `list_transform(${value.sql}, lambda _e: ${element.sql})`, type: to };
  }
  if (value.type.kind === "STRUCT" && to.kind === "STRUCT")
    return castStruct(value, to, safe, place);
  if (value.type.kind === "STRING" && to.kind === "RANGE")
    return { sql: rangeOfText(value.sql, to, safe), type: to };
  if (value.type.kind === "RANGE" && to.kind === "STRING")
    return { sql: rangeText(value.sql, value.type), type: to };
  if (isScalar(value.type) && isScalar(to)) {
    const convert = CASTS[value.type.kind]?.[to.kind];
    if (convert) return { sql: convert(value.sql, safe), type: to };
  }
  throw invalidQuery(`Invalid cast from ${formatType(value.type)} to ${formatType(to)}`, place);
}

function isScalar(type: SqlType): type is ScalarType {
  return !["ARRAY", "STRUCT", "RANGE", "UNKNOWN"].includes(type.kind);
}

function castStruct(value: Typed, to: SqlType, safe: boolean, place?: Place): Typed {
  const from = value.type;
  if (from.kind !== "STRUCT" || to.kind !== "STRUCT" || from.fields.length !== to.fields.length) {
    throw invalidQuery(`Invalid cast from ${formatType(from)} to ${formatType(to)}`, place);
  }
  const names = structFieldNames(from);
  const parts = to.fields.map((field, i) => {
    const source = {
      sql: fieldOf(value.sql, names[i] ?? ""),
      type: from.fields[i]?.type ?? field.type,
    };
    return cast(source, field.type, safe, place);
  });
  return {
    sql: `CASE WHEN ${value.sql} IS NOT NULL THEN ${structValue(parts, to).sql} END`,
    type: to,
  };
}

/** A text as a value of another type: CAST from STRING, and what a text literal means where a date is wanted. */
export function castFromText(value: Typed, to: SqlType, safe: boolean, place?: Place): Typed {
  const { literal } = value;
  if (!safe && typeof literal === "string" && isScalar(to) && !isTextOf(literal, to.kind)) {
    throw invalidQuery(
      `Could not cast literal ${JSON.stringify(literal)} to type ${formatType(to)}`,
      place,
    );
  }
  return cast(value, to, safe, place);
}

function isTextOf(text: string, kind: ScalarKind): boolean {
  const form = TEXT_FORMS[kind];
  const written = form?.trimmed ? text.trim() : text;
  if (form && !new RegExp(`^(?:${form.pattern})$`).test(written)) return false;
  const [, year, month, day] = /^(\d{1,4})-(\d{1,2})-(\d{1,2})/.exec(text) ?? [];
  return kind === "TIME" || day === undefined || isDay(Number(year), Number(month), Number(day));
}

/** True for a day of the calendar. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

type Convert = (sql: string, safe: boolean) => string;
type Casts = Readonly<Partial<Record<ScalarKind, Convert>>>;

/** DuckDB's own cast, whose errors are BigQuery's errors. */
function plain(to: ScalarKind): Convert {
  const type = duckdbType({ kind: to });
  return (sql, safe) => (safe ? `TRY_CAST(${sql} AS ${type})` : `CAST(${sql} AS ${type})`);
}

/** A conversion that cannot fail. */
function always(convert: (sql: string) => string): Convert {
  return (sql) => convert(sql);
}

/** Half away from zero, where DuckDB's cast rounds half to even. */
const rounded: Convert = (sql, safe) => plain("INT64")(`round(${sql})`, safe);

/**
 * DuckDB scales a FLOAT64 in FLOAT64, which loses digits of large numbers and may come down on the wrong side of a half;
 * those are done exactly.
 */
function numericOfFloat(sql: string, safe: boolean): string {
  return reused([sql], (x) => {
    const scaled = `(${x} * 1000000000)`;
    const isPlain = `abs(${x}) < 4e6 AND abs(${scaled} - floor(${scaled}) - 0.5) > 0.01`;
    const exact = `bq_float_digits(${x}, 9)::DECIMAL(38,9)`;
    return `CASE WHEN ${isPlain} THEN CAST(${x} AS DECIMAL(38,9)) ELSE ${attempt(exact, safe)} END`;
  });
}

/** SAFE_CAST gives NULL for what is no number, not for what the emulator cannot hold. */
function bigOfFloat(sql: string, safe: boolean): string {
  const exact = (x: string) => `bq_big_of_double(${x})::DECIMAL(38,18)`;
  if (!safe) return `(${exact(sql)})`;
  return reused([sql], (x) => `CASE WHEN isfinite(${x}) THEN ${exact(x)} END`);
}

const UTC_LOCAL = (sql: string) => `timezone('UTC', ${sql})`;

interface TextForm {
  /** RE2 and JavaScript pattern of the texts that BigQuery takes. */
  readonly pattern: string;
  /** The name of the type in BigQuery's message. */
  readonly name: string;
  /** Pattern of texts that BigQuery takes and the emulator does not. */
  readonly refused?: string;
  /** White space around the text does not count. */
  readonly trimmed?: true;
  /** DuckDB SQL for a text of the pattern. */
  readonly convert: (text: string) => string;
}

/** The years 0001 to 9999. */
const YEAR_TEXT = "(?:[1-9]\\d{3}|0[1-9]\\d{2}|00[1-9]\\d|000[1-9])";
const DATE_TEXT = `${YEAR_TEXT}-\\d{1,2}-\\d{1,2}`;
const TIME_TEXT = "(?:[01]?\\d|2[0-3]):\\d{1,2}:\\d{1,2}(?:\\.\\d{1,6})?";

const TEXT_FORMS: Readonly<Partial<Record<ScalarKind, TextForm>>> = {
  INT64: {
    pattern: "[+-]?(?:\\d+|0[xX][0-9a-fA-F]+)",
    name: "int64",
    trimmed: true,
    convert: (text) =>
      `CASE WHEN starts_with(${text}, '-0x') OR starts_with(${text}, '-0X') THEN -(substr(${text}, 2)::BIGINT) ELSE ${text}::BIGINT END`,
  },
  FLOAT64: {
    pattern:
      "[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN]|0[xX](?:[0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)(?:[pP][+-]?\\d+)?)",
    name: "double",
    trimmed: true,
    convert: (text) =>
      `CASE WHEN contains(lower(${text}), '0x') THEN bq_hex_float(${text}) ELSE ${text}::DOUBLE END`,
  },
  NUMERIC: {
    pattern: "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?",
    name: "NUMERIC",
    trimmed: true,
    convert: (text) => `${text}::DECIMAL(38,9)`,
  },
  BIGNUMERIC: {
    // More digits than DuckDB keeps are refused: they are no bad values, not even for SAFE_CAST.
    pattern: "[+-]?(?:\\d{1,20}(?:\\.\\d{0,18})?|\\.\\d{1,18})",
    refused: "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?",
    name: "BIGNUMERIC",
    trimmed: true,
    convert: (text) => `${text}::DECIMAL(38,18)`,
  },
  BOOL: {
    pattern: "[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]",
    name: "bool",
    convert: (text) => `(lower(${text}) = 'true')`,
  },
  DATE: {
    pattern: DATE_TEXT,
    name: "DATE",
    convert: (text) => `${text}::DATE`,
  },
  TIME: { pattern: TIME_TEXT, name: "TIME", convert: (text) => `${text}::TIME` },
  DATETIME: {
    pattern: `${DATE_TEXT}(?:[ Tt]${TIME_TEXT})?`,
    name: "DATETIME",
    convert: (text) => `${text}::TIMESTAMP`,
  },
  TIMESTAMP: { pattern: TIMESTAMP_TEXT, name: "timestamp", convert: instantOfText },
};

function fromText(kind: ScalarKind): Convert {
  const form = TEXT_FORMS[kind];
  if (!form) return plain(kind);
  const type: ScalarType = { kind };
  return (sql, safe) => {
    const bad = (text: string) =>
      safe ? nullOf(type).sql : raiseText(`'Bad ${form.name} value: ' || ${text}`, type);
    const literal = /^'(?:[^']|'')*'$/.test(sql)
      ? sql.slice(1, -1).replaceAll("''", "'")
      : undefined;
    if (literal !== undefined) {
      // Known now, so that the statement holds a plain constant.
      const written = form.trimmed ? literal.trim() : literal;
      const isGood = new RegExp(`^(?:${form.pattern})$`).test(written);
      if (isGood) return attempt(form.convert(quoteText(written)), safe);
      const isRefused = form.refused && new RegExp(`^(?:${form.refused})$`).test(written);
      return isRefused ? tooLong(form, type) : bad(sql);
    }
    return apply({ safe: false }, [sql], (text) => {
      const written = form.trimmed ? `trim(${text})` : text;
      const good = attempt(form.convert(written), safe);
      const refusal = form.refused
        ? ` WHEN regexp_full_match(${written}, ${quoteText(form.refused)}) THEN ${tooLong(form, type)}`
        : "";
      return `CASE WHEN regexp_full_match(${written}, ${quoteText(form.pattern)}) THEN ${good}${refusal} WHEN ${text} IS NOT NULL THEN ${bad(text)} END`;
    });
  };
}

function tooLong(form: TextForm, type: ScalarType): string {
  return raiseText(`'Not supported by the emulator: a ${form.name} of so many digits'`, type);
}

function attempt(sql: string, safe: boolean): string {
  return safe ? `TRY(${sql})` : `(${sql})`;
}

/** The shortest text that reads back as the same FLOAT64, in C's %g form; zero has no sign. */
export function floatText(sql: string): string {
  return apply(
    { safe: false },
    [sql],
    (x) =>
      `CASE WHEN ${x} = 0 THEN '0' WHEN isfinite(${x}) THEN CASE WHEN printf('%.15g', ${x})::DOUBLE = ${x} THEN printf('%.15g', ${x}) ELSE printf('%.17g', ${x}) END ELSE ${x}::VARCHAR END`,
  );
}

/** A NUMERIC without trailing zeros. */
export function numericText(sql: string): string {
  return `rtrim(rtrim(${sql}::VARCHAR, '0'), '.')`;
}

/** Fraction of a second with 0, 3 or 6 digits, of a TIMESTAMP, DATETIME or TIME. */
function fraction(epoch: string): string {
  return `CASE WHEN ${epoch} % 1000000 = 0 THEN '' WHEN ${epoch} % 1000 = 0 THEN '.' || lpad((${epoch} // 1000 % 1000)::VARCHAR, 3, '0') ELSE '.' || lpad((${epoch} % 1000000)::VARCHAR, 6, '0') END`;
}

/** `2024-01-15 12:34:56[.fff[fff]]` of a DATETIME. */
export function datetimeText(sql: string): string {
  return apply({ safe: false }, [sql], (c) => {
    // strftime does not pad years before 1000; the cast to DATE does.
    return `(${c}::DATE::VARCHAR || strftime(${c}, ' %H:%M:%S') || ${fraction(`(epoch_us(${c}) - epoch_us(date_trunc('day', ${c})))`)})`;
  });
}

function timeText(sql: string): string {
  return apply(
    { safe: false },
    [sql],
    (c) => `(left(${c}::VARCHAR, 8) || ${fraction(`epoch_us(${c})`)})`,
  );
}

/** `Y-M D H:M:S[.ffffff]` of an INTERVAL. */
export function intervalText(sql: string): string {
  return apply({ safe: false }, [sql], (i) => {
    const months = `(datepart('year', ${i}) * 12 + datepart('month', ${i}))`;
    const micros = `(epoch_us(${i}) - epoch_us(to_months(${months}::INTEGER)) - epoch_us(to_days(datepart('day', ${i})::INTEGER)))`;
    const sign = (value: string) => `CASE WHEN ${value} < 0 THEN '-' ELSE '' END`;
    const clock = `abs(${micros}) // 3600000000 || ':' || abs(${micros}) // 60000000 % 60 || ':' || abs(${micros}) // 1000000 % 60`;
    return `(${sign(months)} || abs(${months}) // 12 || '-' || abs(${months}) % 12 || ' ' || datepart('day', ${i}) || ' ' || ${sign(micros)} || ${clock} || ${fraction(`abs(${micros})`)})`;
  });
}

const intervalOfText: Convert = (sql, safe) =>
  apply({ safe: false }, [sql, `bq_interval_parts(${sql})`], (text, parts) => {
    const part = (i: number, type: string) => `split_part(${parts}, ' ', ${i})::${type}`;
    const value = `to_months(${part(1, "INTEGER")}) + to_days(${part(2, "INTEGER")}) + to_microseconds(${part(3, "BIGINT")})`;
    const type: ScalarType = { kind: "INTERVAL" };
    const bad = safe ? nullOf(type).sql : raiseText(`'Invalid INTERVAL value: ' || ${text}`, type);
    return `CASE WHEN ${parts} <> '' THEN ${value} WHEN ${text} IS NOT NULL THEN ${bad} END`;
  });

const toFloat: Convert = plain("FLOAT64");
const toNumeric: Convert = plain("NUMERIC");

const NUMBER_CASTS: Casts = {
  FLOAT64: toFloat,
  NUMERIC: toNumeric,
  // A number that is too large here is not too large for BigQuery, so that SAFE_CAST must not make it NULL.
  BIGNUMERIC: (sql) => plain("BIGNUMERIC")(sql, false),
};

const CASTS: Readonly<Partial<Record<ScalarKind, Casts>>> = {
  INT64: {
    ...NUMBER_CASTS,
    BOOL: always((sql) => `(${sql} <> 0)`),
    STRING: always((sql) => `${sql}::VARCHAR`),
  },
  FLOAT64: {
    NUMERIC: numericOfFloat,
    BIGNUMERIC: bigOfFloat,
    INT64: rounded,
    STRING: always(floatText),
  },
  NUMERIC: { ...NUMBER_CASTS, INT64: rounded, STRING: always(numericText) },
  BIGNUMERIC: { ...NUMBER_CASTS, INT64: rounded, STRING: always(numericText) },
  BOOL: { INT64: plain("INT64"), STRING: always((sql) => `${sql}::VARCHAR`) },
  STRING: {
    INT64: fromText("INT64"),
    FLOAT64: fromText("FLOAT64"),
    NUMERIC: fromText("NUMERIC"),
    BIGNUMERIC: fromText("BIGNUMERIC"),
    BOOL: fromText("BOOL"),
    BYTES: always((sql) => `encode(${sql})`),
    DATE: fromText("DATE"),
    TIME: fromText("TIME"),
    DATETIME: fromText("DATETIME"),
    TIMESTAMP: fromText("TIMESTAMP"),
    INTERVAL: intervalOfText,
  },
  BYTES: { STRING: (sql, safe) => attempt(`decode(${sql})`, safe) },
  DATE: {
    STRING: always((sql) => `${sql}::VARCHAR`),
    DATETIME: plain("DATETIME"),
    TIMESTAMP: always((sql) => UTC_LOCAL(`${sql}::TIMESTAMP`)),
  },
  TIME: { STRING: always(timeText) },
  DATETIME: {
    STRING: always(datetimeText),
    DATE: plain("DATE"),
    TIME: plain("TIME"),
    TIMESTAMP: always(UTC_LOCAL),
  },
  TIMESTAMP: {
    STRING: always((sql) => `(${datetimeText(UTC_LOCAL(sql))} || '+00')`),
    DATE: always((sql) => `${UTC_LOCAL(sql)}::DATE`),
    DATETIME: always(UTC_LOCAL),
    TIME: always((sql) => `${UTC_LOCAL(sql)}::TIME`),
  },
  INTERVAL: { STRING: always(intervalText) },
};
