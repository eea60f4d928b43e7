import { type Column, quoteText, type SqlType } from "../../sql/types.ts";

/** How a CSV file is written. */
export interface CsvFormat {
  readonly kind: "CSV";
  readonly skipLeadingRows: number;
  readonly delimiter: string;
  /** Empty: no quoting. */
  readonly quote: string;
  /** Unquoted fields that are NULL. */
  readonly nullMarkers: readonly string[];
  readonly encoding: "utf-8" | "latin-1";
  readonly allowQuotedNewlines: boolean;
  readonly allowJaggedRows: boolean;
  /** Take the characters before the space as they are. */
  readonly preserveControlCharacters: boolean;
}

/** A Parquet file and the columns it has. */
export interface ParquetFormat {
  readonly kind: "PARQUET";
  readonly columns: readonly Column[];
}

export type FileFormat = { readonly kind: "NDJSON" } | CsvFormat | ParquetFormat;

/** A file to load and the columns its rows have. */
export interface Source {
  readonly file: string;
  readonly gzip: boolean;
  readonly format: FileFormat;
  readonly columns: readonly Column[];
  readonly ignoreUnknownValues: boolean;
  /** Go on behind lines that cannot be split into fields. */
  readonly tolerant: boolean;
}

/**
 * The name of the i-th column in a query over a file. Such a query has one typed column per column of the schema and
 * `problem`: NULL, or what is wrong with the row. Its rows come in the order of the file.
 */
export const valueName = (i: number): string => `v${i}`;

/** A row that does not go in. */
export interface BadRow {
  /** From 1, in the file. */
  readonly line: number;
  readonly problem: string;
}

/** One thing that can be wrong with a row: a condition, and the SQL of its message. */
export interface Check {
  readonly when: string;
  readonly message: string;
}

/** The message of the first check that a row fails, or NULL. */
export function problemSql(checks: readonly Check[]): string {
  if (checks.length === 0) return "NULL::VARCHAR";
  return `CASE ${checks.map(({ when, message }) => `WHEN ${when} THEN ${message}`).join(" ")} END`;
}

export function requiredChecks({ name, required }: Column, i: number): Check[] {
  if (!required) return [];
  return [
    { when: `${valueName(i)} IS NULL`, message: quoteText(`missing required field: ${name}`) },
  ];
}

/** What is said of a value that is not one of its column's type. The value itself may be personal, so it is not shown. */
export function conversionMessage(type: SqlType, field: string): string {
  return quoteText(`could not convert the value to ${type.kind}. Field: ${field}`);
}
