import type { Environment } from "./catalog.ts";
import type { Typed } from "./functions/define.ts";
import type { PartitionRead } from "./partition-filter.ts";
import { EMPTY_SCOPE, type Scope } from "./scope.ts";
import type { Window } from "./syntax/ast.ts";
import type { Column } from "./types.ts";

/** A compiled query: its DuckDB text and the columns it has, by DuckDB's names. */
export interface CompiledRelation {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
  /** SELECT AS STRUCT, SELECT AS VALUE: its only column is the value of the row. */
  readonly isValueTable: boolean;
}

export interface OutputColumn {
  /** Absent for an unnamed column. */
  readonly name?: string;
  readonly type: Column["type"];
  /** DuckDB's name of it, unique in the query. */
  readonly physical: string;
  /** Of a partitioning column: the reads that a condition on it filters. */
  readonly partitions?: readonly PartitionRead[];
  /** Set when it is a literal: UNION and IN can still make one of another type of it. */
  readonly written?: Typed;
}

/** What one statement shares while it is compiled. */
export interface Statement {
  readonly env: Environment;
  /** Every table and view read so far. */
  readonly reads: (readonly string[])[];
  /** Every read of a table that wants a condition on its partitions. */
  readonly partitionReads: PartitionRead[];
  /** A DuckDB alias that no enclosing part of the statement has. */
  alias(): string;
  /** How many aliases are given out. */
  aliases(): number;
  /**
   * Compiles with aliases counted on from `count`, so that the same expression has the same SQL wherever it stands in a
   * SELECT: that is how it is found among the grouping keys. Expressions beside each other may share aliases.
   */
  withAliasesFrom<T>(count: number, work: () => T): T;
}

/** A common table expression in sight. */
export interface Cte {
  readonly name: string;
  /** DuckDB's name of it. */
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
  readonly isValueTable: boolean;
}

/** What an expression is compiled in. */
export interface Context {
  readonly statement: Statement;
  readonly scope: Scope;
  readonly ctes: readonly Cte[];
  /** Behind GROUP BY, and where aggregates are allowed: the scope that their arguments see. */
  readonly aggregateScope?: Scope;
  /** The number of aliases at the SELECT list: where those of each of its expressions start. */
  readonly aliasesFrom?: number;
  /** Why aggregates are not allowed here: "WHERE clause", … */
  readonly clause?: string;
  /** Windows of the WINDOW clause, by lower-case name; absent where window functions are not allowed. */
  readonly windows?: ReadonlyMap<string, Window>;
}

export function newStatement(env: Environment): Statement {
  let aliases = 0;
  return {
    env,
    reads: [],
    partitionReads: [],
    alias: () => `t${++aliases}`,
    aliases: () => aliases,
    withAliasesFrom: (count, work) => {
      const before = aliases;
      aliases = count;
      try {
        return work();
      } finally {
        aliases = Math.max(aliases, before);
      }
    },
  };
}

export function newContext(env: Environment, scope: Scope = EMPTY_SCOPE): Context {
  return { statement: newStatement(env), scope, ctes: [] };
}
