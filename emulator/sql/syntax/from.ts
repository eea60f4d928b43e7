import { invalidQuery, refused } from "../../errors.ts";
import type { From, Join, Name } from "./ast.ts";
import { needNode, required, toExpr, toName } from "./expression.ts";
import { childOf, isNode, kindOf, listOf, type Node, onlyHandles, placeOf } from "./node.ts";
import { toQuery } from "./query.ts";

export function toFrom(node: Node, joins: readonly Node[]): From {
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
      return toTableFunction(node);
    default:
      throw refused(`${kind.replaceAll("_", " ")} in FROM`, place);
  }
}

function toTableFunction(node: Node): From {
  const call = toExpr(node);
  if (call.kind !== "call" || call.over) throw refused("this item in FROM", call.place);
  return { kind: "table_function", call, place: call.place };
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

/** `a`, or `(a, b)`. */
function columnNames(value: unknown): readonly Name[] {
  const tuple = childOf(childOf(value)?.tuple);
  return tuple ? listOf(tuple.expressions).map(columnName) : [columnName(value)];
}

function toUnpivot(node: Node): From {
  onlyHandles(node, "UNPIVOT", [
    "this",
    "value_column",
    "name_column",
    "columns",
    "alias",
    "include_nulls",
    "value_column_parenthesized",
    "extra_value_columns",
  ]);
  const place = placeOf(node);
  const sets = listOf(node.columns).map((item) => {
    const alias = childOf(item.pivot_alias);
    return alias
      ? { columns: columnNames(alias.this), label: required(alias.alias) }
      : { columns: columnNames(item) };
  });
  const unpivot = {
    values: [node.value_column, ...listOf(node.extra_value_columns)].map(toName),
    name: toName(node.name_column),
    includeNulls: node.include_nulls === true,
    sets,
  };
  return {
    kind: "unpivot",
    source: toFromItem(needNode(node.this, place)),
    unpivot,
    ...aliasOf(node),
    place,
  };
}
