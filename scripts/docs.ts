import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Supported, supported } from "../emulator/sql/supported.ts";
import { exampleSources, mappingSchema } from "../loaders/index.ts";
import { configSchema } from "./config.ts";
import { compileProject, PROJECT_DIR } from "./dataform.ts";

/** A file that is generated from the code, and what it must hold. */
export interface GeneratedFile {
  /** From the top of the repository. */
  readonly path: string;
  readonly content: string;
}

/**
 * Everything in the documentation that repeats the code: the JSON Schemas of filo.json and of mappings, the model
 * reference, the variables that hold secrets, and the embedded BigQuery's list of what it supports. `npm run docs` writes them; a test compares them.
 */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return [
    { path: "docs/filo.schema.json", content: jsonSchema("filo.json", configSchema) },
    {
      path: "docs/mapping.schema.json",
      content: jsonSchema("A file feed's mapping", mappingSchema),
    },
    { path: ".env.example", content: environmentExample() },
    { path: "docs/models.md", content: modelReference(await compiledModels()) },
    { path: "emulator/README.md", content: withSupportedList(read("emulator/README.md")) },
  ];
}

const read = (path: string): string => readFileSync(join(PROJECT_DIR, path), "utf8");

/** What people may write: defaults need not be given. */
function jsonSchema(title: string, schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return `${JSON.stringify({ ...json, title }, null, 2)}\n`;
}

/** The variables of each kind of source, as `filo init` names them. */
function environmentExample(): string {
  const sections = exampleSources.flatMap((source) => {
    const names = [...JSON.stringify(source).matchAll(/"env":"([^"]+)"/g)].map(([, name]) => name);
    return names.length === 0
      ? []
      : [[`# ${source.type}`, ...names.map((n) => `${n}=`)].join("\n")];
  });
  return [
    "# Secrets that filo.json names. Copy this file to .env beside filo.json and fill in those of your sources.\n" +
      "# What the shell has set stands above. How to get each: the README in loaders/sources/TYPE/.",
    ...sections,
    "# BigQuery itself, where there is no `gcloud auth application-default login`\n# GOOGLE_APPLICATION_CREDENTIALS=/path/to/key.json",
  ]
    .join("\n\n")
    .concat("\n");
}

const compiledGraph = z.object({
  tables: z.array(
    z.object({
      target: z.object({ schema: z.string(), name: z.string() }),
      type: z.string(),
      fileName: z.string(),
      query: z.string().default(""),
      actionDescriptor: z.object({
        description: z.string().default(""),
        columns: z
          .array(z.object({ path: z.array(z.string()), description: z.string().default("") }))
          .default([]),
      }),
    }),
  ),
});

type Model = z.infer<typeof compiledGraph>["tables"][number];

/** Every table and view of the project, as the Dataform CLI compiles it; for an environment, with its suffix. */
export async function compiledModels(datasetSuffix?: string): Promise<readonly Model[]> {
  const suffix = datasetSuffix === undefined ? [] : [`--schema-suffix=${datasetSuffix}`];
  const { json, errors } = await compileProject(PROJECT_DIR, suffix);
  if (errors) throw new Error(`the models do not compile:\n${errors}`);
  return compiledGraph.parse(JSON.parse(json)).tables;
}

const DATASETS = ["marts", "audiences", "pii", "ops", "intermediate", "staging"];

function modelReference(models: readonly Model[]): string {
  const sections = DATASETS.flatMap((dataset) => {
    const own = models
      .filter(({ target }) => target.schema === dataset)
      .sort((a, b) => (a.target.name < b.target.name ? -1 : 1));
    return own.length === 0 ? [] : [`## ${dataset}`, ...own.map(modelSection)];
  });
  return [
    "# Models",
    "Generated from `definitions/` by `npm run docs`; each description is the one that BigQuery shows.",
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

function modelSection({ target, type, fileName, actionDescriptor }: Model): string {
  const columns = actionDescriptor.columns.map(
    ({ path, description }) => `| \`${path.join(".")}\` | ${cell(description)} |`,
  );
  return [
    `### ${target.schema}.${target.name}`,
    "",
    actionDescriptor.description,
    "",
    `${type}, [\`${fileName}\`](../${fileName})`,
    "",
    "| column | meaning |",
    "|---|---|",
    ...columns,
  ].join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const LIST = /(<!-- supported: [^>]*-->\n)[\s\S]*?(<!-- \/supported -->)/;

const PLURALS: Readonly<Record<Supported["kind"], string>> = {
  construct: "Constructs",
  statement: "Statements",
  scripting: "Scripting",
  function: "Functions",
  aggregate: "Aggregates",
  "window function": "Window functions",
};

function withSupportedList(readme: string): string {
  const kinds = [...new Set(supported().map(({ kind }) => kind))];
  const tables = kinds.map((kind) => {
    const rows = supported().filter((entry) => entry.kind === kind);
    return [
      `### ${PLURALS[kind]} (${rows.length})`,
      "",
      `| ${kind} | form |`,
      "|---|---|",
      ...rows.map(({ name, signature }) => `| ${cell(name)} | ${cell(signature)} |`),
    ].join("\n");
  });
  return readme.replace(LIST, (_, start, end) => `${start}\n${tables.join("\n\n")}\n\n${end}`);
}

if (process.argv[1] === import.meta.filename) {
  for (const { path, content } of await generatedFiles()) {
    writeFileSync(join(PROJECT_DIR, path), content);
    process.stdout.write(`${path}\n`);
  }
}
