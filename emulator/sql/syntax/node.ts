import { type Place, refused } from "../../errors.ts";

/** A node of polyglot's tree, or the properties of one: see `parseStatement` for what is promised of it. */
export type Node = { readonly [property: string]: unknown };

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An expression or statement node is an object with one property, named by its kind: `{select: {…}}`. */
export function kindOf(node: Node): string {
  return Object.keys(node).find((key) => key !== "place") ?? "";
}

/** The properties of a node of the given kind; undefined when it is of another kind. */
export function propertiesOf(node: unknown, kind: string): Node | undefined {
  if (!isNode(node)) return undefined;
  const properties = node[kind];
  return isNode(properties) ? properties : undefined;
}

/** The elements of a property that is a list of nodes. */
export function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A property that is a node or absent. */
export function childOf(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}

/** The first place found in a node or below it. */
export function placeOf(value: unknown): Place | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const place = placeOf(item);
      if (place) return place;
    }
    return undefined;
  }
  if (!isNode(value)) return undefined;
  const own = value.place;
  if (isNode(own) && typeof own.line === "number" && typeof own.column === "number") {
    return { line: own.line, column: own.column };
  }
  return placeOf(Object.values(value));
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

/**
 * Refuses a node that has any property beyond those its reader handles: a clause that nobody reads must never vanish.
 * @param construct how the message calls the node
 */
export function onlyHandles(node: Node, construct: string, handled: readonly string[]): void {
  for (const [key, value] of Object.entries(node)) {
    if (key === "place" || isEmpty(value) || handled.includes(key)) continue;
    throw refused(`${construct} with ${key.replaceAll("_", " ")}`, placeOf(value) ?? placeOf(node));
  }
}
