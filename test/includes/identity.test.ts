import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { include } from "./load.ts";

interface Member {
  node: string;
  kinds: string;
}
interface Link {
  a: string;
  b: string;
  weakness: number;
  seen: string;
}
interface Outcome {
  a: string;
  b: string | null;
  part: string | null;
  reason: string | null;
}
interface Identity {
  LIMITS: Record<string, number>;
  splitComponent(members: Member[], links: Link[], limits: Record<string, number>): Outcome[];
  splitComponentBody: string;
}

const identity = include<Identity>("identity");
const oneCard = { loyalty_card: 1 };

const member = (node: string, kinds = ""): Member => ({ node, kinds });
const link = (a: string, b: string, weakness: number, seen = "2026-03-01"): Link => ({
  a,
  b,
  weakness,
  seen,
});

function parts(outcomes: Outcome[]): string[][] {
  const byPart = new Map<string, string[]>();
  for (const { a, part } of outcomes) {
    if (part !== null) byPart.set(part, [...(byPart.get(part) ?? []), a].sort());
  }
  return [...byPart.values()].sort();
}

const refused = (outcomes: Outcome[]) =>
  outcomes.filter(({ reason }) => reason !== null).map(({ a, b, reason }) => `${a}-${b} ${reason}`);

describe("splitting a component", () => {
  it("parts two card holders at the weaker of the links that join them", () => {
    // Anna's card with her mail and the family's phone; Bruno's card with the same phone, typed at a till
    const outcomes = identity.splitComponent(
      [
        member("anna", "loyalty_card"),
        member("bruno", "loyalty_card"),
        member("mail"),
        member("phone"),
      ],
      [link("anna", "mail", 14), link("anna", "phone", 15), link("bruno", "phone", 45)],
      oneCard,
    );
    expect(parts(outcomes)).toEqual([["anna", "mail", "phone"], ["bruno"]]);
    expect(refused(outcomes)).toEqual(["bruno-phone limit_loyalty_card"]);
  });

  it("keeps the link that was seen last where both prove as much", () => {
    const outcomes = identity.splitComponent(
      [member("anna", "loyalty_card"), member("bruno", "loyalty_card"), member("phone")],
      [link("anna", "phone", 45, "2025-06-01"), link("bruno", "phone", 45, "2026-06-01")],
      oneCard,
    );
    expect(refused(outcomes)).toEqual(["anna-phone limit_loyalty_card"]);
  });

  it("lets kinds without a limit, or below it, come together", () => {
    const outcomes = identity.splitComponent(
      [member("x", "loyalty_card,shop_account"), member("y", "shop_account"), member("mail")],
      [link("x", "mail", 14), link("y", "mail", 24)],
      { loyalty_card: 1, shop_account: 2 },
    );
    expect(parts(outcomes)).toEqual([["mail", "x", "y"]]);
  });

  const world = fc
    .record({
      holders: fc.array(
        fc.constantFrom("", "loyalty_card", "shop_account", "loyalty_card,shop_account"),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      values: fc.integer({ min: 1, max: 6 }),
      links: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(5), fc.nat(3)), { maxLength: 30 }),
    })
    .map(({ holders, values, links }) => {
      const seen = new Set<string>();
      return {
        members: [
          ...holders.map((kinds, i) => member(`p${i}`, kinds)),
          ...Array.from({ length: values }, (_, i) => member(`v${i}`)),
        ],
        links: links
          .map(([a, b, weakness, day]) =>
            link(`p${a % holders.length}`, `v${b % values}`, weakness, `2026-01-0${day + 1}`),
          )
          .filter(({ a, b }) => !seen.has(`${a}${b}`) && seen.add(`${a}${b}`)),
      };
    });
  const limits = { loyalty_card: 1, shop_account: 2 };

  it("does not depend on the order of its input", () => {
    fc.assert(
      fc.property(
        world,
        fc.infiniteStream(fc.double({ noNaN: true, min: 0, max: 1 })),
        ({ members, links }, random) => {
          const shuffled = <T>(items: T[]): T[] =>
            items
              .map((item) => ({ item, at: random.next().value }))
              .sort((x, y) => x.at - y.at)
              .map(({ item }) => item);
          const first = identity.splitComponent(members, links, limits);
          const second = identity.splitComponent(shuffled(members), shuffled(links), limits);
          expect(parts(second)).toEqual(parts(first));
          expect(refused(second).sort()).toEqual(refused(first).sort());
        },
      ),
    );
  });

  it("leaves no part above a limit, and joins what the links it accepts join", () => {
    fc.assert(
      fc.property(world, ({ members, links }) => {
        const outcomes = identity.splitComponent(members, links, limits);
        const partOf = new Map(
          outcomes.filter(({ b }) => b === null).map(({ a, part }) => [a, part]),
        );
        const refusedLinks = new Set(
          outcomes.filter(({ b }) => b !== null).map(({ a, b }) => `${a}${b}`),
        );
        expect(partOf.size).toBe(members.length);
        for (const { a, b } of links) {
          if (!refusedLinks.has(`${a}${b}`)) expect(partOf.get(a)).toBe(partOf.get(b));
        }
        for (const [kind, limit] of Object.entries(limits)) {
          for (const part of new Set(partOf.values())) {
            const held = members.filter(
              ({ node, kinds }) => partOf.get(node) === part && kinds.includes(kind),
            );
            expect(held.length).toBeLessThanOrEqual(limit);
          }
        }
      }),
    );
  });

  it("as a BigQuery function is the same", () => {
    const asFunction = new Function("members", "links", identity.splitComponentBody) as (
      members: Member[],
      links: Link[],
    ) => Outcome[];
    fc.assert(
      fc.property(world, ({ members, links }) => {
        expect(asFunction(members, links)).toEqual(
          identity.splitComponent(members, links, identity.LIMITS),
        );
      }),
      { numRuns: 20 },
    );
  });
});
