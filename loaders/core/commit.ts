import type { DateSlice } from "./define-stream.ts";
import { contacts, deadLetters, files, loadSlices, loadState, schemaDrift } from "./ops-tables.ts";
import type { ColumnType } from "./schema.ts";
import type { StagedTable } from "./stage.ts";
import { type DatasetNames, sqlName, type Table } from "./tables.ts";
import { parameter, rowsParameter, type Script } from "./warehouse.ts";

type Row = Readonly<Record<string, unknown>>;

/** How staged rows enter their raw table. */
export type CommitWrite =
  /** The account's days within the windows become what was staged; rows that did not change are left as they are. */
  | {
      readonly mode: "window";
      readonly by: string;
      readonly accountColumn: string;
      readonly windows: readonly DateSlice[];
    }
  /** Replace or insert by key; a row of lower rank never replaces one of higher, nor an older one a newer. */
  | { readonly mode: "merge"; readonly updatedAt: string; readonly rank?: string }
  /** Insert where the key is not there yet; looked for among rows of this range of time. */
  | {
      readonly mode: "append";
      readonly dedupeBy: string;
      readonly from: string;
      readonly to: string;
    }
  /** The source's rows of these files are deleted, then all are inserted; its name is in the column `feed`. */
  | { readonly mode: "file"; readonly replacedFiles: readonly string[] };

/** All that one stream and run changes. */
export interface Commit {
  readonly datasets: DatasetNames;
  readonly source: string;
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
   * Rows of ops.load_slices, each with its number as `_slice`. Only the warehouse knows which rows are new, so loaded
   * and duplicate rows of accepted slices are filled in here.
   */
  readonly slices: readonly Row[];
  /** Ids of all files that were read, accepted or not: dead letters of an earlier reading are replaced. */
  readonly readFiles: readonly string[];
  readonly files: readonly Row[];
  /** Ids of the source's files whose content a newer one has replaced. */
  readonly superseded: readonly string[];
  readonly state: Row | undefined;
  readonly drift: readonly Row[];
}

/**
 * One transaction: everything that a stream and run changes becomes visible at once, or nothing does. Before it, the
 * rows that are to enter the raw tables are chosen. Its last statement answers how many those are, per slice
 * (`_slice`, `rows_loaded`). It fails when a staging table does not hold exactly what was staged.
 */
export function commitScript(commit: Commit): Script {
  const bind = createBinder();
  bind.value("slices", commit.accepted, ["INT64"]);
  bind.value("source", commit.source, "STRING");
  const data = commit.staged.filter(({ target }) => target.dataset === "raw");
  const only = (table: Table) => commit.staged.filter(({ target }) => target === table);
  const statements = [
    ...data.map((staged, index) => assertComplete(commit, staged, `staged_${index}`, bind)),
    ...data.map((staged) => chooseRows(commit, staged, bind)),
    countChosen(data),
    "begin transaction",
    ...deletions(commit, data, bind),
    ...data.map((staged) => insertSelect(commit, staged, chosen(staged), bind)),
    ...only(contacts).map((staged) => insertContacts(commit, staged, data, bind)),
    ...replaceDeadLetters(commit, bind),
    ...only(deadLetters).map((staged) => insertSelect(commit, staged, "true", bind)),
    ...bookkeeping(commit, bind),
    "commit transaction",
    "select _slice, rows_loaded from counted order by _slice",
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
      const { value, type } = rowsParameter(table.columns, rows);
      params[name] = value;
      types[name] = type;
    },
  };
}

const stageName = ({ datasets }: Commit, { name }: StagedTable) => `${datasets("raw")}.\`${name}\``;

function assertComplete(commit: Commit, staged: StagedTable, name: string, bind: Binder): string {
  const expected = commit.accepted.reduce((sum, slice) => sum + (staged.rows.get(slice) ?? 0), 0);
  bind.value(name, expected, "INT64");
  return [
    `assert (select count(*) from ${stageName(commit, staged)} where _slice in unnest(@slices)) = @${name}`,
    `as 'the staging table of ${staged.target.name} does not hold what was staged'`,
  ].join(" ");
}

/** The temporary table of the rows of a staging table that enter the raw table. */
const chosenName = (staged: StagedTable) => `chosen_${staged.target.name}`;

const chosen = (staged: StagedTable) => `staged._row in (select _row from ${chosenName(staged)})`;

const sameKey = ({ target }: StagedTable) =>
  target.key.map((name) => `loaded.${name} = staged.${name}`).join(" and ");

/** A loaded row that is the staged one to the last value. */
const sameRow = (staged: StagedTable) =>
  `${sameKey(staged)} and loaded._row_hash = staged._row_hash`;

/** The first delivered of its key: a page may repeat rows, and several files hold the same message. */
const isFirst = (commit: Commit, staged: StagedTable) =>
  `staged._row in (select min(_row) from ${stageName(commit, staged)}
    where _slice in unnest(@slices) group by ${staged.target.key.join(", ")})`;

function chooseRows(commit: Commit, staged: StagedTable, bind: Binder): string {
  return [
    `create temp table ${chosenName(staged)} as`,
    `select staged._slice, staged._row from ${stageName(commit, staged)} as staged`,
    `where staged._slice in unnest(@slices)`,
    ...choice(commit, staged, bind).map((condition) => `and ${condition}`),
  ].join("\n");
}

/** Which of the staged rows are new, by the way the stream writes. */
function choice(commit: Commit, staged: StagedTable, bind: Binder): string[] {
  const { write, datasets } = commit;
  const target = sqlName(staged.target, datasets);
  const noneLoaded = (condition: string) =>
    `not exists (select 1 from ${target} as loaded where ${condition})`;
  switch (write.mode) {
    case "file":
      return [];
    case "window":
      return [isFirst(commit, staged), noneLoaded(sameRow(staged))];
    case "append": {
      bind.value("dedupe_from", write.from, "TIMESTAMP");
      bind.value("dedupe_to", write.to, "TIMESTAMP");
      const range = `loaded.${write.dedupeBy} between @dedupe_from and @dedupe_to`;
      return [isFirst(commit, staged), noneLoaded(`${range} and ${sameKey(staged)}`)];
    }
    case "merge": {
      const key = staged.target.key.join(", ");
      const order = precedence(write, staged.target);
      const best = [...order, "_row"].map((name) => `${name} desc`).join(", ");
      return [
        `staged._row in (select _row from ${stageName(commit, staged)} where _slice in unnest(@slices)
          qualify row_number() over (partition by ${key} order by ${best}) = 1)`,
        noneLoaded(sameRow(staged)),
        ...(order.length === 0 ? [] : [noneLoaded(`${sameKey(staged)} and (${isBefore(order)})`)]),
      ];
    }
  }
}

/** By which columns of a table one row of a key comes before another, the weightiest first. */
function precedence(write: Extract<CommitWrite, { mode: "merge" }>, table: Table): string[] {
  return [write.rank, write.updatedAt].flatMap((name) =>
    name !== undefined && table.columns.some((column) => column.name === name) ? [name] : [],
  );
}

/** Whether a loaded row comes before the staged one. */
function isBefore(order: readonly string[]): string {
  const steps = order.map((name, i) =>
    [
      ...order.slice(0, i).map((equal) => `loaded.${equal} = staged.${equal}`),
      `loaded.${name} > staged.${name}`,
    ].join(" and "),
  );
  return steps.join(" or ");
}

function countChosen(data: readonly StagedTable[]): string {
  const all = data.map((staged) => `select _slice from ${chosenName(staged)}`);
  const rows = all.join(" union all ") || "select _slice from unnest([0]) as _slice where false";
  return `create temp table counted as
select _slice, count(*) as rows_loaded from (${rows}) group by _slice`;
}

/** What leaves the raw tables before the chosen rows enter them. */
function deletions(commit: Commit, data: readonly StagedTable[], bind: Binder): string[] {
  const { write, tables } = commit;
  switch (write.mode) {
    case "append":
      return [];
    case "merge":
      return data.flatMap((staged) => {
        const isChosen = `${sameKey(staged)} and ${chosen(staged)}`;
        return deleteRows(commit, staged.target, existsStaged(commit, staged, isChosen));
      });
    case "file":
      if (write.replacedFiles.length === 0) return [];
      bind.value("replaced_files", write.replacedFiles, ["STRING"]);
      return tables.flatMap((table) =>
        deleteRows(
          commit,
          table,
          "loaded.feed = @source and loaded.file_id in unnest(@replaced_files)",
        ),
      );
    case "window":
      bind.value("account", commit.accountId, "STRING");
      return write.windows.flatMap(({ from, to }, index) => {
        bind.value(`from_${index}`, from, "DATE");
        bind.value(`to_${index}`, to, "DATE");
        const days = `loaded.${write.by} between @from_${index} and @to_${index}`;
        const where = `loaded.${write.accountColumn} = @account and ${days}`;
        return tables.flatMap((table) => {
          const staged = data.find(({ target }) => target === table);
          if (!staged) return deleteRows(commit, table, where);
          const isUnchanged = existsStaged(
            commit,
            staged,
            `${isFirst(commit, staged)} and ${sameRow(staged)}`,
          );
          return deleteRows(commit, table, `${where} and not ${isUnchanged}`);
        });
      });
  }
}

function existsStaged(commit: Commit, staged: StagedTable, condition: string): string {
  return `exists (select 1 from ${stageName(commit, staged)} as staged where ${condition})`;
}

/** Deletes rows (called `loaded`), and their contact values first. */
function deleteRows({ datasets }: Commit, table: Table, where: string): string[] {
  const rows = `from ${sqlName(table, datasets)} as loaded\n  where ${where}`;
  const hasContacts = table.columns.some(({ name }) => name === "contact_key");
  const keys = `select loaded.contact_key ${rows} and loaded.contact_key is not null`;
  return [
    ...(hasContacts
      ? [`delete from ${sqlName(contacts, datasets)} where contact_key in (${keys})`]
      : []),
    `delete ${rows}`,
  ];
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
  return [
    `insert into ${sqlName(staged.target, commit.datasets)} (${columns.map(([name]) => name).join(", ")})`,
    `select ${columns.map(([, expression]) => expression).join(", ")}`,
    `from ${stageName(commit, staged)} as staged`,
    `where ${where}`,
  ].join("\n");
}

/** Contact values follow the rows that were chosen, whose numbers they share. */
function insertContacts(
  commit: Commit,
  staged: StagedTable,
  data: readonly StagedTable[],
  bind: Binder,
): string {
  const rows = data.map((table) => `select _row from ${chosenName(table)}`).join(" union all ");
  const known = sqlName(contacts, commit.datasets);
  const isKnown = `select 1 from ${known} as loaded where loaded.contact_key = staged.contact_key`;
  return insertSelect(commit, staged, `staged._row in (${rows}) and not exists (${isKnown})`, bind);
}

/** A file that is refused each night has its dead letters once. */
function replaceDeadLetters(commit: Commit, bind: Binder): string[] {
  if (commit.readFiles.length === 0) return [];
  bind.value("read_files", commit.readFiles, ["STRING"]);
  bind.value("letters_stream", commit.constants(deadLetters).stream, "STRING");
  return [
    `delete from ${sqlName(deadLetters, commit.datasets)} where source = @source and stream = @letters_stream
  and file_id in unnest(@read_files)`,
  ];
}

function bookkeeping(commit: Commit, bind: Binder): string[] {
  const { datasets } = commit;
  const statements: string[] = [];
  if (commit.files.length > 0) {
    bind.rows("files", files, commit.files);
    statements.push(
      `delete from ${sqlName(files, datasets)}
  where source = @source and file_id in (select file_id from unnest(@files))`,
      insertRows(commit, files, "files"),
    );
  }
  if (commit.superseded.length > 0) {
    bind.value("superseded", commit.superseded, ["STRING"]);
    statements.push(
      `update ${sqlName(files, datasets)} set status = 'superseded'
  where source = @source and file_id in unnest(@superseded)`,
    );
  }
  if (commit.state) {
    bind.rows("state", loadState, [commit.state]);
    bind.value("state_stream", commit.state.stream, "STRING");
    bind.value("state_account", commit.state.account, "STRING");
    statements.push(
      `delete from ${sqlName(loadState, datasets)}
  where stream = @state_stream and account = @state_account`,
      insertRows(commit, loadState, "state"),
    );
  }
  if (commit.drift.length > 0) {
    bind.rows("drift", schemaDrift, commit.drift);
    statements.push(insertRows(commit, schemaDrift, "drift"));
  }
  statements.push(insertSlices(commit, bind));
  return statements;
}

/** Slices with what became of their rows: an accepted slice has loaded what was chosen of it. */
function insertSlices(commit: Commit, bind: Binder): string {
  const { value, type } = rowsParameter(withSlice, commit.slices);
  bind.value("load_slices", value, type);
  const rest = "given.rows_read - given.rows_suppressed - given.rows_rejected";
  const filled: Readonly<Record<string, string>> = {
    rows_loaded: "coalesce(counted.rows_loaded, 0)",
    rows_duplicate: `${rest} - coalesce(counted.rows_loaded, 0)`,
  };
  const names = loadSlices.columns.map(({ name }) => name);
  return [
    `insert into ${sqlName(loadSlices, commit.datasets)} (${names.join(", ")})`,
    `select ${names.map((name) => filled[name] ?? `given.${name}`).join(", ")}`,
    "from unnest(@load_slices) as given",
    "left join counted on counted._slice = given._slice",
  ].join("\n");
}

const withSlice = [
  ...loadSlices.columns,
  { name: "_slice", type: "INT64", required: false },
] as const;

function insertRows({ datasets }: Commit, table: Table, name: string): string {
  const names = table.columns.map((column) => column.name);
  return [
    `insert into ${sqlName(table, datasets)} (${names.join(", ")})`,
    `select ${names.map((column) => `given.${column}`).join(", ")}`,
    `from unnest(@${name}) as given`,
  ].join("\n");
}
