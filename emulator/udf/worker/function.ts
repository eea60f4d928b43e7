import { createContext, runInContext } from "node:vm";
import { formatType } from "../../sql/types.ts";
import type { Definition, Wire } from "./messages.ts";
import { fromBody, type Realm, toBody } from "./values.ts";

/** Calls the function with one row of arguments. Throws what the body throws, see `failureOf`. */
export type Compiled = (row: readonly Wire[]) => Wire;

/**
 * Compiles a function in a context of its own: its body gets the language and nothing of Node. This keeps functions
 * portable and is no wall against hostile ones.
 */
export function compile(definition: Definition): Compiled {
  const { args, returns } = definition;
  const context = createContext({});
  const realm: Realm = runInContext("({ Object, Array, Date, JSON, Function })", context);
  const names = args.map(({ name }) => name);
  try {
    const body = new realm.Function(...names, definition.body);
    return (row) =>
      named(definition, () => {
        const values = args.map(({ type }, i) => toBody(row[i] ?? null, type, realm));
        return fromBody(Reflect.apply(body, undefined, values), returns, realm);
      });
  } catch (error) {
    return () => named(definition, () => throwAgain(error));
  }
}

function throwAgain(error: unknown): never {
  throw error;
}

/** The words of the query's error when a call failed. */
export function failureOf(error: unknown): string {
  return error instanceof Failure ? error.message : String(error);
}

class Failure extends Error {}

/** Adds the function to the message of what `work` throws, as BigQuery's messages do. */
function named<T>(definition: Definition, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure(`${messageOf(error)} at ${signature(definition)}`);
  }
}

/** `f(INT64, STRING)`. */
function signature({ name, args }: Definition): string {
  return `${name}(${args.map(({ type }) => formatType(type)).join(", ")})`;
}

/** Errors come from another realm, and anything can be thrown, even what cannot be printed. */
function messageOf(error: unknown): string {
  try {
    const isErrorLike = typeof error === "object" && error !== null && "message" in error;
    if (!isErrorLike) return String(error);
    return `${"name" in error ? error.name : "Error"}: ${error.message}`;
  } catch {
    return "Error";
  }
}
