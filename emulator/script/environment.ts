import { isDeepStrictEqual } from "node:util";
import type { Environment, ObjectName, Relation, Routine, Variable } from "../sql/catalog.ts";
import { objectName, temporaryName } from "../sql/statements/names.ts";
import { requiredFilter } from "../sql/statements/partitioning.ts";
import type { Path } from "../sql/statements/reader.ts";
import { informationSchema } from "../warehouse/information-schema.ts";
import { isByIngestion, pseudoColumns, pseudoItems } from "../warehouse/ingestion-time.ts";
import type { JavaScriptFunction, RoutineEntry, Session } from "../warehouse/session.ts";
import { wildcardTable } from "./wildcard.ts";

/** What a statement sees besides the session's own objects. */
export interface Visible {
  readonly defaultDataset: string | undefined;
  readonly variable: (name: string) => Variable | undefined;
  readonly parameter: (name: string | number) => Variable | undefined;
  readonly systemVariable: (name: string) => Variable | undefined;
}

/** An environment, and the way to make the functions it has handed out known to the connection. */
export interface SessionEnvironment {
  readonly env: Environment;
  readonly prepare: () => Promise<void>;
  /** True while every table, view and routine that was asked for is still what it was then. */
  readonly isCurrent: () => boolean;
}

/** All that a statement of the session can see, as the translator asks for it. */
export function sessionEnvironment(session: Session, visible: Visible): SessionEnvironment {
  const used = new Map<string, JavaScriptFunction>();
  const meanings = new Map<string, { readonly found: unknown; readonly find: () => unknown }>();
  function takeDown(name: string, find: () => unknown): void {
    meanings.set(name, { found: find(), find });
  }
  const env: Environment = {
    project: session.project,
    ...(visible.defaultDataset === undefined ? {} : { defaultDataset: visible.defaultDataset }),
    relation(path) {
      const relation = findRelation(path, session, env);
      if (!informationSchema(path, session)) {
        takeDown(`relation ${path.join(".")}`, () => findRelation(path, session, env));
      }
      return relation;
    },
    routine(path) {
      takeDown(`routine ${path.join(".")}`, () => routineEntry(path, session, env));
      return findRoutine(path, session, env, used);
    },
    variable: visible.variable,
    parameter: visible.parameter,
    systemVariable: visible.systemVariable,
  };
  async function prepare(): Promise<void> {
    for (const fn of used.values()) await session.registerJavaScript(fn);
    used.clear();
  }
  const isCurrent = () =>
    [...meanings.values()].every(({ found, find }) => isDeepStrictEqual(found, find()));
  return { env, prepare, isCurrent };
}

/** The permanent object that a path names; undefined for an unqualified name without a default dataset. */
function permanent(path: Path, env: Environment): ObjectName | undefined {
  if (path.length === 1 && env.defaultDataset === undefined) return undefined;
  return objectName(path, env);
}

function findRelation(path: Path, session: Session, env: Environment): Relation | undefined {
  const temporary = temporaryName(path, session);
  if (temporary !== undefined) return session.temporary.tables.get(temporary.toLowerCase());
  const information = informationSchema(path, session);
  if (information) return information;
  const name = permanent(path, env);
  if (name?.name.endsWith("*")) return wildcardTable(name, session);
  const entry = name && session.catalogue.table(name);
  if (!name || !entry) return undefined;
  if (entry.viewQuery !== undefined) {
    return { kind: "view", query: entry.viewQuery, columns: entry.columns };
  }
  const requiredPartitionFilter = requiredFilter(entry);
  return {
    kind: "table",
    sql: isByIngestion(entry)
      ? `(SELECT *${pseudoItems(entry)} FROM ${session.tableSql(name)})`
      : session.tableSql(name),
    columns: entry.columns,
    hidden: pseudoColumns(entry),
    ...(requiredPartitionFilter ? { requiredPartitionFilter } : {}),
  };
}

function routineEntry(path: Path, session: Session, env: Environment): RoutineEntry | undefined {
  const name = permanent(path, env);
  return name && session.catalogue.routine(name);
}

function findRoutine(
  path: Path,
  session: Session,
  env: Environment,
  used: Map<string, JavaScriptFunction>,
): Routine | undefined {
  const temporary = session.temporary.functions.get(path.join(".").toLowerCase());
  if (path.length === 1 && temporary) return temporary;
  const entry = routineEntry(path, session, env);
  if (!entry) return undefined;
  const { kind, args, body, returns, columns } = entry;
  if (kind === "table_function") return { kind, args, body, ...(columns ? { columns } : {}) };
  if (kind !== "js_function") return { kind, args, body, ...(returns ? { returns } : {}) };
  if (!returns) return undefined;
  const fn = { name: path.join("."), args, returns, body };
  used.set(path.join(".").toLowerCase(), fn);
  return { kind, args, returns, call: (values) => session.javascriptCall(fn, values) };
}
