import { type Place, refused } from "../../errors.ts";
import type { Call, Expr, Frame, FrameBound, NamedExpr, OrderItem, Window } from "./ast.ts";
import { needNode, required, toExpr, toName } from "./expression.ts";
import { TAIL } from "./mark.ts";
import { childOf, isNode, listOf, type Node, onlyHandles, placeOf } from "./node.ts";
import { isQueryNode, toQuery } from "./query.ts";

export function readFunction(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "function", ["name", "args", "distinct", "quoted", "no_parens"]);
  const path = String(node.name).split(".");
  const name = String(node.name).toUpperCase();
  const args = listOf(node.args);
  if (name === "STRUCT") return { kind: "struct", fields: args.map(namedArgument), place };
  if (name === "ARRAY") return readArraySubquery(args, place);
  return toCall(node, path, args, place);
}

function toCall(
  node: Node,
  path: readonly string[],
  args: readonly Node[],
  place: Place | undefined,
): Call {
  const safe = path.length > 1 && path[0]?.toUpperCase() === "SAFE";
  const name = safe ? path.slice(1) : path;
  const tail = readTail(args.at(-1));
  const own = tail ? args.slice(0, -1) : args;
  const star = own.length === 1 && own[0] !== undefined && "star" in own[0];
  if (star) onlyHandles(childOf(own[0]?.star) ?? {}, "COUNT(*)", []);
  return {
    kind: "call",
    name: name.join(".").toUpperCase(),
    path: name,
    safe,
    star,
    args: star ? [] : own.map(toExpr),
    distinct: node.distinct === true,
    orderBy: [],
    bare: node.no_parens === true,
    ...tail,
    place,
  };
}

/** The subquery that holds the modifiers of a call (see mark.ts). */
function readTail(node: Node | undefined): Partial<Call> | undefined {
  const select = node && childOf(childOf(childOf(node.subquery)?.this)?.select);
  const [nulls, having] = listOf(select?.expressions);
  const alias = childOf(nulls?.alias);
  if (!select || !alias || childOf(alias.alias)?.name !== TAIL) return undefined;
  onlyHandles(select, "function", ["expressions", "order_by", "limit"]);
  const flag = childOf(childOf(alias.this)?.boolean);
  const limit = childOf(childOf(select.limit)?.this);
  return {
    ...(flag ? { nulls: flag.value === true ? ("IGNORE" as const) : ("RESPECT" as const) } : {}),
    ...(having ? { having: readHaving(having) } : {}),
    orderBy: toOrder(childOf(select.order_by)?.expressions),
    ...(limit ? { limit: toExpr(limit) } : {}),
  };
}

function readHaving(node: Node): NonNullable<Call["having"]> {
  const which = "max" in node ? "MAX" : "MIN";
  return { which, by: required(childOf(node.max ?? node.min)?.this) };
}

function namedArgument(node: Node): NamedExpr {
  const alias = childOf(node.alias);
  if (!alias) return { value: toExpr(node) };
  onlyHandles(alias, "alias", ["this", "alias", "alias_explicit_as", "alias_keyword"]);
  return { name: toName(alias.alias), value: required(alias.this) };
}

function readArraySubquery(args: readonly Node[], place: Place | undefined): Expr {
  const [only] = args;
  if (!only || args.length !== 1 || !isQueryNode(only))
    throw refused("ARRAY(…) of anything but a query", place);
  return { kind: "subquery", form: "array", query: toQuery(only), place };
}

export function readWindowFunction(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "window function", ["this", "over"]);
  const call = required(node.this);
  if (call.kind !== "call") throw refused("OVER behind anything but a function", place);
  return { ...call, over: toWindow(needNode(node.over, place)) };
}

export function toWindow(node: Node): Window {
  onlyHandles(node, "window", ["window_name", "partition_by", "order_by", "frame"]);
  return {
    ...(isNode(node.window_name) ? { name: toName(node.window_name) } : {}),
    partitionBy: listOf(node.partition_by).map(toExpr),
    orderBy: toOrder(node.order_by),
    ...(isNode(node.frame) ? { frame: toFrame(node.frame) } : {}),
    place: placeOf(node),
  };
}

function toFrame(node: Node): Frame {
  onlyHandles(node, "window frame", [
    "kind",
    "start",
    "end",
    "kind_text",
    "start_side_text",
    "end_side_text",
  ]);
  if (node.kind !== "Rows" && node.kind !== "Range")
    throw refused(`window frame in ${String(node.kind)}`, placeOf(node));
  const end = node.end === null || node.end === undefined ? {} : { end: toBound(node.end) };
  return { unit: node.kind === "Rows" ? "ROWS" : "RANGE", start: toBound(node.start), ...end };
}

function toBound(value: unknown): FrameBound {
  if (value === "UnboundedPreceding") return { kind: "UNBOUNDED PRECEDING" };
  if (value === "UnboundedFollowing") return { kind: "UNBOUNDED FOLLOWING" };
  if (value === "CurrentRow") return { kind: "CURRENT ROW" };
  if (isNode(value) && isNode(value.Preceding))
    return { kind: "PRECEDING", offset: toExpr(value.Preceding) };
  if (isNode(value) && isNode(value.Following))
    return { kind: "FOLLOWING", offset: toExpr(value.Following) };
  throw refused("this window frame", placeOf(value));
}

export function toOrder(value: unknown): readonly OrderItem[] {
  return listOf(value).map((item) => {
    onlyHandles(item, "ORDER BY", ["this", "desc", "nulls_first", "explicit_asc"]);
    const base = { value: required(item.this), descending: item.desc === true };
    if (typeof item.nulls_first !== "boolean") return base;
    return { ...base, nulls: item.nulls_first ? ("FIRST" as const) : ("LAST" as const) };
  });
}
