import type { Place } from "../../errors.ts";
import type { RangeElement, SqlType } from "../types.ts";

/** GoogleSQL queries and expressions as the compiler reads them: everything that is not listed here is refused before. */

export interface Name {
  readonly text: string;
  readonly place?: Place | undefined;
}

interface Located {
  readonly place?: Place | undefined;
}

export type Expr =
  | Literal
  | NamePath
  | Parameter
  | Call
  | Operation
  | (Located & { readonly kind: "field"; readonly base: Expr; readonly name: Name })
  | (Located & {
      readonly kind: "subscript";
      readonly base: Expr;
      readonly mode: SubscriptMode;
      readonly index: Expr;
    })
  | (Located & {
      readonly kind: "between";
      readonly value: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly not: boolean;
    })
  | In
  | (Located & {
      readonly kind: "like";
      readonly value: Expr;
      readonly patterns: readonly Expr[];
      /** LIKE ANY (…), LIKE ALL (…). */
      readonly quantifier?: "ANY" | "ALL";
    })
  | (Located & {
      readonly kind: "is";
      readonly value: Expr;
      readonly what: "NULL" | "TRUE" | "FALSE";
      readonly not: boolean;
    })
  | (Located & {
      readonly kind: "case";
      readonly operand?: Expr;
      readonly whens: readonly When[];
      readonly otherwise?: Expr;
    })
  | Cast
  /** STRUCT(…), STRUCT<…>(…), (a, b). */
  | (Located & {
      readonly kind: "struct";
      readonly type?: SqlType;
      readonly fields: readonly NamedExpr[];
    })
  | (Located & {
      readonly kind: "array";
      readonly type?: SqlType;
      readonly elements: readonly Expr[];
    })
  | (Located & {
      readonly kind: "subquery";
      readonly form: "scalar" | "array" | "exists";
      readonly query: Query;
    })
  | (Located & {
      readonly kind: "extract";
      readonly part: DatePartName;
      readonly value: Expr;
      readonly zone?: Expr;
    })
  | (Located & {
      readonly kind: "interval";
      readonly value: Expr;
      readonly from: string;
      readonly to?: string;
    })
  | (Located & { readonly kind: "paren"; readonly inner: Expr })
  /** `name => value` in a call. */
  | (Located & { readonly kind: "named_argument"; readonly name: Name; readonly value: Expr });

export type ExprOf<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

export interface Literal extends Located {
  readonly kind: "literal";
  /** As lexed; `null` and booleans by their value; typed literals (`DATE '…'`) by their type's name. */
  readonly literal:
    | { readonly of: "NULL" }
    | { readonly of: "BOOL"; readonly value: boolean }
    | { readonly of: "NUMBER" | "HEX" | "STRING" | "BYTES"; readonly text: string }
    | { readonly of: TypedLiteral; readonly text: string }
    | { readonly of: "RANGE"; readonly element: RangeElement["kind"]; readonly text: string };
}
export type TypedLiteral =
  | "DATE"
  | "TIME"
  | "DATETIME"
  | "TIMESTAMP"
  | "NUMERIC"
  | "BIGNUMERIC"
  | "JSON";

/** `a`, `a.b`, `a.b.c`: which of the parts are table, column and fields is for the scope to say. */
export interface NamePath extends Located {
  readonly kind: "name";
  readonly parts: readonly Name[];
}

export interface Parameter extends Located {
  readonly kind: "parameter";
  /** `@name` (lower case), the number of a `?` from 1, or `@@name` with system true. */
  readonly name: string | number;
  readonly system: boolean;
}

export interface DatePartName {
  readonly unit: string;
  readonly weekday?: string;
}

/** A call as every function sees it, aggregate and window functions alike. */
export interface Call extends Located {
  readonly kind: "call";
  /** Upper case, without SAFE. */
  readonly name: string;
  /** The name as written, for user functions, whose names are case-sensitive. */
  readonly path: readonly string[];
  readonly safe: boolean;
  /** COUNT(*). */
  readonly star: boolean;
  readonly args: readonly Expr[];
  /** What argument i is called where a name is given, as in STRUCT-like functions. */
  readonly distinct: boolean;
  readonly nulls?: "IGNORE" | "RESPECT";
  readonly having?: { readonly which: "MAX" | "MIN"; readonly by: Expr };
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expr;
  readonly over?: Window;
  /** Written without parentheses: CURRENT_DATE. */
  readonly bare: boolean;
}

export type SubscriptMode = "PLAIN" | "OFFSET" | "ORDINAL" | "SAFE_OFFSET" | "SAFE_ORDINAL";

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "||"
  | "<<"
  | ">>"
  | "&"
  | "|"
  | "^"
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "AND"
  | "OR"
  | "IS DISTINCT FROM"
  | "IS NOT DISTINCT FROM";
export interface Operation extends Located {
  readonly kind: "operation";
  readonly operator: BinaryOperator | "NOT" | "NEGATE" | "~";
  readonly operands: readonly Expr[];
}

export interface In extends Located {
  readonly kind: "in";
  readonly value: Expr;
  readonly not: boolean;
  readonly list?: readonly Expr[];
  readonly query?: Query;
  readonly array?: Expr;
}

export interface Cast extends Located {
  readonly kind: "cast";
  readonly value: Expr;
  readonly type: SqlType;
  readonly safe: boolean;
  readonly format?: Expr;
}

export interface When {
  readonly condition: Expr;
  readonly result: Expr;
}

export interface NamedExpr {
  readonly name?: Name;
  readonly value: Expr;
}

export interface OrderItem {
  readonly value: Expr;
  readonly descending: boolean;
  readonly nulls?: "FIRST" | "LAST";
}

export interface Window extends Located {
  /** OVER w, OVER (w …). */
  readonly name?: Name;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: Frame;
}
export interface Frame {
  readonly unit: "ROWS" | "RANGE";
  readonly start: FrameBound;
  readonly end?: FrameBound;
}
export type FrameBound =
  | { readonly kind: "UNBOUNDED PRECEDING" | "UNBOUNDED FOLLOWING" | "CURRENT ROW" }
  | { readonly kind: "PRECEDING" | "FOLLOWING"; readonly offset: Expr };

export interface Query extends Located {
  readonly kind: "query";
  readonly recursive: boolean;
  readonly ctes: readonly { readonly name: Name; readonly query: Query }[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expr;
  readonly offset?: Expr;
}
export type QueryBody = Select | SetOperation | Query;

export interface SetOperation extends Located {
  readonly kind: "set";
  readonly operator: "UNION ALL" | "UNION DISTINCT" | "INTERSECT DISTINCT" | "EXCEPT DISTINCT";
  readonly left: QueryBody;
  readonly right: QueryBody;
  /** BY NAME, CORRESPONDING: columns meet by name, and which of them are kept. STRICT: all operands have the same. */
  readonly byName?: {
    readonly keep: "STRICT" | "INNER" | "LEFT" | "FULL";
    readonly on?: readonly Name[];
  };
}

export interface Select extends Located {
  readonly kind: "select";
  readonly distinct: boolean;
  readonly as?: "STRUCT" | "VALUE";
  readonly items: readonly SelectItem[];
  readonly from?: From;
  readonly where?: Expr;
  readonly groupBy?: GroupBy;
  readonly having?: Expr;
  readonly qualify?: Expr;
  readonly windows: readonly { readonly name: Name; readonly window: Window }[];
}
export type SelectItem =
  | { readonly kind: "expression"; readonly value: Expr; readonly alias?: Name }
  | (Located & {
      readonly kind: "star";
      /** `t.*` and `t.struct_column.*`; absent for `*`. */
      readonly of?: Expr;
      readonly except: readonly Name[];
      readonly replace: readonly { readonly name: Name; readonly value: Expr }[];
      /** |> RENAME. */
      readonly rename: readonly { readonly from: Name; readonly to: Name }[];
    });
export type GroupBy =
  | { readonly kind: "all" }
  | { readonly kind: "list"; readonly items: readonly GroupItem[] };
export type GroupItem =
  | { readonly kind: "expression"; readonly value: Expr }
  | {
      readonly kind: "sets";
      readonly how: "ROLLUP" | "CUBE";
      readonly items: readonly (readonly Expr[])[];
    }
  | { readonly kind: "grouping_sets"; readonly items: readonly (readonly Expr[])[] };

export type From =
  /** A table, a view, a CTE or an array of an earlier table: `orders`, `p.d.orders`, `o.items`. */
  | (Located & { readonly kind: "table"; readonly path: readonly string[]; readonly alias?: Name })
  | (Located & {
      readonly kind: "unnest";
      readonly array: Expr;
      readonly alias?: Name;
      readonly offset?: Name;
    })
  /** `f(TABLE t, x)`; a table among the arguments is a subquery. */
  | (Located & { readonly kind: "table_function"; readonly call: Call; readonly alias?: Name })
  | (Located & { readonly kind: "derived"; readonly query: Query; readonly alias?: Name })
  | Join
  | (Located & {
      readonly kind: "pivot";
      readonly source: From;
      readonly pivot: Pivot;
      readonly alias?: Name;
    })
  | (Located & {
      readonly kind: "unpivot";
      readonly source: From;
      readonly unpivot: Unpivot;
      readonly alias?: Name;
    });

export interface Join extends Located {
  readonly kind: "join";
  readonly type: "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS" | "COMMA";
  readonly left: From;
  readonly right: From;
  readonly on?: Expr;
  readonly using?: readonly Name[];
}

export interface Pivot {
  readonly aggregates: readonly { readonly call: Expr; readonly alias?: Name }[];
  readonly input: Expr;
  readonly values: readonly { readonly value: Expr; readonly alias?: Name }[];
}

export interface Unpivot {
  readonly values: readonly Name[];
  readonly name: Name;
  readonly includeNulls: boolean;
  /** Each set has a column for each of the values. */
  readonly sets: readonly { readonly columns: readonly Name[]; readonly label?: Expr }[];
}
