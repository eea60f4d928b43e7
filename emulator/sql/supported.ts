import { aggregates } from "./aggregates.ts";
import { conditionals } from "./conditionals.ts";
import { scalarFunctions } from "./functions/index.ts";
import { windowFunctions } from "./window.ts";

/** One line of the list of what the emulator supports. */
export interface Supported {
  readonly kind: "construct" | "function" | "aggregate" | "window function";
  readonly name: string;
  readonly signature: string;
}

/** Query and expression syntax. What is in no line here is refused by name. */
const CONSTRUCTS: readonly (readonly [name: string, signature: string])[] = [
  ["SELECT", "SELECT [DISTINCT] [AS STRUCT | AS VALUE] …, *, t.* [EXCEPT (…)] [REPLACE (…)]"],
  ["FROM", "tables, views, subqueries, comma joins, parentheses"],
  ["JOIN", "[INNER], LEFT, RIGHT, FULL, CROSS; ON, USING"],
  [
    "UNNEST",
    "UNNEST(array) [AS x] [WITH OFFSET [AS o]], t.array; also correlated and behind LEFT JOIN",
  ],
  [
    "RANGE_SESSIONIZE",
    "RANGE_SESSIONIZE(TABLE t | (subquery), 'range column', ['partitioning column', …][, 'MEETS' | 'OVERLAPS'])",
  ],
  [
    "PIVOT, UNPIVOT",
    "PIVOT(aggregate, … FOR x IN (…)), UNPIVOT [INCLUDE NULLS] (value FOR name IN (…))",
  ],
  ["WHERE, HAVING, QUALIFY", "conditions on rows, groups and window functions"],
  ["GROUP BY", "expressions, aliases, positions, ALL, ROLLUP, CUBE, GROUPING SETS"],
  ["ORDER BY, LIMIT, OFFSET", "ASC, DESC, NULLS FIRST, NULLS LAST"],
  ["WINDOW", "OVER (PARTITION BY … ORDER BY … ROWS | RANGE …), named windows"],
  ["WITH", "WITH [RECURSIVE] name AS (…); recursion as base UNION ALL step"],
  ["Set operations", "UNION ALL, UNION DISTINCT, INTERSECT DISTINCT, EXCEPT DISTINCT"],
  ["Subqueries", "scalar, ARRAY(…), EXISTS(…), IN (…); correlated"],
  ["Operators", "+ - * / || << >> & | ^ ~ = != <> < <= > >= AND OR NOT"],
  [
    "Comparisons",
    "BETWEEN, IN (…), IN UNNEST(…), LIKE, LIKE ANY | ALL (…), IS [NOT] NULL | TRUE | FALSE | DISTINCT FROM",
  ],
  ["Conditionals", "CASE, IF, COALESCE, IFNULL, NULLIF"],
  ["Conversions", "CAST, SAFE_CAST, implicit coercion of literals and parameters"],
  ["Constructors", "STRUCT(…), STRUCT<…>(…), (a, b), […], ARRAY<…>[…]"],
  [
    "Access",
    "fields a.b.c; array[OFFSET | ORDINAL | SAFE_OFFSET | SAFE_ORDINAL (n)], array[n]; json.key, json['key'], json[n]",
  ],
  ["EXTRACT", "EXTRACT(part FROM value [AT TIME ZONE zone])"],
  ["INTERVAL", "INTERVAL n part, INTERVAL 'text' part TO part; arithmetic with dates and times"],
  [
    "Literals",
    "NULL, numbers, 0x…, strings and bytes in every form, DATE, TIME, DATETIME, TIMESTAMP, NUMERIC, BIGNUMERIC, JSON, RANGE<T>",
  ],
  ["Parameters and variables", "@name, ?, @@system_variable, script variables"],
  ["SAFE.", "SAFE.function(…): errors become NULL"],
  ["User functions", "SQL and JavaScript functions"],
];

/** All that queries can use, in the order of the README. */
export function supported(): readonly Supported[] {
  const functions = [...conditionals, ...scalarFunctions.values()];
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const line = (kind: Supported["kind"]) => (entry: { name: string; signature: string }) => {
    return { kind, name: entry.name, signature: entry.signature };
  };
  return [
    ...CONSTRUCTS.map(([name, signature]) => ({ kind: "construct" as const, name, signature })),
    ...functions.toSorted(byName).map(line("function")),
    ...aggregates.toSorted(byName).map(line("aggregate")),
    ...windowFunctions.toSorted(byName).map(line("window function")),
  ];
}
