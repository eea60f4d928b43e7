import { refused } from "../../errors.ts";
import { keywordsOf } from "./keywords.ts";
import type { Token } from "./lex.ts";
import { isNode, type Node } from "./node.ts";

/** Words that the tree holds as structure: they are counted by `keywordsOf`, or mean nothing without their neighbours. */
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
 * Refuses a query when the parser has dropped part of it, which it does with words it does not expect (`1 NOT AS a`,
 * `LIMIT 1 WITH TIES`): every literal, function, name, number and telling keyword of the text must be in the tree.
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
  // What the marks brought is theirs: a function `if` does not stand for a stray word `if`.
  for (const index of marks) take(leaves, tokens[index]?.text ?? "");
  const keywords = keywordsOf(tree);
  tokens.forEach((token, index) => {
    if (marked.has(index)) return;
    const inTree = isKeyword(tokens, index, keywords)
      ? take(keywords, token.text)
      : !mustBeInTree(token) || take(leaves, token.text);
    if (!inTree) throw refused(`${token.text} in this place`, token.place);
  });
}

/** A keyword that is counted; those in the tail of a call are written another way (mark.ts). */
function isKeyword(
  tokens: readonly Token[],
  index: number,
  keywords: ReadonlyMap<string, number>,
): boolean {
  const token = tokens[index];
  if (token?.kind !== "word" && token?.kind !== "op") return false;
  if (!keywords.has(token.text.toLowerCase())) return false;
  const [before, after] = [tokens[index - 1], tokens[index + 1]];
  if (before?.text === "." && token.kind === "word") return false;
  const word = token.text.toUpperCase();
  if (word === "HAVING") return !/^(?:max|min)$/i.test(after?.text ?? "");
  if (word === "NULLS") return !/^(?:ignore|respect)$/i.test(before?.text ?? "");
  return true;
}

function take(counts: Map<string, number>, text: string): boolean {
  const key = text.toLowerCase();
  const left = counts.get(key) ?? 0;
  counts.set(key, left - 1);
  return left > 0;
}

function mustBeInTree(token: Token): boolean {
  if (token.kind === "word") return !STRUCTURE.has(token.text.toUpperCase());
  return token.kind === "quoted" || (token.kind === "number" && !/^0x/i.test(token.text));
}

/** Words that stand in the tree as a property that is true, or a list. */
const WORD_OF_PROPERTY: Readonly<Record<string, string>> = {
  by_name: "name",
  corresponding: "corresponding",
  strict: "strict",
  rename: "rename",
};

/** How often each text occurs in the tree, in lower case; parts of a joined path count each. */
function countLeaves(value: unknown, counts: Map<string, number>): Map<string, number> {
  if (Array.isArray(value)) for (const item of value) countLeaves(item, counts);
  else if (isNode(value)) {
    for (const [key, child] of Object.entries(value)) {
      if (key !== "place") countLeaves(child, counts);
      const isThere = child === true || (Array.isArray(child) && child.length > 0);
      const word = isThere ? WORD_OF_PROPERTY[key] : undefined;
      if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  } else if (typeof value === "string" || typeof value === "number") {
    const text = String(value).toLowerCase();
    const parts = new Set([text, ...text.split(/[-.(), ]+/)]);
    for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return counts;
}
