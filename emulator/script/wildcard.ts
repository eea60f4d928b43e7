import { invalidQuery } from "../errors.ts";
import type { ObjectName, Relation } from "../sql/catalog.ts";
import { findColumn } from "../sql/statements/columns.ts";
import {
  type Column,
  duckdbType,
  formatType,
  quoteName,
  quoteText,
  STRING,
  sameType,
} from "../sql/types.ts";
import type { Session, TableEntry } from "../warehouse/session.ts";

const SUFFIX: Column = { name: "_TABLE_SUFFIX", type: STRING };

/**
 * `events_*`: all tables whose names begin so, with the columns of the newest of them and `_TABLE_SUFFIX`.
 * Undefined when there is none.
 */
export function wildcardTable(name: ObjectName, session: Session): Relation | undefined {
  const prefix = name.name.slice(0, -1);
  const tables = session.catalogue
    .tables(name.project, name.dataset)
    .filter((entry) => entry.type === "TABLE" && entry.name.name.startsWith(prefix));
  const [first, ...others] = tables;
  if (!first) return undefined;
  const { columns } = others.reduce((a, b) => (b.createdAt >= a.createdAt ? b : a), first);
  const selects = tables.map((entry) => selectSql(entry, columns, prefix, session));
  return { kind: "table", sql: `(${selects.join(" UNION ALL ")})`, columns, hidden: [SUFFIX] };
}

/** One table's rows in the columns of the newest; a column that it does not have is NULL. */
function selectSql(
  entry: TableEntry,
  columns: readonly Column[],
  prefix: string,
  session: Session,
): string {
  const values = columns.map(({ name, type }) => {
    const own = findColumn(entry.columns, name);
    if (own && !sameType(own.type, type)) {
      throw invalidQuery(
        `Cannot read field of type ${formatType(own.type)} as ${formatType(type)} Field: ${name} (table ${entry.name.name})`,
      );
    }
    const value = own ? quoteName(own.name) : `CAST(NULL AS ${duckdbType(type)})`;
    return `${value} AS ${quoteName(name)}`;
  });
  const suffix = quoteText(entry.name.name.slice(prefix.length));
  return `SELECT ${[...values, `${suffix} AS ${quoteName(SUFFIX.name)}`].join(", ")} FROM ${session.tableSql(entry.name)}`;
}
