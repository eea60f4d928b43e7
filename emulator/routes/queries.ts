import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import { type QueryBody, queryBody } from "../jobs/configuration.ts";
import { type Job, waitFor } from "../jobs/job.ts";
import { wholeNumber } from "../jobs/numbers.ts";
import { dryRun, queryWork } from "../jobs/query.ts";
import { bytesOf, dmlStatistics } from "../jobs/resource.ts";
import type { TimestampFormat } from "../warehouse/cells.ts";
import { restFields } from "../warehouse/schema.ts";
import { readBody, withoutNullFields } from "./body.ts";
import { startJob } from "./jobs.ts";
import {
  type Paging,
  type Params,
  paging,
  type Query,
  timestampFormat,
  timestampFormatOf,
} from "./request.ts";

/** How long an answer waits for its job when the request does not say. */
const DEFAULT_TIMEOUT_MS = 10_000;

export function queryRoutes(app: FastifyInstance, context: Context): void {
  app.post<{ Params: Params }>("/projects/:project/queries", async (request) => {
    const body = readBody(queryBody, withoutNullFields(request.body));
    if (body.dryRun) return dryRunAnswer(context, body);
    const timeout = wholeNumber("timeoutMs", body.timeoutMs) ?? DEFAULT_TIMEOUT_MS;
    const maxRows = wholeNumber("maxResults", body.maxResults) ?? Number.MAX_SAFE_INTEGER;
    // A client that repeats a request after a lost answer gets the same job.
    const repeated = body.requestId ? context.jobs.ofRequest(body.requestId) : undefined;
    const job = repeated ?? start(body);
    await waitFor(job, timeout);
    return resultAnswer(context, job, { start: 0, maxRows }, timestampFormat(body.formatOptions));
  });

  app.get<{ Params: Params; Querystring: Query }>(
    "/projects/:project/queries/:job",
    async ({ params, query }) => {
      const job = context.jobs.get(params.job);
      await waitFor(job, wholeNumber("timeoutMs", query.timeoutMs) ?? DEFAULT_TIMEOUT_MS);
      return resultAnswer(context, job, paging(query), timestampFormatOf(query));
    },
  );

  function start(body: QueryBody): Job {
    const {
      requestId,
      maxResults: _m,
      timeoutMs: _t,
      location,
      labels,
      jobTimeoutMs,
      formatOptions: _f,
      ...query
    } = body;
    return startJob(
      context,
      {
        configuration: {
          query,
          ...(labels ? { labels } : {}),
          ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs }),
        },
        ...(location ? { jobReference: { location } } : {}),
        requestId,
      },
      queryWork(query, context.project, context.sessions, context.runScript),
    );
  }
}

async function dryRunAnswer(context: Context, body: QueryBody): Promise<object> {
  const { run, bytes } = await dryRun(body, context.project, context.sessions, context.runScript);
  return {
    kind: "bigquery#queryResponse",
    jobComplete: true,
    jobReference: { projectId: context.project, location: body.location ?? context.location },
    schema: { fields: restFields(run.columns ?? []) },
    totalRows: "0",
    totalBytesProcessed: String(bytes.processed),
    cacheHit: false,
  };
}

/** A page of a query job's rows; throws the error of a failed job. */
async function resultAnswer(
  context: Context,
  job: Job,
  { start, maxRows }: Paging,
  timestamps: TimestampFormat,
): Promise<object> {
  const head = {
    kind: "bigquery#getQueryResultsResponse",
    jobReference: { projectId: job.project, jobId: job.id, location: job.location },
  };
  if (job.state !== "DONE") return { ...head, jobComplete: false };
  if (job.error) throw job.error;
  if (job.outcome?.kind !== "query")
    throw new BigQueryError("invalid", `Job ${job.id} is not a query job`);
  const { run, sessionId } = job.outcome;
  const { result, columns } = run;
  const rows = result
    ? await context.warehouse.readPage({ ...result, start, maxRows, timestamps })
    : [];
  const end = start + rows.length;
  return {
    ...head,
    jobComplete: true,
    ...(columns ? { schema: { fields: restFields(columns) } } : {}),
    totalRows: String(result?.rowCount ?? 0),
    ...(result ? { rows } : {}),
    ...(result && end < result.rowCount ? { pageToken: String(end) } : {}),
    ...dmlStatistics(run),
    ...(sessionId === undefined ? {} : { sessionInfo: { sessionId } }),
    totalBytesProcessed: String(bytesOf(job.outcome).processed),
    totalBytesBilled: String(bytesOf(job.outcome).billed),
    cacheHit: false,
  };
}
