import type { CsvRecord } from "../../core/csv.ts";
import type { FileFacts } from "../../core/define-stream.ts";
import { DataError } from "../../core/errors.ts";
import { billionths } from "../../core/numbers.ts";
import { type Binding, isPair } from "./cells.ts";
import type { Mapping } from "./mapping.ts";
import { createTyper, isTurned, Refusal } from "./receipts.ts";
import type { Readers } from "./rows.ts";

/**
 * Compares the sum that a file states in its total row with the sum of its lines, accepted and rejected. Returns
 * count as given back, whether or not the file writes their minus.
 */
export interface ControlTotal {
  /** Whether a record is the total row. */
  isFooter(record: CsvRecord): boolean;
  addLine(record: CsvRecord): void;
  /** A line whose amount cannot be read, such as one with a field too many. */
  addUnreadable(line: number): void;
  /** What is known so far. */
  totals(): Pick<FileFacts, "controlTotal" | "computedTotal">;
  /** @throws DataError `control_total_differs`, `control_total_missing`, `control_total_not_computable` */
  check(path: string): void;
}

/** For a mapping without a total row: nothing is a footer and every file holds. */
const NONE: ControlTotal = {
  isFooter: () => false,
  addLine: () => {},
  addUnreadable: () => {},
  totals: () => ({}),
  check: () => {},
};

const REMEDY =
  "have the file exported again, whole, or correct the mapping (`footer`, `decimal`, `thousands`); it loads nothing until its total holds";

export function createControlTotal(
  mapping: Mapping,
  binding: Binding<CsvRecord>,
  { numbers }: Pick<Readers, "numbers">,
): ControlTotal {
  const { footer } = mapping;
  const column = footer && binding.fields.get(footer.total);
  if (!footer || !column || isPair(column)) return NONE;
  const pattern = new RegExp(footer.pattern, "iu");
  const typeOf = lineTyper(mapping, binding);
  let sum = 0n;
  let unreadable: number | undefined;
  let stated: string | undefined;
  let footers = 0;

  const amount = (text: string | undefined) =>
    text === undefined ? undefined : numbers.money(text);

  return {
    isFooter(record) {
      const first = record.cells.find((cell) => cell.trim() !== "");
      if (first === undefined || !pattern.test(first.trim())) return false;
      footers++;
      const { totalCell } = footer;
      const cell = totalCell === undefined ? column.read(record) : record.cells[totalCell - 1];
      stated = amount(cell === undefined ? undefined : String(cell));
      return true;
    },
    addLine(record) {
      const type = typeOf(record);
      if (footer.except.some((left) => left === type)) return;
      const cell = column.read(record);
      const value = cell === undefined ? undefined : amount(String(cell));
      if (value === undefined) unreadable ??= record.line;
      else sum += isTurned(mapping, type) ? -billionths(value) : billionths(value);
    },
    addUnreadable(line) {
      unreadable ??= line;
    },
    totals: () => ({
      ...(stated === undefined ? {} : { controlTotal: stated }),
      ...(unreadable === undefined ? { computedTotal: decimal(sum) } : {}),
    }),
    check(path) {
      const fail = (reason: string, what: string) =>
        new DataError(`${path}: ${what}`, { reason, remedy: REMEDY });
      if (footers !== 1 || stated === undefined) {
        const what =
          footers > 1 ? "there are several total rows" : "the total row is missing or unreadable";
        throw fail("control_total_missing", what);
      }
      if (unreadable !== undefined) {
        const what = `the amount of line ${unreadable} cannot be read, so the total cannot be checked`;
        throw fail("control_total_not_computable", what);
      }
      if (billionths(stated) !== sum) {
        throw fail(
          "control_total_differs",
          `the total row says ${stated}, the lines sum to ${decimal(sum)}`,
        );
      }
    },
  };
}

/** The type of a till's line; undefined for other entities, and for a line of a type that nothing knows. */
function lineTyper(mapping: Mapping, binding: Binding<CsvRecord>) {
  if (mapping.entity !== "receipts") return () => undefined;
  const typeOf = createTyper(mapping, binding, "line_type");
  return (record: CsvRecord): string | undefined => {
    try {
      return typeOf(record);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };
}

/** Billionths as decimal text without needless zeros, but with two decimals. */
function decimal(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0{1,7}$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -9)}.${fraction}`;
}
