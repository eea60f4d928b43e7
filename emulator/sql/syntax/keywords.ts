import { isNode, type Node } from "./node.ts";

/** The keywords (and `*`) whose loss would change what a query means, or hide that it is none. */
const COUNTED =
  `not distinct all join left right full cross inner outer on using desc asc nulls with recursive where having
  qualify limit window between and or case when then else end in like is exists over partition group order
  union intersect except *`.split(/\s+/);

/** Keywords of a node, by its kind. */
const OF_KIND: Readonly<Record<string, readonly string[]>> = {
  not: ["not"],
  null_safe_eq: ["is", "not", "distinct"],
  null_safe_neq: ["is", "distinct"],
  is_null: ["is"],
  is_true: ["is"],
  is_false: ["is"],
  between: ["between", "and"],
  and: ["and"],
  or: ["or"],
  in: ["in"],
  like: ["like"],
  exists: ["exists"],
  case: ["case", "end"],
  union: ["union"],
  intersect: ["intersect"],
  except: ["except"],
  unpivot: ["in"],
  star: ["*"],
  mul: ["*"],
};

/** Keywords that a property stands for when it is true, a node or a list that is not empty. */
const OF_PROPERTY: Readonly<Record<string, readonly string[]>> = {
  not: ["not"],
  distinct: ["distinct"],
  all: ["all"],
  include_nulls: ["nulls"],
  use_inner_keyword: ["inner"],
  use_outer_keyword: ["outer"],
  desc: ["desc"],
  explicit_asc: ["asc"],
  on: ["on"],
  using: ["using"],
  with: ["with"],
  recursive: ["recursive"],
  with_ordinality: ["with"],
  where_clause: ["where"],
  having: ["having"],
  qualify: ["qualify"],
  group_by: ["group"],
  order_by: ["order"],
  partition_by: ["partition"],
  limit: ["limit"],
  windows: ["window"],
  over: ["over"],
  else_: ["else"],
};

const OF_JOIN: Readonly<Record<string, readonly string[]>> = {
  Inner: ["join"],
  Left: ["left", "join"],
  Right: ["right", "join"],
  Full: ["full", "join"],
  Cross: ["cross", "join"],
  Natural: ["join"],
  AsOf: ["join"],
};

/** How often the tree stands for each of the counted keywords, in lower case. */
export function keywordsOf(tree: Node): Map<string, number> {
  const counts = new Map(COUNTED.map((keyword) => [keyword, 0]));
  const add = (keywords: readonly string[] | undefined) => {
    for (const keyword of keywords ?? []) counts.set(keyword, (counts.get(keyword) ?? 0) + 1);
  };
  const visit = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value)) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === "place") continue;
      if (isNode(child)) add(OF_KIND[key]);
      if (isPresent(child) && !(key === "not" && isNode(child))) add(OF_PROPERTY[key]);
      if (key === "whens" && Array.isArray(child)) for (const _ of child) add(["when", "then"]);
      if (key === "kind") add(OF_JOIN[String(child)]);
      // FULL OUTER UNION ALL BY NAME; CORRESPONDING has the kind INNER without the word.
      const isOfSet = key === "side" || (key === "kind" && "left" in value && !value.corresponding);
      if (isOfSet && typeof child === "string") add([child.toLowerCase()]);
      if (key === "on_columns" && value.by_name === true && isPresent(child)) add(["on"]);
      if (key === "quantifier" && child === "ALL") add(["all"]);
      if (key === "nulls_first" && typeof child === "boolean") add(["nulls"]);
      if (key === "frame" && isNode(child) && isPresent(child.end)) add(["between", "and"]);
      if (key === "star" && isNode(child) && isPresent(child.except)) add(["except"]);
      visit(child);
    }
  };
  visit(tree);
  return counts;
}

function isPresent(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value === true || isNode(value) || (typeof value === "string" && value !== "");
}
