import type { Place } from "../../errors.ts";
import type { SqlType } from "../types.ts";

/** A compiled expression: DuckDB SQL (always safe to embed: parenthesised where needed) and its GoogleSQL type. */
export interface Typed {
  readonly sql: string;
  readonly type: SqlType;
  /** The value, when the expression is a literal (a negative number literal included). `null` for a bare NULL. */
  readonly literal?: string | number | boolean | null;
  /** A number literal as written: more digits than FLOAT64 keeps are not lost to NUMERIC. */
  readonly digits?: string;
  /** A query parameter: it coerces like a literal, its value is not known. */
  readonly coercible?: boolean;
  /** ERROR(…): SQL of its message. It has no value, so it becomes any type. */
  readonly raises?: string;
  /**
   * Of FLOAT64 arithmetic: the value without the checks for overflow, for more arithmetic around it, and with a check
   * of each step (sql/float.ts).
   */
  readonly steps?: { readonly unchecked: string; readonly checked: string };
  /** The elements of an array or struct constructor, so that literals among them can still be coerced. */
  readonly parts?: readonly Typed[];
}

/** DAY, MONTH, WEEK(MONDAY), … as an argument: `unit` and `weekday` in upper case. */
export interface DatePart {
  readonly unit: string;
  readonly weekday?: string;
}

/** INTERVAL n PART as an argument of DATE_ADD and its like. */
export interface IntervalArg {
  readonly amount: Typed;
  readonly unit: string;
}

/** One call of a scalar function, as the function's own translation sees it. */
export interface Call {
  /** Upper case, without `SAFE.`: "DATE_TRUNC", "NET.HOST". */
  readonly name: string;
  readonly count: number;
  readonly place: Place | undefined;
  /** The i-th argument as an expression; UNKNOWN-typed NULLs come with type UNKNOWN. */
  arg(i: number): Typed;
  /** The i-th argument coerced to a type as GoogleSQL's implicit coercion does; throws BigQuery's signature error otherwise. */
  arg(i: number, as: SqlType["kind"]): Typed;
  /**
   * All arguments from the given one on, coerced to their common supertype (BigQuery's rules, literals included);
   * throws BigQuery's signature error when there is none.
   */
  common(from?: number): readonly Typed[];
  /** The i-th argument read as a date part, or as another bare word such as NFC of NORMALIZE. */
  part(i: number): DatePart;
  /** The i-th argument read as INTERVAL n PART. */
  interval(i: number): IntervalArg;
  /** The argument given as `name => value`, coerced; undefined when it is not given. */
  named(name: string, as: SqlType["kind"]): Typed | undefined;
  /** Throws BigQuery's "No matching signature for function …" error. */
  noMatch(): never;
}

/** One entry of the list of supported functions: also the source of the generated list in the README. */
export interface FunctionDef {
  /** Upper case GoogleSQL name. */
  readonly name: string;
  /** For the README: "DATE_TRUNC(date, part)". */
  readonly signature: string;
  /** Fewest and most arguments; most absent: no limit. */
  readonly args: readonly [number, number?];
  /** Arguments that can be given as `name => value`, in lower case; they do not count above. */
  readonly named?: readonly string[];
  readonly compile: (call: Call) => Typed;
}

/**
 * `define("LEFT", "text, length", [2, 2], left)` is LEFT(text, length).
 * @param parameters for the README: what stands between the parentheses
 */
export function define(
  name: string,
  parameters: string,
  args: FunctionDef["args"],
  compile: FunctionDef["compile"],
  named: readonly string[] = [],
): FunctionDef {
  return { name, signature: `${name}(${parameters})`, args, named, compile };
}
