import type { Value } from "../../../analyzer/values.ts";
import type { Answer } from "./answer.ts";

/**
 * `undefined`: one of the two did not evaluate an operand that fails, since the other operands settle the value.
 * `unknown`: the reference does not implement it.
 */
export type Verdict = "same" | "different" | "refused" | "undefined" | "unknown";

/**
 * `approximate`: the root of the query is a function whose last bits depend on the library that computes it (exp, sin, AVG of
 * floats …): FLOAT64 cells may differ by 1e-12 of their size. All other values are compared exactly.
 */
export interface Comparison {
  readonly approximate: boolean;
  /** The rows come in an order that the query states. */
  readonly ordered: boolean;
}

export function compare(emulator: Answer, reference: Answer, how: Comparison): Verdict {
  if (reference.kind === "unknown") return "unknown";
  if (emulator.kind === "refused") return "refused";
  if (emulator.kind === "error" && reference.kind === "error") return "same";
  if (emulator.kind !== "rows" || reference.kind !== "rows") return "different";
  if (emulator.types.join() !== reference.types.join()) return "different";
  const types = emulator.types;
  const a = how.ordered ? emulator.rows : sorted(emulator.rows);
  const b = how.ordered ? reference.rows : sorted(reference.rows);
  const same =
    a.length === b.length &&
    a.every((row, i) =>
      row.every((value, j) =>
        sameCell(value, b[i]?.[j] ?? null, how.approximate && types[j] === "FLOAT64"),
      ),
    );
  return same ? "same" : "different";
}

/** In a result of BigQuery a NULL array is an empty one, which the reference does not know. */
function written(value: Value): string {
  return JSON.stringify(value, (_key, part) =>
    Array.isArray(part) && part.length === 0 ? null : part,
  );
}

function sorted(rows: readonly (readonly Value[])[]) {
  return rows.toSorted((a, b) => (written(a) < written(b) ? -1 : 1));
}

const TOLERANCE = 1e-12;

function sameCell(a: Value, b: Value, approximate: boolean): boolean {
  if (!approximate || typeof a !== "string" || typeof b !== "string") {
    return written(a) === written(b);
  }
  const [x, y] = [Number(a), Number(b)];
  return a === b || Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
}
