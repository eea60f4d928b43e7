import { BigQueryError, invalidQuery, refused } from "../../errors.ts";
import { createDataset, dropDataset, settingsLock } from "../../warehouse/datasets.ts";
import type { DatasetEntry } from "../../warehouse/session.ts";
import type { Environment } from "../catalog.ts";
import { readCreate } from "./create.ts";
import { assertNoTransaction, datasetNotFound } from "./names.ts";
import { labelsOption, type Option, readOptions, textOption } from "./options.ts";
import { type Path, reader, type Source } from "./reader.ts";
import type { Statement } from "./statement.ts";

/** CREATE SCHEMA [IF NOT EXISTS] d [OPTIONS(…)]. */
export function parseCreateSchema(source: Source): Statement {
  const input = reader(source);
  const { mode, path } = readCreate(input, "SCHEMA");
  const options = input.at("OPTIONS") ? readOptions(input) : [];
  if (input.peek()) input.fail("end of statement");
  return {
    type: "CREATE_SCHEMA",
    source,
    writes: [],
    async run(context) {
      const { session, env, dryRun } = context;
      assertNoTransaction(context, "CREATE_SCHEMA");
      const { project, dataset } = datasetName(path, env);
      if (session.catalogue.dataset(project, dataset)) {
        if (mode === "if_not_exists") return { ddlOperation: "SKIP", referencedTables: [] };
        throw new BigQueryError("duplicate", `Already Exists: Dataset ${project}:${dataset}`);
      }
      const now = Date.now();
      const location = textOption(options, "location") ?? context.location;
      const times = { createdAt: now, modifiedAt: now };
      const entry = { project, dataset, location, ...settings(options), ...times };
      if (!dryRun) await createDataset(session, entry);
      return { ddlOperation: "CREATE", referencedTables: [] };
    },
  };
}

/** DROP SCHEMA [IF EXISTS] d [CASCADE | RESTRICT]. */
export function parseDropSchema(source: Source): Statement {
  const input = reader(source);
  input.expect("DROP", "SCHEMA");
  const ifExists = input.accept("IF", "EXISTS");
  const path = input.path();
  const cascade = input.accept("CASCADE");
  if (!cascade) input.accept("RESTRICT");
  if (input.peek()) input.fail("end of statement");
  return {
    type: "DROP_SCHEMA",
    source,
    writes: [],
    async run(context) {
      const { session, env, dryRun } = context;
      assertNoTransaction(context, "DROP_SCHEMA");
      const { project, dataset } = datasetName(path, env);
      if (!session.catalogue.dataset(project, dataset)) {
        if (ifExists) return { ddlOperation: "SKIP", referencedTables: [] };
        throw datasetNotFound(project, dataset);
      }
      if (!dryRun) await dropDataset(session, dataset, cascade);
      return { ddlOperation: "DROP", referencedTables: [] };
    },
  };
}

/** ALTER SCHEMA [IF EXISTS] d SET OPTIONS(…). */
export function parseAlterSchema(source: Source): Statement {
  const input = reader(source);
  input.expect("ALTER", "SCHEMA");
  const ifExists = input.accept("IF", "EXISTS");
  const path = input.path();
  input.expect("SET");
  const changed = settings(readOptions(input));
  return {
    type: "ALTER_SCHEMA",
    source,
    writes: [],
    async run(context) {
      const { session, env, dryRun } = context;
      assertNoTransaction(context, "ALTER_SCHEMA");
      const { project, dataset } = datasetName(path, env);
      if (!dryRun) await session.lock([settingsLock(project, dataset)]);
      const entry = session.catalogue.dataset(project, dataset);
      if (!entry && ifExists) return { ddlOperation: "SKIP", referencedTables: [] };
      if (!entry) throw datasetNotFound(project, dataset);
      if (!dryRun) {
        await session.atomic(() =>
          session.catalogue.putDataset({ ...entry, ...changed, modifiedAt: Date.now() }),
        );
      }
      return { ddlOperation: "ALTER", referencedTables: [] };
    },
  };
}

function datasetName(path: Path, env: Environment): { project: string; dataset: string } {
  const [dataset = "", project = env.project, ...more] = path.toReversed();
  if (more.length > 0) throw invalidQuery(`Invalid dataset name: ${path.join(".")}`);
  if (project !== env.project) {
    throw new BigQueryError(
      "accessDenied",
      `Access Denied: Dataset ${project}:${dataset}: only project ${env.project} is in this warehouse`,
    );
  }
  return { project, dataset };
}

/** `default_table_expiration_days`, as REST has it. */
function defaultExpiration(
  options: readonly Option[],
): Pick<DatasetEntry, "defaultTableExpirationMs"> {
  const days = options.find(({ name }) => name === "default_table_expiration_days");
  if (!days || !(Number(days.value.text) > 0)) return {};
  return { defaultTableExpirationMs: String(Math.round(Number(days.value.text) * 86_400_000)) };
}

/** Options of a dataset that would change what queries answer. */
const REFUSED_OPTIONS = ["is_case_insensitive", "default_collation", "default_rounding_mode"];

function settings(options: readonly Option[]) {
  const refusedOption = options.find(
    ({ name, value }) =>
      REFUSED_OPTIONS.includes(name) && !/^(false|null|''|"")$/i.test(value.text),
  );
  if (refusedOption) {
    throw refused(`option ${refusedOption.name} of a dataset`, refusedOption.value.place);
  }
  const description = textOption(options, "description");
  const friendlyName = textOption(options, "friendly_name");
  const labels = labelsOption(options);
  return {
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(labels === undefined ? {} : { labels }),
    ...defaultExpiration(options),
  };
}
