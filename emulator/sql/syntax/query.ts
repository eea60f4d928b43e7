import { invalidQuery, type Place, refused } from "../../errors.ts";
import type {
  Expr,
  From,
  GroupBy,
  GroupItem,
  Join,
  Name,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
} from "./ast.ts";
import { required, toExpr, toName, toOrder, toWindow } from "./expression.ts";
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

function needNode(value: unknown, place?: Place): Node {
  if (!isNode(value)) throw invalidQuery("Syntax error: Unexpected end of query", place);
  return value;
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
  const left = toOperand(needNode(node.left), operator);
  const right = toOperand(needNode(node.right), operator);
  return { kind: "set", operator: operator as SetOperation["operator"], left, right, place };
}

/** An operand is a SELECT, a query in parentheses, or (on the left) more of the same operator. */
function toOperand(node: Node, operator: string): QueryBody {
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
  if (inner.operator !== operator || properties.with || properties.order_by || properties.limit) {
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
  onlyHandles(node, "*", ["table", "except", "replace"]);
  const place = placeOf(node);
  const replace = listOf(node.replace).map((item) => {
    onlyHandles(item, "REPLACE", ["this", "alias", "alias_explicit_as", "alias_keyword"]);
    return { name: toName(item.alias), value: required(item.this) };
  });
  const except = listOf(node.except).map(toName);
  if (!isNode(node.table)) return { kind: "star", except, replace, place };
  // `a.b.*` comes as one name with a dot.
  const parts = String(node.table.name)
    .split(".")
    .map((text): Name => ({ text, place }));
  return { kind: "star", of: { kind: "name", parts, place }, except, replace, place };
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

function toFrom(node: Node, joins: readonly Node[]): From {
  onlyHandles(node, "FROM", ["expressions"]);
  const [first, ...others] = listOf(node.expressions).map(toFromItem);
  if (!first) throw invalidQuery("Syntax error: Expected a table behind FROM", placeOf(node));
  const product = others.reduce<From>(
    (left, right) => ({ kind: "join", type: "COMMA", left, right, place: right.place }),
    first,
  );
  return joins.reduce(toJoin, product);
}

const JOINS: Readonly<Record<string, Join["type"]>> = {
  Inner: "INNER",
  Left: "LEFT",
  Right: "RIGHT",
  Full: "FULL",
  Cross: "CROSS",
  Implicit: "COMMA",
};

function toJoin(left: From, node: Node): From {
  onlyHandles(node, "JOIN", [
    "this",
    "on",
    "using",
    "kind",
    "use_inner_keyword",
    "use_outer_keyword",
    "nesting_group",
  ]);
  const type = JOINS[String(node.kind)];
  const place = placeOf(node);
  if (!type || (node.nesting_group !== 0 && node.nesting_group !== undefined))
    throw refused(`${String(node.kind).toUpperCase()} JOIN in this form`, place);
  const right = toFromItem(needNode(node.this));
  const join: Join = { kind: "join", type, left, right, place };
  if (isNode(node.on)) return { ...join, on: toExpr(node.on) };
  const using = listOf(node.using).map(toName);
  return using.length > 0 ? { ...join, using } : join;
}

function toFromItem(node: Node): From {
  const kind = kindOf(node);
  const place = placeOf(node);
  const properties = needNode(node[kind], place);
  switch (kind) {
    case "table":
      return toTable(properties);
    case "unnest":
      return toUnnest(properties);
    case "subquery":
      return toDerived(properties);
    case "alias":
      return toAliased(properties);
    case "paren":
      onlyHandles(properties, "parentheses in FROM", ["this"]);
      return toFromItem(needNode(properties.this, place));
    case "joined_table":
      onlyHandles(properties, "parentheses in FROM", ["left", "joins"]);
      return listOf(properties.joins).reduce(toJoin, toFromItem(needNode(properties.left, place)));
    case "pivot":
      return toPivot(properties);
    case "unpivot":
      return toUnpivot(properties);
    case "function":
      throw refused(`table function ${String(properties.name)}`, place);
    default:
      throw refused(`${kind.replaceAll("_", " ")} in FROM`, place);
  }
}

function aliasOf(node: Node): { alias?: Name } {
  return isNode(node.alias) ? { alias: toName(node.alias) } : {};
}

function toTable(node: Node): From {
  onlyHandles(node, "table", ["name", "schema", "catalog", "alias", "alias_explicit_as"]);
  const written = [node.catalog, node.schema, node.name].filter(isNode);
  const path = written.flatMap((part) => String(part.name).split("."));
  const place = placeOf(written[0]);
  // The parser gives INFORMATION_SCHEMA views an alias that nobody wrote: it has no place.
  const alias = isNode(node.alias) && "place" in node.alias ? aliasOf(node) : {};
  return { kind: "table", path, ...alias, place };
}

function toUnnest(node: Node): From {
  onlyHandles(node, "UNNEST", ["this", "alias", "with_ordinality", "offset_alias"]);
  const place = placeOf(node);
  const array = required(node.this);
  const offset: { offset?: Name } =
    node.with_ordinality === true
      ? {
          offset: isNode(node.offset_alias) ? toName(node.offset_alias) : { text: "offset", place },
        }
      : {};
  return { kind: "unnest", array, ...aliasOf(node), ...offset, place };
}

function toDerived(node: Node): From {
  onlyHandles(node, "subquery", [
    "this",
    "alias",
    "alias_explicit_as",
    "alias_keyword",
    "order_by",
    "limit",
    "offset",
    "with",
  ]);
  const query = toQuery({
    subquery: { ...node, alias: null, alias_explicit_as: false, alias_keyword: null },
  });
  return { kind: "derived", query, ...aliasOf(node), place: placeOf(node) };
}

/** An alias around an item, as the parser puts it behind JOIN UNNEST(…) and parentheses. */
function toAliased(node: Node): From {
  onlyHandles(node, "alias", ["this", "alias", "alias_explicit_as", "alias_keyword"]);
  const item = toFromItem(needNode(node.this));
  if (item.kind === "join" || ("alias" in item && item.alias))
    throw refused("an alias of this item in FROM", placeOf(node));
  return { ...item, alias: toName(node.alias) };
}

function toPivot(node: Node): From {
  onlyHandles(node, "PIVOT", ["this", "expressions", "fields", "alias"]);
  const place = placeOf(node);
  const [field, second] = listOf(node.fields);
  const inNode = childOf(field?.in);
  if (!inNode || second) throw refused("this form of PIVOT", place);
  onlyHandles(inNode, "PIVOT", ["this", "expressions"]);
  const aggregates = listOf(node.expressions).map((item) => {
    const alias = childOf(item.alias);
    return alias
      ? { call: required(alias.this), alias: toName(alias.alias) }
      : { call: toExpr(item) };
  });
  const values = listOf(inNode.expressions).map((item) => {
    const alias = childOf(item.pivot_alias);
    return alias
      ? { value: required(alias.this), alias: columnName(alias.alias) }
      : { value: toExpr(item) };
  });
  const pivot = { aggregates, input: required(inNode.this), values };
  return {
    kind: "pivot",
    source: toFromItem(needNode(node.this, place)),
    pivot,
    ...aliasOf(node),
    place,
  };
}

function columnName(value: unknown): Name {
  const expression = required(value);
  const [name] = expression.kind === "name" ? expression.parts : [];
  if (!name) throw refused("this alias", expression.place);
  return name;
}

function toUnpivot(node: Node): From {
  onlyHandles(node, "UNPIVOT", [
    "this",
    "value_column",
    "name_column",
    "columns",
    "alias",
    "include_nulls",
  ]);
  const place = placeOf(node);
  const columns = listOf(node.columns).map((item) => {
    const alias = childOf(item.pivot_alias);
    return alias
      ? { column: columnName(alias.this), label: required(alias.alias) }
      : { column: columnName(item) };
  });
  const unpivot = {
    value: toName(node.value_column),
    name: toName(node.name_column),
    includeNulls: node.include_nulls === true,
    columns,
  };
  return {
    kind: "unpivot",
    source: toFromItem(needNode(node.this, place)),
    unpivot,
    ...aliasOf(node),
    place,
  };
}
