import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import type { JobConfiguration, JobReference } from "../jobs/configuration.ts";
import { loadWork } from "../jobs/load.ts";
import { jobResource } from "../jobs/resource.ts";
import { startJob } from "./jobs.ts";
import { readMultipart } from "./multipart.ts";
import type { Params, Query } from "./request.ts";

interface JobBody {
  readonly configuration?: JobConfiguration;
  readonly jobReference?: JobReference;
}

/** A resumable upload between its first request and its last. */
interface Upload {
  readonly body: JobBody;
  readonly file: string;
}

/** Load jobs with their file: in one request (multipart), or in several (resumable). */
export function uploadRoutes(app: FastifyInstance, context: Context): void {
  const uploads = new Map<string, Upload>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  const newFile = () => join(context.uploads, randomUUID());

  app.post<{ Params: Params; Querystring: Query; Body: Readable }>(
    "/projects/:project/jobs",
    async (request, reply) => {
      if (request.query.uploadType === "resumable") {
        const id = randomUUID();
        const upload = { body: parseJob(await text(request.body)), file: newFile() };
        await writeFile(upload.file, "", { mode: 0o600 });
        uploads.set(id, upload);
        const url = `http://${request.headers.host}${request.url.split("?")[0]}?uploadType=resumable&upload_id=${id}`;
        return reply.header("location", url).header("x-guploader-uploadid", id).send();
      }
      const file = newFile();
      const metadata = await readMultipart(
        request.body,
        request.headers["content-type"] ?? "",
        file,
      );
      return startLoad(context, parseJob(metadata), file);
    },
  );

  app.put<{ Params: Params; Querystring: Query; Body: Readable | undefined }>(
    "/projects/:project/jobs",
    async (request, reply) => {
      const id = request.query.upload_id ?? "";
      const upload = uploads.get(id);
      if (!upload) throw new BigQueryError("notFound", "Not found: upload");
      const range = readRange(request.headers["content-range"]);
      if (request.body) await receive(request.body, upload.file, range.start);
      const { size } = await stat(upload.file);
      if (range.total !== undefined && size < range.total) return incomplete(reply, size);
      if (range.total === undefined && request.headers["content-range"]?.endsWith("/*"))
        return incomplete(reply, size);
      uploads.delete(id);
      return startLoad(context, upload.body, upload.file);
    },
  );
}

/** Starts the job; the file goes when it is done. */
function startLoad(context: Context, body: JobBody, file: string): object {
  const remove = () => rm(file, { force: true });
  try {
    if (!body.configuration?.load)
      throw new BigQueryError("invalid", "Required parameter is missing: configuration.load");
    const job = startJob(context, body, loadWork(body.configuration.load, file, context));
    void job.done.then(remove);
    return jobResource(job);
  } catch (error) {
    void remove();
    throw error;
  }
}

function parseJob(json: string): JobBody {
  try {
    return JSON.parse(json || "{}");
  } catch {
    throw new BigQueryError("invalid", "Invalid JSON payload received: the description of the job");
  }
}

async function text(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

// "bytes 0-99/200", "bytes 0-99/*" (more to come) or "bytes */200" (how far are we?).
function readRange(header: string | undefined): { start: number; total?: number } {
  const match = header?.match(/^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/);
  const start = Number(match?.[1] ?? 0);
  return match?.[2] === undefined || match[2] === "*"
    ? { start }
    : { start, total: Number(match[2]) };
}

/** Writes a part of the file at its place: a part that comes twice is written over itself. */
async function receive(body: Readable, file: string, start: number): Promise<void> {
  await pipeline(body, createWriteStream(file, { flags: "r+", start }));
}

function incomplete(
  reply: { code(status: number): { header(name: string, value: string): { send(): unknown } } },
  size: number,
) {
  return reply
    .code(308)
    .header("range", `bytes=0-${Math.max(0, size - 1)}`)
    .send();
}
