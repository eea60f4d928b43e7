import type { RunResult } from "../script/run.ts";
import type { ObjectName } from "../sql/catalog.ts";
import { type Column, quoteName, type SqlType, structFieldNames } from "../sql/types.ts";
import type { Session, TableEntry } from "./session.ts";

/**
 * The bytes that BigQuery would say a query processes: the logical size of the columns it reads, whatever their filter,
 * https://cloud.google.com/bigquery/pricing#data. An estimate: large tables are measured on a part of their rows, and
 * which columns are read is DuckDB's word.
 */
export interface Bytes {
  readonly processed: number;
  /** Rounded up to megabytes, at least ten of them for each table. */
  readonly billed: number;
}

export const NO_BYTES: Bytes = { processed: 0, billed: 0 };

/** Rows on which a table is measured exactly; of larger ones, about as many are looked at. */
const MEASURED_ROWS = 20_000;
const MEGABYTE = 1024 * 1024;
const LEAST_MEGABYTES = 10;

const SIZES: Partial<Record<SqlType["kind"], number>> = {
  BOOL: 1,
  NUMERIC: 16,
  BIGNUMERIC: 32,
  INTERVAL: 16,
  RANGE: 16,
};

/** DuckDB SQL of a value's logical size: NULL has none. */
function sizeSql(value: string, type: SqlType): string {
  switch (type.kind) {
    case "STRING":
      return `COALESCE(strlen(${value}) + 2, 0)`;
    case "JSON":
      return `COALESCE(strlen(${value}::VARCHAR), 0)`;
    case "BYTES":
      return `COALESCE(octet_length(${value}) + 2, 0)`;
    case "ARRAY":
      return `COALESCE(list_sum(list_transform(${value}, lambda x: ${sizeSql("x", type.element)})), 0)`;
    case "STRUCT": {
      const names = structFieldNames(type);
      const fields = type.fields.map((field, i) =>
        sizeSql(`${value}.${quoteName(names[i] ?? "")}`, field.type),
      );
      return `(${["0", ...fields].join(" + ")})`;
    }
    default:
      return `CASE WHEN ${value} IS NULL THEN 0 ELSE ${SIZES[type.kind] ?? 8} END`;
  }
}

/** The logical bytes of a table's columns, by lower-case name, and its rows. */
export interface TableSize {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, number>;
}

/** An entry is replaced whenever its table changes, so a size stays true as long as its entry is there. */
const sizes = new WeakMap<TableEntry, TableSize>();

/** The size of a table, which is measured once between two changes of it. */
export async function tableSize(session: Session, entry: TableEntry): Promise<TableSize> {
  const known = sizes.get(entry);
  if (known) return known;
  const isEmpty = entry.type !== "TABLE" || entry.columns.length === 0;
  const size = isEmpty
    ? { rows: 0, columns: new Map<string, number>() }
    : await measure(session, session.tableSql(entry.name), entry.columns);
  sizes.set(entry, size);
  return size;
}

/** All bytes of a table. */
export function totalBytes({ columns }: TableSize): number {
  return [...columns.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function measure(
  session: Session,
  table: string,
  columns: readonly Column[],
): Promise<TableSize> {
  const [[count] = []] = await session.rows(`SELECT count(*) FROM ${table}`);
  const rows = Number(count);
  const percent = Math.min(100, (100 * MEASURED_ROWS) / Math.max(rows, 1));
  // Whole blocks of rows, the same ones each time.
  const sample = percent < 100 ? ` TABLESAMPLE SYSTEM (${percent} PERCENT) REPEATABLE (1)` : "";
  const sums = columns.map(({ name, type }) => `sum(${sizeSql(quoteName(name), type)})`);
  const [[measured, ...found] = []] = await session.rows(
    `SELECT count(*), ${sums.join(", ")} FROM ${table}${sample}`,
  );
  const scale = rows / Math.max(Number(measured), 1);
  return {
    rows,
    columns: new Map(
      columns.map(({ name }, i) => [name.toLowerCase(), Math.round(Number(found[i] ?? 0) * scale)]),
    ),
  };
}

/**
 * What a query read, or would read.
 * @param run its compiled queries, and the tables that they name
 */
export async function bytesRead(
  session: Session,
  { reads = [], referencedTables }: Pick<RunResult, "reads" | "referencedTables">,
): Promise<Bytes> {
  let total = NO_BYTES;
  for (const sql of reads) {
    const { processed, billed } = await bytesOf(session, sql, referencedTables);
    total = { processed: total.processed + processed, billed: total.billed + billed };
  }
  return total;
}

/** Where DuckDB has no plan, because a function is not known to it yet or a table no longer, all columns are counted. */
async function bytesOf(
  session: Session,
  sql: string,
  referenced: readonly ObjectName[],
): Promise<Bytes> {
  const [row] = await session.rows(`EXPLAIN (FORMAT json) ${sql}`).catch(() => []);
  if (row) {
    const plan = JSON.parse(String(row[1])) as readonly PlanNode[];
    return scannedBytes(session, plan.flatMap(scans));
  }
  const entries = referenced.flatMap((name) => session.catalogue.table(name) ?? []);
  const tables = entries.filter(({ type }) => type === "TABLE");
  return sumOf(await Promise.all(tables.map(async (t) => totalBytes(await tableSize(session, t)))));
}

function sumOf(tables: readonly number[]): Bytes {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const billed = tables.map((n) => Math.max(LEAST_MEGABYTES, Math.ceil(n / MEGABYTE)) * MEGABYTE);
  return { processed: sum(tables), billed: sum(billed) };
}

interface PlanNode {
  readonly children?: readonly PlanNode[];
  readonly extra_info?: {
    readonly Table?: string;
    readonly Projections?: string | readonly string[];
    readonly Filters?: string | readonly string[];
  };
}

interface Scan {
  readonly table: string;
  /** The text that names the columns. */
  readonly projections: readonly string[];
  readonly filters: string;
}

function scans({ extra_info, children = [] }: PlanNode): readonly Scan[] {
  const inner = children.flatMap(scans);
  if (extra_info?.Table === undefined) return inner;
  const list = (value: string | readonly string[] = []) =>
    typeof value === "string" ? [value] : value;
  return [
    {
      table: extra_info.Table,
      projections: list(extra_info.Projections),
      filters: list(extra_info.Filters).join("\n"),
    },
    ...inner,
  ];
}

async function scannedBytes(session: Session, scanned: readonly Scan[]): Promise<Bytes> {
  const tables = new Map<string, { size: TableSize; read: Set<string> }>();
  for (const { table, projections, filters } of scanned) {
    const found = tables.get(table) ?? (await findTable(session, table));
    if (!found) continue;
    tables.set(table, found);
    const words = new Set(filters.toLowerCase().match(/[\p{L}\p{N}_]+/gu));
    const projected = projections.map((name) => name.split(".")[0]?.toLowerCase() ?? "");
    for (const name of found.size.columns.keys()) {
      if (projected.includes(name) || words.has(name)) found.read.add(name);
    }
  }
  const bytes = [...tables.values()].map(({ size, read }) =>
    [...read].reduce((sum, name) => sum + (size.columns.get(name) ?? 0), 0),
  );
  return sumOf(bytes);
}

/** @param name as a plan writes it: `warehouse.d.t`, `"temp".main.t` */
async function findTable(session: Session, name: string) {
  const parts = [...name.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain,
  );
  const [database, dataset = "", table = ""] = parts;
  if (database === "temp") {
    const temporary = [...session.temporary.tables.values()].find(({ sql }) =>
      sql.endsWith(quoteName(table)),
    );
    if (!temporary) return undefined;
    const size = await measure(session, temporary.sql, temporary.columns);
    return { size, read: new Set<string>() };
  }
  const object: ObjectName = { project: session.project, dataset, name: table };
  const entry = session.catalogue.table(object);
  return entry && { size: await tableSize(session, entry), read: new Set<string>() };
}
