import type { Column } from "./types.ts";

/** A table, subquery or array in FROM, as names can refer to it. */
export interface RangeVariable {
  /** The alias, or the last part of the table's name; absent for a subquery without alias. */
  readonly name?: string;
  /** The alias by which the DuckDB statement calls it, quoted. */
  readonly sql: string;
  readonly columns: readonly Column[];
  /** A value table (UNNEST, SELECT AS VALUE): the name alone is the value of its only column. */
  readonly value?: boolean;
}

/** The names that an expression can see: its own FROM, then those of the enclosing queries. */
export interface Scope {
  readonly tables: readonly RangeVariable[];
  readonly parent?: Scope;
}

/** The scope of a DML statement: the columns of its tables. `sql` is the quoted DuckDB alias, `name` the GoogleSQL one. */
export function scopeOf(tables: readonly RangeVariable[], parent?: Scope): Scope {
  return parent ? { tables, parent } : { tables };
}
