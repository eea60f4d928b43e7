import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { dayIn } from "../dates.ts";
import {
  defineStream,
  type FileStream,
  type Outcome,
  type ReadableFile,
} from "../define-stream.ts";
import { type LineBlock, readLineBlocks } from "../lines.ts";
import { type ConsentCategories, type Dialect, type EventContext, eventOutcome } from "./calls.ts";
import { identifies, pages, tracks } from "./tables.ts";

/** What a source of archived calls is configured with, beside its type. */
export const archiveConfig = {
  path: z.string().describe("Folder of the archives, relative to filo.json"),
  consentCategories: z
    .strictObject({ analytics: z.string(), advertising: z.string() })
    .default({ analytics: "analytics", advertising: "advertising" })
    .describe("The names that the calls have for the two consents"),
};

/** The raw tables that calls are written to, whoever delivers them. */
export const CDP_TABLES = [tracks, identifies, pages];

/** Archives as CDPs leave them in a bucket: `*.json.gz`, or any gzipped or plain NDJSON. */
const PATTERNS = ["**/*.{json,jsonl,ndjson}", "**/*.gz"];

export interface Archive {
  readonly source: string;
  readonly folder: string;
  readonly timeZone: string;
  readonly consentCategories: ConsentCategories;
}

/** All calls of the archives, in one pass: track, identify and page. */
export function eventStream(archive: Archive, dialect: Dialect): FileStream {
  return defineStream({
    kind: "files",
    name: "events",
    tables: CDP_TABLES,
    // Rows that are there are never replaced, so no setting is worth reading the archives again for.
    settings: [],
    // A call is sent again when its answer was lost: within three days, by the vendor's word.
    write: { mode: "append", dedupeBy: "received_at", days: 3 },
    files: { folder: archive.folder, patterns: PATTERNS },
    async open(file, { drift }) {
      let latest = "";
      const context: EventContext = {
        source: archive.source,
        dialect,
        consentCategories: archive.consentCategories,
        drift,
      };
      const see = (outcome: Outcome) => {
        if ("reject" in outcome) return;
        const receivedAt = String(outcome.row.received_at);
        if (receivedAt > latest) latest = receivedAt;
      };
      return {
        batches: outcomes(file, context, see),
        facts: () => ({
          dataUntil: latest === "" ? undefined : dayIn(archive.timeZone, Date.parse(latest)),
          file: { encoding: "utf-8" },
        }),
      };
    },
  });
}

async function* outcomes(
  file: ReadableFile,
  context: EventContext,
  see: (outcome: Outcome) => void,
): AsyncGenerator<readonly Outcome[]> {
  for await (const block of readLineBlocks(file.absolutePath, file.fileId)) {
    const batch: Outcome[] = [];
    for (const { text, line } of linesOf(block)) {
      const outcome: Outcome =
        text === undefined ? { reject: "not_utf8", line } : eventOutcome(text, line, context);
      see(outcome);
      batch.push(outcome);
    }
    yield batch;
  }
}

/** Lines of a block that hold something; text is undefined where the bytes are no UTF-8. */
function* linesOf(block: LineBlock): Generator<{ text: string | undefined; line: number }> {
  const isWhole = isUtf8(block.bytes);
  const lines = block.bytes.toString(isWhole ? "utf8" : "latin1").split("\n");
  for (const [index, raw] of lines.entries()) {
    if (raw.trim() === "") continue;
    const line = block.firstLine + index;
    yield { text: isWhole ? raw : utf8(raw), line };
  }
}

function utf8(latin1: string): string | undefined {
  const bytes = Buffer.from(latin1, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}
