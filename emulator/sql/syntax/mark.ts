import { invalidQuery, refused } from "../../errors.ts";
import type { Token } from "./lex.ts";

/**
 * The parser has a node of its own for each of some hundred functions, keeps no places of literals and reads escapes
 * and prefixes of literals in its own way. So it never sees them: a literal is given to it as the number of its token,
 * the name of a function with the number of its token behind it. `parse.ts` puts the real things into the tree.
 */
export const MARK = "\u0001";

export interface MarkedText {
  readonly text: string;
  /** Numbers of the tokens that must come back in the tree. */
  readonly marks: readonly number[];
  /** The token that starts at (or covers) an offset of the marked text, counted in code points. */
  readonly tokenAt: (offset: number) => Token | undefined;
}

/** Words before `(` that are syntax, not the name of a function. */
const NO_FUNCTION = new Set(
  `ALL AND ANY ARRAY AS ASC AT BETWEEN BY CASE CAST COLLATE CREATE CROSS CUBE CURRENT DEFAULT DESC DISTINCT ELSE END
  ESCAPE EXCEPT EXISTS EXTRACT FALSE FOLLOWING FOR FROM FULL GROUP GROUPING HAVING IGNORE IN INNER INTERSECT INTERVAL INTO
  IS JOIN LATERAL LIKE LIMIT MERGE NATURAL NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING QUALIFY
  RECURSIVE RESPECT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE
  WINDOW WITH SAFE_CAST VALUES OPTIONS PIVOT UNPIVOT SETS KEY COLUMN TABLE INSERT SYSTEM BERNOULLI RESERVOIR REPEATABLE VALUE
  RETURNS`.split(/\s+/),
);
/** Type names that take parameters: functions only where an expression can start. */
const PARAMETERIZED = new Set([
  "STRING",
  "BYTES",
  "NUMERIC",
  "BIGNUMERIC",
  "DECIMAL",
  "BIGDECIMAL",
]);
/** Positional parameters are given to the parser as named ones: this and their number. */
export const POSITIONAL = "__positional_";
/** Alias of the subquery that holds what stands behind the arguments of a call. */
export const TAIL = "\u0002";

export function markTokens(tokens: readonly Token[]): MarkedText {
  const words = tokens.map(writtenForParser);
  const marks: number[] = [];
  let positional = 0;
  tokens.forEach((token, i) => {
    refuseLooseSyntax(tokens, i);
    if (isRangeType(tokens, i)) writeRangeType(tokens, i, words);
    if (isTableArgument(tokens, i)) writeTableArgument(tokens, i, words);
    if (token.kind === "string" || token.kind === "bytes") {
      if (isLiteral(tokens[i - 1])) {
        throw invalidQuery(
          "Syntax error: Unexpected string literal; adjacent literals are not joined",
          token.place,
        );
      }
      words[i] = `'${MARK}${i}'`;
      marks.push(i);
    } else if (isFunctionName(tokens, i) && words[i] !== HAVING_MAX && words[i] !== HAVING_MIN) {
      marks.push(markFunction(tokens, i, words));
    } else if (token.kind === "op" && token.text === "?") {
      positional++;
      words[i] = `@${POSITIONAL}${positional}`;
    } else if (isWord(token, "WITH") && isWord(tokens[i + 1], "OFFSET")) {
      unnestPath(tokens, i, words);
    }
  });
  return { text: words.join(" "), marks, tokenAt: locator(tokens, words) };
}

/** What the parser takes and GoogleSQL does not: stray commas, FROM before SELECT, `name (SELECT …)`. */
function refuseLooseSyntax(tokens: readonly Token[], i: number): void {
  const [previous, token] = [tokens[i - 1], tokens[i]];
  if (!token) return;
  const closes = token.kind === "op" && (token.text === ")" || token.text === "]");
  const opens = previous?.kind === "op" && ["(", "[", ","].includes(previous.text);
  const isComma = token.kind === "op" && token.text === ",";
  const isLast = i === tokens.length - 1;
  if (isComma && (isLast || CLAUSES.some((word) => isWord(tokens[i + 1], word)))) {
    throw invalidQuery('Syntax error: Unexpected ","', token.place);
  }
  if ((closes && previous?.kind === "op" && previous.text === ",") || (isComma && opens)) {
    throw invalidQuery(`Syntax error: Unexpected ${JSON.stringify(token.text)}`, token.place);
  }
  if ((isWord(token, "SELECT") || isWord(token, "WITH")) && isFunctionName(tokens, i - 2)) {
    throw invalidQuery(`Syntax error: Unexpected keyword ${token.text.toUpperCase()}`, token.place);
  }
  if (isWord(token, "FOR") && isWord(tokens[i + 1], "SYSTEM_TIME")) {
    throw refused("FOR SYSTEM_TIME AS OF", token.place, "a copy or snapshot of the table");
  }
  const isRename = isWord(token, "RENAME") && previous?.kind === "op" && previous.text === "*";
  if (isRename && token.start >= 0) {
    throw invalidQuery("Syntax error: Unexpected identifier RENAME", token.place);
  }
  const begins = !previous || (previous.kind === "op" && previous.text === "(");
  const follows = isWord(previous, "ALL") || isWord(previous, "AS");
  if (isWord(token, "FROM") && (begins || follows)) {
    throw invalidQuery("Syntax error: Unexpected keyword FROM", token.place);
  }
}

const CLAUSES = ["WHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW", "ORDER", "LIMIT", "UNION"];

function isRangeType(tokens: readonly Token[], i: number): boolean {
  return isWord(tokens[i], "RANGE") && tokens[i + 1]?.text === "<" && tokens[i - 1]?.text !== ".";
}

/**
 * The parser takes `RANGE<DATE>` for comparisons: it gets the type as one name, and nothing before a literal, whose
 * element `rangeLiteralElement` tells.
 */
function writeRangeType(tokens: readonly Token[], i: number, words: string[]): void {
  const [element, close] = [tokens[i + 2], tokens[i + 3]];
  const isElement = ["DATE", "DATETIME", "TIMESTAMP"].some((name) => isWord(element, name));
  if (!isElement || (close?.text !== ">" && close?.text !== ">>"))
    throw invalidQuery("RANGE takes DATE, DATETIME or TIMESTAMP", tokens[i]?.place);
  const name = isLiteral(tokens[i + 4]) ? "" : `\`RANGE<${element?.text.toUpperCase()}>\``;
  words.splice(i, 4, name, "", "", close.text.slice(1));
}

/** DATE of RANGE<DATE> when the literal at this position stands behind it; undefined for another literal. */
export function rangeLiteralElement(tokens: readonly Token[], i: number): string | undefined {
  const isRange = tokens[i - 1]?.text === ">" && i >= 4 && isRangeType(tokens, i - 4);
  return isRange ? tokens[i - 2]?.text.toUpperCase() : undefined;
}

function isTableArgument(tokens: readonly Token[], i: number): boolean {
  const [before, after] = [tokens[i - 1], tokens[i + 1]];
  return isWord(tokens[i], "TABLE") && /^[(,]$/.test(before?.text ?? "") && isName(after);
}

/** `f(TABLE d.t)` is written as `f((SELECT * FROM d.t AS TABLE))`: the parser loses the word otherwise. */
function writeTableArgument(tokens: readonly Token[], i: number, words: string[]): void {
  let end = i + 1;
  while (tokens[end + 1]?.text === "." && isName(tokens[end + 2])) end += 2;
  words[i] = "( SELECT * FROM";
  words[end] = `${words[end]} AS \`TABLE\` )`;
}

function isLiteral(token: Token | undefined): boolean {
  return token?.kind === "string" || token?.kind === "bytes";
}

export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text.toUpperCase() === word;
}

function isName(token: Token | undefined): boolean {
  return token?.kind === "word" || token?.kind === "quoted";
}

function writtenForParser(token: Token): string {
  if (!isLiteral(token) && token.text.includes(MARK)) {
    throw refused("the control character U+0001 outside a literal", token.place);
  }
  switch (token.kind) {
    case "quoted":
      if (/[`\\\n]/.test(token.text))
        throw refused("an identifier with a backquote or backslash", token.place);
      return `\`${token.text}\``;
    case "parameter":
      return `@${token.text}`;

    case "system":
      return `@@${token.text}`;
    default:
      return token.text;
  }
}

function isFunctionName(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (!token || !isName(token) || tokens[i + 1]?.text !== "(" || tokens[i + 1]?.kind !== "op")
    return false;
  if (token.kind === "quoted") return !isWord(tokens[i - 1], "AS");
  const word = token.text.toUpperCase();
  const previous = tokens[i - 1];
  if (previous?.text === "." && previous.kind === "op") return true;
  if (NO_FUNCTION.has(word)) return false;
  if (PARAMETERIZED.has(word)) return startsExpression(previous);
  if (word === "RENAME" && previous?.text === "*") return false;
  // `* REPLACE (…)`, `t.* EXCEPT (…) REPLACE (…)`
  if (word === "REPLACE" && (previous?.text === "*" || previous?.text === ")")) return false;
  // EXTRACT(WEEK(MONDAY) FROM d)
  if (word === "WEEK" && previous?.text === "(" && isWord(tokens[i - 2], "EXTRACT")) return false;
  return true;
}

/** True behind an operator or a keyword that an expression follows, so that `STRING(` is a function and not a type. */
function startsExpression(previous: Token | undefined): boolean {
  if (!previous || previous.kind === "op") return previous?.text !== "<" && previous?.text !== ")";
  return (
    previous.kind === "word" &&
    NO_FUNCTION.has(previous.text.toUpperCase()) &&
    !isWord(previous, "AS")
  );
}

/** Joins the path before the parenthesis into one marked name: `` `safe.net.host…` ``. Returns the mark. */
function markFunction(tokens: readonly Token[], i: number, words: string[]): number {
  let name = tokens[i]?.text ?? "";
  let first = i;
  while (tokens[first - 1]?.text === "." && isName(tokens[first - 2])) {
    words[first - 1] = "";
    words[first - 2] = "";
    first -= 2;
    name = `${tokens[first]?.text}.${name}`;
  }
  words[i] = `\`${name}${MARK}${first}\``;
  markTail(tokens, i + 1, words);
  return first;
}

/**
 * What may stand behind the arguments (IGNORE NULLS, HAVING MAX, ORDER BY, LIMIT) is known to the parser for some functions
 * only. It is given to it as one more argument, a subquery, for all alike: `x IGNORE NULLS HAVING MAX y ORDER BY z LIMIT 1`
 * becomes `x, (SELECT TRUE AS …, max(y) ORDER BY z LIMIT 1)`, with FALSE for RESPECT NULLS and NULL for neither.
 */
function markTail(tokens: readonly Token[], open: number, words: string[]): void {
  const { modifiers, close } = scanCall(tokens, open);
  const [first] = modifiers;
  if (first === undefined || close === undefined || first === open + 1) return;
  const nulls = modifiers.find((i) => isWord(tokens[i], "IGNORE") || isWord(tokens[i], "RESPECT"));
  const having = modifiers.find((i) => isWord(tokens[i], "HAVING"));
  const ignore = nulls === undefined ? "NULL" : isWord(tokens[nulls], "IGNORE") ? "TRUE" : "FALSE";
  if (nulls !== undefined) {
    if (!isWord(tokens[nulls + 1], "NULLS")) return;
    words[nulls] = "";
    words[nulls + 1] = "";
  }
  if (having !== undefined) {
    if (!isWord(tokens[having + 1], "MAX") && !isWord(tokens[having + 1], "MIN")) return;
    words[having] = ",";
    words[having + 1] = isWord(tokens[having + 1], "MAX") ? HAVING_MAX : HAVING_MIN;
    const end = modifiers.find((i) => i > having) ?? close;
    words[end] = `) ${words[end]}`;
  }
  words[first] = `, ( SELECT ${ignore} AS \`${TAIL}\` ${words[first]}`;
  words[close] = `${words[close]} )`;
}

const HAVING_MAX = "`MAX` (";
const HAVING_MIN = "`MIN` (";
const MODIFIERS = ["IGNORE", "RESPECT", "HAVING", "ORDER", "LIMIT"];

/** The positions of the modifiers of a call whose parenthesis opens at `open`, and of its closing parenthesis. */
function scanCall(tokens: readonly Token[], open: number) {
  const modifiers: number[] = [];
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind === "op" && (token.text === "(" || token.text === "[")) depth++;
    else if (token?.kind === "op" && (token.text === ")" || token.text === "]")) depth--;
    else if (depth === 1 && MODIFIERS.some((word) => isWord(token, word))) modifiers.push(i);
    if (depth === 0) return { modifiers, close: i };
  }
  return { modifiers, close: undefined };
}

/** `t.items AS item WITH OFFSET` is written as `UNNEST(t.items) AS item WITH OFFSET`: the parser loses the former's offset. */
function unnestPath(tokens: readonly Token[], withIndex: number, words: string[]): void {
  let end = withIndex - 1;
  if (isName(tokens[end]) && isWord(tokens[end - 1], "AS")) end -= 2;
  else if (isName(tokens[end]) && isName(tokens[end - 1])) end -= 1;
  if (!isName(tokens[end])) return;
  let start = end;
  while (tokens[start - 1]?.text === "." && isName(tokens[start - 2])) start -= 2;
  if (tokens[start - 1]?.text !== "," && !isWord(tokens[start - 1], "JOIN")) return;
  words[start] = `UNNEST ( ${words[start]}`;
  words[end] = `${words[end]} )`;
}

function locator(tokens: readonly Token[], words: readonly string[]) {
  const ends: number[] = [];
  let offset = 0;
  for (const word of words) {
    offset += [...word].length;
    ends.push(offset);
    offset += 1;
  }
  return (at: number): Token | undefined => {
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return tokens[low];
  };
}
