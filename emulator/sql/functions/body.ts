import { duckdbType, quoteText, type SqlType } from "../types.ts";

/** A column, a field, a number or a text without calls: cheap to repeat, and it cannot fail. */
const SIMPLE =
  /^\(*(?:(?:"[^"]+"|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|\w+)|\['\w+'\])*|-?\d+(?:\.\d+)?|'(?:[^']|'')*')(?:::[A-Z]+(?:\(\d+(?:,\d+)?\))?)?\)*$/;

/**
 * SQL of a function whose body uses arguments more than once, or may fail. Each argument is evaluated once, outside the
 * body: volatile arguments keep one value, nested calls do not multiply the text, and under `SAFE.` only errors of the
 * body itself become NULL, not those of its arguments.
 *
 * DuckDB has no LET, so the arguments become the fields of a one-element list's struct. They are read as `v['a0']`: in HAVING
 * it takes `v.a0` for a column.
 */
export function apply(
  call: { readonly safe: boolean },
  args: readonly string[],
  body: (...args: string[]) => string,
): string {
  const bound = args.map((arg) => !SIMPLE.test(arg));
  const variable = variableName(args);
  const names = args.map((arg, i) => (bound[i] ? `${variable}['a${i}']` : arg));
  const text = body(...names);
  const inner = call.safe ? `TRY(${text})` : `(${text})`;
  if (!bound.includes(true) && !text.includes("lambda ")) return inner;
  const captured = captureColumns(inner, variable);
  const fields = args.flatMap((arg, i) => (bound[i] ? [`'a${i}': ${arg}`] : []));
  fields.push(...captured.fields);
  if (fields.length === 0) return inner;
  return `list_transform([{${fields.join(", ")}}], lambda ${variable}: ${captured.text})[1]`;
}

const TEXT_OR_COLUMN = /'(?:[^']|'')*'|\bt\d+\.(?:"(?:[^"]|"")+"|[a-z_]\w*)/g;

/** DuckDB's lambdas cannot read columns of an enclosing query, so the columns in a body become fields too. */
function captureColumns(
  body: string,
  variable: string,
): { text: string; fields: readonly string[] } {
  const columns: string[] = [];
  const text = body.replace(TEXT_OR_COLUMN, (found) => {
    if (found.startsWith("'")) return found;
    if (!columns.includes(found)) columns.push(found);
    return `${variable}['c${columns.indexOf(found)}']`;
  });
  return { text, fields: columns.map((column, i) => `'c${i}': ${column}`) };
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

/** True for SQL that costs next to nothing and cannot fail. */
export function isSimple(sql: string): boolean {
  return SIMPLE.test(sql);
}

/** Texts up to here are repeated rather than bound when they have nothing but plain functions in them. */
const CHEAP = 300;
/** A pattern behind ELSE is for the few values that a quick test could not settle. */
const COSTLY =
  /\b(?:SELECT|OVER|lambda|random|uuid|bq_\w+|list_\w+|(?<!ELSE )regexp_\w+|json_\w+)\b/i;

/** True for SQL that costs less to evaluate twice than to bind. */
export function isCheap(sql: string): boolean {
  return SIMPLE.test(sql) || (sql.length <= CHEAP && !COSTLY.test(sql));
}

/** Like `once`, but cheap arguments are evaluated where they are used: binding one costs a third of a microsecond. */
export function reused(args: readonly string[], body: (...args: string[]) => string): string {
  return args.every(isCheap) ? `(${body(...args)})` : once(args, body);
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
