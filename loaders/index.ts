import { setTimeout as pause } from "node:timers/promises";
import pMap from "p-map";
import { z } from "zod";
import { checkStream, type StreamCheck } from "./core/check-stream.ts";
import type { SourceContext } from "./core/define-source.ts";
import type { Stream } from "./core/define-stream.ts";
import { CliError, remedyOf } from "./core/errors.ts";
import { OPS_TABLES } from "./core/ops-tables.ts";
import type { LoadProgress, LoadReport, StreamReport } from "./core/report.ts";
import { runStream } from "./core/run.ts";
import type { RunContext } from "./core/stream-run.ts";
import { createMissingTables, type Table } from "./core/tables.ts";
import { createTempDir } from "./core/temp-dir.ts";
import type { Warehouse } from "./core/warehouse.ts";
import { commifySms } from "./sources/commify-sms/index.ts";
import { commifyConfig } from "./sources/commify-sms/schema.ts";
import { fileFeed } from "./sources/file-feed/index.ts";
import { fileFeedConfig } from "./sources/file-feed/schema.ts";
import { googleAds } from "./sources/google-ads/index.ts";
import { googleAdsConfig } from "./sources/google-ads/schema.ts";
import { hubspot } from "./sources/hubspot/index.ts";
import { hubspotConfig } from "./sources/hubspot/schema.ts";
import { metaAds } from "./sources/meta-ads/index.ts";
import { metaAdsConfig } from "./sources/meta-ads/schema.ts";
import { rudderstack } from "./sources/rudderstack/index.ts";
import { rudderstackConfig } from "./sources/rudderstack/schema.ts";
import { segment } from "./sources/segment/index.ts";
import { segmentConfig } from "./sources/segment/schema.ts";
import { tiktokAds } from "./sources/tiktok-ads/index.ts";
import { tiktokAdsConfig } from "./sources/tiktok-ads/schema.ts";
import { twilio } from "./sources/twilio/index.ts";
import { twilioConfig } from "./sources/twilio/schema.ts";

export type { LoadProgress, LoadReport, RowCounts, StreamReport } from "./core/report.ts";
export { type RunRecord, recordRun } from "./core/runs.ts";
export type { DatasetNames } from "./core/tables.ts";
export type { Warehouse } from "./core/warehouse.ts";
export { entities, mappingExample } from "./sources/file-feed/example.ts";
export { readMapping } from "./sources/file-feed/index.ts";
export { type Inspection, inspectFile } from "./sources/file-feed/inspect.ts";
export { mappingSchema } from "./sources/file-feed/mapping.ts";

/** Every source there is. */
const SOURCES = [
  segment,
  rudderstack,
  metaAds,
  googleAds,
  tiktokAds,
  hubspot,
  fileFeed,
  twilio,
  commifySms,
] as const;

/** One entry of `sources` in filo.json. */
export const sourceConfigSchema = z.discriminatedUnion("type", [
  segmentConfig,
  rudderstackConfig,
  metaAdsConfig,
  googleAdsConfig,
  tiktokAdsConfig,
  hubspotConfig,
  fileFeedConfig,
  twilioConfig,
  commifyConfig,
]);
export type SourceConfig = z.infer<typeof sourceConfigSchema>;

/** One entry of filo.json to begin with for each kind of source, as people write it. */
export const exampleSources: readonly z.input<typeof sourceConfigSchema>[] = SOURCES.map(
  ({ example }) => example,
);

/** The part of filo.json that loading needs. */
export interface LoadConfig {
  /** Relative paths of sources start from this folder. */
  readonly dir: string;
  /** IANA zone of the retailer. */
  readonly timeZone: string;
  /** By the name each source has in filo.json. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
}

export interface LoadOptions {
  readonly config: LoadConfig;
  readonly warehouse: Warehouse;
  /** Where secrets named in the configuration are looked up, usually process.env. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The last day read from APIs, YYYY-MM-DD, whole, in each account's zone. Files are read whatever their dates. */
  readonly asOf: string;
  /** Names this run in every row and in `ops`; letters, digits, `-` and `_`. Unique per run. */
  readonly runId: string;
  /** Names of the sources to load; by default all. */
  readonly only?: readonly string[];
  /** Together: a backfill of these days, both whole, which leaves the state and all files alone. */
  readonly from?: string;
  readonly to?: string;
  readonly progress?: (event: LoadProgress) => void;
  /** One structured entry per request, retry and warning; without secrets and personal data. */
  readonly log?: (entry: Readonly<Record<string, unknown>>) => void;
  readonly fetch?: typeof fetch;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** A number in [0, 1), for the jitter of retries. */
  readonly random?: () => number;
}

/** Streams at work at a time: the processor is shared, but vendors and disks keep one waiting. */
const SOURCES_IN_FLIGHT = 3;

/** Every table of raw, pii and ops that the loaders write. */
export function loaderTables(): readonly Table[] {
  const raw = new Set(SOURCES.flatMap((source) => source.tables));
  return [...raw, ...OPS_TABLES];
}

/** Creates the datasets raw, pii and ops and their tables where they are missing. */
export async function ensureTables({ bigquery, datasets }: Warehouse): Promise<void> {
  await createMissingTables(bigquery, loaderTables(), datasets);
}

/**
 * Loads the configured sources: creates missing tables of raw, pii and ops, then runs every stream. A failing stream
 * does not stop the others; its report says what happened.
 * @throws CliError when the configuration is wrong (an unknown source, a missing variable, a wrong mapping)
 */
export async function loadSources(options: LoadOptions): Promise<LoadReport> {
  if ((options.from === undefined) !== (options.to === undefined)) {
    throw new CliError("a backfill needs its first and its last day");
  }
  const names = chosenSources(options);
  const streams = names.flatMap((name) => streamsOf(name, options));
  await ensureTables(options.warehouse);
  const directory = createTempDir();
  try {
    const context = runContext(options, directory.path);
    const reports = await pMap(streams, ({ name, stream }) => runStream(name, stream, context), {
      concurrency: SOURCES_IN_FLIGHT,
    });
    return { runId: options.runId, status: worst(reports), streams: reports };
  } finally {
    directory.remove();
  }
}

/**
 * Looks at every configured source as a night would meet it: mapping, variables, files, credentials. Loads nothing.
 * A source that is configured wrong is a finding, too.
 */
export async function checkSources(
  options: Pick<LoadOptions, "config" | "env">,
): Promise<readonly (StreamCheck & { readonly source: string })[]> {
  const checks = Object.keys(options.config.sources).map(async (source) => {
    try {
      const found = streamsOf(source, options).map(({ stream }) =>
        checkStream(stream, (ms) => pause(ms)),
      );
      return (await Promise.all(found)).map((check) => ({ source, ...check }));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return [{ source, stream: "configuration", problem, remedy: remedyOf(error) }];
    }
  });
  return (await Promise.all(checks)).flat();
}

function chosenSources({ config, only }: LoadOptions): readonly string[] {
  const known = Object.keys(config.sources);
  for (const name of only ?? []) {
    if (known.includes(name)) continue;
    throw new CliError(`there is no source ${name}; configured are ${known.join(", ") || "none"}`);
  }
  return only ?? known;
}

/** What opening a source needs: its configuration, and what differs between a test and a night. */
type SourceOptions = Pick<
  LoadOptions,
  "config" | "env" | "fetch" | "random" | "clock" | "sleep" | "log"
>;

function streamsOf(
  name: string,
  options: SourceOptions,
): readonly { readonly name: string; readonly stream: Stream }[] {
  const config = options.config.sources[name];
  if (config === undefined) return [];
  const context = sourceContext(name, options);
  return openSource(config, context).map((stream) => ({ name, stream }));
}

function openSource(config: SourceConfig, context: SourceContext): readonly Stream[] {
  switch (config.type) {
    case "segment":
      return segment.streams(config, context);
    case "rudderstack":
      return rudderstack.streams(config, context);
    case "meta-ads":
      return metaAds.streams(config, context);
    case "google-ads":
      return googleAds.streams(config, context);
    case "tiktok-ads":
      return tiktokAds.streams(config, context);
    case "hubspot":
      return hubspot.streams(config, context);
    case "file-feed":
      return fileFeed.streams(config, context);
    case "twilio":
      return twilio.streams(config, context);
    case "commify-sms":
      return commifySms.streams(config, context);
  }
}

function sourceContext(name: string, options: SourceOptions): SourceContext {
  const { config, env } = options;
  return {
    name,
    dir: config.dir,
    timeZone: config.timeZone,
    secret(variable) {
      const value = env[variable];
      if (value) return value;
      throw new CliError(`source ${name}: the environment variable ${variable} is not set`, {
        remedy: `set ${variable}, in the shell or in a .env file beside filo.json`,
      });
    },
    fetch: options.fetch ?? fetch,
    random: options.random ?? Math.random,
    ...effects(options),
  };
}

function effects({ clock, sleep, log }: SourceOptions) {
  return {
    clock: clock ?? Date.now,
    sleep: sleep ?? ((ms: number) => pause(ms)),
    log: log ?? (() => {}),
  };
}

function runContext(options: LoadOptions, directory: string): RunContext {
  const { warehouse, runId, asOf, from, to } = options;
  let last: Promise<unknown> = Promise.resolve();
  return {
    warehouse,
    runId,
    asOf,
    backfill: from !== undefined && to !== undefined ? { from, to } : undefined,
    directory,
    ...effects(options),
    progress: options.progress ?? (() => {}),
    oneAtATime(work) {
      const result = last.then(work);
      last = result.catch(() => {});
      return result;
    },
  };
}

function worst(reports: readonly StreamReport[]): LoadReport["status"] {
  if (reports.some(({ status }) => status === "failed")) return "failed";
  return reports.some(({ status }) => status === "stale") ? "stale" : "ok";
}
