import { BigQueryError, invalidQuery, refused } from "../errors.ts";
import type { RunOptions, RunResult, runScript } from "../script/run.ts";
import { type Bytes, bytesRead, NO_BYTES } from "../warehouse/bytes.ts";
import type { Session } from "../warehouse/session.ts";
import type { QueryConfiguration } from "./configuration.ts";
import type { Outcome } from "./job.ts";
import { datasetOf, tableTarget } from "./names.ts";
import { wholeNumber } from "./numbers.ts";
import { queryParameters } from "./parameters.ts";
import { clusteringOf, partitioningOf } from "./partitioning.ts";
import type { Work } from "./registry.ts";
import type { Sessions } from "./sessions.ts";

export type RunScript = typeof runScript;

/** The work of a query job. */
export function queryWork(
  query: QueryConfiguration,
  project: string,
  sessions: Sessions,
  run: RunScript,
): Work {
  const { text, options } = readRequest(query, project);
  const limit = wholeNumber("maximumBytesBilled", query.maximumBytesBilled);
  return (onCancel, location) =>
    sessions.use(query, async (session, sessionId): Promise<Outcome> => {
      onCancel(() => session.cancel());
      if (limit) assertWithin(limit, await describe(session, run, text, options));
      const inSession = sessionId !== undefined;
      const result = await run(text, session, { ...options, location, inSession });
      const bytes = await readBytes(session, result);
      return {
        kind: "query",
        run: result,
        bytes,
        ...(sessionId === undefined ? {} : { sessionId }),
      };
    });
}

async function readBytes(session: Session, run: RunResult): Promise<Bytes> {
  // A view is only checked when it is made.
  return /VIEW/.test(run.statementType) ? NO_BYTES : bytesRead(session, run);
}

/** What a dry run answers. */
export interface Description {
  readonly run: RunResult;
  readonly bytes: Bytes;
}

async function describe(
  session: Session,
  run: RunScript,
  text: string,
  options: RunOptions,
): Promise<Description> {
  const result = await run(text, session, { ...options, dryRun: true });
  return { run: result, bytes: await readBytes(session, result) };
}

function assertWithin(limit: number, { bytes: { billed } }: Description): void {
  if (billed <= limit) return;
  throw new BigQueryError(
    "bytesBilledLimitExceeded",
    `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`,
  );
}

/** Checks and describes a query, runs nothing. */
export async function dryRun(
  query: QueryConfiguration,
  project: string,
  sessions: Sessions,
  run: RunScript,
): Promise<Description> {
  const { text, options } = readRequest(query, project);
  return sessions.use(query, (session) => describe(session, run, text, options));
}

function readRequest(
  query: QueryConfiguration,
  project: string,
): { text: string; options: RunOptions } {
  if (!query.query?.trim())
    throw new BigQueryError("invalid", "Required parameter is missing: query");
  assertText(query.query);
  if (query.useLegacySql === true || /^\s*#legacysql\b/i.test(query.query)) {
    throw new BigQueryError(
      "invalid",
      "Legacy SQL is not supported by the emulator; set useLegacySql to false, or leave out #legacySQL",
    );
  }
  if (query.tableDefinitions) throw refused("tableDefinitions of a query (external tables)");
  if (query.userDefinedFunctionResources) throw refused("userDefinedFunctionResources of a query");
  const options: RunOptions = {
    parameters: queryParameters(query.queryParameters),
    ...(query.defaultDataset ? { defaultDataset: datasetOf(query.defaultDataset) } : {}),
    ...(query.destinationTable ? { destination: destinationOf(query, project) } : {}),
  };
  return { text: query.query, options };
}

/** A query is UTF-8 without NUL: anything else would reach DuckDB as another text than was sent. */
function assertText(text: string): void {
  const at = text.search(
    /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/,
  );
  if (at < 0) return;
  const before = text.slice(0, at).split("\n");
  throw invalidQuery("Syntax error: Illegal input character", {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  });
}

export const WRITE = [
  "WRITE_EMPTY",
  "WRITE_APPEND",
  "WRITE_TRUNCATE",
  "WRITE_TRUNCATE_DATA",
] as const;
export const CREATE = ["CREATE_IF_NEEDED", "CREATE_NEVER"] as const;

function destinationOf(
  query: QueryConfiguration,
  project: string,
): NonNullable<RunOptions["destination"]> {
  const { table, partition } = tableTarget(query.destinationTable, project);
  if (partition !== undefined)
    throw refused("a query's destination that is one partition of a table");
  const write = oneOf(WRITE, query.writeDisposition, "WRITE_EMPTY");
  const partitioning = partitioningOf(query);
  const clustering = clusteringOf(query);
  const options = query.schemaUpdateOptions ?? [];
  return {
    ...{ table, write, create: oneOf(CREATE, query.createDisposition, "CREATE_IF_NEEDED") },
    ...(partitioning ? { partitioning } : {}),
    ...(clustering ? { clustering } : {}),
    allowFieldAddition: options.includes("ALLOW_FIELD_ADDITION"),
  };
}

/** The value where it is one of `allowed`, `otherwise` where there is none. Throws `invalid` for another value. */
export function oneOf<T extends string>(
  allowed: readonly T[],
  value: string | undefined,
  otherwise: T,
): T {
  if (value === undefined || value === "") return otherwise;
  const found = allowed.find((name) => name === value);
  if (found !== undefined) return found;
  throw new BigQueryError("invalid", `Invalid value: ${value} is none of ${allowed.join(", ")}`);
}
