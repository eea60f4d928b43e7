import type { Outcome, Reading, RejectOutcome, RowOutcome, SliceFacts } from "./define-stream.ts";
import type { DataError } from "./errors.ts";
import { contacts, deadLetters } from "./ops-tables.ts";
import { contactKey } from "./pii.ts";
import { createRejects } from "./rejects.ts";
import type { StreamRun } from "./stream-run.ts";

/** Where dead letters say that their records lie. */
export interface SlicePlace {
  /** The number of the slice in this run. */
  readonly index: number;
  readonly fileId?: string;
  readonly path?: string;
}

/** What the loop needs to know of a slice. */
export interface SliceInput extends SlicePlace {
  readonly reading: Reading;
  /** A time column whose range is wanted. */
  readonly rangeOf?: string;
  readonly onProgress: (rows: number) => void;
}

/** A slice that was read and staged. Its rows count once the run is committed. */
export interface SliceReadout {
  readonly read: number;
  readonly rejected: number;
  readonly facts: SliceFacts;
  /** First and last value of the time column asked for. */
  readonly range?: { readonly from: string; readonly to: string };
}

/** Thrown for a slice that does not hold as a whole; says how far it was read and what was found out. */
export class SliceFailure extends Error {
  readonly read: number;
  readonly facts: SliceFacts;

  constructor(cause: unknown, read: number, facts: SliceFacts) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.read = read;
    this.facts = facts;
  }
}

/**
 * The one loop: every record of a slice is either staged, its contact values apart, or kept as a dead letter.
 * @throws SliceFailure around whatever ended the reading, or a DataError above the reject limit
 */
export async function readSlice(run: StreamRun, slice: SliceInput): Promise<SliceReadout> {
  const { stage } = run;
  let read = 0;
  const rejects = createRejects();
  let first: string | undefined;
  let last: string | undefined;

  function take(outcome: Outcome): void {
    read++;
    if ("reject" in outcome) {
      rejects.add(outcome);
      stage.add(deadLetters, slice.index, deadLetter(slice, outcome));
      return;
    }
    stageRow(run, slice.index, outcome);
    if (slice.rangeOf === undefined) return;
    const time = outcome.row[slice.rangeOf];
    if (typeof time !== "string") return;
    if (first === undefined || time < first) first = time;
    if (last === undefined || time > last) last = time;
  }

  try {
    for await (const batch of slice.reading.batches) {
      for (const outcome of batch) take(outcome);
      slice.onProgress(read);
      await stage.drained();
    }
    slice.reading.check?.();
    rejects.check(read);
    const range = first !== undefined && last !== undefined ? { from: first, to: last } : undefined;
    const rejected = rejects.count();
    return { read, rejected, facts: slice.reading.facts(), ...(range ? { range } : {}) };
  } catch (error) {
    throw new SliceFailure(error, read, slice.reading.facts());
  }
}

function stageRow({ stage, source }: StreamRun, index: number, outcome: RowOutcome): void {
  const { table, row, contact } = outcome;
  if (!contact) {
    stage.add(table, index, row);
    return;
  }
  const contact_key =
    typeof row.contact_key === "string"
      ? row.contact_key
      : contactKey(
          source,
          table.key.map((name) => row[name]),
        );
  const number = stage.add(table, index, { ...row, contact_key });
  stage.add(contacts, index, { contact_key, ...contact }, number);
}

function deadLetter(place: SlicePlace, outcome: RejectOutcome) {
  return {
    file_id: place.fileId,
    path: place.path,
    line: outcome.line,
    request_id: outcome.requestId,
    reason: outcome.reject,
    field_path: outcome.field,
    payload: outcome.payload,
  };
}

/** Keeps the reason why a slice was refused whole beside the dead letters of its records. */
export function refuseWhole(run: StreamRun, place: SlicePlace, error: DataError): void {
  run.stage.add(deadLetters, place.index, deadLetter(place, { reject: error.reason }));
}
