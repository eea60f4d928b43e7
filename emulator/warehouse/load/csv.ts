import { rangeOfText } from "../../sql/range.ts";
import { type Column, quoteText, type SqlType } from "../../sql/types.ts";
import {
  type Check,
  type CsvFormat,
  conversionMessage,
  problemSql,
  requiredChecks,
  type Source,
  valueName,
} from "./source.ts";
import { valueSql } from "./values.ts";

/** Table where DuckDB notes the lines it could not split, when `tolerant`. */
export const REJECTS_TABLE = "reject_errors";

/** The rows of a CSV file: every field is read as text (`c0`, `c1`, …) by position, then converted. */
export function csvSql(source: Source, format: CsvFormat): string {
  const { columns } = source;
  const values = columns
    .map((c, i) => `${fieldSql(`c${i}`, c.type)} AS ${valueName(i)}`)
    .join(", ");
  const checks = columns.flatMap((column, i) => columnChecks(column, i, format));
  return `
    SELECT *, ${problemSql(checks)} AS problem
    FROM (SELECT *, ${values} FROM read_csv(${quoteText(source.file)}, ${csvOptions(source, format)}))`;
}

/** A range is one text here, `[a, b)`; elsewhere it has two. */
function fieldSql(raw: string, type: SqlType): string {
  return type.kind === "RANGE" ? rangeOfText(raw, type, true) : valueSql(raw, type);
}

function csvOptions(
  { columns, gzip, ignoreUnknownValues, tolerant }: Source,
  format: CsvFormat,
): string {
  const names = columns.map((_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  const options = {
    auto_detect: "false",
    header: "false",
    columns: `{${names}}`,
    skip: String(format.skipLeadingRows),
    delim: quoteText(format.delimiter),
    quote: quoteText(format.quote),
    escape: quoteText(format.quote),
    nullstr: `[${format.nullMarkers.map(quoteText).join(", ")}]`,
    allow_quoted_nulls: "false",
    encoding: quoteText(format.encoding),
    compression: gzip ? "'gzip'" : "'none'",
    null_padding: String(format.allowJaggedRows),
    strict_mode: String(!ignoreUnknownValues),
    // Lines of the wrong shape are counted instead of ending the load, where some bad ones are allowed.
    ...(tolerant ? { ignore_errors: "true", store_rejects: "true" } : {}),
  };
  return Object.entries(options)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
}

function columnChecks(column: Column, i: number, format: CsvFormat): Check[] {
  const raw = `c${i}`;
  const unreadable = {
    when: `${raw} IS NOT NULL AND ${valueName(i)} IS NULL`,
    message: conversionMessage(column.type, column.name),
  };
  const lineBreak = {
    when: `contains(${raw}, chr(10))`,
    message: quoteText(
      `a quoted line break, which allowQuotedNewlines must allow. Field: ${column.name}`,
    ),
  };
  // Tabs and line ends are text like any other.
  const controlCharacter = {
    when: `regexp_matches(${raw}, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]')`,
    message: quoteText(
      `an ASCII control character, which preserveAsciiControlCharacters must allow. Field: ${column.name}`,
    ),
  };
  return [
    unreadable,
    ...(format.allowQuotedNewlines ? [] : [lineBreak]),
    ...(format.preserveControlCharacters ? [] : [controlCharacter]),
    ...requiredChecks(column, i),
  ];
}
