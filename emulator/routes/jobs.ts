import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import { type JobBody, type JobConfiguration, jobBody } from "../jobs/configuration.ts";
import { copyWork } from "../jobs/copy.ts";
import { type Job, waitFor } from "../jobs/job.ts";
import { otherProject } from "../jobs/names.ts";
import { wholeNumber } from "../jobs/numbers.ts";
import { dryRun, queryWork } from "../jobs/query.ts";
import type { Work } from "../jobs/registry.ts";
import { dryRunResource, jobListEntry, jobResource } from "../jobs/resource.ts";
import { readBody, withoutNullFields } from "./body.ts";
import { type Params, page, type Query } from "./request.ts";

/** Clients poll a running job twice a second; holding the request this long saves them most of the wait. */
const POLL_HOLD_MS = 2_000;

/** A job as its request describes it. */
export interface JobRequest extends JobBody {
  readonly requestId?: string | undefined;
}

/** Reads the description of a job. Throws `invalid`. */
export function readJob(body: unknown): JobRequest {
  return readBody(jobBody, withoutNullFields(body));
}

export function jobRoutes(app: FastifyInstance, context: Context): void {
  app.post<{ Params: Params }>("/projects/:project/jobs", async (request) => {
    const body = readJob(request.body);
    const configuration = body.configuration ?? {};
    if (configuration.dryRun && configuration.query) {
      const description = await dryRun(
        configuration.query,
        context.project,
        context.sessions,
        context.runScript,
      );
      const location = body.jobReference?.location ?? context.location;
      return dryRunResource(context.project, location, configuration, description);
    }
    if (configuration.dryRun) throw refused("dryRun of a job that is no query");
    return jobResource(startJob(context, body, workOf(context, configuration)));
  });

  app.get<{ Params: Params; Querystring: Query }>("/projects/:project/jobs", async ({ query }) => {
    const { items, ...next } = page(context.jobs.list().filter(isListed(query)), query);
    const jobs = items.map((job) => jobListEntry(job, query.projection === "full"));
    return { kind: "bigquery#jobList", jobs, ...next };
  });

  app.get<{ Params: Params }>("/projects/:project/jobs/:job", async ({ params }) => {
    const job = context.jobs.get(params.job);
    await waitFor(job, POLL_HOLD_MS);
    return jobResource(job);
  });

  app.post<{ Params: Params }>("/projects/:project/jobs/:job/cancel", async ({ params }) => {
    const job = context.jobs.get(params.job);
    job.cancel();
    return { kind: "bigquery#jobCancelResponse", job: jobResource(job) };
  });

  app.delete<{ Params: Params }>(
    "/projects/:project/jobs/:job/delete",
    async ({ params }, reply) => {
      await context.jobs.forget(params.job);
      return reply.code(204).send();
    },
  );
}

/** The jobs that a list is asked for: by state, and by the time of their creation. */
function isListed(query: Query): (job: Job) => boolean {
  if (query.parentJobId) throw refused("parentJobId of jobs.list: scripts have no child jobs");
  const from = wholeNumber("minCreationTime", query.minCreationTime) ?? 0;
  const to = wholeNumber("maxCreationTime", query.maxCreationTime) ?? Number.MAX_SAFE_INTEGER;
  // A parameter that is given several times is a list.
  const states = [query.stateFilter ?? []].flat().map((state) => state.toUpperCase());
  return ({ createdAt, state }) =>
    createdAt >= from && createdAt <= to && (states.length === 0 || states.includes(state));
}

/** Registers a job and starts its work. */
export function startJob(context: Context, body: JobRequest, work: Work) {
  const project = body.jobReference?.projectId ?? context.project;
  if (project !== context.project) throw otherProject(project);
  const job = context.jobs.start({
    project,
    defaultLocation: context.location,
    configuration: body.configuration ?? {},
    reference: body.jobReference,
    requestId: body.requestId,
    work,
  });
  const limit = wholeNumber("jobTimeoutMs", body.configuration?.jobTimeoutMs);
  if (limit) {
    const why = `Job execution was cancelled: Job timed out after ${limit / 1000}s`;
    const timer = setTimeout(() => job.cancel(why), limit);
    void job.done.then(() => clearTimeout(timer));
  }
  return job;
}

function workOf(context: Context, configuration: JobConfiguration): Work {
  const { query, load, copy } = configuration;
  if (query) return queryWork(query, context.project, context.sessions, context.runScript);
  if (copy) return copyWork(copy, context);
  if (load)
    throw new BigQueryError(
      "notImplemented",
      "Not supported by the emulator: loading from Cloud Storage; upload the file instead",
    );
  if (configuration.extract)
    throw new BigQueryError("notImplemented", "Not supported by the emulator: extract jobs");
  throw new BigQueryError("invalid", "Required parameter is missing: configuration.query");
}
