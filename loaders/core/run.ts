import type { Stream } from "./define-stream.ts";
import { errorClass, LoadError, remedyOf } from "./errors.ts";
import { NO_ROWS, type StreamReport } from "./report.ts";
import { runApiStream } from "./run-api.ts";
import { runFileStream } from "./run-files.ts";
import { dropOrphans, stagePrefix } from "./stage.ts";
import {
  commitRun,
  type Ending,
  type RunContext,
  type StreamRun,
  startStreamRun,
} from "./stream-run.ts";

/**
 * Runs one stream: read → check → split contact values → stage → one transaction with rows, slices and state. Never
 * throws: what went wrong is in the report, and in `ops.load_slices` where the warehouse can be reached.
 */
export async function runStream(
  source: string,
  stream: Stream,
  context: RunContext,
): Promise<StreamReport> {
  const started = context.clock();
  const run = startStreamRun(source, stream, context);
  const ending = await endStream(stream, run);
  await run.stage.discard().catch((error: unknown) => {
    context.log({ event: "warning", what: "staging was not removed", error: String(error) });
  });
  run.progress("done", ending.rows.read);
  const seconds = (context.clock() - started) / 1000;
  return { source, stream: stream.name, ...ending, seconds, notes: [...run.notes] };
}

async function endStream(stream: Stream, run: StreamRun): Promise<Ending> {
  try {
    await dropOrphans(run.context.warehouse, stagePrefix(run.source, stream.name));
    if (stream.kind === "files") return await runFileStream(stream, run);
    return await runApiStream(stream, run);
  } catch (error) {
    run.context.log({ event: "stream_failed", stream: run.qualifiedName, error: describe(error) });
    return recordFailure(stream, run, error);
  }
}

/** Nothing was committed: says so in `ops.load_slices`, so that models and people see a stale source. */
async function recordFailure(stream: Stream, run: StreamRun, error: unknown): Promise<Ending> {
  const remedy = remedyOf(error);
  const ending: Ending = {
    status: error instanceof LoadError ? "stale" : "failed",
    rows: NO_ROWS,
    bytes: 0,
    problem: error instanceof Error ? error.message : String(error),
    remedy,
  };
  const fresh = startStreamRun(run.source, stream, run.context);
  await commitRun(fresh, {
    account: run.source,
    write: { mode: "file", replacedFiles: [] },
    accepted: [],
    slices: [{ status: "failed", read: 0, rejected: 0, errorClass: errorClass(error), remedy }],
  }).catch((cause: unknown) => {
    run.context.log({
      event: "warning",
      what: "the failure was not recorded",
      error: describe(cause),
    });
  });
  return ending;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
