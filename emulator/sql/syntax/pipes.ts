import { invalidQuery, type Place, refused } from "../../errors.ts";
import type { Token } from "./lex.ts";
import { isWord } from "./mark.ts";
import { checkNoClause, checkQualifiers, rangeVariables, unexpected } from "./pipe-checks.ts";
import { aggregateItems, findAggregate, splitAtCommas, viewOf } from "./pipe-items.ts";

/**
 * Pipe syntax is rewritten to ordinary queries before anything is parsed: `FROM t |> WHERE c |> AGGREGATE COUNT(*) GROUP BY k`
 * becomes `SELECT k, COUNT(*) FROM t WHERE (c) GROUP BY 1`. Every token of the query keeps its place.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/pipe-syntax
 */
export function rewritePipes(tokens: readonly Token[]): readonly Token[] {
  const isPiped = tokens.some(
    (token, i) => isPipe(token) || (isWord(token, "FROM") && startsQuery(tokens[i - 1])),
  );
  return isPiped ? rewriteLevel(tokens) : tokens;
}

/** What stands between two pipes, or a group in parentheses: tokens that stay together. */
export type Item = readonly Token[];

/** The query so far, as far as it is not yet closed by a SELECT of its own. */
interface Open {
  readonly from: readonly Token[];
  readonly where?: readonly Token[];
  /** ORDER BY, LIMIT. */
  readonly tail: readonly Token[];
  /** What BigQuery still calls tables of FROM by, and the rewritten query cannot. */
  readonly lost?: readonly string[];
}

function isPipe(token: Token | undefined): boolean {
  return token?.kind === "op" && token.text === "|>";
}

function startsQuery(before: Token | undefined): boolean {
  return before === undefined || (before.kind === "op" && before.text === "(");
}

/** Rewrites the queries in parentheses first, then what is around them. */
function rewriteLevel(tokens: readonly Token[]): readonly Token[] {
  const items: Item[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) break;
    const close = token.kind === "op" && token.text === "(" ? closingOf(tokens, i) : undefined;
    const end = close === undefined ? undefined : tokens[close];
    if (close === undefined || !end) items.push([token]);
    else {
      items.push([token, ...rewriteLevel(tokens.slice(i + 1, close)), end]);
      i = close;
    }
  }
  const start = endOfWith(items);
  const [base = [], ...operators] = splitAt(items.slice(start), isPipe);
  const isFrom = isWord(base[0]?.[0], "FROM");
  if (!isFrom && operators.length === 0) return items.flat();
  const open = operators.reduce(apply, isFrom ? fromClause(base) : wrapped(base.flat()));
  return [...items.slice(0, start).flat(), ...closed(open)];
}

function closingOf(tokens: readonly Token[], open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind !== "op") continue;
    if (token.text === "(") depth++;
    else if (token.text === ")" && --depth === 0) return i;
  }
  return undefined;
}

/** The number of items of `WITH [RECURSIVE] a AS (…), b AS (…)` at the beginning. */
function endOfWith(items: readonly Item[]): number {
  if (!isWord(items[0]?.[0], "WITH")) return 0;
  let i = isWord(items[1]?.[0], "RECURSIVE") ? 2 : 1;
  while (isWord(items[i + 1]?.[0], "AS")) {
    i += 3;
    if (items[i]?.[0]?.text !== ",") break;
    i++;
  }
  return i;
}

function splitAt(items: readonly Item[], isEnd: (token: Token | undefined) => boolean): Item[][] {
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (isEnd(item[0])) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
}

function fromClause([, ...items]: readonly Item[]): Open {
  checkNoClause(items);
  return { from: items.flat(), tail: [] };
}

/** A word that the query does not have; it stands at the place of one that it has. */
function word(text: string, place: Place): Token {
  return { kind: /^\w/.test(text) ? "word" : "op", text, place, start: -1, end: -1 };
}

function placeOf(tokens: readonly Token[]): Place {
  return tokens[0]?.place ?? { line: 1, column: 1 };
}

/** The query as a whole. */
function closed(
  open: Open,
  list?: readonly Token[],
  more: readonly Token[] = [],
): readonly Token[] {
  const { from, where, tail } = open;
  const place = placeOf(from);
  const condition = where ? [word("WHERE", place), ...where] : [];
  return [
    ...[word("SELECT", place), ...(list ?? [word("*", place)]), word("FROM", place)],
    ...[...from, ...condition, ...more, ...tail],
  ];
}

function parenthesised(tokens: readonly Token[]): readonly Token[] {
  const place = placeOf(tokens);
  return [word("(", place), ...tokens, word(")", place)];
}

/** A query as the FROM of the next. */
function wrapped(query: readonly Token[], alias: readonly Token[] = []): Open {
  return { from: [...parenthesised(query), ...alias], tail: [] };
}

/** The query without ORDER BY and LIMIT of its own, so that they come before what follows. */
function settled(open: Open): Open {
  if (open.tail.length === 0) return open;
  const alias = viewOf(open.from);
  if (!alias) return behind(open, closed(open));
  const { lost = [] } = open;
  return { ...wrapped(closed(open), [word("AS", alias.place), alias]), lost };
}

/** A query as the FROM of the next, for an operator behind which BigQuery still knows the tables' names. */
function behind({ from, lost = [] }: Open, query: readonly Token[]): Open {
  return { ...wrapped(query), lost: [...lost, ...rangeVariables(from)] };
}

function apply(before: Open, operator: readonly Item[]): Open {
  const [[first] = [], ...rest] = operator;
  if (!first)
    throw invalidQuery("Syntax error: Unexpected end of pipe operator", placeOf(before.from));
  const place = first.place;
  const items = rest.flat();
  if (items.length === 0 && !isWord(first, "DISTINCT")) {
    throw invalidQuery(`Syntax error: Unexpected end of |> ${first.text}`, place);
  }
  const open = settled(before);
  const select = (...list: readonly Token[]) => wrapped(closed(open, list));
  const change = (...list: readonly Token[]) => behind(open, closed(open, list));
  const star = word("*", place);
  const name = first.text.toUpperCase();
  checkNoClause(rest, clausesIn(name, rest));
  checkQualifiers(rest, open.lost ?? []);
  switch (first.kind === "word" ? name : "") {
    case "WHERE": {
      const condition = parenthesised(items);
      const where = open.where ? [...open.where, word("AND", place), ...condition] : condition;
      return { ...open, where };
    }
    case "SELECT":
      return select(...withoutAggregates(items, name));
    case "EXTEND":
      return change(star, word(",", place), ...withoutAggregates(items, name));
    case "SET":
      return change(star, word("REPLACE", place), ...parenthesised(assignments(rest)));
    case "DROP":
      return change(star, word("EXCEPT", place), ...parenthesised(items));
    case "RENAME":
      return change(star, word("RENAME", place), ...parenthesised(renamings(rest)));
    case "DISTINCT":
      if (rest[0]) throw unexpected(rest[0][0]);
      return change(first, star);
    case "AS":
      return wrapped(closed(open), [first, ...items]);
    case "AGGREGATE": {
      const { list, groupBy } = aggregateItems(rest, (text) => word(text, place));
      return wrapped(closed(open, list, groupBy));
    }
    case "ORDER":
      return { ...open, tail: [first, ...items] };
    case "LIMIT":
      return { ...limitable(before), tail: [...limitable(before).tail, first, ...items] };
    case "PIVOT":
    case "UNPIVOT":
      return wrapped(closed(wrapped(closed(open), [first, ...items])));
    case "JOIN":
    case "INNER":
    case "LEFT":
    case "RIGHT":
    case "FULL":
    case "CROSS":
      return isSetOperation(rest) ? combine(open, first, rest) : join(open, first, items);
    case "UNION":
    case "INTERSECT":
    case "EXCEPT":
      return combine(open, first, rest);
    default:
      throw refused(`|> ${name}`, place);
  }
}

/** The clauses that are part of the operator itself. */
function clausesIn(operator: string, items: readonly Item[]): readonly string[] {
  if (operator === "AGGREGATE") return ["GROUP", "ORDER"];
  const takesOuter = ["LEFT", "RIGHT", "FULL", "INNER"].includes(operator);
  return takesOuter && isSetOperation(items) ? ["UNION", "INTERSECT", "EXCEPT"] : [];
}

function withoutAggregates(items: readonly Token[], operator: string): readonly Token[] {
  const aggregate = findAggregate(items);
  if (!aggregate) return items;
  throw invalidQuery(
    `Aggregate function ${aggregate.text.toUpperCase()} not allowed in |> ${operator}; use |> AGGREGATE`,
    aggregate.place,
  );
}

/** `a = 1, b = 2` as `1 AS a, 2 AS b`. */
function assignments(items: readonly Item[]): readonly Token[] {
  return splitAtCommas(items).flatMap(([target = [], equals = [], ...value], i) => {
    const [name] = target;
    if (!name || equals[0]?.text !== "=") throw unexpected(equals[0] ?? name);
    const comma = i > 0 ? [word(",", name.place)] : [];
    return [...comma, ...parenthesised(value.flat()), word("AS", name.place), name];
  });
}

/** `a AS b, c d`, with AS. */
function renamings(items: readonly Item[]): readonly Token[] {
  return splitAtCommas(items).flatMap((part, i) => {
    const names = part.flat().filter((token) => !isWord(token, "AS"));
    const [from, to, more] = names;
    if (!from || !to || more) throw unexpected(more ?? from);
    const comma = i > 0 ? [word(",", from.place)] : [];
    return [...comma, from, word("AS", from.place), to];
  });
}

/** The query that a LIMIT can be put behind. */
function limitable(open: Open): Open {
  return open.tail.some((token) => isWord(token, "LIMIT")) ? settled(open) : open;
}

/** Rows that WHERE takes away are gone before the join: the table is joined without them, under its name. */
function join(open: Open, first: Token, items: readonly Token[]): Open {
  const { lost = [] } = open;
  const joined = (from: readonly Token[]): Open => ({
    from: [...from, first, ...items],
    tail: [],
    lost,
  });
  if (!open.where) return joined(open.from);
  const alias = viewOf(open.from);
  if (alias) return joined([...parenthesised(closed(open)), word("AS", first.place), alias]);
  if (["RIGHT", "FULL"].includes(first.text.toUpperCase())) {
    throw refused("|> WHERE before this join", first.place, "|> AS name before the join");
  }
  return { ...joined(open.from), ...(open.where ? { where: open.where } : {}) };
}

function isSetOperation(items: readonly Item[]): boolean {
  return items
    .slice(0, 2)
    .some(([token]) => ["UNION", "INTERSECT", "EXCEPT"].some((name) => isWord(token, name)));
}

/** `UNION ALL (…), (…)`: one operation for each query. */
function combine(open: Open, first: Token, items: readonly Item[]): Open {
  const start = items.findIndex(([token]) => token?.text === "(");
  if (start < 0) throw unexpected(items.at(-1)?.[0]);
  const operator = [first, ...items.slice(0, start).flat()];
  const queries = splitAtCommas(items.slice(start)).flatMap(([query = [], stray]) => {
    if (stray) throw unexpected(stray[0]);
    return [...operator, ...query];
  });
  return wrapped([...parenthesised(closed(open)), ...queries]);
}
