import { invalidQuery, refused } from "../../errors.ts";
import { writablePseudoColumns } from "../../warehouse/ingestion-time.ts";
import type { TableEntry } from "../../warehouse/session.ts";
import { definitionSql } from "../../warehouse/tables.ts";
import type { ObjectName } from "../catalog.ts";
import { quoteName } from "../types.ts";
import type { CreateMode } from "./create.ts";
import {
  alreadyExists,
  assertNoTransaction,
  assertType,
  display,
  notFound,
  objectName,
  requireDataset,
} from "./names.ts";
import { readOptions } from "./options.ts";
import { type Path, type Reader, reader, type Source } from "./reader.ts";
import type { Context, Outcome, Statement } from "./statement.ts";
import { type TableSettings, tableSettings } from "./table-settings.ts";

/** The keywords that a copy is made with. LIKE leaves the rows out. */
export const COPIES = ["LIKE", "COPY", "CLONE"] as const;

interface Copy {
  readonly path: Path;
  readonly mode: CreateMode;
  readonly from: Path;
  readonly rows: boolean;
}

/** What stands behind the name in CREATE TABLE t LIKE, COPY or CLONE u. All three make an independent table. */
export function readCopy(
  input: Reader,
  { path, mode }: Pick<Copy, "path" | "mode">,
  source: Source,
  type = "CREATE_TABLE",
): Statement {
  const allowed = type === "CREATE_SNAPSHOT_TABLE" ? (["CLONE"] as const) : COPIES;
  const how = allowed.find((keyword) => input.accept(keyword)) ?? input.fail("keyword CLONE");
  const copy: Copy = { path, mode, from: input.path(), rows: how !== "LIKE" };
  if (input.at("FOR", "SYSTEM_TIME")) {
    throw refused("FOR SYSTEM_TIME AS OF", input.peek()?.place);
  }
  const options = input.at("OPTIONS") ? readOptions(input) : [];
  if (input.peek()) input.fail("end of statement");
  return {
    type,
    source,
    writes: [path],
    async run(context) {
      assertNoTransaction(context, type);
      return runCopy(copy, await tableSettings(options, context), context);
    },
  };
}

/** CREATE SNAPSHOT TABLE [IF NOT EXISTS] t CLONE u: a copy that stays as it is because nobody changes it. */
export function parseCreateSnapshot(source: Source): Statement {
  const input = reader(source);
  input.expect("CREATE", "SNAPSHOT", "TABLE");
  const mode = input.accept("IF", "NOT", "EXISTS") ? "if_not_exists" : "create";
  return readCopy(input, { path: input.path(), mode }, source, "CREATE_SNAPSHOT_TABLE");
}

async function runCopy(copy: Copy, settings: TableSettings, context: Context): Promise<Outcome> {
  const { session, env, dryRun } = context;
  const name = objectName(copy.path, env);
  const fromName = objectName(copy.from, env);
  requireDataset(name, session);
  if (!dryRun) await session.lock([name]);
  const from = session.catalogue.table(fromName);
  if (!from) throw notFound("Table", fromName, session);
  assertType(from, "TABLE");
  if (display(fromName) === display(name)) {
    throw invalidQuery(`Cannot replace ${display(name)} with a copy of itself`);
  }
  const outcome = { ddlTarget: name, columns: from.columns, referencedTables: [fromName] };
  const existing = session.catalogue.table(name);
  if (existing && copy.mode === "if_not_exists") return { ...outcome, ddlOperation: "SKIP" };
  if (existing && copy.mode === "create") throw alreadyExists("Table", name);
  if (existing) assertType(existing, "TABLE");
  if (!dryRun) {
    await session.atomic(async () => {
      await copyRows(copy, from, name, context);
      await session.catalogue.putTable(copiedEntry(from, name, settings));
    });
  }
  return { ...outcome, ddlOperation: existing ? "REPLACE" : "CREATE" };
}

async function copyRows(
  { rows }: Copy,
  from: TableEntry,
  to: ObjectName,
  { session }: Context,
): Promise<void> {
  const table = session.tableSql(to);
  await session.run(`CREATE OR REPLACE TABLE ${table} (${definitionSql(from)})`);
  if (!rows) return;
  const hidden = writablePseudoColumns(from);
  const names = [...from.columns, ...hidden].map(({ name }) => quoteName(name)).join(", ");
  await session.run(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM ${session.tableSql(from.name)}`,
  );
}

function copiedEntry(
  from: TableEntry,
  name: ObjectName,
  { partition, ...settings }: TableSettings,
): TableEntry {
  const now = Date.now();
  const { partitioning } = from;
  return {
    ...from,
    ...settings,
    ...(partitioning ? { partitioning: { ...partitioning, ...partition } } : {}),
    name,
    createdAt: now,
    modifiedAt: now,
  };
}
