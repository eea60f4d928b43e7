import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { CliError } from "../loaders/core/errors.ts";
import { sourceConfigSchema } from "../loaders/index.ts";

/** Where `npm start` keeps its simulated retailer. */
export const SANDBOX_DIR = ".filo/sandbox";

const isoDate = z.iso.date("must be a date as YYYY-MM-DD");

const warehouseSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("embedded"),
    dataDir: z.string().describe("Folder of the embedded warehouse"),
  }),
  z.strictObject({
    type: z.literal("bigquery"),
    project: z.string(),
    location: z.string().default("EU"),
  }),
]);

const attributionModels = [
  "first_touch",
  "last_touch",
  "last_non_direct",
  "linear",
  "position_based",
  "time_decay",
] as const;

/** filo.json: everything a night needs to know, and no secret. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  warehouse: warehouseSchema,
  timeZone: z.string().default("Europe/Rome").refine(isTimeZone, "is not an IANA time zone"),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be a currency code of three capitals, such as EUR")
    .default("EUR"),
  defaultModel: z.enum(attributionModels).default("position_based"),
  environments: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]*$/),
      z.strictObject({
        datasetSuffix: z
          .string()
          .regex(/^[a-z0-9_]+$/)
          .describe("`dev` makes raw_dev, marts_dev and so on"),
      }),
    )
    .default({})
    .describe(
      "What `--env NAME` chooses: everything is read from and written to suffixed datasets",
    ),
  sandbox: z
    .strictObject({ dir: z.string(), lastDay: isoDate })
    .optional()
    .describe("Only in a simulated world: where it lies and its last day"),
  sources: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), sourceConfigSchema),
});

export type FiloConfig = z.infer<typeof configSchema> & {
  /** Absolute path of the file it was read from. */
  readonly file: string;
  /** The folder relative paths start from. */
  readonly dir: string;
  /** Suffix of all datasets in the environment chosen with --env; empty without one. */
  readonly datasetSuffix: string;
};

/** What every command is told about the configuration. */
export interface ConfigOptions {
  readonly config?: string;
  readonly env?: string;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads filo.json, for the environment of --env. A `.env` beside it adds its variables to those of the process, of which
 * none is replaced. Without --config: `filo.json` here, else the sandbox's where `npm start` has made one.
 * @throws CliError when there is none, or it is not valid, naming each wrong place
 */
export function readConfig({ config, env }: ConfigOptions): FiloConfig {
  const file = resolve(config ?? defaultFile());
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new CliError(`cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const places = parsed.error.issues.map((i) => `  ${i.path.join(".") || "(top)"}: ${i.message}`);
    throw new CliError(`${file} is not a valid configuration:\n${places.join("\n")}`);
  }
  const dir = dirname(file);
  if (existsSync(join(dir, ".env"))) process.loadEnvFile(join(dir, ".env"));
  const { warehouse, sandbox } = parsed.data;
  return {
    ...parsed.data,
    warehouse:
      warehouse.type === "embedded"
        ? { ...warehouse, dataDir: resolve(dir, warehouse.dataDir) }
        : warehouse,
    ...(sandbox ? { sandbox: { ...sandbox, dir: resolve(dir, sandbox.dir) } } : {}),
    file,
    dir,
    datasetSuffix: env === undefined ? "" : suffixOf(env, parsed.data.environments),
  };
}

function suffixOf(
  env: string,
  environments: Readonly<Record<string, { readonly datasetSuffix: string }>>,
): string {
  const chosen = environments[env];
  if (chosen) return chosen.datasetSuffix;
  const known = Object.keys(environments).join(", ") || "none";
  throw new CliError(`--env ${env}: there is no such environment; filo.json has ${known}`);
}

/** The configuration that is used without --config, where there is one. */
export function presentFile(): string | undefined {
  return ["filo.json", `${SANDBOX_DIR}/filo.json`].find((file) => existsSync(file));
}

function defaultFile(): string {
  const file = presentFile();
  if (file !== undefined) return file;
  throw new CliError(
    "there is no filo.json here: `npm run --silent filo -- init` writes one, `npm start` makes a simulated retailer to try, --config names another file",
  );
}

/** A day that exists, as the user typed it. @throws CliError naming the flag */
export function day(flag: string, text: string): string {
  if (isoDate.safeParse(text).success) return text;
  throw new CliError(`${flag} ${text}: must be a date as YYYY-MM-DD`);
}

/** The last day counted: given, else the sandbox's last day, else yesterday in the retailer's time zone. */
export function lastDayCounted(config: FiloConfig, given: string | undefined, now: Date): string {
  if (given !== undefined) return day("--as-of", given);
  if (config.sandbox) return config.sandbox.lastDay;
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: config.timeZone }).format(now);
  return new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
}
