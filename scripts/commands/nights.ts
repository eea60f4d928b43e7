import { CliError } from "../../loaders/core/errors.ts";
import { type ConfigOptions, day, lastDayCounted, readConfig } from "../config.ts";
import type { ExitCode } from "../exit.ts";
import { runNight } from "../night.ts";
import { terminalProgress } from "../progress.ts";

interface Shared extends ConfigOptions {
  readonly asOf?: string;
}

/** `filo nightly`: load, models, report. */
export function nightly(options: Shared & { fullRefresh: boolean }): Promise<ExitCode> {
  return run(options, { load: {}, transform: { fullRefresh: options.fullRefresh } });
}

/** `filo load`: load only, all sources or the named ones; with dates, a backfill. */
export function load(
  sources: readonly string[],
  options: Shared & { from?: string; to?: string },
): Promise<ExitCode> {
  const from = options.from === undefined ? undefined : day("--from", options.from);
  const to = options.to === undefined ? undefined : day("--to", options.to);
  if ((from === undefined) !== (to === undefined)) {
    throw new CliError("--from and --to belong together: a backfill has a first and a last day");
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new CliError(`--from ${from} lies after --to ${to}`);
  }
  return run(options, {
    load: {
      ...(sources.length > 0 ? { only: sources } : {}),
      ...(from !== undefined && to !== undefined ? { from, to } : {}),
    },
  });
}

/** `filo transform`: models and checks only. */
export function transform(options: Shared & { fullRefresh: boolean }): Promise<ExitCode> {
  return run(options, { transform: { fullRefresh: options.fullRefresh } });
}

function run(
  options: Shared,
  parts: Omit<Parameters<typeof runNight>[1], "asOf">,
): Promise<ExitCode> {
  const config = readConfig(options);
  const asOf = lastDayCounted(config, options.asOf, new Date());
  return runNight(config, { asOf, ...parts }, terminalProgress());
}
