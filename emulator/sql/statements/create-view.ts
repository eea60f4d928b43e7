import { invalidQuery } from "../../errors.ts";
import type { TableEntry } from "../../warehouse/session.ts";
import type { Environment } from "../catalog.ts";
import type { CompiledQuery } from "../compile.ts";
import type { Column } from "../types.ts";
import { assertDistinct } from "./columns.ts";
import { type CreateMode, readCreate } from "./create.ts";
import { columnsOfQuery } from "./create-table.ts";
import {
  alreadyExists,
  assertNoTransaction,
  assertType,
  objectName,
  requireDataset,
  temporaryName,
} from "./names.ts";
import { type Option, readOptions, textOption } from "./options.ts";
import { readClustering, readPartitioning } from "./partitioning.ts";
import { parseQuery, referencedTables } from "./query.ts";
import { type Path, type Reader, reader, type Source } from "./reader.ts";
import type { Context, Outcome, Statement } from "./statement.ts";
import { tableSettings } from "./table-settings.ts";

interface CreateView {
  readonly type: "VIEW" | "MATERIALIZED_VIEW";
  readonly path: Path;
  readonly mode: CreateMode;
  readonly columns: readonly Pick<Column, "name" | "description">[] | undefined;
  readonly settings: Pick<TableEntry, "partitioning" | "clustering">;
  readonly options: readonly Option[];
  readonly query: Source;
}

/**
 * CREATE [OR REPLACE] [MATERIALIZED] VIEW. The view is checked now and kept as GoogleSQL; a materialized view
 * is computed when it is read, so it always shows the newest rows.
 */
export function parseCreateView(source: Source): Statement {
  const create = readCreateView(reader(source));
  const query = parseQuery(create.query);
  return {
    type: `CREATE_${create.type}`,
    source,
    writes: [create.path],
    async run(context) {
      const compiled = query.describe({ ...context, env: permanentEnvironment(context) });
      const columns = columnsOf(create, compiled);
      const ddlTarget = objectName(create.path, context.env);
      const ddlOperation = await createView(create, columns, context);
      return {
        columns,
        ddlOperation,
        ddlTarget,
        referencedTables: referencedTables(compiled, context),
      };
    },
  };
}

/** A view outlives the job that makes it: it sees no variable, no temporary table and no default dataset of it. */
function permanentEnvironment({ env, session }: Context): Environment {
  const { defaultDataset: _, ...others } = env;
  return {
    ...others,
    variable: () => undefined,
    parameter: () => undefined,
    relation(path) {
      if (temporaryName(path, session) === undefined) return env.relation(path);
      throw invalidQuery(`A view cannot read the temporary table ${path.join(".")}`);
    },
  };
}

function readCreateView(input: Reader): CreateView {
  const isMaterialized = [1, 3].some((i) => input.peek(i)?.text.toUpperCase() === "MATERIALIZED");
  const { mode, path } = readCreate(
    input,
    ...(isMaterialized ? ["MATERIALIZED", "VIEW"] : ["VIEW"]),
  );
  const columns = input.at("(") ? readNames(input) : undefined;
  const partitioning = input.at("PARTITION", "BY") ? readPartitioning(input) : undefined;
  const clustering = input.at("CLUSTER", "BY") ? readClustering(input) : undefined;
  const options = input.at("OPTIONS") ? readOptions(input) : [];
  input.expect("AS");
  return {
    type: isMaterialized ? "MATERIALIZED_VIEW" : "VIEW",
    path,
    mode,
    columns,
    settings: { ...(partitioning ? { partitioning } : {}), ...(clustering ? { clustering } : {}) },
    options,
    query: input.rest("a query"),
  };
}

function readNames(input: Reader): CreateView["columns"] {
  const columns: { name: string; description?: string }[] = [];
  input.expect("(");
  do {
    const name = input.name();
    const description = input.at("OPTIONS")
      ? textOption(readOptions(input), "description")
      : undefined;
    columns.push(description === undefined ? { name } : { name, description });
  } while (input.accept(","));
  input.expect(")");
  return columns;
}

function columnsOf({ columns, type }: CreateView, query: CompiledQuery): readonly Column[] {
  const selected = query.columns;
  if (columns && columns.length !== selected.length) {
    throw invalidQuery(
      `The view has ${columns.length} column names for ${selected.length} columns of its query`,
    );
  }
  if (!columns) return columnsOfQuery(query, `CREATE ${type.replace("_", " ")}`);
  const named = selected.map((column, i) => ({
    name: column.name,
    type: column.type,
    ...columns?.[i],
  }));
  assertDistinct(named);
  return named;
}

async function createView(
  create: CreateView,
  columns: readonly Column[],
  context: Context,
): Promise<NonNullable<Outcome["ddlOperation"]>> {
  const { session, env, dryRun } = context;
  const name = objectName(create.path, env);
  assertNoTransaction(context, `CREATE_${create.type}`);
  if (!dryRun) await session.lock([name]);
  requireDataset(name, session);
  const existing = session.catalogue.table(name);
  if (existing && create.mode === "if_not_exists") return "SKIP";
  if (existing && create.mode === "create") throw alreadyExists("Table", name);
  if (existing) assertType(existing, create.type);
  if (!dryRun) {
    const { partition: _, ...settings } = await tableSettings(create.options, context);
    const now = Date.now();
    await session.atomic(() =>
      session.catalogue.putTable({
        name,
        type: create.type,
        columns,
        viewQuery: create.query.text,
        ...settings,
        ...create.settings,
        createdAt: now,
        modifiedAt: now,
      }),
    );
  }
  return existing ? "REPLACE" : "CREATE";
}
