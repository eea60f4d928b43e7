import { invalidQuery, type Place, refused } from "../../errors.ts";
import type { RangeElement, SqlType } from "../types.ts";
import type { Cast, Expr, Literal, TypedLiteral } from "./ast.ts";
import { needNode, required, toExpr } from "./expression.ts";
import { childOf, isNode, listOf, type Node, onlyHandles } from "./node.ts";
import { toType } from "./type.ts";

export function readLiteral(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "literal", ["literal_type", "value", "prefix", "range_of"]);
  const text = String(node.value);
  switch (node.literal_type) {
    case "number":
      return { kind: "literal", literal: { of: "NUMBER", text }, place };
    case "hex_number":
      return { kind: "literal", literal: { of: "HEX", text }, place };
    case "string":
      return typeof node.range_of === "string"
        ? rangeLiteral(node.range_of as RangeElement["kind"], text, place)
        : { kind: "literal", literal: { of: "STRING", text }, place };
    case "bytes":
      return { kind: "literal", literal: { of: "BYTES", text }, place };
    case "date":
    case "time":
    case "datetime":
    case "timestamp":
      return typedLiteral(
        node.literal_type.toUpperCase() as TypedLiteral,
        { literal: node },
        place,
      );
    default:
      throw refused(`literal of kind ${node.literal_type}`, place);
  }
}

function rangeLiteral(element: RangeElement["kind"], text: string, place?: Place): Literal {
  return { kind: "literal", literal: { of: "RANGE", element, text }, place };
}

export function typedLiteral(
  of: TypedLiteral,
  literal: unknown,
  place: Place | undefined,
): Literal {
  const inner = isNode(literal) ? childOf(literal.literal) : undefined;
  if (!inner || inner.literal_type === "bytes")
    throw invalidQuery(`Syntax error: Expected string after ${of}`, place);
  return { kind: "literal", literal: { of, text: String(inner.value) }, place };
}

export function readCast(node: Node, safe: boolean, place: Place | undefined): Expr {
  onlyHandles(node, safe ? "SAFE_CAST" : "CAST", ["this", "to", "format"]);
  const inner = needNode(node.this, place);
  const type = toType(needNode(node.to, place), place);
  // Only STRUCT<…>(…) and ARRAY<…>[…] have these nodes inside; `CAST([…] AS …)` has `array_func`.
  if ("struct" in inner) return typedConstructor(type, "struct", childOf(inner.struct), place);
  if ("array" in inner) return typedConstructor(type, "array", childOf(inner.array), place);
  const literal = childOf(inner.literal);
  if (literal && typeof literal.prefix === "string") {
    return typedLiteral(literal.prefix as TypedLiteral, inner, place);
  }
  const cast: Cast = { kind: "cast", value: toExpr(inner), type, safe, place };
  return isNode(node.format) ? { ...cast, format: toExpr(node.format) } : cast;
}

function typedConstructor(
  type: SqlType,
  kind: "struct" | "array",
  node: Node | undefined,
  place: Place | undefined,
): Expr {
  if (kind === "array") {
    onlyHandles(node ?? {}, "array constructor", ["expressions"]);
    return { kind, type, elements: listOf(node?.expressions).map(toExpr), place };
  }
  onlyHandles(node ?? {}, "struct constructor", ["fields"]);
  const pairs = Array.isArray(node?.fields) ? node.fields : [];
  const fields = pairs.map((pair: unknown) => {
    const [name, value] = Array.isArray(pair) ? pair : [];
    if (name)
      throw invalidQuery(
        "STRUCT constructors cannot specify both an explicit type and field names",
        place,
      );
    return { value: required(value) };
  });
  return { kind, type, fields, place };
}

export function readInterval(node: Node, _kind: string, place: Place | undefined): Expr {
  onlyHandles(node, "INTERVAL", ["this", "unit"]);
  const unit = needNode(node.unit, place);
  const raw = needNode(node.this, place);
  // The parser makes text of a bare number; a text as written has a place.
  const literal = childOf(raw.literal);
  const isNumber = literal?.literal_type === "string" && !("place" in literal);
  const value = isNumber
    ? toExpr({ literal: { ...literal, literal_type: "number" } })
    : toExpr(raw);
  if (unit.type === "simple")
    return { kind: "interval", value, from: String(unit.unit).toUpperCase(), place };
  if (unit.type !== "span") throw refused("this INTERVAL", place);
  const from = String(unit.this).toUpperCase();
  return { kind: "interval", value, from, to: String(unit.expression).toUpperCase(), place };
}
