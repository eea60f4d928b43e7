import { createHash } from "node:crypto";
import { createContext, runInContext, Script } from "node:vm";
import { type DuckDBConnection, DuckDBScalarFunction } from "@duckdb/node-api";
import { invalidQuery } from "../errors.ts";
import { formatType } from "../sql/types.ts";
import type { JavaScriptFunction } from "../warehouse/session.ts";
import { duckdbTypeOf, fromJavaScript, toJavaScript } from "./javascript-values.ts";

/** As long as a call over one chunk of rows (2048 at most) may take: the server answers nobody meanwhile. */
const TIMEOUT_MS = 10_000;

/** The DuckDB name of a JavaScript function: the same for the same declaration. */
export function javascriptName(fn: JavaScriptFunction): string {
  const declaration = JSON.stringify([fn.name, fn.args, fn.returns, fn.body]);
  return `js_${createHash("sha256").update(declaration).digest("hex").slice(0, 24)}`;
}

/**
 * Makes a JavaScript function known to the connection's database under `javascriptName`; once per database is enough.
 * The body gets the language and nothing of Node; this keeps functions portable and is no wall against hostile ones.
 * Throws for a body that is no JavaScript.
 */
export function registerJavaScript(connection: DuckDBConnection, fn: JavaScriptFunction): void {
  const call = compile(fn);
  const argTypes = fn.args.map(({ type }) => type ?? { kind: "UNKNOWN" as const });
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: javascriptName(fn),
      parameterTypes: argTypes.map(duckdbTypeOf),
      returnType: duckdbTypeOf(fn.returns),
      // NULL arguments reach the function, as null.
      specialHandling: true,
      mainFunction(_info, input, output) {
        const columns = argTypes.map((type, i) => ({ type, vector: input.getColumnVector(i) }));
        const rows = Array.from({ length: input.rowCount }, (_, row) =>
          columns.map(({ type, vector }) => toJavaScript(vector.getItem(row), type, call.realm)),
        );
        for (const [row, value] of call.run(rows).entries()) {
          output.setItem(row, result(value, fn));
        }
        output.flush();
      },
    }),
  );
}

/** The context's own constructors: `instanceof` in the function's body must hold for its arguments. */
export interface Realm {
  readonly Date: DateConstructor;
}

interface Compiled {
  readonly realm: Realm;
  /** Calls the function for each row of arguments. */
  run(rows: readonly (readonly unknown[])[]): readonly unknown[];
}

function compile(fn: JavaScriptFunction): Compiled {
  const context = createContext({ rows: [] });
  const parameters = fn.args.map(({ name }) => name).join(", ");
  try {
    runInContext(`function call(${parameters}) {\n${fn.body}\n}`, context, { filename: fn.name });
  } catch (error) {
    throw invalidQuery(`${messageOf(error)} at ${signature(fn)}`, undefined, error);
  }
  const batch = new Script("rows.map((row) => call(...row))", { filename: fn.name });
  return {
    realm: { Date: runInContext("Date", context) },
    run(rows) {
      context.rows = rows;
      try {
        return batch.runInContext(context, { timeout: TIMEOUT_MS });
      } catch (error) {
        throw new Error(`${messageOf(error)} at ${signature(fn)}`);
      }
    },
  };
}

function result(value: unknown, fn: JavaScriptFunction) {
  try {
    return fromJavaScript(value, fn.returns);
  } catch (error) {
    throw new Error(`${messageOf(error)} at ${signature(fn)}`);
  }
}

/** `f(INT64, STRING)`, as BigQuery's messages name a function. */
function signature({ name, args }: JavaScriptFunction): string {
  return `${name}(${args.map(({ type }) => (type ? formatType(type) : "ANY TYPE")).join(", ")})`;
}

/** Errors come from another realm, and anything can be thrown. */
function messageOf(error: unknown): string {
  const isErrorLike = typeof error === "object" && error !== null && "message" in error;
  if (!isErrorLike) return String(error);
  return `${"name" in error ? error.name : "Error"}: ${error.message}`;
}
