import { invalidQuery, type Place, refused } from "../../errors.ts";
import type { BinaryOperator, DatePartName, Expr, Name, SubscriptMode } from "./ast.ts";
import { readFunction, readWindowFunction } from "./call.ts";
import { readCast, readInterval, readLiteral, typedLiteral } from "./literal.ts";
import { POSITIONAL } from "./mark.ts";
import { childOf, isNode, kindOf, listOf, type Node, onlyHandles, placeOf } from "./node.ts";
import { isQueryNode, toQuery } from "./query.ts";
import { isReserved } from "./reserved.ts";

/** Reads an expression of the parser's tree. Throws a refusal for every node and property that is not GoogleSQL. */
export function toExpr(node: Node): Expr {
  const kind = kindOf(node);
  const read = READERS[kind];
  const properties = isNode(node[kind]) ? node[kind] : {};
  if (read) return read(properties, kind, placeOf(node));
  if (isQueryNode(node))
    return { kind: "subquery", form: "scalar", query: toQuery(node), place: placeOf(node) };
  throw refused(`this syntax (${kind.replaceAll("_", " ")})`, placeOf(node));
}

type ExprReader = (node: Node, kind: string, place: Place | undefined) => Expr;

const BINARY: Readonly<Record<string, BinaryOperator>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  concat: "||",
  bitwise_left_shift: "<<",
  bitwise_right_shift: ">>",
  bitwise_and: "&",
  bitwise_or: "|",
  bitwise_xor: "^",
  eq: "=",
  neq: "!=",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  and: "AND",
  or: "OR",
  null_safe_eq: "IS NOT DISTINCT FROM",
  null_safe_neq: "IS DISTINCT FROM",
};

const READERS: Readonly<Record<string, ExprReader>> = {
  ...Object.fromEntries(Object.keys(BINARY).map((kind) => [kind, readBinary])),
  literal: readLiteral,
  boolean: (node, _kind, place) => ({
    kind: "literal",
    literal: { of: "BOOL", value: node.value === true },
    place,
  }),
  null: (_node, _kind, place) => ({ kind: "literal", literal: { of: "NULL" }, place }),
  column: readColumn,
  identifier: (node, _kind, place) => ({ kind: "name", parts: [toName(node)], place }),
  dot: readDot,
  parameter: readSystemVariable,
  paren: (node, _kind, place) => {
    onlyHandles(node, "parentheses", ["this"]);
    return { kind: "paren", inner: required(node.this), place };
  },
  neg: (node, _kind, place) => unary("NEGATE", node, place),
  not: (node, _kind, place) => unary("NOT", node, place),
  bitwise_not: (node, _kind, place) => unary("~", node, place),
  between: (node, _kind, place) => {
    onlyHandles(node, "BETWEEN", ["this", "low", "high", "not"]);
    const value = comparand(node.this);
    return {
      kind: "between",
      value,
      low: comparand(node.low),
      high: comparand(node.high),
      not: node.not === true,
      place,
    };
  },
  in: readIn,
  like: readLike,
  is_null: (node, _kind, place) => readIs("NULL", node, place),
  is_true: (node, _kind, place) => readIs("TRUE", node, place),
  is_false: (node, _kind, place) => readIs("FALSE", node, place),
  case: readCase,
  cast: (node, _kind, place) => readCast(node, false, place),
  safe_cast: (node, _kind, place) => readCast(node, true, place),
  parse_json: (node, _kind, place) => {
    // Only the literal JSON '…' comes as this node: the function's name is marked.
    onlyHandles(node, "JSON literal", ["this"]);
    return typedLiteral("JSON", node.this, place);
  },
  tuple: (node, _kind, place) => {
    onlyHandles(node, "struct constructor", ["expressions"]);
    if (listOf(node.expressions).length === 0) {
      throw invalidQuery('Syntax error: Unexpected ")"', place);
    }
    return {
      kind: "struct",
      fields: listOf(node.expressions).map((e) => ({ value: toExpr(e) })),
      place,
    };
  },
  array_func: (node, _kind, place) => {
    onlyHandles(node, "array constructor", ["expressions", "bracket_notation"]);
    return { kind: "array", elements: listOf(node.expressions).map(toExpr), place };
  },
  subquery: (node, _kind, place) => ({
    kind: "subquery",
    form: "scalar",
    query: toQuery({ subquery: node }),
    place,
  }),
  exists: (node, _kind, place) => {
    onlyHandles(node, "EXISTS", ["this"]);
    return { kind: "subquery", form: "exists", query: toQuery(needNode(node.this, place)), place };
  },
  subscript: readSubscript,
  extract: readExtract,
  interval: readInterval,
  function: readFunction,
  window_function: readWindowFunction,
  named_argument: (node, _kind, place) => {
    onlyHandles(node, "named argument", ["name", "value", "separator"]);
    return { kind: "named_argument", name: toName(node.name), value: required(node.value), place };
  },
};

export function needNode(value: unknown, place?: Place): Node {
  if (!isNode(value)) throw invalidQuery("Syntax error: Expected an expression", place);
  return value;
}

export function required(value: unknown): Expr {
  return toExpr(needNode(value));
}

export function toName(value: unknown): Name {
  const node = needNode(value);
  const text = String(node.name);
  if (node.quoted !== true && isReserved(text)) {
    throw invalidQuery(`Syntax error: Unexpected keyword ${text.toUpperCase()}`, placeOf(node));
  }
  return { text, place: placeOf(node) };
}

const COMPARISONS = new Set([
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "null_safe_eq",
  "null_safe_neq",
]);

const COMPARISON_NODES = new Set([
  ...COMPARISONS,
  "like",
  "in",
  "between",
  "is_null",
  "is_true",
  "is_false",
]);

/** Comparisons do not associate in GoogleSQL: `a = b = c` and `a = b IS NULL` need parentheses. */
function comparand(value: unknown): Expr {
  const node = needNode(value);
  if (COMPARISON_NODES.has(kindOf(node))) {
    throw invalidQuery(
      "Syntax error: Expression in a comparison must be parenthesized",
      placeOf(node),
    );
  }
  return toExpr(node);
}

function readBinary(node: Node, kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "operator", ["left", "right"]);
  const operator = BINARY[kind];
  if (!operator) throw refused(`operator ${kind}`, place);
  const operand = COMPARISONS.has(kind) ? comparand : required;
  return {
    kind: "operation",
    operator,
    operands: [operand(node.left), operand(node.right)],
    place,
  };
}

function unary(operator: "NEGATE" | "NOT" | "~", node: Node, place: Place | undefined): Expr {
  onlyHandles(node, "operator", ["this"]);
  return { kind: "operation", operator, operands: [required(node.this)], place };
}

function readColumn(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "column", ["name", "table"]);
  const parts = [node.table, node.name].filter(isNode);
  const [first, ...fields] = parts;
  const written = String(first?.name);
  if (!written.startsWith("@") || first?.quoted === true)
    return { kind: "name", parts: parts.map(toName), place };
  const name = written.startsWith(`@${POSITIONAL}`)
    ? Number(written.slice(POSITIONAL.length + 1))
    : written.slice(1).toLowerCase();
  const parameter: Expr = { kind: "parameter", name, system: false, place };
  return fields.reduce<Expr>(
    (base, field) => ({ kind: "field", base, name: toName(field), place }),
    parameter,
  );
}

function readDot(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "field access", ["this", "field"]);
  const name = toName(node.field);
  if (name.text === "*") throw refused("expression.*", place, "a subquery in FROM");
  const base = required(node.this);
  if (base.kind === "name") return { ...base, parts: [...base.parts, name] };
  return { kind: "field", base, name, place: name.place ?? place };
}

function readSystemVariable(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "system variable", ["name", "style"]);
  if (node.style !== "DoubleAt") throw refused("this parameter", place);
  return { kind: "parameter", name: String(node.name).toLowerCase(), system: true, place };
}

function readIn(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "IN", ["this", "expressions", "query", "unnest", "not"]);
  const base = { kind: "in" as const, value: comparand(node.this), not: node.not === true, place };
  if (isNode(node.query)) return { ...base, query: toQuery(node.query) };
  if (isNode(node.unnest)) return { ...base, array: toExpr(node.unnest) };
  return { ...base, list: listOf(node.expressions).map(toExpr) };
}

function readLike(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "LIKE", ["left", "right", "quantifier"]);
  const value = comparand(node.left);
  if (!node.quantifier) return { kind: "like", value, patterns: [comparand(node.right)], place };
  const list = isNode(node.right)
    ? (childOf(node.right.tuple)?.expressions ?? childOf(node.right.paren)?.this)
    : undefined;
  const patterns = Array.isArray(list) ? listOf(list) : isNode(list) ? [list] : undefined;
  if (!patterns || patterns.some(isQueryNode))
    throw refused("LIKE ANY or ALL of anything but a list", place);
  const quantifier = node.quantifier === "ALL" ? "ALL" : "ANY";
  return { kind: "like", value, patterns: patterns.map(toExpr), quantifier, place };
}

function readIs(what: "NULL" | "TRUE" | "FALSE", node: Node, place: Place | undefined): Expr {
  onlyHandles(node, `IS ${what}`, ["this", "not"]);
  return { kind: "is", value: comparand(node.this), what, not: node.not === true, place };
}

function readCase(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "CASE", ["operand", "whens", "else_"]);
  const pairs = Array.isArray(node.whens) ? node.whens : [];
  const whens = pairs.map((pair: unknown) => {
    const [when, then] = Array.isArray(pair) ? pair : [];
    return { condition: required(when), result: required(then) };
  });
  const operand = isNode(node.operand) ? { operand: toExpr(node.operand) } : {};
  const otherwise = isNode(node.else_) ? { otherwise: toExpr(node.else_) } : {};
  return { kind: "case", ...operand, whens, ...otherwise, place };
}

const SUBSCRIPT_FUNCTIONS = new Set(["OFFSET", "ORDINAL", "SAFE_OFFSET", "SAFE_ORDINAL"]);

function readSubscript(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "subscript", ["this", "index"]);
  const base = required(node.this);
  const call = isNode(node.index) ? childOf(node.index.function) : undefined;
  const mode = String(call?.name).toUpperCase();
  const args = listOf(call?.args);
  if (call && args[0] && args.length === 1 && SUBSCRIPT_FUNCTIONS.has(mode)) {
    return { kind: "subscript", base, mode: mode as SubscriptMode, index: toExpr(args[0]), place };
  }
  return { kind: "subscript", base, mode: "PLAIN", index: required(node.index), place };
}

function readExtract(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "EXTRACT", ["this", "field"]);
  const part = extractPart(node.field);
  const zoned = isNode(node.this) ? childOf(node.this.at_time_zone) : undefined;
  if (!zoned) return { kind: "extract", part, value: required(node.this), place };
  return { kind: "extract", part, value: required(zoned.this), zone: required(zoned.zone), place };
}

function extractPart(field: unknown): DatePartName {
  if (isNode(field)) {
    if (typeof field.WeekWithModifier === "string")
      return { unit: "WEEK", weekday: field.WeekWithModifier.toUpperCase() };
    return { unit: String(field.Custom).toUpperCase() };
  }
  return { unit: String(field).toUpperCase() };
}
