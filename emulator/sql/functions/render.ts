import { refused } from "../../errors.ts";
import { cast, datetimeText, floatText, numericText } from "../cast.ts";
import { fieldOf } from "../coerce.ts";
import { boundOf } from "../range.ts";
import { quoteText, type SqlType, STRING, structFieldNames } from "../types.ts";
import { once } from "./body.ts";
import type { Call } from "./define.ts";

/** SQL texts of values whose form depends on their type: JSON, and `%t` and `%T` of FORMAT. */

/** `text` is TO_JSON_STRING, `value` TO_JSON, `wide` TO_JSON with numbers that FLOAT64 does not hold as texts. */
export type JsonForm = "text" | "value" | "wide";

/** JSON text of a value, never NULL: a NULL is `null`. */
export function jsonOf(call: Call, sql: string, type: SqlType, form: JsonForm): string {
  return `coalesce(${jsonOrNull(call, sql, type, form)}, 'null')`;
}

/** Integers up to here are exact as a double. */
const WIDEST = 9_007_199_254_740_992;

function jsonOrNull(call: Call, sql: string, type: SqlType, form: JsonForm): string {
  switch (type.kind) {
    case "INT64":
      return form === "value"
        ? `${sql}::VARCHAR`
        : once(
            [sql],
            (n) =>
              `CASE WHEN ${n} BETWEEN -${WIDEST} AND ${WIDEST} THEN ${n}::VARCHAR ELSE '"' || ${n} || '"' END`,
          );
    case "FLOAT64":
      return floatJson(sql, form);
    case "NUMERIC":
    case "BIGNUMERIC":
      return numericJson(sql, form);
    case "BOOL":
      return `${sql}::VARCHAR`;
    case "STRING":
      return quotedJson(sql);
    case "JSON":
      return `bq_json_canonical(${sql}::VARCHAR)`;
    case "BYTES":
      return `('"' || to_base64(${sql}) || '"')`;
    case "DATE":
    case "TIME":
      return `('"' || ${cast({ sql, type }, STRING, false).sql} || '"')`;
    case "DATETIME":
      return `('"' || replace(${datetimeText(sql)}, ' ', 'T') || '"')`;
    case "TIMESTAMP":
      return `('"' || replace(${datetimeText(`timezone('UTC', ${sql})`)}, ' ', 'T') || 'Z"')`;
    case "ARRAY":
      return once([sql], (list) => {
        const elements = `list_transform(${list}, lambda ${element(sql)}: ${jsonOf(call, element(sql), type.element, form)})`;
        return `CASE WHEN ${list} IS NOT NULL THEN '[' || coalesce(array_to_string(${elements}, ','), '') || ']' END`;
      });
    case "STRUCT":
      return once([sql], (struct) => {
        const names = structFieldNames(type);
        const members = type.fields.map((field, i) => {
          const value = jsonOf(call, fieldOf(struct, names[i] ?? ""), field.type, form);
          return `${quoteText(`${JSON.stringify(field.name ?? "")}:`)} || ${value}`;
        });
        return `CASE WHEN ${struct} IS NOT NULL THEN '{' || ${members.join(" || ',' || ")} || '}' END`;
      });
    case "RANGE":
      return once([sql], (range) => {
        const [start, end] = (["start", "end"] as const).map((which) => {
          const value = boundOf(range, which, type);
          return jsonOf(call, value.sql, value.type, form);
        });
        return `CASE WHEN ${range} IS NOT NULL THEN '{"start":' || ${start} || ',"end":' || ${end} || '}' END`;
      });
    case "UNKNOWN":
      return "NULL::VARCHAR";
    default:
      throw refused(`${call.name} of ${type.kind}`, call.place);
  }
}

/** A lambda's parameter that the expression does not hold, so that lists in lists keep theirs apart. */
function element(sql: string): string {
  let depth = 0;
  while (sql.includes(`_e${depth}`)) depth += 1;
  return `_e${depth}`;
}

function floatJson(sql: string, form: JsonForm): string {
  return once([sql], (x) => {
    const special = `CASE WHEN isnan(${x}) THEN '"NaN"' WHEN ${x} > 0 THEN '"Infinity"' ELSE '"-Infinity"' END`;
    const text = form === "text" ? floatText(x) : withPoint(floatText(x));
    return `CASE WHEN NOT isfinite(${x}) THEN ${special} ELSE ${text} END`;
  });
}

function numericJson(sql: string, form: JsonForm): string {
  const plain = numericText(sql);
  if (form === "value") return plain;
  if (form === "wide") return `bq_json_wide(${plain})`;
  return once([sql], (x) => {
    const fits = `${x} BETWEEN -${WIDEST} AND ${WIDEST} AND ${x} = trunc(${x})`;
    return `CASE WHEN ${fits} THEN ${numericText(x)} ELSE '"' || ${numericText(x)} || '"' END`;
  });
}

/** DuckDB escapes as BigQuery does, but for a few characters. */
function quotedJson(sql: string): string {
  const others = "[\\x0B\\x0E\\x0F\\x1A-\\x1F\\x{2028}\\x{2029}]";
  return once(
    [sql],
    (s) =>
      `CASE WHEN regexp_matches(${s}, '${others}') THEN bq_json_quote(${s}) ELSE to_json(${s})::VARCHAR END`,
  );
}

/** `1.0` where the text of a number is `1`; infinities and NaN stay. */
function withPoint(plain: string): string {
  return once(
    [plain],
    (p) => `CASE WHEN regexp_full_match(${p}, '-?[0-9]+') THEN ${p} || '.0' ELSE ${p} END`,
  );
}

/** FORMAT's `%t` (readable) and `%T` (a GoogleSQL literal): never NULL, a NULL is `NULL`. */
export function shownAs(call: Call, form: "t" | "T", sql: string, type: SqlType): string {
  return `coalesce(${shown(call, form, sql, type)}, 'NULL')`;
}

function shown(call: Call, form: "t" | "T", sql: string, type: SqlType): string {
  switch (type.kind) {
    case "INT64":
    case "BOOL":
      return `${sql}::VARCHAR`;
    case "FLOAT64":
      return shownFloat(form, sql);
    case "STRING":
      return form === "t" ? sql : literalText(sql);
    case "BYTES":
      return form === "t" ? `bq_bytes_text(${sql})` : `bq_bytes_literal(${sql})`;
    case "JSON": {
      const text = `bq_json_canonical(${sql}::VARCHAR)`;
      return form === "t" ? text : `('JSON ' || bq_string_literal(${text}))`;
    }
    case "INTERVAL": {
      const text = cast({ sql, type }, STRING, false).sql;
      return form === "t" ? text : `('INTERVAL "' || ${text} || '" YEAR TO SECOND')`;
    }
    case "ARRAY":
      return once([sql], (list) => {
        const one = element(sql);
        const elements = `list_transform(${list}, lambda ${one}: ${shownAs(call, form, one, type.element)})`;
        return `CASE WHEN ${list} IS NOT NULL THEN '[' || coalesce(array_to_string(${elements}, ', '), '') || ']' END`;
      });
    case "STRUCT":
      return once([sql], (struct) => {
        const names = structFieldNames(type);
        const fields = type.fields.map((field, i) =>
          shownAs(call, form, fieldOf(struct, names[i] ?? ""), field.type),
        );
        const open = form === "T" && fields.length === 1 ? "STRUCT(" : "(";
        return `CASE WHEN ${struct} IS NOT NULL THEN '${open}' || ${fields.join(" || ', ' || ")} || ')' END`;
      });
    case "RANGE":
      throw refused(`FORMAT of ${type.kind}`, call.place, "CAST(… AS STRING)");
    case "UNKNOWN":
      return "NULL::VARCHAR";
    default: {
      const text = cast({ sql, type }, STRING, false).sql;
      return form === "t" ? text : `('${type.kind} "' || ${text} || '"')`;
    }
  }
}

function shownFloat(form: "t" | "T", sql: string): string {
  return once([sql], (x) => {
    // CAST writes -0.0 without its sign, FORMAT with it.
    const text = `(CASE WHEN ${x} = 0 AND signbit(${x}) THEN '-0.0' ELSE ${withPoint(floatText(x))} END)`;
    if (form === "t") return text;
    return `CASE WHEN isfinite(${x}) THEN ${text} ELSE 'CAST("' || ${text} || '" AS FLOAT64)' END`;
  });
}

/** A text in quotes, with JavaScript only where something must be escaped. */
function literalText(sql: string): string {
  return once(
    [sql],
    (s) =>
      `CASE WHEN regexp_matches(${s}, '["\\\\\\x00-\\x1f\\x7f]') THEN bq_string_literal(${s}) ELSE '"' || ${s} || '"' END`,
  );
}
