import { invalidQuery, type Place } from "../errors.ts";
import { cast, castFromText } from "./cast.ts";
import { fieldOf } from "./coerce.ts";
import { apply, raiseText } from "./functions/body.ts";
import type { Typed } from "./functions/define.ts";
import { duckdbType, quoteText, type RangeType, STRING } from "./types.ts";

/**
 * RANGE<T> in DuckDB is a struct of its two bounds, of which an unbounded one is `-infinity` or `infinity`: no DATE,
 * DATETIME or TIMESTAMP of GoogleSQL is that, and structs compare bound by bound, as ranges do
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#range_type).
 */

type Bound = "start" | "end";

const UNBOUNDED: Readonly<Record<Bound, string>> = { start: "-infinity", end: "infinity" };

function unbounded(which: Bound, { element }: RangeType): string {
  return `${quoteText(UNBOUNDED[which])}::${duckdbType(element)}`;
}

/** A bound as it is kept: infinite when there is none. `range` is a simple expression that is not NULL. */
export function keptBound(range: string, which: Bound): string {
  return fieldOf(range, which);
}

/** RANGE_START and RANGE_END: NULL when there is no bound. */
export function boundOf(range: string, which: Bound, type: RangeType): Typed {
  const sql = `nullif(${keptBound(range, which)}, ${unbounded(which, type)})`;
  return { sql, type: type.element };
}

/** The range between two bounds, of which NULL is none. Fails when the start is not before the end. */
export function rangeBetween(start: string, end: string, type: RangeType, safe: boolean): string {
  const kept = [
    `coalesce(${start}, ${unbounded("start", type)})`,
    `coalesce(${end}, ${unbounded("end", type)})`,
  ];
  return apply({ safe: false }, kept, (from, to) => {
    const shown = `${from}::VARCHAR || ' and ' || ${to}::VARCHAR`;
    const message = `'Range start element must be smaller than range end element: ' || ${shown}`;
    const failure = safe ? "NULL" : raiseText(message, type);
    return `CASE WHEN ${from} < ${to} THEN ${rangeOfBounds(from, to)} ELSE ${failure} END`;
  });
}

/** The range of two bounds as they are kept. */
export function rangeOfBounds(start: string, end: string): string {
  return `{'start': ${start}, 'end': ${end}}`;
}

/** `[2024-01-01, UNBOUNDED)`; the bounds as CAST to STRING writes them. */
export function rangeText(range: string, type: RangeType): string {
  return apply({ safe: false }, [range], (r) => {
    const bound = (which: Bound) =>
      `coalesce(${cast(boundOf(r, which, type), STRING, false).sql}, 'UNBOUNDED')`;
    return `CASE WHEN ${r} IS NOT NULL THEN '[' || ${bound("start")} || ', ' || ${bound("end")} || ')' END`;
  });
}

const TEXT = /^\[([^,]*), ([^,]*)\)$/;
const TEXT_SQL = "\\[([^,]*), ([^,]*)\\)";
const NO_BOUND = /^(?:UNBOUNDED|NULL)$/i;

/** RANGE<T> '[a, b)'. Throws BigQuery's error for a text that is no range of the type. */
export function rangeLiteral(text: string, type: RangeType, place?: Place): Typed {
  const match = TEXT.exec(text);
  if (!match) throw invalidRange(text, type, place);
  const [start, end] = [match[1], match[2]].map((bound = "") => {
    if (NO_BOUND.test(bound)) return `CAST(NULL AS ${duckdbType(type.element)})`;
    const literal = { sql: quoteText(bound), type: STRING, literal: bound };
    return castFromText(literal, type.element, false, place).sql;
  });
  return { sql: rangeBetween(start ?? "", end ?? "", type, false), type, literal: text };
}

function invalidRange(text: string, type: RangeType, place?: Place): Error {
  return invalidQuery(
    `Could not cast literal ${JSON.stringify(text)} to type RANGE<${type.element.kind}>`,
    place,
  );
}

/** CAST of a STRING to a range. */
export function rangeOfText(text: string, type: RangeType, safe: boolean): string {
  return apply({ safe: false }, [text], (s) => {
    const bound = (group: 1 | 2) => {
      const part = `regexp_extract(${s}, ${quoteText(TEXT_SQL)}, ${group})`;
      const value = cast({ sql: part, type: STRING }, type.element, safe).sql;
      return `CASE WHEN upper(${part}) NOT IN ('UNBOUNDED', 'NULL') THEN ${value} END`;
    };
    const failure = safe
      ? "NULL"
      : raiseText(`'Invalid RANGE<${type.element.kind}> value: ' || ${s}`, type);
    const good = safe ? `${isRange(s, bound)} AND ` : "";
    return `CASE WHEN ${s} IS NULL THEN NULL WHEN ${good}regexp_full_match(${s}, ${quoteText(TEXT_SQL)}) THEN ${rangeBetween(bound(1), bound(2), type, safe)} ELSE ${failure} END`;
  });
}

/** Under SAFE_CAST a bound that cannot be read must not become an unbounded one. */
function isRange(text: string, bound: (group: 1 | 2) => string): string {
  const isKnown = (group: 1 | 2) =>
    `(${bound(group)} IS NOT NULL OR upper(regexp_extract(${text}, ${quoteText(TEXT_SQL)}, ${group})) IN ('UNBOUNDED', 'NULL'))`;
  return `${isKnown(1)} AND ${isKnown(2)}`;
}
