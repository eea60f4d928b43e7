import { BigQueryError, invalidQuery, refused } from "../../errors.ts";
import { compileDefault, type DefaultValue } from "../default-value.ts";
import { withoutNullElements } from "../elements.ts";
import { isReserved } from "../syntax/reserved.ts";
import { type Column, duckdbType, quoteText, type SqlType } from "../types.ts";
import { readOptions, textOption } from "./options.ts";
import { keyword, type Reader } from "./reader.ts";
import { readType } from "./type.ts";

/** Reads `(a INT64 NOT NULL OPTIONS(description = "…"), b STRING)`. */
export function readColumns(input: Reader): readonly Column[] {
  const columns: Column[] = [];
  input.expect("(");
  do {
    if (isConstraint(input)) skipConstraint(input);
    else columns.push(readColumn(input));
  } while (input.accept(","));
  input.expect(")");
  assertDistinct(columns);
  return columns;
}

/** Reads `a INT64 NOT NULL OPTIONS(description = "…")`. */
export function readColumn(input: Reader): Column {
  const name = readColumnName(input);
  const type = readType(input);
  if (input.at("PRIMARY", "KEY")) input.expect("PRIMARY", "KEY", "NOT", "ENFORCED");
  const before = input.accept("DEFAULT") ? readDefault(input, type) : undefined;
  const required = input.accept("NOT", "NULL");
  const after = !before && input.accept("DEFAULT") ? readDefault(input, type) : undefined;
  const defaultValue = before ?? after;
  if (["COLLATE", "GENERATED", "REFERENCES"].includes(keyword(input.peek()))) {
    throw refused(`${keyword(input.peek())} of a column`, input.peek()?.place);
  }
  const description = input.at("OPTIONS")
    ? textOption(readOptions(input), "description")
    : undefined;
  return {
    name,
    type,
    ...(required ? { required } : {}),
    ...(defaultValue ? { defaultValue } : {}),
    ...(description === undefined ? {} : { description }),
  };
}

const RESERVED_PREFIXES = /^(_partition|_table_|_file_|_row_timestamp|__root__|_colidentifier)/i;

/** Reads the name of a new column. Throws for one that BigQuery keeps for itself. */
export function readColumnName(input: Reader): string {
  const token = input.peek();
  if (token?.kind === "word" && isReserved(token.text)) input.fail("a name");
  const name = input.name();
  assertColumnName(name);
  return name;
}

export function assertColumnName(name: string): void {
  if (!RESERVED_PREFIXES.test(name)) return;
  throw invalidQuery(
    `Invalid field name "${name}". Field names are not allowed to start with the (case-insensitive) prefixes _PARTITION, _TABLE_, _FILE_, _ROW_TIMESTAMP, __ROOT__ and _COLIDENTIFIER`,
  );
}

/** Reads the default value of a column: `DEFAULT 'x'`, from behind the keyword. */
export function readDefault(input: Reader, type: SqlType): DefaultValue {
  const source = input.until("an expression", (token) =>
    [",", ")", "NOT", "OPTIONS"].includes(keyword(token)),
  );
  return compileDefault(source.text, type, source.place);
}

export function isConstraint(input: Reader): boolean {
  return input.at("PRIMARY", "KEY") || input.at("FOREIGN", "KEY") || input.at("CONSTRAINT");
}

/**
 * Reads `[CONSTRAINT c] PRIMARY KEY (a) NOT ENFORCED` or `FOREIGN KEY (a) REFERENCES t (b) NOT ENFORCED`. BigQuery checks
 * neither when rows come: keys only inform its optimizer, so nothing is kept of them.
 */
export function skipConstraint(input: Reader): void {
  if (input.accept("CONSTRAINT")) {
    input.accept("IF", "NOT", "EXISTS");
    input.name();
  }
  if (input.accept("PRIMARY", "KEY")) input.parenthesised();
  else {
    input.expect("FOREIGN", "KEY");
    input.parenthesised();
    input.expect("REFERENCES");
    input.path();
    input.parenthesised();
  }
  input.expect("NOT", "ENFORCED");
}

export function assertDistinct(columns: readonly Column[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const key = name.toLowerCase();
    if (seen.has(key))
      throw new BigQueryError("invalid", `Duplicate column name ${name} in schema`);
    seen.add(key);
  }
}

export function findColumn(columns: readonly Column[], name: string): Column | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** A column that a statement can write to. */
export interface WritableColumn extends Column {
  /** Of _PARTITIONTIME: the unit of the partitions. */
  readonly truncatedTo?: string;
}

/** The value as the column stores it: BigQuery stores a NULL array as an empty one. */
export function stored(sql: string, { name, type, truncatedTo }: WritableColumn): string {
  const value = `(${withoutNullElements(sql, type, name)})::${duckdbType(type)}`;
  if (truncatedTo !== undefined) {
    const message = `${name} must be the beginning of a partition: a ${truncatedTo} in UTC`;
    const isBeginning = `date_trunc('${truncatedTo}', timezone('UTC', ${value})) = timezone('UTC', ${value})`;
    return `CASE WHEN ${isBeginning} THEN ${value} ELSE error(${quoteText(message)}) END`;
  }
  return type.kind === "ARRAY" ? `coalesce(${value}, [])` : value;
}

/** What a row gets that says nothing about the column. */
export function defaultSql(column: WritableColumn): string {
  return stored(column.defaultValue?.sql ?? "NULL", column);
}
