import { invalidQuery, refused } from "../../errors.ts";
import { aggregateFunctions } from "../aggregates.ts";
import type { Token } from "./lex.ts";
import { isWord } from "./mark.ts";
import type { Item } from "./pipes.ts";

/** The parts of a list. */
export function splitAtCommas(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (item[0]?.kind === "op" && item[0].text === ",") parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
}

/**
 * The SELECT list and the clauses that AGGREGATE … [GROUP [AND ORDER] BY …] stands for: the keys come first.
 * @param word makes a token that the query does not have
 */
export function aggregateItems(
  items: readonly Item[],
  word: (text: string) => Token,
): { readonly list: readonly Token[]; readonly groupBy: readonly Token[] } {
  const group = items.findIndex(([token]) => isWord(token, "GROUP"));
  checkAggregates(group < 0 ? items : items.slice(0, group));
  if (group < 0) return { list: items.flat(), groupBy: [] };
  const isOrdered = isWord(items[group + 1]?.[0], "AND") && isWord(items[group + 2]?.[0], "ORDER");
  const by = group + (isOrdered ? 3 : 1);
  if (!isWord(items[by]?.[0], "BY")) {
    throw invalidQuery("Syntax error: Expected keyword BY", items[by]?.[0]?.place);
  }
  const keys = splitAtCommas(items.slice(by + 1)).map((key) => readKey(key, isOrdered));
  const values = items.slice(0, group).flat();
  const listed = (parts: readonly (readonly Token[])[]) =>
    parts.flatMap((part, i) => (i > 0 ? [word(","), ...part] : part));
  const number = (i: number): Token => ({ ...word(String(i + 1)), kind: "number" });
  const order = [
    word("ORDER"),
    word("BY"),
    ...listed(keys.map((key, i) => [number(i), ...key.order])),
  ];
  return {
    list: listed([...keys.map((key) => key.value), ...(values.length > 0 ? [values] : [])]),
    groupBy: [
      ...[word("GROUP"), word("BY"), ...listed(keys.map((_, i) => [number(i)]))],
      ...(isOrdered ? order : []),
    ],
  };
}

/** Without this a query would have a row per row of its input, or a column that is neither key nor sum. */
function checkAggregates(items: readonly Item[]): void {
  const parts = splitAtCommas(items).map((part) => part.flat());
  for (const [i, part] of parts.entries()) {
    // Nothing before GROUP BY, or behind the last comma.
    if (part.length === 0 && i === parts.length - 1) continue;
    const over = findOver(part);
    if (over) {
      throw invalidQuery("Analytic function not allowed in |> AGGREGATE", over.place);
    }
    if (!findAggregate(part)) {
      throw invalidQuery(
        "Expression in |> AGGREGATE must include an aggregate function call; use |> EXTEND or |> SELECT for others",
        part[0]?.place,
      );
    }
  }
}

/** The first OVER outside subqueries. */
function findOver(tokens: readonly Token[]): Token | undefined {
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]?.kind === "op" && tokens[i]?.text === "(" && startsQuery(tokens[i + 1])) {
      i = closeOf(tokens, i);
    } else if (isWord(tokens[i], "OVER") && tokens[i - 1]?.text === ")") {
      return tokens[i];
    }
  }
  return undefined;
}

/** A key with its alias, and the direction behind it. */
function readKey(key: readonly Item[], isOrdered: boolean) {
  const tokens = key.flat();
  const [first] = tokens;
  if (["ROLLUP", "CUBE", "GROUPING"].some((name) => isWord(first, name))) {
    throw refused(`|> AGGREGATE … GROUP BY ${first?.text.toUpperCase()}`, first?.place);
  }
  if (isOnlyLiteral(tokens)) {
    throw refused(
      "a literal in |> AGGREGATE … GROUP BY",
      first?.place,
      "the name or the expression of the key",
    );
  }
  const at = tokens.findIndex((token) => isWord(token, "ASC") || isWord(token, "DESC"));
  if (at < 0) return { value: tokens, order: [] };
  if (!isOrdered) throw refused("a direction in |> AGGREGATE … GROUP BY", tokens[at]?.place);
  return { value: tokens.slice(0, at), order: tokens.slice(at) };
}

/** A number is no place in a list here: BigQuery groups by no literal. */
function isOnlyLiteral([first, second, third]: readonly Token[]): boolean {
  const isLiteral =
    first !== undefined &&
    (["number", "string", "bytes"].includes(first.kind) ||
      ["NULL", "TRUE", "FALSE"].some((name) => isWord(first, name)));
  const isEnd = third === undefined || ["AS", "ASC", "DESC"].some((name) => isWord(second, name));
  return isLiteral && isEnd;
}

/** The first call of an aggregate function that is no window function, outside subqueries. */
export function findAggregate(tokens: readonly Token[]): Token | undefined {
  for (let i = 0; i < tokens.length; i++) {
    const [token, next, inner] = tokens.slice(i, i + 3);
    if (token?.kind === "op" && token.text === "(" && startsQuery(next)) {
      i = closeOf(tokens, i);
    } else if (token?.kind === "word" && next?.text === "(" && tokens[i - 1]?.text !== ".") {
      const isAggregate = aggregateFunctions.has(token.text.toUpperCase());
      const close = closeOf(tokens, i + 1);
      if (isAggregate && !isWord(tokens[close + 1], "OVER") && inner) return token;
      if (isAggregate) i = close;
    }
  }
  return undefined;
}

export function startsQuery(token: Token | undefined): boolean {
  return isWord(token, "SELECT") || isWord(token, "WITH") || isWord(token, "FROM");
}

export function closeOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]?.kind !== "op") continue;
    if (tokens[i]?.text === "(") depth++;
    else if (tokens[i]?.text === ")" && --depth === 0) return i;
  }
  return tokens.length;
}

/** The name of the only table of a FROM clause; undefined when there are several, or a subquery without a name. */
export function viewOf(from: readonly Token[]): Token | undefined {
  const isGroup = from[0]?.text === "(" && from[0].kind === "op";
  let i = isGroup ? closeOf(from, 0) + 1 : 1;
  if (!isGroup) while (from[i]?.text === "." && from[i]?.kind === "op") i += 2;
  if (isWord(from[i], "AS")) i++;
  const alias = from[i];
  if (from.length > i + 1) return undefined;
  if (alias) return alias.kind === "word" || alias.kind === "quoted" ? alias : undefined;
  const last = from[i - 1];
  if (isGroup || !last) return undefined;
  return last.kind === "quoted" ? { ...last, text: last.text.split(".").at(-1) ?? "" } : last;
}
