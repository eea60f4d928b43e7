import { duckdbType, quoteText, type SqlType } from "../types.ts";

/** A column, a field, a number or a text without calls: cheap to repeat, and it cannot fail. */
const SIMPLE =
  /^\(*(?:(?:"[^"]+"|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|\w+))*|-?\d+(?:\.\d+)?|'(?:[^']|'')*')(?:::[A-Z]+(?:\(\d+(?:,\d+)?\))?)?\)*$/;

/**
 * SQL of a function whose body uses arguments more than once, or may fail. Each argument is evaluated once, outside the
 * body: volatile arguments keep one value, nested calls do not multiply the text, and under `SAFE.` only errors of the
 * body itself become NULL, not those of its arguments.
 *
 * DuckDB has no LET, so the arguments become the fields of a one-element list's struct.
 */
export function apply(
  call: { readonly safe: boolean },
  args: readonly string[],
  body: (...args: string[]) => string,
): string {
  const bound = args.map((arg) => !SIMPLE.test(arg));
  const variable = variableName(args);
  const names = args.map((arg, i) => (bound[i] ? `${variable}.a${i}` : arg));
  const inner = call.safe ? `TRY(${body(...names)})` : `(${body(...names)})`;
  if (!bound.includes(true)) return inner;
  const fields = args.flatMap((arg, i) => (bound[i] ? [`'a${i}': ${arg}`] : []));
  return `list_transform([{${fields.join(", ")}}], lambda ${variable}: ${inner})[1]`;
}

/**
 * A body may hold another `apply` that reads the outer one's values, so different arguments get different names; the
 * same arguments have the same values under either.
 */
function variableName(args: readonly string[]): string {
  let hash = 0;
  for (const char of args.join()) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return `_v${hash.toString(36)}`;
}

/** Like `apply`, for a body that cannot fail. */
export function once(args: readonly string[], body: (...args: string[]) => string): string {
  return apply({ safe: false }, args, body);
}

/**
 * SQL that fails with a message when it is evaluated. Unlike DuckDB's `error` it is not volatile, so it can stand under
 * TRY, and constant expressions around it are still folded.
 */
export function raise(message: string, type: SqlType): string {
  return raiseText(quoteText(message), type);
}

/** Like `raise`; the message is a SQL expression, which must not be NULL. */
export function raiseText(messageSql: string, type: SqlType): string {
  return `CAST(bq_raise(${messageSql}) AS ${duckdbType(type)})`;
}
