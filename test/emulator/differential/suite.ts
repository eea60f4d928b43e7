import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Answer } from "./answer.ts";
import { type Composed, composer, entriesOf } from "./compose.ts";
import { type Judged, startJudge } from "./judge.ts";
import { ENTRIES, PRODUCTIONS } from "./signatures/index.ts";

/** Calls within calls of a composed query. */
const DEPTH = 3;

interface Trial {
  readonly runs: number;
  readonly least: number;
  readonly mostRefused: number;
  readonly seed: number;
}

/**
 * For each entry of the emulator's list, queries with it at the root: the emulator answers as GoogleSQL's reference
 * implementation does. At the end it prints the seed and how often each entry was tried.
 * @param runs queries with an entry at the root
 * @param mostRefused the share of queries that the emulator may refuse
 * @param least queries that an entry stands in at least, and that both sides answer
 */
export function differentialTests({ runs, least, mostRefused, seed }: Trial): void {
  describe.skipIf(inject("analyzerMissing") !== "")(`composed queries, seed ${seed}`, () => {
    const { rooted } = composer(PRODUCTIONS);
    const tried = new Map(ENTRIES.map((entry) => [entry, 0]));
    const verdicts = { same: 0, different: 0, refused: 0, undefined: 0, unknown: 0 };
    let judge: Awaited<ReturnType<typeof startJudge>> | undefined;
    beforeAll(async () => {
      judge = await startJudge();
    });
    afterAll(() => judge?.close());

    async function agree(composed: Composed): Promise<void> {
      if (!judge) throw new Error("The judge is not there");
      const judged = await judge.judge(composed);
      verdicts[judged.verdict]++;
      if (judged.verdict === "different") {
        throw new Error(report((await judge.smallest(composed)) ?? judged));
      }
      if (judged.verdict !== "same") return;
      for (const entry of entriesOf(composed.tree)) tried.set(entry, (tried.get(entry) ?? 0) + 1);
    }

    it.each(ENTRIES.map((entry, i) => [entry, seed + i] as const))("%s", async (entry, own) => {
      const queries = rooted(
        PRODUCTIONS.filter((production) => production.entry === entry),
        DEPTH,
      );
      await fc.assert(fc.asyncProperty(queries, agree), {
        numRuns: runs,
        seed: own,
      });
    });

    it("are refused seldom, and try every entry", () => {
      const total = Object.values(verdicts).reduce((sum, count) => sum + count);
      const fewest = [...tried].toSorted((a, b) => a[1] - b[1]).slice(0, 5);
      console.log(`seed ${seed}: ${total} queries, ${JSON.stringify(verdicts)}`);
      console.log(`fewest by entry: ${fewest.map(([entry, n]) => `${entry} ${n}`).join(", ")}`);
      expect(verdicts.refused / total).toBeLessThan(mostRefused);
      expect(fewest[0]?.[1]).toBeGreaterThanOrEqual(least);
    });
  });
}

function report({ query, emulator, reference }: Judged): string {
  return `\n${query}\n  emulator:  ${shown(emulator)}\n  reference: ${shown(reference)}`;
}

function shown(answer: Answer): string {
  if (answer.kind !== "rows") return `${answer.kind}: ${answer.message}`;
  return `${answer.types.join(", ")} ${JSON.stringify(answer.rows)}`;
}
