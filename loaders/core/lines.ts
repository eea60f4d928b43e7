import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError } from "./errors.ts";

/** Whole lines of a file, as they lie in it. */
export interface LineBlock {
  /** Ends with a line feed, but for the last block of a file that does not. */
  readonly bytes: Buffer;
  /** Physical number, from 1, of the first line in the block. */
  readonly firstLine: number;
}

const LINE_FEED = 10;
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/**
 * Reads a file, gunzipped where its name ends in `.gz`, in blocks of whole lines. Memory is bounded by the longest line.
 * @param expectedSha256 the content that was announced: a file that changes while it is read is refused
 * @throws DataError `file_changed`, `truncated_gzip`, `line_too_long`
 */
export async function* readLineBlocks(
  path: string,
  expectedSha256?: string,
): AsyncGenerator<LineBlock> {
  const hash = createHash("sha256");
  let carry: Buffer[] = [];
  let carried = 0;
  let firstLine = 1;
  for await (const chunk of content(path, (bytes) => hash.update(bytes))) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) {
      carry.push(chunk);
      carried += chunk.length;
      if (carried > MAX_LINE_BYTES) {
        throw new DataError(`${path}: line ${firstLine} is longer than 32 MB`, {
          reason: "line_too_long",
        });
      }
      continue;
    }
    const bytes = Buffer.concat([...carry, chunk.subarray(0, end)]);
    yield { bytes, firstLine };
    firstLine += countLines(bytes);
    carry = [chunk.subarray(end)];
    carried = chunk.length - end;
  }
  const rest = Buffer.concat(carry);
  if (rest.length > 0) yield { bytes: rest, firstLine };
  if (expectedSha256 !== undefined && hash.digest("hex") !== expectedSha256) {
    throw new DataError(`${path}: the file changed while it was read`, {
      reason: "file_changed",
      remedy: "nothing to do if it is still being written: the next run reads it whole",
    });
  }
}

/** The unzipped bytes; `seen` gets those that lie in the file. */
async function* content(path: string, seen: (bytes: Buffer) => void): AsyncGenerator<Buffer> {
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    if (path.endsWith(".gz")) yield* unzipped(path, raw, seen);
    else {
      for await (const chunk of raw) {
        seen(chunk);
        yield chunk;
      }
    }
  } finally {
    raw.destroy();
  }
}

async function* unzipped(path: string, raw: Readable, seen: (bytes: Buffer) => void) {
  const gunzip = createGunzip({ chunkSize: 512 * 1024 });
  raw.on("data", seen);
  raw.once("error", (error) => gunzip.destroy(error));
  try {
    yield* raw.pipe(gunzip);
  } catch (cause) {
    if (!String((cause as NodeJS.ErrnoException).code).startsWith("Z_")) throw cause;
    throw new DataError(`${path}: the gzip file is cut short or damaged`, {
      reason: "truncated_gzip",
      cause,
    });
  }
}

export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}
