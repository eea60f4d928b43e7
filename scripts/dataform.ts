import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import type { FiloConfig } from "./config.ts";
import type { Warehouse } from "./warehouse.ts";

/** The Dataform project: this repository's root. */
export const PROJECT_DIR = join(import.meta.dirname, "..");

/** What one `dataform run` did. */
export interface ModelRun {
  readonly tables: number;
  readonly operations: number;
  /** Laws that held and laws that did not, by assertion name. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Actions left as they were because something before them failed. */
  readonly skipped: readonly string[];
  /** Everything the CLI said on standard error; empty when all went well. */
  readonly errors: string;
  readonly exitCode: number;
}

export interface ModelVars {
  readonly asOf: string;
  readonly runId: string;
}

const OUTCOME =
  /^(Table created|Operation completed successfully|Assertion passed|Assertion failed|Dataset creation failed|Operation failed|Skipping [a-z ]+): +(\S+)/;

/**
 * Runs the models with the unmodified Dataform CLI and reads what it prints, action by action.
 * `onAction` is told how many actions have ended.
 */
export async function runModels(
  config: FiloConfig,
  warehouse: Warehouse,
  vars: ModelVars,
  options: { fullRefresh: boolean; onAction?: (done: number, name: string) => void },
): Promise<ModelRun> {
  const all = {
    ...vars,
    timeZone: config.timeZone,
    currency: config.currency,
    defaultModel: config.defaultModel,
  };
  const args = [
    "run",
    PROJECT_DIR,
    `--credentials=${warehouse.credentialsFile}`,
    `--default-database=${warehouse.project}`,
    `--default-location=${warehouse.location}`,
    ...(config.datasetSuffix ? [`--schema-suffix=${config.datasetSuffix}`] : []),
    `--vars=${Object.entries(all)
      .map(([name, value]) => `${name}=${value}`)
      .join(",")}`,
    ...(options.fullRefresh ? ["--full-refresh"] : []),
  ];
  const outcomes: { what: string; name: string }[] = [];
  const { exitCode, errors } = await spawnDataform(args, warehouse.env, (line) => {
    const match = OUTCOME.exec(line.trim());
    if (!match?.[1] || !match[2]) return;
    outcomes.push({ what: match[1], name: match[2].replace(`${warehouse.project}.`, "") });
    options.onAction?.(outcomes.length, match[2]);
  });
  const named = (what: string) =>
    outcomes.filter((o) => o.what.startsWith(what)).map((o) => o.name);
  return {
    tables: named("Table created").length,
    operations: named("Operation completed").length,
    passed: named("Assertion passed"),
    failed: [
      ...named("Assertion failed"),
      ...named("Dataset creation"),
      ...named("Operation failed"),
    ],
    skipped: named("Skipping"),
    errors,
    exitCode,
  };
}

/** What `dataform compile --json` prints, and what it said on standard error: empty when all of it compiled. */
export async function compileProject(
  dir: string,
  args: readonly string[],
): Promise<{ json: string; errors: string }> {
  const lines: string[] = [];
  const { exitCode, errors } = await spawnDataform(
    ["compile", dir, "--json", ...args],
    {},
    (line) => lines.push(line),
  );
  return exitCode === 0
    ? { json: lines.join("\n"), errors: "" }
    : { json: "", errors: stripVTControlCharacters(errors) };
}

/** Spawns the CLI of node_modules; every line of both streams goes to `onLine`. */
export function spawnDataform(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Promise<{ exitCode: number; errors: string }> {
  const cli = join(
    createRequire(import.meta.url).resolve("@dataform/cli/package.json"),
    "..",
    "bundle.js",
  );
  const preload = join(import.meta.dirname, "die-with-parent.mjs");
  const child = spawn(process.execPath, ["--import", preload, cli, ...args], {
    env: { ...process.env, ...env, NO_COLOR: "1", FORCE_COLOR: "0" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", (line) => {
    errors.push(line);
    onLine(line);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? 1, errors: errors.join("\n") }));
  });
}
