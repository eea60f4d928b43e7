import type { RejectOutcome } from "./define-stream.ts";
import { DataError } from "./errors.ts";

/** The rejected records of a slice, counted. */
export interface Rejects {
  add(outcome: RejectOutcome): void;
  count(): number;
  /**
   * More than one record in a hundred fails a slice; five are allowed, but never all there are.
   * @param read how many records there were
   * @throws DataError `too_many_rejects`, naming the reason that most of them have
   */
  check(read: number): void;
}

export function createRejects(): Rejects {
  let count = 0;
  let broken = 0;
  const reasons = new Map<string, { count: number; readonly first: RejectOutcome }>();
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
      const [most] = [...reasons.values()].sort((a, b) => b.count - a.count);
      throw new DataError(
        `${broken} of ${read} rows are rejected, ${share}: ${most ? shown(most.first) : ""}`,
        {
          reason: "too_many_rejects",
          remedy: "see ops.dead_letters for line and reason of each",
        },
      );
    },
  };
}

/** Such as `mostly not_a_date in Day, first in line 4`: no value of the record. */
function shown({ reject, field, line }: RejectOutcome): string {
  const where = field === undefined ? "" : ` in ${field}`;
  return `mostly ${reject}${where}${line === undefined ? "" : `, first in line ${line}`}`;
}
