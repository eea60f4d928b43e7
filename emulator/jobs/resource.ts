import { BigQueryError } from "../errors.ts";
import type { RunResult } from "../script/run.ts";
import { LOCAL_USER } from "../user.ts";
import { type Bytes, NO_BYTES } from "../warehouse/bytes.ts";
import type { BadRow, FileFormat } from "../warehouse/load/source.ts";
import { BadRowsError, badRowMessage } from "../warehouse/load.ts";
import { restFields } from "../warehouse/schema.ts";
import type { JobConfiguration } from "./configuration.ts";
import type { Job, Outcome } from "./job.ts";
import type { Description } from "./query.ts";

/** One error as REST writes it, in job statuses and in the body of HTTP errors. */
export function errorEntry(error: BigQueryError): object {
  const location = error.location === undefined ? {} : { location: error.location };
  return { reason: error.reason, message: error.message, ...location };
}

/** A job as REST writes it. */
export function jobResource(job: Job) {
  const { id, project, location, configuration } = job;
  return {
    kind: "bigquery#job",
    id: `${project}:${location}.${id}`,
    selfLink: "",
    jobReference: { projectId: project, jobId: id, location },
    configuration: withType(configuration),
    status: { state: job.state, ...errorsOf(job) },
    statistics: {
      creationTime: String(job.createdAt),
      startTime: String(job.createdAt),
      ...endStatistics(job),
      totalBytesProcessed: String(bytesOf(job.outcome).processed),
      ...outcomeStatistics(configuration, job.outcome),
    },
    user_email: LOCAL_USER,
  };
}

/** How a job failed, and what rows of a file it left out, whether it failed by them or not. */
function errorsOf({ error, outcome }: Job): {
  errorResult?: object;
  errors?: readonly object[];
} {
  if (error) {
    const more = error instanceof BadRowsError ? rowErrors(error.kind, error.rows.slice(1)) : [];
    return { errorResult: errorEntry(error), errors: [errorEntry(error), ...more] };
  }
  if (outcome?.kind !== "load" || outcome.load.badRows.length === 0) return {};
  return { errors: rowErrors(outcome.load.format, outcome.load.badRows) };
}

function rowErrors(kind: FileFormat["kind"], rows: readonly BadRow[]): readonly object[] {
  return rows.map((row) => errorEntry(new BigQueryError("invalid", badRowMessage(kind, row))));
}

/** A job in a list, where its configuration comes only when it is asked for. */
export function jobListEntry(job: Job, full: boolean): object {
  const { configuration, ...entry } = jobResource(job);
  const { state, errorResult } = entry.status;
  return {
    ...entry,
    state,
    ...(errorResult ? { errorResult } : {}),
    ...(full ? { configuration } : {}),
  };
}

function endStatistics({ createdAt, endedAt }: Job): object {
  if (endedAt === undefined) return {};
  return { endTime: String(endedAt), finalExecutionDurationMs: String(endedAt - createdAt) };
}

/** What a finished job read; nothing before it has ended. */
export function bytesOf(outcome: Outcome | undefined): Bytes {
  return outcome?.kind === "query" ? outcome.bytes : NO_BYTES;
}

/** The answer to a dry run: a job that has no id, because it is not kept. */
export function dryRunResource(
  project: string,
  location: string,
  configuration: JobConfiguration,
  { run, bytes }: Description,
): object {
  return {
    kind: "bigquery#job",
    jobReference: { projectId: project, location },
    configuration: withType(configuration),
    status: { state: "DONE" },
    statistics: {
      creationTime: String(Date.now()),
      totalBytesProcessed: String(bytes.processed),
      // Nothing is billed for a dry run.
      query: queryStatistics(run, { ...bytes, billed: 0 }, true),
    },
  };
}

function withType(configuration: JobConfiguration): JobConfiguration {
  const kind = (["query", "load", "copy", "extract"] as const).find((name) => configuration[name]);
  return { jobType: (kind ?? "unknown").toUpperCase(), ...configuration };
}

function outcomeStatistics(configuration: JobConfiguration, outcome: Outcome | undefined): object {
  if (outcome?.kind === "query") {
    const session =
      outcome.sessionId === undefined ? {} : { sessionInfo: { sessionId: outcome.sessionId } };
    return { query: queryStatistics(outcome.run, outcome.bytes, false), ...session };
  }
  if (outcome?.kind === "load") {
    const { rows, badRecords, inputBytes, outputBytes } = outcome.load;
    return {
      load: {
        inputFiles: "1",
        inputFileBytes: String(inputBytes),
        outputRows: String(rows),
        outputBytes: String(outputBytes),
        badRecords: String(badRecords),
      },
    };
  }
  // Clients read `statistics.query` of a query job without asking how it ended.
  return configuration.query ? { query: { totalBytesProcessed: "0", totalBytesBilled: "0" } } : {};
}

function queryStatistics(run: RunResult, bytes: Bytes, withSchema: boolean): object {
  return {
    totalBytesProcessed: String(bytes.processed),
    totalBytesBilled: String(bytes.billed),
    billingTier: 1,
    cacheHit: false,
    statementType: run.statementType,
    ...(run.ddlOperation ? { ddlOperationPerformed: run.ddlOperation } : {}),
    ...(run.ddlTarget ? ddlTarget(run) : {}),
    ...dmlStatistics(run),
    ...(withSchema && run.columns ? { schema: { fields: restFields(run.columns) } } : {}),
    referencedTables: run.referencedTables.map((t) => ({
      projectId: t.project,
      datasetId: t.dataset,
      tableId: t.name,
    })),
  };
}

/** Which reference names the target depends on what the statement creates, changes or drops. */
function ddlTarget({ statementType, ddlTarget: target }: RunResult): object {
  if (!target) return {};
  const dataset = { projectId: target.project, datasetId: target.dataset };
  if (/SCHEMA/.test(statementType)) return { ddlTargetDataset: dataset };
  if (/FUNCTION|PROCEDURE/.test(statementType))
    return { ddlTargetRoutine: { ...dataset, routineId: target.name } };
  return { ddlTargetTable: { ...dataset, tableId: target.name } };
}

/** `numDmlAffectedRows` and `dmlStats`; nothing for a statement that is no DML. */
export function dmlStatistics({ dml }: RunResult): object {
  if (!dml) return {};
  return {
    numDmlAffectedRows: String(dml.inserted + dml.updated + dml.deleted),
    dmlStats: {
      insertedRowCount: String(dml.inserted),
      updatedRowCount: String(dml.updated),
      deletedRowCount: String(dml.deleted),
    },
  };
}
