import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BigQueryError } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import type { JobRequest } from "./jobs.ts";

/**
 * Google's resumable uploads: a first request describes the job and gets an address; the file follows in parts, each
 * with its place in `Content-Range`. Between them, and after a broken connection, the client can ask how far the
 * server has got: 308 with `Range`, or the answer to the last part.
 */
export interface Upload {
  readonly id: string;
  readonly request: JobRequest;
  readonly file: string;
  /** Set when the file has come. */
  job?: Job;
}

/** Where a part of the file belongs. Without `start` there is no part: the client asks how far the server is. */
export interface Range {
  readonly start?: number;
  /** Bytes of the whole file, once they are known. */
  readonly total?: number;
}

export interface Uploads {
  /** Begins an upload and returns its id. */
  open(request: JobRequest): Promise<string>;
  /** Throws `notFound`. */
  get(id: string | undefined): Upload;
  /** Takes one part. Returns how many bytes have come, or that all have. */
  receive(
    upload: Upload,
    range: Range | undefined,
    body: Readable | undefined,
  ): Promise<number | "complete">;
  cancel(upload: Upload): Promise<void>;
}

/** @param folder for the files on their way in */
export function createUploads(folder: string): Uploads {
  const uploads = new Map<string, Upload>();
  return {
    async open(request) {
      const upload = { id: randomUUID(), request, file: join(folder, randomUUID()) };
      await writeFile(upload.file, "", { mode: 0o600 });
      uploads.set(upload.id, upload);
      return upload.id;
    },
    get(id = "") {
      const upload = uploads.get(id);
      if (upload) return upload;
      throw new BigQueryError("notFound", "Not found: upload");
    },
    async receive(upload, range, body) {
      if (upload.job) return "complete";
      const before = (await stat(upload.file)).size;
      const start = range ? range.start : 0;
      // A part that would leave a gap is not taken: the answer says where to go on.
      if (start !== undefined && start <= before && body) await write(body, upload.file, start);
      const { size } = await stat(upload.file);
      const total = range ? range.total : size;
      if (total !== undefined && size > total) {
        throw new BigQueryError("invalid", `The upload has ${size} bytes and should have ${total}`);
      }
      return size === total ? "complete" : size;
    },
    async cancel({ id, file, job }) {
      uploads.delete(id);
      if (!job) await rm(file, { force: true });
    },
  };
}

/** Writes a part at its place: one that comes twice is written over itself. */
async function write(body: Readable, file: string, start: number): Promise<void> {
  await pipeline(body, createWriteStream(file, { flags: "r+", start }));
}

/**
 * Reads the place of a part, `bytes 0-99/200`, where `*` for the size means that more will come, and `*` for the
 * place that the client only asks how far the server is. Undefined without a header: the body is the whole file.
 */
export function readRange(header: string | undefined): Range | undefined {
  if (header === undefined) return undefined;
  const match = header.match(/^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/);
  if (!match) throw new BigQueryError("invalid", `Invalid Content-Range: ${header}`);
  const [, start, total = "*"] = match;
  return {
    ...(start === undefined ? {} : { start: Number(start) }),
    ...(total === "*" ? {} : { total: Number(total) }),
  };
}
