import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testWarehouse } from "./warehouse.ts";

const { run, rows } = testWarehouse();

/**
 * Connected components as one script: each round links every node with the smallest one it knows, until a round
 * changes nothing. Reads d.edges(a, b) and d.nodes(node), writes d.components(node, root).
 */
const COMPONENTS = `
declare turn int64 default 0;
declare before, after string default '';

create temp table links as
select distinct least(a, b) as low, greatest(a, b) as high from d.edges where a != b;

loop
  set turn = turn + 1;
  if turn > 40 then
    raise using message = format('no components after %d rounds', turn - 1);
  end if;

  create or replace temp table outward as
  with both_ways as (select low as u, high as v from links union all select high, low from links),
    smallest as (select u, least(u, min(v)) as root from both_ways group by u)
  select distinct smallest.root as low, n.v as high
  from both_ways as n join smallest on smallest.u = n.u
  where n.v > n.u and n.v != smallest.root;

  create or replace temp table links as
  with smallest as (select high as u, min(low) as root from outward group by high)
  select distinct low, high
  from (
    select smallest.root as low, outward.low as high from outward join smallest on smallest.u = outward.high
    union all
    select root, u from smallest
  )
  where low != high;

  set after = (
    select concat(cast(count(*) as string), '/', cast(ifnull(bit_xor(farm_fingerprint(concat(low, '>', high))), 0) as string))
    from links
  );
  if after = before then leave; end if;
  set before = after;
end loop;

create or replace table d.components as
select n.node, ifnull(min(links.low), n.node) as root
from d.nodes as n left join links on links.high = n.node
group by n.node;

assert not exists (
  select 1 from d.edges as e join d.components as x on x.node = e.a join d.components as y on y.node = e.b
  where x.root != y.root
) as 'an edge joins two components';
assert (select count(*) from d.components) = (select count(*) from d.nodes) as 'a node was lost';
`;

/** Smallest node of each node's component, by union-find. */
function unionFind(
  nodes: readonly string[],
  edges: readonly (readonly [string, string])[],
): Map<string, string> {
  const parent = new Map(nodes.map((node) => [node, node]));
  const find = (node: string): string => {
    const up = parent.get(node) ?? node;
    return up === node ? node : find(up);
  };
  for (const [a, b] of edges) {
    const [x = "", y = ""] = [find(a), find(b)].sort();
    parent.set(y, x);
  }
  return new Map(nodes.map((node) => [node, find(node)]));
}

async function components(
  nodes: readonly string[],
  edges: readonly (readonly [string, string])[],
): Promise<Map<string, string>> {
  const pairs = edges.map(([a, b]) => `('${a}', '${b}')`).join(", ");
  const names = nodes.map((node) => `'${node}'`).join(", ");
  await run(`
    create or replace table d.edges as select * from unnest(array<struct<a string, b string>>[${pairs}]);
    create or replace table d.nodes as select node from unnest(array<string>[${names}]) as node`);
  await run(COMPONENTS);
  const found = await rows("select node, root from d.components");
  return new Map(found.map(([node, root]) => [String(node), String(root)]));
}

describe("connected components", () => {
  it("agrees with union-find on any graph", async () => {
    const node = fc.integer({ min: 0, max: 24 }).map((n) => `n${String(n).padStart(2, "0")}`);
    const nodes = Array.from({ length: 25 }, (_, n) => `n${String(n).padStart(2, "0")}`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(node, node), { maxLength: 30 }), async (edges) => {
        expect(await components(nodes, edges)).toEqual(unionFind(nodes, edges));
      }),
      { numRuns: 12 },
    );
  });

  it("converges on a long chain", async () => {
    const nodes = Array.from({ length: 200 }, (_, n) => `c${(n * 77) % 200}`);
    const edges = nodes.slice(1).map((node, i): [string, string] => [nodes[i] ?? "", node]);
    expect(new Set((await components(nodes, edges)).values()).size).toBe(1);
  });
});
