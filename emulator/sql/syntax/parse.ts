import { Dialect, type ParseResult, parse as polyglot } from "@polyglot-sql/sdk";
import { invalidQuery, type Place, refused } from "../../errors.ts";
import { selectBehindByName } from "./by-name.ts";
import { lex, type Token } from "./lex.ts";
import { assertNothingLost } from "./lost.ts";
import { MARK, markTokens, rangeLiteralElement } from "./mark.ts";
import { isNode, type Node } from "./node.ts";
import { rewritePipes } from "./pipes.ts";

/**
 * Parses one GoogleSQL statement to polyglot's tree, with three differences that hold for every tree in this code base:
 * every call of a function, whatever its name, is `{function: {name, args, place, …}}` unless it has ORDER BY, LIMIT,
 * HAVING or IGNORE NULLS inside; literals have their exact value, its kind and a `place`; and every name has a `place`
 * where polyglot has a `span`.
 *
 * @param origin the place of the text's first character, for a statement cut out of a script
 * @throws BigQueryError `Syntax error: … at [line:column]`, or a refusal of what polyglot reads wrongly
 */
export function parseStatement(text: string, origin?: Place): Node {
  const tokens = selectBehindByName(rewritePipes(withoutEnd(lex(text, origin))));
  if (tokens.length === 0) throw invalidQuery("Syntax error: Unexpected end of statement", origin);
  const marked = markTokens(tokens);
  const result = polyglot(marked.text, Dialect.BigQuery);
  if (!result.success || !Array.isArray(result.ast))
    throw syntaxError(result, marked.tokenAt, tokens);
  const [tree, second] = result.ast;
  if (!isNode(tree) || second !== undefined) {
    throw refused("several statements where one is expected", tokens[0]?.place);
  }
  const resolver: Resolver = {
    tokens,
    tokenAt: marked.tokenAt,
    seen: new Set(),
    numbers: tokens.filter((token) => token.kind === "number"),
  };
  const resolved = resolve(tree, resolver);
  if (!isNode(resolved)) throw invalidQuery("Syntax error: Unexpected statement", tokens[0]?.place);
  assertNothingLost(tokens, marked.marks, resolver.seen, resolved);
  return resolved;
}

/** Parses one GoogleSQL expression. */
export function parseExpression(text: string, origin: Place = { line: 1, column: 1 }): Node {
  // The line before keeps the places of the expression right.
  const statement = parseStatement(`SELECT\n${text}`, { line: origin.line - 1, column: 1 });
  const items = isNode(statement.select) ? statement.select.expressions : undefined;
  if (!Array.isArray(items) || items.length !== 1 || !isNode(items[0])) {
    throw invalidQuery("Syntax error: Expected one expression", origin);
  }
  return items[0];
}

function withoutEnd(tokens: readonly Token[]): readonly Token[] {
  return tokens.at(-1)?.text === ";" && tokens.at(-1)?.kind === "op" ? tokens.slice(0, -1) : tokens;
}

function syntaxError(
  result: ParseResult,
  tokenAt: (offset: number) => Token | undefined,
  tokens: readonly Token[],
): Error {
  const token = result.errorStart === undefined ? undefined : tokenAt(result.errorStart);
  const last = tokens.at(-1);
  if (!token || /end of input|eof/i.test(result.error ?? "")) {
    return invalidQuery("Syntax error: Unexpected end of statement", last?.place);
  }
  return invalidQuery(`Syntax error: Unexpected ${describeToken(token)}`, token.place);
}

/** A token as BigQuery's syntax errors name it. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case "string":
      return `string literal ${JSON.stringify(token.text)}`;
    case "bytes":
      return "bytes literal";
    case "number":
      return /^(\d+|0[xX].*)$/.test(token.text)
        ? `integer literal "${token.text}"`
        : `floating point literal "${token.text}"`;
    case "op":
      return JSON.stringify(token.text);
    case "quoted":
      return `identifier \`${token.text}\``;
    default:
      return /^[A-Z]+$/.test(token.text)
        ? `keyword ${token.text}`
        : `identifier ${JSON.stringify(token.text)}`;
  }
}

interface Resolver {
  readonly tokens: readonly Token[];
  readonly tokenAt: (offset: number) => Token | undefined;
  /** Indices of the marked tokens found in the tree. */
  readonly seen: Set<number>;
  /** The numbers not found in the tree yet: the parser keeps no places of them. */
  readonly numbers: Token[];
}

/** Comments and the parser's notes on layout: they mean nothing. */
const LAYOUT = new Set([
  "trailing_comments",
  "leading_comments",
  "left_comments",
  "operator_comments",
  "pre_alias_comments",
]);

function resolve(value: unknown, resolver: Resolver): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, resolver));
  if (!isNode(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    if (LAYOUT.has(key)) continue;
    if (key === "span") {
      const place = isNode(child) ? resolver.tokenAt(Number(child.start))?.place : undefined;
      if (place) out.place = place;
    } else if (typeof child === "string" && child.includes(MARK)) {
      const token = markedToken(child, resolver);
      out[key] = token.isName ? token.name : token.token.text;
      out.place = token.token.place;
      if (key === "value" && "literal_type" in value) {
        Object.assign(
          out,
          literalProperties(String(value.literal_type), token.token, token.before),
          token.rangeOf === undefined ? {} : { range_of: token.rangeOf },
        );
      } else if (token.isName && "quoted" in value) {
        out.quoted = token.token.kind === "quoted";
      }
    } else if (key === "value" && value.literal_type === "number") {
      out.value = child;
      Object.assign(out, placeOfNumber(String(child), resolver));
    } else if (!(key in out)) {
      out[key] = resolve(child, resolver);
    }
  }
  return out;
}

/** Of equal numbers the first one left: where it is told, not what it is, depends on it. */
function placeOfNumber(text: string, { numbers }: Resolver): Node {
  const index = numbers.findIndex((token) => token.text === text);
  const [token] = index < 0 ? [] : numbers.splice(index, 1);
  return token ? { place: token.place } : {};
}

const NUMERIC_PREFIXES: Readonly<Record<string, string>> = {
  NUMERIC: "NUMERIC",
  DECIMAL: "NUMERIC",
  BIGNUMERIC: "BIGNUMERIC",
  BIGDECIMAL: "BIGNUMERIC",
};

/** The parser makes the same CAST of `NUMERIC '1'`, `BIGNUMERIC '1'` and `CAST('1' AS NUMERIC)`: `prefix` tells them apart. */
function literalProperties(parsed: string, token: Token, before: Token | undefined): Node {
  const type = parsed === "string" && token.kind === "bytes" ? "bytes" : parsed;
  const prefix = before?.kind === "word" ? NUMERIC_PREFIXES[before.text.toUpperCase()] : undefined;
  return prefix ? { literal_type: type, prefix } : { literal_type: type };
}

function markedToken(text: string, resolver: Resolver) {
  const [name = "", index = ""] = text.split(MARK);
  const token = resolver.tokens[Number(index)];
  if (!token) throw invalidQuery(`Syntax error: Unexpected ${JSON.stringify(text)}`);
  resolver.seen.add(Number(index));
  return {
    token,
    before: resolver.tokens[Number(index) - 1],
    rangeOf: rangeLiteralElement(resolver.tokens, Number(index)),
    name,
    isName: token.kind === "word" || token.kind === "quoted",
  };
}
