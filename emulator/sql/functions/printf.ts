import { invalidQuery, refused } from "../../errors.ts";
import { numericText } from "../cast.ts";
import { formatType, quoteText, STRING } from "../types.ts";
import { once } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { shownAs } from "./render.ts";

/** FORMAT: https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements#format_string */

interface Specifier {
  /** Of `-+ 0#'`. */
  readonly flags: string;
  readonly width: number;
  /** Undefined when it is not given. */
  readonly precision: number | undefined;
  readonly letter: string;
}

const SPECIFIER = /%(?:%|([-+ 0#']*)(\d+|\*)?(?:\.(\d+|\*)?)?([A-Za-z]))|%|[^%]+/g;

function format(call: Call): Typed {
  const pattern = call.arg(0, "STRING");
  if (pattern.literal === null) return { sql: "NULL::VARCHAR", type: STRING };
  if (typeof pattern.literal !== "string")
    throw refused("FORMAT with a pattern that is not a literal", call.place);
  let used = 1;
  const next = (): Typed => {
    if (used >= call.count) {
      throw invalidQuery(`Too few arguments to FORMAT for pattern ${quoted(pattern)}`, call.place);
    }
    used += 1;
    return call.arg(used - 1);
  };
  const parts: string[] = [];
  for (const [text, flags, width, precision, letter] of pattern.literal.matchAll(SPECIFIER)) {
    if (letter === undefined) {
      if (text === "%") throw invalidQuery(`Invalid FORMAT string: ${quoted(pattern)}`, call.place);
      parts.push(quoteText(text === "%%" ? "%" : text));
      continue;
    }
    const size = (written: string | undefined) =>
      written === "*" ? literalSize(call, next()) : Number(written ?? 0);
    const specifier: Specifier = {
      flags: flags ?? "",
      width: size(width),
      precision: precision === undefined && !text.includes(".") ? undefined : size(precision),
      letter,
    };
    parts.push(print(call, specifier, next(), used));
  }
  if (used < call.count)
    throw invalidQuery(`Too many arguments to FORMAT for pattern ${quoted(pattern)}`, call.place);
  return { sql: parts.length === 0 ? "''" : `(${parts.join(" || ")})`, type: STRING };
}

function quoted(pattern: Typed): string {
  return JSON.stringify(pattern.literal);
}

function literalSize(call: Call, value: Typed): number {
  if (typeof value.literal !== "number")
    throw refused("FORMAT with * for a value that is not a literal", call.place);
  return value.literal;
}

function print(call: Call, specifier: Specifier, value: Typed, argument: number): string {
  const wrongType = (expected: string): never => {
    throw invalidQuery(
      `Invalid type for argument ${argument} to FORMAT; Expected ${expected}; Got ${formatType(value.type)}`,
      call.place,
    );
  };
  const isNull = value.type.kind === "UNKNOWN";
  switch (specifier.letter) {
    case "d":
    case "i":
    case "x":
    case "X":
    case "o":
      if (isNull) return "NULL::VARCHAR";
      return value.type.kind === "INT64"
        ? printInteger(call, specifier, value.sql)
        : wrongType("integer");
    case "f":
    case "F":
    case "e":
    case "E":
    case "g":
    case "G":
      if (isNull) return "NULL::VARCHAR";
      if (value.type.kind === "NUMERIC" || value.type.kind === "BIGNUMERIC")
        return printDecimal(call, specifier, value);
      return value.type.kind === "FLOAT64"
        ? printNumber(specifier, value.sql)
        : wrongType("FLOAT64");
    case "s":
      return value.type.kind === "STRING" ? inWidth(specifier, value.sql) : wrongType("STRING");
    case "t":
    case "T":
      return inWidth(specifier, shownAs(call, specifier.letter, value.sql, value.type));
    case "p":
    case "P": {
      if (value.type.kind !== "JSON") return wrongType("JSON");
      const text = `bq_json_canonical(${value.sql}::VARCHAR)`;
      return inWidth(specifier, specifier.letter === "p" ? text : `bq_json_pretty(${text})`);
    }
    default:
      throw invalidQuery(
        `Invalid format specifier character "${specifier.letter}" in FORMAT string`,
        call.place,
      );
  }
}

/** Text in a width, in code points; its precision is the most it keeps. */
function inWidth({ flags, width, precision }: Specifier, sql: string): string {
  const text = precision === undefined ? sql : `left(${sql}, ${precision})`;
  if (width === 0) return text;
  const pad = flags.includes("-") ? "rpad" : "lpad";
  return once([text], (s) => `${pad}(${s}, greatest(length(${s}), ${width})::INTEGER, ' ')`);
}

function printInteger(call: Call, specifier: Specifier, sql: string): string {
  const { flags, width, precision, letter } = specifier;
  if (letter === "d" || letter === "i") {
    if (!flags && width === 0 && precision === undefined) return `${sql}::VARCHAR`;
    return printNumber({ ...specifier, letter: "d" }, sql);
  }
  if (/['#]/.test(flags) && (letter === "o" || /['0]/.test(flags))) {
    throw refused(`FORMAT with %${flags}${letter}`, call.place);
  }
  // C prints the two's complement of a negative number, BigQuery its amount with a sign.
  return once([sql], (n) => {
    const digits = `printf('%${flags.includes("#") ? "#" : ""}${letter}', abs(${n}))`;
    return laidOut(`(CASE WHEN ${n} < 0 THEN '-' ELSE '' END || ${digits})`, specifier);
  });
}

/** DuckDB's printf prints the digits as C does; signs, separators and widths are ours. */
function printNumber(specifier: Specifier, sql: string): string {
  const { flags, precision, letter } = specifier;
  const digits = precision === undefined ? "" : `.${precision}`;
  return laidOut(
    `printf('%${flags.includes("#") ? "#" : ""}${digits}${letter}', ${sql})`,
    specifier,
  );
}

function printDecimal(call: Call, specifier: Specifier, value: Typed): string {
  const { precision, letter } = specifier;
  if (!/[fF]/.test(letter)) {
    throw refused(`FORMAT with %${letter} of ${value.type.kind}`, call.place, "CAST(… AS FLOAT64)");
  }
  return laidOut(`bq_fixed_decimal(${numericText(value.sql)}, ${precision ?? 6})`, specifier);
}

function laidOut(digits: string, { flags, width }: Specifier): string {
  const others = flags.replaceAll("#", "");
  return others || width > 0 ? `bq_lay_out(${digits}, ${quoteText(others)}, ${width})` : digits;
}

export const printfFunctions: readonly FunctionDef[] = [
  define("FORMAT", "pattern, value, …", [1], format),
];
