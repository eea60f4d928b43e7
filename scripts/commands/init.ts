import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import * as prompts from "@clack/prompts";
import { CliError } from "../../loaders/core/errors.ts";
import { entities, exampleSources, mappingExample } from "../../loaders/index.ts";
import { configSchema, isTimeZone } from "../config.ts";
import { PROJECT_DIR } from "../dataform.ts";
import { EXIT, type ExitCode } from "../exit.ts";

export interface InitOptions {
  readonly out: string;
  readonly warehouse?: "embedded" | "bigquery";
  readonly project?: string;
  readonly location?: string;
  readonly timeZone?: string;
  readonly currency?: string;
  readonly source?: readonly string[];
}

/** What filo.json is made from. */
interface Answers {
  readonly warehouse: Record<string, string>;
  readonly timeZone: string;
  readonly currency: string;
  readonly sources: readonly string[];
}

/**
 * `filo init`: writes a filo.json with the sources chosen, and a mapping to fill in for each file feed. Asks on a
 * terminal; with --source it takes the flags. What is there already is left alone.
 */
export async function init(options: InitOptions): Promise<ExitCode> {
  const out = resolve(options.out);
  if (existsSync(out))
    throw new CliError(`${out} is there already: move it, or name another --out`);
  const answers = options.source ? fromFlags(options, options.source) : await ask(options);

  const starts = Object.fromEntries(answers.sources.map((name) => [name, KINDS[name]]));
  const { sources: _, ...settings } = answers;
  const config = {
    $schema: relative(dirname(out), join(PROJECT_DIR, "docs", "filo.schema.json")),
    ...settings,
    sources: Object.fromEntries(
      Object.entries(starts).map(([name, start]) => [sourceName(name), start?.source]),
    ),
  };
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CliError(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const written = [write(out, config)];
  for (const [name, start] of Object.entries(starts)) {
    if (!start?.mapping) continue;
    const file = join(dirname(out), "mappings", `${sourceName(name)}.json`);
    if (!existsSync(file)) written.push(write(file, start.mapping));
  }
  process.stdout.write(nextSteps(out, written, config.sources));
  return EXIT.ok;
}

/** A source to begin with. */
interface Start {
  readonly source: unknown;
  /** Of a file feed. */
  readonly mapping?: unknown;
}

/** Everything one can begin with: each vendor, and each kind of file. */
const KINDS: Readonly<Record<string, Start>> = {
  ...Object.fromEntries(
    exampleSources
      .filter(({ type }) => type !== "file-feed")
      .map((source) => [source.type, { source }]),
  ),
  ...Object.fromEntries(
    entities.map((entity) => [
      entity,
      {
        source: { type: "file-feed", path: `drops/${entity}`, mapping: `mappings/${entity}.json` },
        mapping: mappingExample(entity),
      },
    ]),
  ),
};

const sourceName = (kind: string): string => kind.replaceAll("-", "_");

const DEFAULTS = { location: "EU", timeZone: "Europe/Rome", currency: "EUR" };

function fromFlags(options: InitOptions, sources: readonly string[]): Answers {
  const unknown = sources.filter((name) => !(name in KINDS));
  if (unknown.length > 0) {
    throw new CliError(
      `--source ${unknown.join(", ")}: there is no such source; there are ${Object.keys(KINDS).join(", ")}`,
    );
  }
  if (options.warehouse === "bigquery" && !options.project) {
    throw new CliError("--warehouse bigquery needs --project, the Google Cloud project");
  }
  return {
    warehouse: warehouse(options.warehouse ?? "embedded", options.project, options.location),
    timeZone: options.timeZone ?? DEFAULTS.timeZone,
    currency: options.currency ?? DEFAULTS.currency,
    sources,
  };
}

function warehouse(type: string, project: string | undefined, location: string | undefined) {
  return type === "embedded"
    ? { type, dataDir: ".filo/warehouse" }
    : { type, project: project ?? "", location: location ?? DEFAULTS.location };
}

/** @throws CliError without a terminal to ask on, or when the person breaks off */
async function ask(options: InitOptions): Promise<Answers> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CliError(
      `there is no terminal to ask on: name each source with --source; there are ${Object.keys(KINDS).join(", ")}`,
    );
  }
  const type = await answered(
    prompts.select({
      message: "Where is the warehouse?",
      initialValue: options.warehouse ?? "embedded",
      options: [
        { value: "embedded", label: "on this machine", hint: "no cloud account needed" },
        { value: "bigquery", label: "BigQuery" },
      ],
    }),
  );
  const question = (
    message: string,
    initialValue: string,
    { isRight, wanted }: { isRight: (text: string) => boolean; wanted: string },
  ) =>
    answered(
      prompts.text({
        message,
        initialValue,
        validate: (value) => (isRight(value ?? "") ? undefined : wanted),
      }),
    );
  const given = (wanted: string) => ({ isRight: (text: string) => text !== "", wanted });
  const inCloud = type === "bigquery";
  return {
    warehouse: warehouse(
      type,
      inCloud
        ? await question("Google Cloud project", options.project ?? "", given("the project's id"))
        : undefined,
      inCloud
        ? await question(
            "BigQuery location",
            options.location ?? DEFAULTS.location,
            given("such as EU or europe-west8"),
          )
        : undefined,
    ),
    timeZone: await question("The retailer's time zone", options.timeZone ?? DEFAULTS.timeZone, {
      isRight: isTimeZone,
      wanted: "a zone's IANA name, such as Europe/Rome",
    }),
    currency: await question("Reporting currency", options.currency ?? DEFAULTS.currency, {
      isRight: (text) => /^[A-Z]{3}$/.test(text),
      wanted: "a code of three capitals, such as EUR",
    }),
    sources: await answered(
      prompts.multiselect({
        message: "Sources to begin with (space chooses, enter ends)",
        options: Object.entries(KINDS).map(([value, { mapping }]) => ({
          value,
          label: value,
          ...(mapping ? { hint: "files" } : {}),
        })),
      }),
    ),
  };
}

async function answered<T>(prompt: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await prompt;
  if (prompts.isCancel(answer)) throw new CliError("broken off: nothing was written");
  return answer as Exclude<T, symbol>;
}

function write(file: string, value: unknown): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { flag: "wx" });
  return file;
}

function nextSteps(out: string, written: readonly string[], sources: unknown): string {
  const variables = [...JSON.stringify(sources).matchAll(/"env":"([^"]+)"/g)].map(
    ([, name]) => `  ${name}=…`,
  );
  const here = out === resolve("filo.json") ? "" : ` --config ${out}`;
  return [
    ...written.map((file) => `wrote ${file}`),
    "",
    "Edit the values that are yours.",
    ...(written.length > 1 ? ["In each mapping, the right side is the header in your file."] : []),
    ...(variables.length > 0
      ? ["Set these variables, in the shell or in a .env file beside filo.json:", ...variables]
      : []),
    `Then: npm run --silent filo -- doctor${here}`,
    "",
  ].join("\n");
}
