import { invalidQuery, type Place, refused } from "../../errors.ts";
import { arrayOf, rangeOf, type SqlType, scalarType, structOf } from "../types.ts";
import { isNode, listOf, type Node } from "./node.ts";

/** Types for which the parser has a kind of its own; the others come as `custom` with the name as written. */
const PARSER_KINDS: Readonly<Record<string, string>> = {
  boolean: "BOOL",
  date: "DATE",
  time: "TIME",
  timestamp: "TIMESTAMP",
  json: "JSON",
  string: "STRING",
  interval: "INTERVAL",
  decimal: "NUMERIC",
  int: "INT64",
  big_int: "INT64",
  small_int: "INT64",
  tiny_int: "INT64",
};

/** A type in the parser's tree: the `to` of a CAST. */
export function toType(node: Node, place?: Place): SqlType {
  const kind = String(node.data_type);
  if (kind === "array" && isNode(node.element_type))
    return arrayOf(toType(node.element_type, place));
  if (kind === "struct") {
    const fields = listOf(node.fields).map((field) => {
      if (!isNode(field.data_type)) throw invalidQuery("Syntax error: Expected a type", place);
      const type = toType(field.data_type, place);
      return typeof field.name === "string" && field.name !== ""
        ? { name: field.name, type }
        : { type };
    });
    return structOf(fields);
  }
  if (kind === "text") return customType(kind, place);
  if (kind === "custom") return customType(String(node.name), place);
  const name = PARSER_KINDS[kind];
  const parameters = [node.precision, node.scale, node.length].filter((n) => typeof n === "number");
  const type =
    name === undefined || node.timezone === true ? undefined : scalarType(name, parameters);
  if (!type) throw refused(`type ${kind.toUpperCase()}`, place);
  return type;
}

function customType(text: string, place?: Place): SqlType {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:\(([\d, ]+)\))?$/.exec(text);
  const type = scalarType(match?.[1] ?? "", match?.[2]?.split(",").map(Number));
  if (type) return type;
  const range = /^RANGE<(\w+)>$/.exec(text);
  if (range) return rangeOf(scalarType(range[1] ?? "")) ?? refuseType(text, place);
  if (/^(GEOGRAPHY|RANGE|STRUCT|ARRAY|TOKENLIST|UUID)\b/i.test(text)) refuseType(text, place);
  throw invalidQuery(`Type not found: ${text}`, place);
}

function refuseType(text: string, place?: Place): never {
  throw refused(`type ${text.toUpperCase()}`, place);
}
