import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { PROJECT, testWarehouse } from "../emulator/script/warehouse.ts";
import { include } from "../includes/load.ts";
import { compiledOperations } from "./project.ts";

const { closure } = include<{ closure(tables: { edges: string; labels: string }): string }>(
  "identity",
);
const { run, rows } = testWarehouse();

const DECLARATIONS = "declare round int64 default 0; declare shape, last_shape string;";

/** The smallest node that each node reaches, and how many rounds it took. */
async function components(edges: readonly (readonly [number, number])[]) {
  const values = edges.map(([a, b]) => `(${a}, ${b})`).join(", ");
  const result = await rows(`${DECLARATIONS}
    create temp table edges as select * from unnest(array<struct<a int64, b int64>>[${values}]);
    ${closure({ edges: "edges", labels: "labels" })}
    select node, root, round from labels order by node`);
  return {
    roots: new Map(result.map(([node, root]) => [node as number, root as number])),
    rounds: Number(result[0]?.[2] ?? 0),
  };
}

/** The same by a union-find. */
function expectedRoots(edges: readonly (readonly [number, number])[]): Map<number, number> {
  const parent = new Map<number, number>();
  const find = (node: number): number => {
    const up = parent.get(node) ?? node;
    return up === node ? node : find(up);
  };
  for (const [a, b] of edges) {
    const [low, high] = [find(a), find(b)].sort((x, y) => x - y) as [number, number];
    parent.set(high, low);
    if (!parent.has(low)) parent.set(low, low);
  }
  return new Map([...parent.keys()].sort((x, y) => x - y).map((node) => [node, find(node)]));
}

describe("connected components", () => {
  it("are those of a union-find, on any graph", async () => {
    const node = fc.integer({ min: -12, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(node, node), { minLength: 1, maxLength: 25 }),
        async (edges) => {
          expect((await components(edges)).roots).toEqual(expectedRoots(edges));
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  it.each([
    ["ascending", (i: number) => i],
    [
      "bit-reversed",
      (i: number) =>
        Number.parseInt(i.toString(2).padStart(9, "0").split("").reverse().join(""), 2),
    ],
  ])(
    "join a chain of 512 in %s order, in few rounds",
    async (_order, name) => {
      const edges = Array.from({ length: 511 }, (_, i) => [name(i), name(i + 1)] as const);
      const { roots, rounds } = await components(edges);
      expect(new Set(roots.values())).toEqual(new Set([0]));
      expect(rounds).toBeLessThanOrEqual(Math.ceil(Math.log2(512)) + 2);
    },
    60_000,
  );
});

interface Link {
  set: number;
  node: number;
  type: "loyalty_card" | "shop_account" | "crm_contact" | "email" | "phone";
  weakness?: number;
  seen?: string;
}

const STRONG = ["loyalty_card", "shop_account", "crm_contact"];

describe("customers", () => {
  let script = "";

  beforeAll(async () => {
    const operation = compiledOperations(PROJECT);
    script = operation("int_identities_resolved");
    await run("create schema intermediate; create schema ops");
    await run(operation("split_component"));
    await run(operation("customer_founders"));
  });

  /** Resolves these links and returns the customer of each set and the refused links. */
  async function resolve(links: readonly Link[]) {
    const values = links.map(
      ({ set, node, type, weakness = 14, seen = "2026-01-01" }) =>
        `(${set}, ${node}, '${type}', ${STRONG.includes(type)}, ${weakness}, timestamp '${seen} 00:00:00+00', timestamp '${seen} 00:00:00+00', 1)`,
    );
    await run(`create or replace table intermediate.int_identity_links_built as
      select * from unnest(array<struct<identifier_set_id int64, identifier_node int64, identifier_type string,
        is_strong bool, weakness int64, first_seen_at timestamp, last_seen_at timestamp, records int64>>[${values.join(", ")}])`);
    await run(script);
    const resolved = await rows(`select identifier_set_id, min(customer_id),
        string_agg(if(refusal_reason is null, null, concat(cast(identifier_node as string), ' ', refusal_reason)), ', ' order by identifier_node)
      from intermediate.int_identities_resolved group by identifier_set_id order by identifier_set_id`);
    return {
      customers: resolved.map(([, customer]) => customer as string | null),
      refused: resolved.map(([, , reasons]) => reasons as string | null),
    };
  }

  async function forgetIds() {
    await run("truncate table ops.customer_founders");
  }

  const card = (set: number, node: number): Link => ({ set, node, type: "loyalty_card" });
  const phone = (set: number, node: number, weakness = 45): Link => ({
    set,
    node,
    type: "phone",
    weakness,
  });
  const email = (set: number, node: number): Link => ({ set, node, type: "email" });

  it("are one through a chain of records, however it was learned", async () => {
    await forgetIds();
    const { customers } = await resolve([
      email(1, 10),
      phone(1, 20),
      phone(2, 20),
      email(2, 11),
      email(3, 11),
      card(3, 30),
      card(4, 30),
    ]);
    expect(new Set(customers).size).toBe(1);
  });

  it("stay four when a family of four cards shares a phone", async () => {
    await forgetIds();
    const { customers, refused } = await resolve(
      [1, 2, 3, 4].flatMap((i) => [card(i, 30 + i), phone(i, 20)]),
    );
    expect(new Set(customers).size).toBe(4);
    expect(refused).toEqual(Array(4).fill("20 shared_by_too_many"));
  });

  it("stay two when a couple with two cards shares a phone: the weaker link goes", async () => {
    await forgetIds();
    const { customers, refused } = await resolve([
      card(1, 31),
      phone(1, 20, 15),
      card(2, 32),
      phone(2, 20, 45),
    ]);
    expect(new Set(customers).size).toBe(2);
    expect(refused).toEqual([null, "20 limit_loyalty_card"]);
  });

  it("keep a replaced card and its predecessor together", async () => {
    await forgetIds();
    const { customers, refused } = await resolve([
      card(1, 31),
      phone(1, 20),
      card(2, 31),
      card(2, 32),
      card(3, 32),
      phone(3, 20),
    ]);
    expect(new Set(customers).size).toBe(1);
    expect(refused).toEqual([null, null, null]);
  });

  it("are not joined by a shop's phone; a receipt with nothing else belongs to nobody", async () => {
    await forgetIds();
    const { customers, refused } = await resolve([
      ...[1, 2, 3, 4, 5, 6].flatMap((i) => [email(i, 10 + i), phone(i, 20)]),
      phone(7, 20),
    ]);
    expect(new Set(customers.slice(0, 6)).size).toBe(6);
    expect(customers[6]).toBeNull();
    expect(new Set(refused)).toEqual(new Set(["20 shared_by_too_many"]));
  });

  it("keep their ids: merged, the older one stays; split again, both come back", async () => {
    await forgetIds();
    const apart = [
      { ...card(1, 31), seen: "2026-01-01" },
      { ...email(2, 12), seen: "2026-02-01" },
    ];
    const [older, newer] = (await resolve(apart)).customers;
    expect(newer).not.toBe(older);
    const bridge = { ...card(3, 31), seen: "2026-03-01" };
    const merged = await resolve([...apart, bridge, { ...email(3, 12), seen: "2026-03-01" }]);
    expect(merged.customers).toEqual([older, older, older]);
    expect((await resolve(apart)).customers).toEqual([older, newer]);
    expect(await rows("select count(*) from ops.customer_founders")).toEqual([[2]]);
  });

  it("get the same ids from the same records, in any order and from scratch", async () => {
    const links = [
      card(1, 31),
      phone(1, 20, 15),
      card(2, 32),
      phone(2, 20),
      email(2, 12),
      email(3, 12),
      email(4, 13),
    ];
    await forgetIds();
    const first = await resolve(links);
    await forgetIds();
    expect(await resolve([...links].reverse())).toEqual(first);
    expect(await resolve(links)).toEqual(first);
  });
});
