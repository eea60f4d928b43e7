import { randomUUID } from "node:crypto";
import { BigQueryError } from "../errors.ts";
import type { StoredResult } from "../warehouse/session.ts";
import type { JobConfiguration, JobReference } from "./configuration.ts";
import type { Job, Outcome } from "./job.ts";

/** Finished jobs that stay readable, and how many of them keep their rows. */
const KEPT_JOBS = 2000;
const KEPT_RESULTS = 200;

/** The work of a job in its location: it is told how to be stopped before it starts anything. */
export type Work = (onCancel: (stop: () => void) => void, location: string) => Promise<Outcome>;

export interface StartRequest {
  readonly project: string;
  readonly defaultLocation: string;
  readonly configuration: JobConfiguration;
  readonly reference?: JobReference | undefined;
  readonly requestId?: string | undefined;
  readonly work: Work;
}

export interface Registry {
  /** Starts a job. Throws `duplicate` when its id is taken. */
  start(request: StartRequest): Job;
  /** Throws `notFound`. */
  get(id: string): Job;
  /** The job that a request with this id started, as long as it is kept. */
  ofRequest(requestId: string): Job | undefined;
  list(): readonly Job[];
  /** Forgets a finished job and its rows. */
  forget(id: string): Promise<void>;
}

/**
 * @param dropResult frees the rows of a result nobody can ask for any more
 * @param describeError turns whatever the work threw into BigQuery's error
 */
export function createRegistry(
  dropResult: (result: StoredResult) => Promise<void>,
  describeError: (error: unknown) => BigQueryError,
): Registry {
  const jobs = new Map<string, Mutable<Job>>();

  function start(request: StartRequest): Job {
    const { project, defaultLocation, configuration, reference, requestId, work } = request;
    const id = reference?.jobId ?? randomUUID();
    const location = reference?.location ?? defaultLocation;
    if (jobs.has(id)) {
      throw new BigQueryError("duplicate", `Already Exists: Job ${project}:${location}.${id}`);
    }
    const createdAt = Date.now();
    const stops: (() => void)[] = [];
    let cancelled = false;
    let reason: string | undefined;
    const job: Mutable<Job> = {
      ...{ id, project, location, configuration, createdAt },
      ...(requestId ? { requestId } : {}),
      state: "RUNNING",
      done: Promise.resolve(),
      cancel: (why) => {
        cancelled = true;
        reason ??= why;
        for (const stop of stops) stop();
      },
    };
    jobs.set(id, job);
    const onCancel = (stop: () => void) => {
      stops.push(stop);
      if (cancelled) stop();
    };
    job.done = work(onCancel, location)
      .then((outcome) => {
        job.outcome = outcome;
      })
      .catch((error) => {
        const described = describeError(error);
        job.error =
          reason !== undefined && described.reason === "stopped"
            ? new BigQueryError("stopped", reason)
            : described;
      })
      .finally(() => {
        job.state = "DONE";
        job.endedAt = Date.now();
        void prune();
      });
    return job;
  }

  async function release(job: Mutable<Job>): Promise<void> {
    if (job.outcome?.kind !== "query" || !job.outcome.run.result) return;
    const { result, ...run } = job.outcome.run;
    job.outcome = { ...job.outcome, run };
    await dropResult(result);
  }

  /** Map keeps the order of creation, so the oldest go first. */
  async function prune(): Promise<void> {
    const finished = [...jobs.values()].filter((job) => job.state === "DONE");
    for (const job of finished.slice(0, -KEPT_JOBS)) jobs.delete(job.id);
    const holding = finished.filter(
      (job) => job.outcome?.kind === "query" && job.outcome.run.result,
    );
    for (const job of holding.slice(0, -KEPT_RESULTS)) await release(job);
  }

  return {
    start,
    get(id) {
      const job = jobs.get(id);
      if (job) return job;
      throw new BigQueryError("notFound", `Not found: Job ${id}`);
    },
    ofRequest: (requestId) => [...jobs.values()].find((job) => job.requestId === requestId),
    list: () => [...jobs.values()].reverse(),
    async forget(id) {
      const job = jobs.get(id);
      if (!job) throw new BigQueryError("notFound", `Not found: Job ${id}`);
      jobs.delete(id);
      await release(job);
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
