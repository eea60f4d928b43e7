import { refused } from "../../errors.ts";
import type { Token } from "./lex.ts";
import { isNode, type Node } from "./node.ts";

/** Words that are grammar in some place, so that the tree may hold them as structure and not as text. */
const STRUCTURE = new Set(
  `ALL AND ANY ARRAY AS ASC AT BETWEEN BY CASE CAST COLLATE CROSS CUBE CURRENT DESC DISTINCT ELSE END ESCAPE EXCEPT EXISTS
  EXTRACT FALSE FOLLOWING FOR FROM FULL GROUP GROUPING HAVING IGNORE IN INNER INTERSECT INTERVAL IS JOIN LEFT LIKE LIMIT NOT
  NULL NULLS ON OR ORDER OUTER OVER PARTITION PRECEDING QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SETS SOME
  STRUCT TABLESAMPLE THEN TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH SAFE_CAST OFFSET ROW FIRST LAST PIVOT
  UNPIVOT VALUE VALUES REPLACE MAX MIN SYSTEM PERCENT FORMAT ZONE TIME INCLUDE EXCLUDE WEEK TO
  INT64 INT INTEGER SMALLINT BIGINT TINYINT BYTEINT FLOAT64 NUMERIC DECIMAL BIGNUMERIC BIGDECIMAL BOOL BOOLEAN STRING BYTES
  DATE DATETIME TIMESTAMP JSON`.split(/\s+/),
);

/**
 * Refuses a query when the parser has dropped part of it, which it does for clauses it does not know (`WITH TIES`,
 * WITH before a parenthesis): every literal, function, name and number of the text must be in the tree.
 */
export function assertNothingLost(
  tokens: readonly Token[],
  marks: readonly number[],
  seen: ReadonlySet<number>,
  tree: Node,
): void {
  const lost = marks.find((index) => !seen.has(index));
  if (lost !== undefined) throw refused("this clause", tokens[lost]?.place);
  if (!["select", "union", "except", "intersect", "subquery"].some((kind) => kind in tree)) return;
  const marked = new Set(marks);
  const leaves = countLeaves(tree, new Map());
  tokens.forEach((token, index) => {
    if (marked.has(index) || !mustBeInTree(token)) return;
    const key = token.text.toLowerCase();
    const left = leaves.get(key) ?? 0;
    if (left === 0) throw refused(`${token.text} in this place`, token.place);
    leaves.set(key, left - 1);
  });
}

function mustBeInTree(token: Token): boolean {
  if (token.kind === "word") return !STRUCTURE.has(token.text.toUpperCase());
  return token.kind === "quoted" || (token.kind === "number" && !/^0x/i.test(token.text));
}

/** How often each text occurs in the tree, in lower case; parts of a joined path count each. */
function countLeaves(value: unknown, counts: Map<string, number>): Map<string, number> {
  if (Array.isArray(value)) for (const item of value) countLeaves(item, counts);
  else if (isNode(value)) {
    for (const [key, child] of Object.entries(value))
      if (key !== "place") countLeaves(child, counts);
  } else if (typeof value === "string" || typeof value === "number") {
    const text = String(value).toLowerCase();
    const parts = new Set([text, ...text.split(/[-.(), ]+/)]);
    for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return counts;
}
