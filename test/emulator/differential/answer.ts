import type { Value } from "../../../analyzer/values.ts";

/** What either side makes of a query. */
export type Answer =
  | {
      readonly kind: "rows";
      /** GoogleSQL types of the columns. */
      readonly types: readonly string[];
      readonly rows: readonly (readonly Value[])[];
    }
  /** The query is wrong, or fails when it runs. */
  | { readonly kind: "error"; readonly message: string }
  /** The emulator does not do it, by name. */
  | { readonly kind: "refused"; readonly message: string }
  /** The emulator fails of itself. */
  | { readonly kind: "broken"; readonly message: string }
  /** The reference does not have it. */
  | { readonly kind: "unknown"; readonly message: string };
