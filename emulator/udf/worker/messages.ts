import type { SqlType } from "../../sql/types.ts";

/**
 * A value between the server and a worker, as structured clone carries it. INT64 is a bigint, NUMERIC and BIGNUMERIC
 * are texts, BYTES is a Uint8Array, DATE the days and TIMESTAMP the microseconds (bigint) since 1970, JSON its text,
 * ARRAY and STRUCT are arrays of their elements and of their fields in order.
 */
export type Wire = null | boolean | number | bigint | string | Uint8Array | readonly Wire[];

/** A JavaScript function with the types of all its arguments. */
export interface Definition {
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly type: SqlType }[];
  readonly returns: SqlType;
  readonly body: string;
}

export type Request =
  /** Makes a function known under a key; its globals start empty. */
  | { readonly kind: "define"; readonly key: string; readonly definition: Definition }
  /** Calls it once for each row; `columns` has the values of each argument. */
  | {
      readonly kind: "call";
      readonly id: number;
      readonly key: string;
      readonly rows: number;
      readonly columns: readonly (readonly Wire[])[];
    }
  /** Forgets all functions. */
  | { readonly kind: "reset" };

export type Reply =
  | { readonly kind: "values"; readonly id: number; readonly values: readonly Wire[] }
  /** The function threw, or returned what its type does not take: the words of the query's error. */
  | { readonly kind: "failure"; readonly id: number; readonly message: string }
  /** The thread has started, or a call has ended since the last message: the function is slow, not hanging. */
  | { readonly kind: "alive" };
