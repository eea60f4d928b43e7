import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import { loadWork } from "../jobs/load.ts";
import { jobResource } from "../jobs/resource.ts";
import { parseJson, readBytes } from "./body.ts";
import { type JobRequest, readJob, startJob } from "./jobs.ts";
import { readMultipart } from "./multipart.ts";
import type { Params, Query } from "./request.ts";
import { createUploads, readRange } from "./resumable.ts";

/** Load jobs with their file: in one request (multipart), or in several (resumable). */
export function uploadRoutes(app: FastifyInstance, context: Context): void {
  const uploads = createUploads(context.uploads);
  const path = "/projects/:project/jobs";
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.post<{ Params: Params; Querystring: Query; Body: Readable | undefined }>(
    path,
    async ({ body, headers, query, url }, reply) => {
      if (query.uploadType === "resumable") {
        const id = await uploads.open(readLoad(await readBytes(body)));
        const [route] = url.split("?");
        const location = `http://${headers.host}${route}?uploadType=resumable&upload_id=${id}`;
        return reply.header("location", location).header("x-guploader-uploadid", id).send();
      }
      const file = join(context.uploads, randomUUID());
      try {
        const description = await readMultipart(body, headers["content-type"] ?? "", file);
        return jobResource(startLoad(context, readLoad(description), file));
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    },
  );

  app.put<{ Params: Params; Querystring: Query; Body: Readable | undefined }>(
    path,
    async ({ query, headers, body }, reply) => {
      const upload = uploads.get(query.upload_id);
      const received = await uploads.receive(upload, readRange(headers["content-range"]), body);
      if (received === "complete") {
        // The answer to the last part may have been lost: asked again, it is the same job.
        upload.job ??= startLoad(context, upload.request, upload.file);
        return jobResource(upload.job);
      }
      if (received > 0) reply.header("range", `bytes=0-${received - 1}`);
      return reply.code(308).send();
    },
  );

  app.delete<{ Params: Params; Querystring: Query }>(path, async ({ query }, reply) => {
    await uploads.cancel(uploads.get(query.upload_id));
    return reply.code(499).send();
  });
}

/** Starts the job; the file goes when it is done. */
function startLoad(context: Context, request: JobRequest, file: string): Job {
  const load = request.configuration?.load ?? {};
  const job = startJob(context, request, loadWork(load, file, context));
  void job.done.then(() => rm(file, { force: true }));
  return job;
}

/** The description of a load job. Throws `invalid` before the file is taken for a job that could not start anyway. */
function readLoad(json: Buffer): JobRequest {
  const request = readJob(parseJson(json));
  if (request.configuration?.load) return request;
  throw new BigQueryError("invalid", "Required parameter is missing: configuration.load");
}
