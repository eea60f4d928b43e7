import type { FunctionDef } from "./define.ts";

/** All scalar functions; each file of this folder exports one list. */
const lists: readonly (readonly FunctionDef[])[] = [];

/** The supported scalar functions by upper-case GoogleSQL name. */
export const scalarFunctions: ReadonlyMap<string, FunctionDef> = new Map(
  lists.flat().map((definition) => [definition.name, definition]),
);
