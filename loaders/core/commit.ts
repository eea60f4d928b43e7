import type { DateSlice } from "./define-stream.ts";
import { contacts, deadLetters, files, loadSlices, loadState, schemaDrift } from "./ops-tables.ts";
import type { ColumnType } from "./schema.ts";
import type { StagedTable } from "./stage.ts";
import { sqlName, type Table } from "./tables.ts";
import { parameter, rowsParameter, type Script } from "./warehouse.ts";

type Row = Readonly<Record<string, unknown>>;

/** How staged rows enter their raw table. */
export type CommitWrite =
  /** The days of the windows are deleted for the account, then inserted. */
  | {
      readonly mode: "window";
      readonly by: string;
      readonly accountColumn: string;
      readonly windows: readonly DateSlice[];
    }
  /** Update or insert by key; an older row never replaces a newer one. */
  | { readonly mode: "merge"; readonly updatedAt: string }
  /** Insert where the key is not there yet; looked for among rows of this range of time. */
  | {
      readonly mode: "append";
      readonly dedupeBy: string;
      readonly from: string;
      readonly to: string;
    }
  /** The rows of these files are deleted, then inserted. */
  | { readonly mode: "file"; readonly replacedFiles: readonly string[] };

/** All that one stream and run changes. */
export interface Commit {
  readonly accountId: string;
  readonly write: CommitWrite;
  /** Raw tables of the stream, whether or not rows were staged for them. */
  readonly tables: readonly Table[];
  readonly staged: readonly StagedTable[];
  /** Slices whose rows count; what was staged of others is left out. */
  readonly accepted: readonly number[];
  /** Columns of a table that are the same for the whole run. */
  readonly constants: (target: Table) => Row;
  /**
   * Rows of ops.load_slices. With append and merge only the warehouse knows how many rows were new: the loaded and
   * duplicate rows of the one slice that is `ok` are then filled in here.
   */
  readonly slices: readonly Row[];
  readonly countsFromWarehouse: boolean;
  readonly files: readonly Row[];
  /** Ids of files whose content a newer one has replaced. */
  readonly superseded: readonly string[];
  readonly state: Row | undefined;
  readonly drift: readonly Row[];
}

/**
 * One transaction: everything that a stream and run changes becomes visible at once, or nothing does. Its last
 * statement answers how many rows entered raw tables (`rows_loaded`). It fails when a staging table does not hold
 * exactly what was staged.
 */
export function commitScript(commit: Commit): Script {
  const bind = createBinder();
  bind.value("slices", commit.accepted, ["INT64"]);
  const data = commit.staged.filter(({ target }) => target.dataset === "raw");
  const only = (table: Table) => commit.staged.filter(({ target }) => target === table);
  const statements = [
    "declare inserted int64 default 0",
    "begin transaction",
    ...data.map((staged, index) => assertComplete(commit, staged, `staged_${index}`, bind)),
    ...deletions(commit, bind),
    ...data.flatMap((staged) => [
      rowsInto(commit, staged, bind),
      "set inserted = inserted + @@row_count",
    ]),
    ...only(contacts).map((staged) => mergeByKey(commit, staged, "true", "_row", bind)),
    ...only(deadLetters).map((staged) => insertSelect(commit, staged, "true", bind)),
    ...bookkeeping(commit, bind),
    "commit transaction",
    "select inserted as rows_loaded",
  ];
  return { query: `${statements.join(";\n")};\n`, params: bind.params, types: bind.types };
}

interface Binder {
  readonly params: Record<string, unknown>;
  readonly types: Record<string, unknown>;
  value(name: string, value: unknown, type: unknown): void;
  rows(name: string, table: Table, rows: readonly Row[]): void;
}

function createBinder(): Binder {
  const params: Record<string, unknown> = {};
  const types: Record<string, unknown> = {};
  return {
    params,
    types,
    value(name, value, type) {
      params[name] = typeof type === "string" ? parameter(type as ColumnType, value) : value;
      types[name] = type;
    },
    rows(name, table, rows) {
      const { value, type } = rowsParameter(table, rows);
      params[name] = value;
      types[name] = type;
    },
  };
}

const stageName = ({ name }: StagedTable) => `raw.\`${name}\``;

function assertComplete(commit: Commit, staged: StagedTable, name: string, bind: Binder): string {
  const expected = commit.accepted.reduce((sum, slice) => sum + (staged.rows.get(slice) ?? 0), 0);
  bind.value(name, expected, "INT64");
  return [
    `assert (select count(*) from ${stageName(staged)} where _slice in unnest(@slices)) = @${name}`,
    `as 'the staging table of ${staged.target.name} does not hold what was staged'`,
  ].join(" ");
}

function deletions({ accountId, write, tables }: Commit, bind: Binder): string[] {
  if (write.mode === "window") {
    bind.value("account", accountId, "STRING");
    return tables.flatMap((table) =>
      write.windows.map(({ from, to }, index) => {
        bind.value(`from_${index}`, from, "DATE");
        bind.value(`to_${index}`, to, "DATE");
        const days = `${write.by} between @from_${index} and @to_${index}`;
        return `delete from ${sqlName(table)} where ${write.accountColumn} = @account and ${days}`;
      }),
    );
  }
  if (write.mode !== "file" || write.replacedFiles.length === 0) return [];
  bind.value("replaced_files", write.replacedFiles, ["STRING"]);
  return tables.flatMap((table) => {
    const rows = `from ${sqlName(table)} where file_id in unnest(@replaced_files)`;
    return [
      `delete from pii.contacts where contact_key in (select contact_key ${rows} and contact_key is not null)`,
      `delete ${rows}`,
    ];
  });
}

function rowsInto(commit: Commit, staged: StagedTable, bind: Binder): string {
  const { write } = commit;
  if (write.mode === "merge") {
    const isNewer = `staged.${write.updatedAt} >= loaded.${write.updatedAt}`;
    return mergeByKey(commit, staged, isNewer, write.updatedAt, bind);
  }
  if (write.mode !== "append") return insertSelect(commit, staged, "true", bind);
  bind.value("dedupe_from", write.from, "TIMESTAMP");
  bind.value("dedupe_to", write.to, "TIMESTAMP");
  const { key } = staged.target;
  const isFirst = [
    "staged._row in (",
    `select min(_row) from ${stageName(staged)} where _slice in unnest(@slices)`,
    `group by ${key.join(", ")})`,
  ].join(" ");
  const isNew = [
    `not exists (select 1 from ${sqlName(staged.target)} as loaded`,
    `where loaded.${write.dedupeBy} between @dedupe_from and @dedupe_to`,
    ...key.map((name) => `and loaded.${name} = staged.${name}`),
  ].join(" ");
  return insertSelect(commit, staged, `${isFirst} and ${isNew})`, bind);
}

/** The columns of a target, each with the expression that fills it from a staged row. */
function expressions(commit: Commit, staged: StagedTable, bind: Binder): [string, string][] {
  const constants = commit.constants(staged.target);
  return staged.target.columns.map(({ name, type }) => {
    if (!(name in constants)) return [name, `staged.${name}`];
    const parameterName = `${staged.target.name}_${name}`;
    bind.value(parameterName, constants[name], type);
    return [name, `@${parameterName}`];
  });
}

function insertSelect(commit: Commit, staged: StagedTable, where: string, bind: Binder): string {
  const columns = expressions(commit, staged, bind);
  // Dead letters are kept also of slices that are not accepted: they say why.
  const accepted = staged.target === deadLetters ? "true" : "staged._slice in unnest(@slices)";
  return [
    `insert into ${sqlName(staged.target)} (${columns.map(([name]) => name).join(", ")})`,
    `select ${columns.map(([, expression]) => expression).join(", ")}`,
    `from ${stageName(staged)} as staged`,
    `where ${accepted} and ${where}`,
  ].join("\n");
}

/** One row per key, the last by `order`, updates or is inserted. */
function mergeByKey(
  commit: Commit,
  staged: StagedTable,
  matchedWhen: string,
  order: string,
  bind: Binder,
): string {
  const { target } = staged;
  const columns = expressions(commit, staged, bind);
  const changes = columns.filter(([name]) => !target.key.includes(name));
  return [
    `merge into ${sqlName(target)} as loaded`,
    `using (select * from ${stageName(staged)} where _slice in unnest(@slices)`,
    `qualify row_number() over (partition by ${target.key.join(", ")} order by ${order} desc, _row desc) = 1) as staged`,
    `on ${target.key.map((name) => `loaded.${name} = staged.${name}`).join(" and ")}`,
    `when matched and ${matchedWhen} then update set ${changes.map(([name, expression]) => `${name} = ${expression}`).join(", ")}`,
    `when not matched then insert (${columns.map(([name]) => name).join(", ")})`,
    `values (${columns.map(([, expression]) => expression).join(", ")})`,
  ].join("\n");
}

function bookkeeping(commit: Commit, bind: Binder): string[] {
  const statements: string[] = [];
  if (commit.files.length > 0) {
    bind.rows("files", files, commit.files);
    statements.push(
      "delete from ops.files where file_id in (select file_id from unnest(@files))",
      insertRows(files, "files"),
    );
  }
  if (commit.superseded.length > 0) {
    bind.value("superseded", commit.superseded, ["STRING"]);
    statements.push(
      "update ops.files set status = 'superseded' where file_id in unnest(@superseded)",
    );
  }
  if (commit.state) {
    bind.rows("state", loadState, [commit.state]);
    bind.value("state_stream", commit.state.stream, "STRING");
    bind.value("state_account", commit.state.account, "STRING");
    statements.push(
      "delete from ops.load_state where stream = @state_stream and account = @state_account",
      insertRows(loadState, "state"),
    );
  }
  if (commit.drift.length > 0) {
    bind.rows("drift", schemaDrift, commit.drift);
    statements.push(insertRows(schemaDrift, "drift"));
  }
  bind.rows("load_slices", loadSlices, commit.slices);
  const rest = "given.rows_read - given.rows_suppressed - given.rows_rejected";
  const filled: Readonly<Record<string, string>> = commit.countsFromWarehouse
    ? {
        rows_loaded: "if(given.status = 'ok', inserted, given.rows_loaded)",
        rows_duplicate: `if(given.status = 'ok', ${rest} - inserted, given.rows_duplicate)`,
      }
    : {};
  statements.push(insertRows(loadSlices, "load_slices", filled));
  return statements;
}

function insertRows(
  table: Table,
  name: string,
  filled: Readonly<Record<string, string>> = {},
): string {
  const names = table.columns.map((column) => column.name);
  return [
    `insert into ${sqlName(table)} (${names.join(", ")})`,
    `select ${names.map((column) => filled[column] ?? `given.${column}`).join(", ")}`,
    `from unnest(@${name}) as given`,
  ].join("\n");
}
