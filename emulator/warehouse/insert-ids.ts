import type { TableEntry } from "./session.ts";

/** How long BigQuery remembers an insertId at least. */
const KEPT_MS = 60_000;

/** The `insertId`s of rows that went in lately: a row that is sent again after a lost answer does not go in twice. */
export interface InsertIds {
  /** True for a row of this id that the table has taken within the last minute. */
  has(table: TableEntry, id: string): boolean;
  add(table: TableEntry, ids: readonly string[]): void;
}

export function createInsertIds(now: () => number = Date.now): InsertIds {
  /** By table and id, in the order in which they came. */
  const seen = new Map<string, number>();
  // A table that is made anew under the same name has another time of creation.
  const keyOf = ({ name, createdAt }: TableEntry, id: string) =>
    JSON.stringify([name.dataset, name.name, createdAt, id]);
  return {
    has(table, id) {
      const time = seen.get(keyOf(table, id));
      return time !== undefined && now() - time <= KEPT_MS;
    },
    add(table, ids) {
      for (const [key, time] of seen) {
        if (now() - time <= KEPT_MS) break;
        seen.delete(key);
      }
      for (const id of ids) seen.set(keyOf(table, id), now());
    },
  };
}
