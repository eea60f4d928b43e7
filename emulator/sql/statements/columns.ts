import { BigQueryError, refused } from "../../errors.ts";
import { type Column, duckdbType, type SqlType } from "../types.ts";
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
  const name = input.name();
  const type = readType(input);
  if (input.at("PRIMARY", "KEY")) input.expect("PRIMARY", "KEY", "NOT", "ENFORCED");
  const required = input.accept("NOT", "NULL");
  if (
    input.at("DEFAULT") ||
    input.at("COLLATE") ||
    input.at("GENERATED") ||
    input.at("REFERENCES")
  ) {
    throw refused(`${keyword(input.peek())} of a column`, input.peek()?.place);
  }
  const description = input.at("OPTIONS")
    ? textOption(readOptions(input), "description")
    : undefined;
  return {
    name,
    type,
    ...(required ? { required } : {}),
    ...(description === undefined ? {} : { description }),
  };
}

function isConstraint(input: Reader): boolean {
  return input.at("PRIMARY", "KEY") || input.at("FOREIGN", "KEY") || input.at("CONSTRAINT");
}

/** Keys are not enforced in BigQuery either: they only inform its optimizer. */
function skipConstraint(input: Reader): void {
  input.until("a constraint", (token) => [",", ")"].includes(keyword(token)));
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

/** The value as a column of the type stores it: BigQuery stores a NULL array as an empty one. */
export function stored(sql: string, type: SqlType): string {
  const value = `(${sql})::${duckdbType(type)}`;
  return type.kind === "ARRAY" ? `coalesce(${value}, [])` : value;
}
