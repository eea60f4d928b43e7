import type { RejectOutcome } from "./define-stream.ts";
import { DataError } from "./errors.ts";

/** The rejected records of a slice, counted. */
export interface Rejects {
  add(outcome: RejectOutcome): void;
  count(): number;
  /**
   * More than one record in a hundred fails a slice; five are allowed, but never all there are.
   * @param read how many records there were
   * @throws DataError `too_many_rejects`, naming the most frequent reasons
   */
  check(read: number): void;
}

/** Why records were rejected, and how many of them. */
interface Reason {
  count: number;
  readonly first: RejectOutcome;
}

export function createRejects(): Rejects {
  let count = 0;
  let broken = 0;
  const reasons = new Map<string, Reason>();
  return {
    add(outcome) {
      count++;
      if (outcome.isTolerated) return;
      broken++;
      const key = `${outcome.reject} ${outcome.field ?? ""}`;
      const seen = reasons.get(key);
      if (seen) seen.count++;
      else reasons.set(key, { count: 1, first: outcome });
    },
    count: () => count,
    check(read) {
      const limit = Math.min(Math.max(5, Math.floor(read / 100)), read - 1);
      if (broken === 0 || broken <= limit) return;
      const share = broken === read ? "all of them" : "more than one in a hundred";
      throw new DataError(
        `${broken} of ${read} rows are rejected, ${share}: ${shown([...reasons.values()])}`,
        {
          reason: "too_many_rejects",
          remedy: "correct the export or the settings; ops.dead_letters has each rejected record",
        },
      );
    },
  };
}

const SHOWN = 3;

/** The most frequent reasons, such as `4 not_a_date in Day (first in line 2)`: no value of a record. */
function shown(reasons: readonly Reason[]): string {
  const most = [...reasons].sort((a, b) => b.count - a.count).slice(0, SHOWN);
  const texts = most.map(({ count, first: { reject, field, line } }) => {
    const where = field === undefined ? "" : ` in ${field}`;
    return `${count} ${reject}${where}${line === undefined ? "" : ` (first in line ${line})`}`;
  });
  return texts.join(", ") + (reasons.length > SHOWN ? ", …" : "");
}
