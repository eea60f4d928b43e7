import { aggregates } from "./aggregates.ts";
import { conditionals } from "./conditionals.ts";
import { CONSTRUCTS, SCRIPTING, STATEMENTS } from "./constructs.ts";
import { scalarFunctions } from "./functions/index.ts";
import { windowFunctions } from "./window.ts";

/** One line of the list of what the emulator supports. */
export interface Supported {
  readonly kind:
    | "construct"
    | "statement"
    | "scripting"
    | "function"
    | "aggregate"
    | "window function";
  readonly name: string;
  readonly signature: string;
}

/** All that requests can use, in the order of the README. */
export function supported(): readonly Supported[] {
  const functions = [...conditionals, ...scalarFunctions.values()];
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const line = (kind: Supported["kind"]) => (entry: { name: string; signature: string }) => {
    return { kind, name: entry.name, signature: entry.signature };
  };
  return [
    ...CONSTRUCTS.map(line("construct")),
    ...STATEMENTS.map(line("statement")),
    ...SCRIPTING.map(line("scripting")),
    ...functions.toSorted(byName).map(line("function")),
    ...aggregates.toSorted(byName).map(line("aggregate")),
    ...windowFunctions.toSorted(byName).map(line("window function")),
  ];
}
