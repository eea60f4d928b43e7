import { invalidQuery, refused } from "../../errors.ts";
import type {
  Expr,
  GroupBy,
  GroupItem,
  Name,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
} from "./ast.ts";
import { toOrder, toWindow } from "./call.ts";
import { needNode, required, toExpr, toName } from "./expression.ts";
import { toFrom } from "./from.ts";
import { childOf, isNode, kindOf, listOf, type Node, onlyHandles, placeOf } from "./node.ts";

const SET_OPERATORS = ["union", "intersect", "except"];

export function isQueryNode(node: Node): boolean {
  const kind = kindOf(node);
  return kind === "select" || kind === "subquery" || SET_OPERATORS.includes(kind);
}

/** Reads a query of the parser's tree. Throws a refusal for every clause that is not GoogleSQL or not supported. */
export function toQuery(node: Node): Query {
  const kind = kindOf(node);
  const properties = needNode(node[kind]);
  const place = placeOf(node);
  if (!isQueryNode(node)) throw refused(`${kind.replaceAll("_", " ")} as a query`, place);
  const body =
    kind === "select"
      ? toSelect(properties)
      : kind === "subquery"
        ? toParenthesised(properties)
        : toSetOperation(kind, properties);
  return {
    kind: "query",
    ...readWith(childOf(properties.with)),
    body,
    orderBy: toOrder(childOf(properties.order_by)?.expressions),
    ...readLimit("limit", properties.limit),
    ...readLimit("offset", properties.offset),
    place,
  };
}

function readWith(node: Node | undefined): Pick<Query, "recursive" | "ctes"> {
  if (!node) return { recursive: false, ctes: [] };
  onlyHandles(node, "WITH", ["ctes", "recursive"]);
  const ctes = listOf(node.ctes).map((cte) => {
    onlyHandles(cte, "WITH", ["alias", "this", "alias_first"]);
    return { name: toName(cte.alias), query: toQuery(needNode(cte.this)) };
  });
  return { recursive: node.recursive === true, ctes };
}

/** LIMIT and OFFSET come as `{this: …}` behind a SELECT and bare behind a set operation. */
function readLimit(
  name: "limit" | "offset",
  value: unknown,
): Partial<Pick<Query, "limit" | "offset">> {
  if (!isNode(value)) return {};
  const expression = isNode(value.this) && kindOf(value) === "this" ? value.this : value;
  if (expression === value.this) onlyHandles(value, name.toUpperCase(), ["this"]);
  return { [name]: toExpr(expression) };
}

function toParenthesised(node: Node): QueryBody {
  onlyHandles(node, "subquery", ["this", "order_by", "limit", "offset", "with"]);
  return toQuery(needNode(node.this));
}

function toSetOperation(kind: string, node: Node): SetOperation {
  onlyHandles(node, kind.toUpperCase(), [
    "left",
    "right",
    "all",
    "distinct",
    "with",
    "order_by",
    "limit",
    "offset",
    ...BY_NAME,
  ]);
  const place = placeOf(node);
  const how = node.all === true ? "ALL" : node.distinct === true ? "DISTINCT" : undefined;
  if (!how)
    throw invalidQuery(
      `Syntax error: Expected keyword ALL or keyword DISTINCT after ${kind.toUpperCase()}`,
      place,
    );
  const operator = `${kind.toUpperCase()} ${how}`;
  if (operator === "INTERSECT ALL" || operator === "EXCEPT ALL") throw refused(operator, place);
  const left = toOperand(needNode(node.left), operator, matchingOf(node));
  const right = toOperand(needNode(node.right), operator, matchingOf(node));
  const set = { kind: "set", operator: operator as SetOperation["operator"], left, right } as const;
  return { ...set, ...readByName(node), place };
}

const BY_NAME = ["by_name", "corresponding", "strict", "side", "kind", "on_columns"];

function matchingOf(node: Node): string {
  return BY_NAME.map((name) => String(node[name] ?? false)).join();
}

/** `[FULL | LEFT [OUTER] | INNER] … BY NAME [ON (a, b)]`; CORRESPONDING without STRICT keeps the common columns. */
function readByName(node: Node): Pick<SetOperation, "byName"> {
  const isByName = node.by_name === true || node.corresponding === true;
  const side = typeof node.side === "string" ? node.side : undefined;
  if (!isByName && (side || node.kind)) {
    throw invalidQuery(
      "Syntax error: FULL, LEFT and INNER set operations need BY NAME or CORRESPONDING",
      placeOf(node),
    );
  }
  if (!isByName) return {};
  if (side !== undefined && side !== "FULL" && side !== "LEFT") {
    throw refused(`${side} set operations`, placeOf(node));
  }
  const isInner = node.kind === "INNER" && node.strict !== true;
  const on = listOf(node.on_columns).map((item) => columnName(item));
  const keep = side ?? (isInner ? "INNER" : "STRICT");
  return { byName: { keep, ...(on.length > 0 ? { on } : {}) } };
}

function columnName(node: Node): Name {
  const expression = toExpr(node);
  const [name, second] = expression.kind === "name" ? expression.parts : [];
  if (!name || second) throw refused("this column of a set operation", expression.place);
  return name;
}

/** An operand is a SELECT, a query in parentheses, or (on the left) more of the same operator. */
function toOperand(node: Node, operator: string, matching: string): QueryBody {
  const kind = kindOf(node);
  const properties = needNode(node[kind]);
  if (kind === "subquery" || kind === "select") {
    const query = toQuery(node);
    const isBare =
      query.orderBy.length === 0 && !query.limit && !query.offset && query.ctes.length === 0;
    if (kind === "select" && !isBare) {
      throw invalidQuery(
        "Syntax error: ORDER BY, LIMIT and WITH in an operand of a set operation need parentheses",
        placeOf(node),
      );
    }
    return isBare ? query.body : query;
  }
  if (!SET_OPERATORS.includes(kind)) throw refused(`${kind} in a set operation`, placeOf(node));
  const inner = toSetOperation(kind, properties);
  const isSame = inner.operator === operator && matchingOf(properties) === matching;
  if (!isSame || properties.with || properties.order_by || properties.limit) {
    throw invalidQuery(
      "Syntax error: Different set operations cannot be used in the same query without using parentheses for grouping",
      placeOf(node),
    );
  }
  return inner;
}

function toSelect(node: Node): Select {
  onlyHandles(node, "SELECT", [
    "expressions",
    "from",
    "joins",
    "where_clause",
    "group_by",
    "having",
    "qualify",
    "windows",
    "distinct",
    "kind",
    "with",
    "order_by",
    "limit",
    "offset",
  ]);
  if (typeof node.kind === "string" && node.kind !== "STRUCT" && node.kind !== "VALUE")
    throw refused(`SELECT AS ${node.kind}`, placeOf(node));
  return {
    kind: "select",
    distinct: node.distinct === true,
    ...(node.kind === "STRUCT" || node.kind === "VALUE" ? { as: node.kind } : {}),
    items: listOf(node.expressions).map(toSelectItem),
    ...(isNode(node.from) ? { from: toFrom(node.from, listOf(node.joins)) } : {}),
    ...clause("where", node.where_clause),
    ...(isNode(node.group_by) ? { groupBy: toGroupBy(node.group_by) } : {}),
    ...clause("having", node.having),
    ...clause("qualify", node.qualify),
    windows: listOf(node.windows).map((window) => {
      onlyHandles(window, "WINDOW", ["name", "spec"]);
      return { name: toName(window.name), window: toWindow(needNode(window.spec)) };
    }),
    place: placeOf(node),
  };
}

function clause(
  name: "where" | "having" | "qualify",
  value: unknown,
): Partial<Record<typeof name, Expr>> {
  if (!isNode(value)) return {};
  onlyHandles(value, name.toUpperCase(), ["this"]);
  return { [name]: required(value.this) };
}

function toSelectItem(node: Node): SelectItem {
  const star = childOf(node.star);
  if (star) return toStar(star);
  const alias = childOf(node.alias);
  if (!alias) return { kind: "expression", value: toExpr(node) };
  onlyHandles(alias, "alias", ["this", "alias", "alias_explicit_as", "alias_keyword"]);
  return { kind: "expression", value: required(alias.this), alias: toName(alias.alias) };
}

function toStar(node: Node): SelectItem {
  onlyHandles(node, "*", ["table", "except", "replace", "rename"]);
  const place = placeOf(node);
  const replace = listOf(node.replace).map((item) => {
    onlyHandles(item, "REPLACE", ["this", "alias", "alias_explicit_as", "alias_keyword"]);
    return { name: toName(item.alias), value: required(item.this) };
  });
  const except = listOf(node.except).map(toName);
  const renamed: readonly unknown[] = Array.isArray(node.rename) ? node.rename : [];
  const rename = renamed.filter(Array.isArray).map(([from, to]) => {
    return { from: toName(from), to: toName(to) };
  });
  if (!isNode(node.table)) return { kind: "star", except, replace, rename, place };
  // `a.b.*` comes as one name with a dot.
  const parts = String(node.table.name)
    .split(".")
    .map((text): Name => ({ text, place }));
  return { kind: "star", of: { kind: "name", parts, place }, except, replace, rename, place };
}

function toGroupBy(node: Node): GroupBy {
  onlyHandles(node, "GROUP BY", ["expressions", "all"]);
  const items = listOf(node.expressions).flatMap(toGroupItem);
  if (node.all === true) {
    if (items.length > 0) throw refused("GROUP BY ALL with expressions", placeOf(node));
    return { kind: "all" };
  }
  return { kind: "list", items };
}

function toGroupItem(node: Node): readonly GroupItem[] {
  const call = childOf(node.function);
  const name = String(call?.name).toUpperCase();
  const args = listOf(call?.args);
  if (call && (name === "ROLLUP" || name === "CUBE"))
    return [{ kind: "sets", how: name, items: args.map(toGroupingSet) }];
  if (call && name === "GROUPING SETS") {
    if (args.some((arg) => "function" in arg))
      throw refused("ROLLUP or CUBE inside GROUPING SETS", placeOf(node));
    return [{ kind: "grouping_sets", items: args.map(toGroupingSet) }];
  }
  const tuple = childOf(node.tuple);
  // GROUP BY () is one group.
  if (tuple && listOf(tuple.expressions).length === 0)
    return [{ kind: "grouping_sets", items: [[]] }];
  return [{ kind: "expression", value: toExpr(node) }];
}

function toGroupingSet(node: Node): readonly Expr[] {
  const tuple = childOf(node.tuple);
  return tuple ? listOf(tuple.expressions).map(toExpr) : [toExpr(node)];
}
