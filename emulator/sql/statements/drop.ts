import { refused } from "../../errors.ts";
import { dropTable } from "../../warehouse/tables.ts";
import { quoteName } from "../types.ts";
import { assertNoTransaction, assertType, notFound, objectName, temporaryName } from "./names.ts";
import { type Path, reader, type Source } from "./reader.ts";
import type { Context, Outcome, Statement } from "./statement.ts";

const SKIP: Outcome = { ddlOperation: "SKIP", referencedTables: [] };

type Kind =
  | "TABLE_FUNCTION"
  | "TABLE"
  | "VIEW"
  | "MATERIALIZED_VIEW"
  | "SNAPSHOT_TABLE"
  | "FUNCTION"
  | "PROCEDURE";
const KINDS: readonly Kind[] = [
  "TABLE_FUNCTION",
  "TABLE",
  "VIEW",
  "MATERIALIZED_VIEW",
  "SNAPSHOT_TABLE",
  "FUNCTION",
  "PROCEDURE",
];

/** DROP TABLE, VIEW, MATERIALIZED VIEW, SNAPSHOT TABLE, FUNCTION, TABLE FUNCTION or PROCEDURE [IF EXISTS]. */
export function parseDrop(source: Source): Statement {
  const input = reader(source);
  input.expect("DROP");
  const kind = KINDS.find((name) => input.accept(...name.split("_")));
  if (!kind) throw refused(`DROP ${input.peek()?.text ?? ""}`, source.place);
  const ifExists = input.accept("IF", "EXISTS");
  const path = input.path();
  if (input.peek()) input.fail("end of statement");
  const drop = /FUNCTION|PROCEDURE/.test(kind) ? dropRoutine : dropRelation;
  return {
    type: `DROP_${kind}`,
    source,
    writes: [path],
    run: (context) => drop(kind, path, ifExists, context),
  };
}

async function dropRelation(
  kind: Kind,
  path: Path,
  ifExists: boolean,
  context: Context,
): Promise<Outcome> {
  const { session, env, dryRun } = context;
  const temporary = temporaryName(path, session);
  if (kind === "TABLE" && temporary !== undefined)
    return dropTemporary(temporary, ifExists, context);
  // An unqualified name without a default dataset can only have meant a temporary table.
  if (path.length === 1 && ifExists && env.defaultDataset === undefined) return SKIP;
  assertNoTransaction(context, `DROP_${kind}`);
  const name = objectName(path, env);
  if (!dryRun) await session.lock([name]);
  const entry = session.catalogue.table(name);
  if (!entry && ifExists) return { ...SKIP, ddlTarget: name };
  if (!entry) throw notFound("Table", name, session);
  // A repeated run of the Dataform CLI drops a materialized view with DROP TABLE.
  if (kind === "TABLE") assertType(entry, "TABLE", "MATERIALIZED_VIEW");
  else
    assertType(entry, kind === "SNAPSHOT_TABLE" ? "TABLE" : (kind as "VIEW" | "MATERIALIZED_VIEW"));
  if (!dryRun) await session.atomic(() => dropTable(session, name));
  return { ddlOperation: "DROP", ddlTarget: name, referencedTables: [] };
}

async function dropTemporary(
  name: string,
  ifExists: boolean,
  { session, dryRun }: Context,
): Promise<Outcome> {
  const key = name.toLowerCase();
  const table = session.temporary.tables.get(key);
  if (!table && ifExists) return SKIP;
  if (!dryRun) {
    await session.run(`DROP TABLE ${table?.sql ?? quoteName(name)}`);
    session.temporary.tables.delete(key);
  }
  return { ddlOperation: "DROP", referencedTables: [] };
}

const STATEMENT_KINDS: Readonly<Record<string, Kind>> = {
  procedure: "PROCEDURE",
  table_function: "TABLE_FUNCTION",
};

async function dropRoutine(
  kind: Kind,
  path: Path,
  ifExists: boolean,
  context: Context,
): Promise<Outcome> {
  const { session, env, dryRun } = context;
  const key = path.join(".").toLowerCase();
  if (path.length === 1 && session.temporary.functions.has(key)) {
    if (!dryRun) session.temporary.functions.delete(key);
    return { ddlOperation: "DROP", referencedTables: [] };
  }
  assertNoTransaction(context, `DROP_${kind}`);
  const name = objectName(path, env, "Routine");
  if (!dryRun) await session.lock([name]);
  const entry = session.catalogue.routine(name);
  const isRight = entry && (STATEMENT_KINDS[entry.kind] ?? "FUNCTION") === kind;
  if (!isRight && ifExists) return { ...SKIP, ddlTarget: name };
  if (!isRight) throw notFound("Routine", name, session);
  if (!dryRun) await session.atomic(() => session.catalogue.dropRoutine(name));
  return { ddlOperation: "DROP", ddlTarget: name, referencedTables: [] };
}
