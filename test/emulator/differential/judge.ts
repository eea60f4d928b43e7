import type { Answer } from "./answer.ts";
import { compare, type Verdict } from "./compare.ts";
import { type Composed, queryOf, subtrees, type Tree } from "./compose.ts";
import { startEmulator } from "./emulator.ts";
import { startReference } from "./reference.ts";

/** What both sides made of a query. */
export interface Judged {
  readonly verdict: Verdict;
  readonly entry: string | undefined;
  readonly query: string;
  readonly emulator: Answer;
  readonly reference: Answer;
}

/** Puts queries to the emulator and to the reference. */
export async function startJudge() {
  const emulator = await startEmulator();
  const reference = await startReference();

  async function judge({ sample }: Composed, tree: Tree): Promise<Judged> {
    const query = queryOf(tree, sample);
    const [ours, theirs] = await Promise.all([emulator.evaluate(query), reference.evaluate(query)]);
    const how = { approximate: tree.type === "APPROX", ordered: tree.type === "ORDERED" };
    return {
      verdict: compare(ours, theirs, how),
      entry: tree.production?.entry,
      query,
      emulator: ours,
      reference: theirs,
    };
  }

  /** An operand fails on both sides: whether the whole fails depends on whether its value is needed. */
  async function failsBelow(composed: Composed, tree: Tree): Promise<boolean> {
    for (const part of subtrees(tree)) {
      if (!part.production || part === tree) continue;
      const { emulator: ours, reference: theirs } = await judge(composed, part);
      if (ours.kind === "error" && theirs.kind === "error") return true;
    }
    return false;
  }

  async function settled(composed: Composed, tree: Tree): Promise<Judged> {
    const judged = await judge(composed, tree);
    const kinds = [judged.emulator.kind, judged.reference.kind].toSorted().join();
    if (judged.verdict !== "different" || kinds !== "error,rows") return judged;
    return (await failsBelow(composed, tree)) ? { ...judged, verdict: "undefined" } : judged;
  }

  return {
    judge: (composed: Composed) => settled(composed, composed.tree),
    /** The smallest part of a query on which the two differ. */
    async smallest(composed: Composed): Promise<Judged | undefined> {
      for (const part of subtrees(composed.tree)) {
        if (!part.production) continue;
        const judged = await settled(composed, part);
        if (judged.verdict === "different") return judged;
      }
      return undefined;
    },
    async close(): Promise<void> {
      emulator.close();
      await reference.close();
    },
  };
}
