import type { GoogleSqlError } from "./errors.ts";

/** Functions of BigQuery that the analyzer does not know. */
const FUNCTIONS = new Set([
  "max_by",
  "min_by",
  "contains_substr",
  "edit_distance",
  "json_keys",
  "cosine_distance",
  "euclidean_distance",
]);

/** Syntax of BigQuery that the analyzer does not know, and how it shows in a statement. */
const SYNTAX: Readonly<Record<string, RegExp>> = {
  "GROUP BY ALL": /\bgroup\s+by\s+all\b/i,
  "BY NAME": /\b(?:union|intersect|except)\s+(?:all|distinct)\s+by\s+name\b/i,
  "pipe syntax": /\|>/,
  "wildcard table": /`[^`]*\*`/,
};

/**
 * The construct for which GoogleSQL's reference has no answer though BigQuery has one: named, where that is why the
 * statement was refused.
 */
export function lackingConstruct(error: GoogleSqlError, sql: string): string | undefined {
  if (error.code === "UNIMPLEMENTED") return error.message;
  const name = /^Function not found: ([\w.]+)/i.exec(error.message)?.[1]?.toLowerCase();
  if (name !== undefined) {
    const known = FUNCTIONS.has(name) || /^(keys|aead)\./.test(name);
    return known ? name.toUpperCase() : undefined;
  }
  return Object.keys(SYNTAX).find((construct) => SYNTAX[construct]?.test(sql));
}
