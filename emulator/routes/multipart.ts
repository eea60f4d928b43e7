import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { BigQueryError } from "../errors.ts";

/** The description of a job is small; a header that has not ended by here never will. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;
const BLANK_LINE = Buffer.from("\r\n\r\n");

/**
 * Reads a `multipart/related` upload (RFC 2387) of two parts: JSON, then a file. The file goes to disk as it comes.
 * @returns the first part
 */
export async function readMultipart(
  body: Readable | undefined,
  contentType: string,
  file: string,
): Promise<Buffer> {
  const boundary = contentType.match(/boundary="?([^";]+)"?/i)?.[1];
  if (!boundary)
    throw new BigQueryError("invalid", "Multipart upload without a boundary in its content type");
  const output = createWriteStream(file, { mode: 0o600 });
  const write = (data: Buffer) =>
    new Promise<void>((done, fail) => output.write(data, (e) => (e ? fail(e) : done())));
  let head = Buffer.alloc(0);
  let metadata: Buffer | undefined;
  try {
    for await (const part of body ?? []) {
      if (metadata !== undefined) {
        await write(part);
        continue;
      }
      head = Buffer.concat([head, part]);
      const parts = splitHead(head, boundary);
      if (parts) {
        metadata = parts.metadata;
        await write(parts.rest);
      } else if (head.length > MAX_HEAD_BYTES) {
        break;
      }
    }
  } finally {
    await new Promise<void>((done) => output.end(done));
  }
  if (metadata === undefined)
    throw new BigQueryError("invalid", "Multipart upload without a description and a file");
  await cutClosingBoundary(file, boundary);
  return metadata;
}

/** The first part's text, and what has come of the second part's content; undefined while that has not begun. */
function splitHead(head: Buffer, boundary: string): { metadata: Buffer; rest: Buffer } | undefined {
  const first = head.indexOf(BLANK_LINE);
  if (first < 0) return undefined;
  const end = head.indexOf(`\r\n--${boundary}`, first);
  if (end < 0) return undefined;
  const second = head.indexOf(BLANK_LINE, end);
  if (second < 0) return undefined;
  return {
    metadata: head.subarray(first + BLANK_LINE.length, end),
    rest: head.subarray(second + BLANK_LINE.length),
  };
}

/** The file is the last part, so only its end is searched for the line that closes the upload. */
async function cutClosingBoundary(file: string, boundary: string): Promise<void> {
  const closing = `\r\n--${boundary}--`;
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, closing.length + 16);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const at = buffer.lastIndexOf(closing);
    if (at < 0)
      throw new BigQueryError("invalid", "Multipart upload ended before its closing boundary");
    await handle.truncate(size - length + at);
  } finally {
    await handle.close();
  }
}
