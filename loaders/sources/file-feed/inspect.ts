import { basename, dirname, resolve } from "node:path";
import type { FileFacts, Outcome, RejectOutcome } from "../../core/define-stream.ts";
import { DataError } from "../../core/errors.ts";
import { describeFile } from "../../core/files.ts";
import { createRejects } from "../../core/rejects.ts";
import type { Mapping } from "./mapping.ts";
import { createReaders } from "./rows.ts";
import { ENTITY_TABLES } from "./schema.ts";
import { openFeedFile } from "./streams.ts";

/** What a file would load, and why some of it would not. */
export interface Inspection {
  /** The first rows, without contact values: `contact` names the kinds found. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The first rejected lines. */
  readonly rejects: readonly RejectOutcome[];
  readonly read: number;
  readonly rejected: number;
  /** Encoding, delimiter, the total the file states and the one its lines have. */
  readonly facts: FileFacts;
  /** Why the file as a whole would be refused. */
  readonly refusal?: { readonly reason: string; readonly message: string; readonly remedy: string };
  /** Columns that the mapping does not name, or that the file lacks. */
  readonly drift: readonly string[];
}

const SHOWN = 20;
/** Columns that say the same on every row, or that only a load fills. */
const NOT_SHOWN: ReadonlySet<string> = new Set(["file_id", "feed", "contact_key"]);

/**
 * Reads a file by a mapping and loads nothing.
 * @param mapping from `readMapping`
 * @param timeZone the retailer's zone, where the mapping names none
 */
export async function inspectFile(
  path: string,
  mapping: Mapping,
  timeZone: string,
): Promise<Inspection> {
  const drift = new Set<string>();
  const shown = ENTITY_TABLES[mapping.entity].columns
    .map(({ name }) => name)
    .filter((name) => !NOT_SHOWN.has(name) && !name.startsWith("_"));
  const seen = { rows: [] as Record<string, unknown>[], rejects: [] as RejectOutcome[] };
  let read = 0;
  const rejects = createRejects();
  let facts: FileFacts = {};
  const done = (refusal?: Inspection["refusal"]): Inspection => {
    const common = { ...seen, read, rejected: rejects.count(), facts, drift: [...drift] };
    return refusal ? { ...common, refusal } : common;
  };
  const look = (outcome: Outcome): void => {
    read++;
    if ("reject" in outcome) {
      rejects.add(outcome);
      if (seen.rejects.length < SHOWN) seen.rejects.push(outcome);
    } else if (seen.rows.length < SHOWN) {
      const row = shown.map((name) => [name, outcome.row[name]]);
      const contact = Object.keys(outcome.contact ?? {});
      seen.rows.push({ ...Object.fromEntries(row), contact });
    }
  };
  try {
    const file = await describeFile(dirname(resolve(path)), basename(path));
    const feed = { mapping, readers: createReaders(mapping, timeZone), source: "inspect" };
    const reading = await openFeedFile(feed, file, {
      drift: (column, kind) => drift.add(`${kind}: ${column}`),
      note: () => {},
    });
    for await (const batch of reading.batches) for (const outcome of batch) look(outcome);
    facts = reading.facts().file ?? {};
    reading.check?.();
    rejects.check(read);
    return done();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return done({ reason: error.reason, message: error.message, remedy: error.remedy });
  }
}
