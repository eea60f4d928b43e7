import type { GoogleSqlError } from "./errors.ts";
import { parseType } from "./types.ts";

type Argument = { readonly kind: string };

const any = (n: 1 | 2): Argument => ({ kind: `ARG_TYPE_ANY_${n}` });
const fixed = (type: string) => ({ kind: "ARG_TYPE_FIXED", type: parseType(type) });
const optional = <T extends Argument>(argument: T, name?: string) => ({
  ...argument,
  options: {
    cardinality: "OPTIONAL",
    ...(name ? { argumentName: name, namedArgumentKind: "POSITIONAL_OR_NAMED" } : {}),
  },
});

/** Functions of BigQuery that the analyzer does not know, with their signatures: they are checked, and have no value. */
const FUNCTIONS: Readonly<
  Record<string, { arguments: readonly Argument[]; returns: Argument; aggregates?: true }>
> = {
  max_by: { arguments: [any(1), any(2)], returns: any(1), aggregates: true },
  min_by: { arguments: [any(1), any(2)], returns: any(1), aggregates: true },
  contains_substr: {
    arguments: [any(1), fixed("STRING"), optional(fixed("STRING"), "json_scope")],
    returns: fixed("BOOL"),
  },
  edit_distance: {
    arguments: [fixed("STRING"), fixed("STRING"), optional(fixed("INT64"), "max_distance")],
    returns: fixed("INT64"),
  },
  json_keys: {
    arguments: [fixed("JSON"), optional(fixed("INT64")), optional(fixed("STRING"), "mode")],
    returns: fixed("ARRAY<STRING>"),
  },
  // Of numbers, or of pairs of a dimension and a number.
  cosine_distance: { arguments: [any(1), any(1)], returns: fixed("FLOAT64") },
  euclidean_distance: { arguments: [any(1), any(1)], returns: fixed("FLOAT64") },
};

/** Others, and families of them, of which nothing is checked. */
const UNCHECKED = new Set([
  "bag_of_words",
  "json_flatten",
  "search",
  "text_analyze",
  "tf_idf",
  "vector_search",
]);
const FAMILIES = /^(?:(?:aead|ai|keys|kll_quantiles|ml|obj)\.|deterministic_|dlp_)/;

/** These functions as a catalogue has them. */
export const LACKING_FUNCTIONS: readonly object[] = Object.entries(FUNCTIONS).map(
  ([name, { arguments: argument, returns, aggregates }]) => ({
    namePath: [name],
    group: "External_function",
    mode: aggregates ? "AGGREGATE" : "SCALAR",
    signature: [
      {
        argument: argument.map((each) => ({ ...each, numOccurrences: 1 })),
        returnType: { ...returns, numOccurrences: 1 },
      },
    ],
  }),
);

/** Syntax of BigQuery that the analyzer does not know: how it shows in a statement, and what is said of it. */
const SYNTAX: Readonly<Record<string, { sql: RegExp; message: RegExp }>> = {
  "GROUP BY ALL": { sql: /\bgroup\s+by\s+all\b/i, message: /^GROUP BY ALL/ },
  "BY NAME": {
    sql: /\b(?:union|intersect|except)\s+(?:all|distinct)\s+by\s+name\b/i,
    message: /got keyword BY$/,
  },
  "pipe syntax": { sql: /\|>/, message: /^Syntax error/ },
  "ingestion-time partitions": {
    sql: /_partition(?:time|date)/i,
    message: /^Unrecognized name: (?:\w+\.)?_partition(?:time|date)/i,
  },
  "temporary tables by _SESSION": {
    sql: /_session\./i,
    message: /^Table not found: _session\./i,
  },
  "wildcard table": { sql: /`[^`]*\*`/, message: /^Table not found: .*\*/ },
  INFORMATION_SCHEMA: {
    sql: /INFORMATION_SCHEMA/i,
    message: /^Table not found: .*INFORMATION_SCHEMA/i,
  },
};

/**
 * The construct for which GoogleSQL's reference has no answer though BigQuery has one: named, where that is why the
 * statement was refused.
 */
export function lackingConstruct(
  { code, message }: GoogleSqlError,
  sql: string,
): string | undefined {
  if (code === "UNIMPLEMENTED") {
    const called = /^User-defined function (\S+) has no evaluator/.exec(message)?.[1];
    return called ? `JavaScript function ${called}` : message;
  }
  const statement = /^Statement not supported: (\w+)/.exec(message)?.[1];
  if (statement !== undefined) return statement;
  const [, tableFunction] = /^Table-valued function not found: ([^;]+)/.exec(message) ?? [];
  if (tableFunction !== undefined) return `table function ${tableFunction}`;
  const name = /^Function not found: ([\w.]+)/i.exec(message)?.[1]?.toLowerCase();
  if (name !== undefined) {
    const known = name in FUNCTIONS || UNCHECKED.has(name) || FAMILIES.test(name);
    return known ? name.toUpperCase() : undefined;
  }
  return Object.keys(SYNTAX).find(
    (construct) => SYNTAX[construct]?.sql.test(sql) && SYNTAX[construct].message.test(message),
  );
}
