import type { DuckDBConnection } from "@duckdb/node-api";
import { BigQueryError } from "../errors.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { quoteText } from "../sql/types.ts";
import { WAREHOUSE_DATABASE } from "./duckdb.ts";
import type { Catalogue, DatasetEntry, RoutineEntry, TableEntry } from "./session.ts";

/** DuckDB schema of the catalogue tables; no dataset can have this name. */
export const CATALOGUE_SCHEMA = "_filo_catalogue";

type Kind = "dataset" | "table" | "routine";
type Entry = DatasetEntry | TableEntry | RoutineEntry;
type Entries = ReadonlyMap<string, Entry>;

/** The committed entries. Never changed: a commit puts others in their place, so a transaction keeps what it began with. */
interface State {
  readonly dataset: Entries;
  readonly table: Entries;
  readonly routine: Entries;
}

interface Committed {
  state: State;
}

/** What one open transaction changed: undefined marks a dropped entry. */
type Changes = Map<
  string,
  { readonly kind: Kind; readonly key: string; readonly entry: Entry | undefined }
>;

/** A catalogue seen through one connection, with what its session must tell it about transactions. */
export interface CatalogueView extends Catalogue {
  /** From here on changes are seen by this view alone, until `committed` or `rolledBack`. */
  began(): void;
  committed(): void;
  rolledBack(): void;
}

/** The committed entries, in memory and in DuckDB tables of the same file as the data. */
export interface CatalogueStore {
  view(connection: DuckDBConnection): CatalogueView;
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
const objectKey = (name: ObjectName): string => keyOf(name.project, name.dataset, name.name);
/** What the keys of everything inside a project or dataset begin with. */
const inside = (...parts: readonly string[]): string => `${keyOf(...parts).slice(0, -1)},`;

/** Opens the catalogue of a database, creating its table when the file is new. */
export async function openCatalogue(connection: DuckDBConnection): Promise<CatalogueStore> {
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${CATALOGUE_SCHEMA}`);
  // No primary key: an entry replaced twice in one transaction would trip DuckDB's eager constraint check.
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${CATALOGUE_SCHEMA}.entries (kind VARCHAR, key VARCHAR, entry VARCHAR)`,
  );
  const found = {
    dataset: new Map<string, Entry>(),
    table: new Map<string, Entry>(),
    routine: new Map<string, Entry>(),
  };
  const rows = await connection.runAndReadAll(
    `SELECT kind, key, entry FROM ${CATALOGUE_SCHEMA}.entries ORDER BY key`,
  );
  for (const [kind, key, entry] of rows.getRowsJS()) {
    found[kind as Kind].set(String(key), JSON.parse(String(entry)));
  }
  const committed: Committed = { state: found };
  return { view: (session) => createView(committed, session) };
}

/** A table is gone from the moment that it expires; what it holds is dropped when another takes its name. */
function hasExpired({ expiresAt }: TableEntry): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now();
}

function createView(committed: Committed, connection: DuckDBConnection): CatalogueView {
  let changes: Changes | undefined;
  /** What was committed when the open transaction began, which is what it sees of the tables. */
  let snapshot: State | undefined;
  const state = () => snapshot ?? committed.state;

  function find(kind: Kind, key: string): Entry | undefined {
    const changed = changes?.get(`${kind}/${key}`);
    return changed ? changed.entry : state()[kind].get(key);
  }

  function list(kind: Kind, prefix: string): Entry[] {
    const found = new Map([...state()[kind]].filter(([key]) => key.startsWith(prefix)));
    for (const change of changes?.values() ?? []) {
      if (change.kind !== kind || !change.key.startsWith(prefix)) continue;
      if (change.entry) found.set(change.key, change.entry);
      else found.delete(change.key);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }

  function apply(of: Kind): Entries {
    const before = committed.state[of];
    const ours = [...(changes?.values() ?? [])].filter(({ kind }) => kind === of);
    if (ours.length === 0) return before;
    const after = new Map(before);
    for (const { key, entry } of ours) {
      if (entry) after.set(key, entry);
      else after.delete(key);
    }
    return after;
  }

  async function write(kind: Kind, key: string, entry: Entry | undefined): Promise<void> {
    if (!changes) throw new Error("The catalogue changes in transactions only: use Session.atomic");
    const table = `${WAREHOUSE_DATABASE}.${CATALOGUE_SCHEMA}.entries`;
    const where = `kind = ${quoteText(kind)} AND key = ${quoteText(key)}`;
    await connection.run(`DELETE FROM ${table} WHERE ${where}`);
    if (entry) {
      const values = [kind, key, JSON.stringify(entry)].map(quoteText).join(", ");
      await connection.run(`INSERT INTO ${table} VALUES (${values})`);
    }
    changes.set(`${kind}/${key}`, { kind, key, entry });
  }

  /** The dataset may have gone while the object was made. */
  async function putInside(kind: Kind, name: ObjectName, entry: Entry): Promise<void> {
    const { project, dataset } = name;
    if (!find("dataset", keyOf(project, dataset))) {
      throw new BigQueryError("notFound", `Not found: Dataset ${project}:${dataset}`);
    }
    await write(kind, objectKey(name), entry);
  }

  /** A new table expires when its dataset says so and it does not say otherwise itself. */
  function withExpiration(entry: TableEntry): TableEntry {
    const { project, dataset } = entry.name;
    const before = find("table", objectKey(entry.name));
    const isNew = before?.createdAt !== entry.createdAt;
    const owner = find("dataset", keyOf(project, dataset)) as DatasetEntry | undefined;
    const ms = owner?.defaultTableExpirationMs;
    if (!isNew || ms === undefined || entry.type === "VIEW" || entry.expiresAt !== undefined) {
      return entry;
    }
    return { ...entry, expiresAt: entry.createdAt + Number(ms) };
  }

  return {
    dataset: (project, dataset) =>
      find("dataset", keyOf(project, dataset)) as DatasetEntry | undefined,
    datasets: (project) => list("dataset", inside(project)) as DatasetEntry[],
    table(name) {
      const entry = find("table", objectKey(name)) as TableEntry | undefined;
      return entry && hasExpired(entry) ? undefined : entry;
    },
    tables: (project, dataset) =>
      (list("table", inside(project, dataset)) as TableEntry[]).filter((t) => !hasExpired(t)),
    routine: (name) => find("routine", objectKey(name)) as RoutineEntry | undefined,
    routines: (project, dataset) => list("routine", inside(project, dataset)) as RoutineEntry[],
    putDataset: (entry) => write("dataset", keyOf(entry.project, entry.dataset), entry),
    dropDataset: (project, dataset) => write("dataset", keyOf(project, dataset), undefined),
    putTable: (entry) => putInside("table", entry.name, withExpiration(entry)),
    dropTable: (name) => write("table", objectKey(name), undefined),
    putRoutine: (entry) => putInside("routine", entry.name, entry),
    dropRoutine: (name) => write("routine", objectKey(name), undefined),
    began() {
      changes = new Map();
      snapshot = committed.state;
    },
    committed() {
      committed.state = {
        dataset: apply("dataset"),
        table: apply("table"),
        routine: apply("routine"),
      };
      changes = undefined;
      snapshot = undefined;
    },
    rolledBack() {
      changes = undefined;
      snapshot = undefined;
    },
  };
}
