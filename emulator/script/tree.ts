import type { RoutineArgument } from "../sql/catalog.ts";
import type { Query } from "../sql/statements/query.ts";
import type { Path, Source } from "../sql/statements/reader.ts";
import type { Statement } from "../sql/statements/statement.ts";
import type { Node as Expression } from "../sql/syntax/node.ts";
import type { SqlType } from "../sql/types.ts";

export type { Expression };

/** The procedural structure of a request. Every node keeps its text for messages. */
export type Node = { readonly source: Source } & (
  | { readonly kind: "statement"; readonly statement: Statement }
  | {
      readonly kind: "declare";
      readonly names: readonly string[];
      /** Absent: the type of the value. */
      readonly type?: SqlType;
      readonly value?: Expression;
    }
  /** Several targets take one value each, or one struct. */
  | {
      readonly kind: "set";
      readonly targets: readonly Target[];
      readonly values: readonly Expression[];
    }
  /** IF, or CASE. */
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: Body }
  | Loop
  | {
      readonly kind: "block";
      readonly label?: string;
      readonly body: Body;
      readonly handler?: Body;
    }
  | { readonly kind: "break" | "continue"; readonly label?: string }
  | { readonly kind: "return" }
  /** Without a message: the handled error again. */
  | { readonly kind: "raise"; readonly message?: Expression }
  | { readonly kind: "assert"; readonly condition: Expression; readonly message?: string }
  | {
      readonly kind: "execute";
      readonly sql: Expression;
      readonly into: readonly string[];
      readonly using: readonly { readonly value: Expression; readonly name?: string }[];
    }
  | { readonly kind: "call"; readonly procedure: Path; readonly args: readonly Argument[] }
  | CreateProcedure
  | { readonly kind: "begin" | "commit" | "rollback" }
);

export type Body = readonly Node[];

export interface Branch {
  readonly condition: Expression;
  readonly body: Body;
}

/** What SET assigns to: a variable or `@@name`, lower case. */
export interface Target {
  readonly name: string;
  readonly system: boolean;
}

export interface Argument {
  readonly source: Source;
  readonly value: Expression;
}

export type Loop = { readonly label?: string; readonly body: Body } & (
  | { readonly kind: "loop" }
  | { readonly kind: "while"; readonly condition: Expression }
  | { readonly kind: "repeat"; readonly until: Expression }
  | { readonly kind: "for"; readonly variable: string; readonly query: Query }
);

export interface CreateProcedure {
  readonly kind: "create_procedure";
  readonly name: Path;
  readonly mode: "create" | "replace" | "if_not_exists";
  readonly args: readonly RoutineArgument[];
  readonly description?: string;
  /** Between BEGIN and END. */
  readonly body: Source;
}
