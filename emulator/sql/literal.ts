import { invalidQuery, type Place, refused } from "../errors.ts";
import { castFromText } from "./cast.ts";
import type { Typed } from "./functions/define.ts";
import { storedJson } from "./functions/native/json.ts";
import { rangeLiteral } from "./range.ts";
import type { Literal } from "./syntax/ast.ts";
import {
  BIGNUMERIC,
  BOOL,
  BYTES,
  FLOAT64,
  INT64,
  JSON_TYPE,
  NUMERIC,
  quoteText,
  STRING,
  UNKNOWN,
} from "./types.ts";

/** A literal with its value, so that it can still become a literal of another type. */
export function compileLiteral({ literal, place }: Literal): Typed {
  switch (literal.of) {
    case "NULL":
      return { sql: "NULL", type: UNKNOWN, literal: null };
    case "BOOL":
      return { sql: literal.value ? "true" : "false", type: BOOL, literal: literal.value };
    case "STRING":
      return text(literal.text);
    case "BYTES":
      return { sql: blob(literal.text), type: BYTES, literal: literal.text };
    case "NUMBER":
      return number(literal.text, place);
    case "HEX":
      return integer(BigInt(`0x${literal.text}`), place);
    case "NUMERIC":
    case "BIGNUMERIC":
      return decimal(literal.of, literal.text, place);
    case "JSON":
      return json(literal.text, place);
    case "RANGE": {
      const type = { kind: "RANGE", element: { kind: literal.element } } as const;
      return rangeLiteral(literal.text, type, place);
    }
    default: {
      const { sql, type } = castFromText(text(literal.text), { kind: literal.of }, false, place);
      return { sql, type, literal: literal.text };
    }
  }
}

export function text(value: string): Typed {
  return { sql: quoteText(value), type: STRING, literal: value };
}

/** A number as written, with the sign of a minus before it. */
export function number(written: string, place?: Place): Typed {
  if (/^-?\d+$/.test(written)) return integer(BigInt(written), place);
  const value = Number(written);
  return { sql: double(value), type: FLOAT64, literal: value, digits: written };
}

/** A literal beyond the largest FLOAT64 is infinite. */
function double(value: number): string {
  if (!Number.isFinite(value)) return `'${value}'::DOUBLE`;
  if (Object.is(value, -0)) return "'-0'::DOUBLE";
  // For DuckDB it is a decimal first, which is exact as a DOUBLE up to here.
  if (String(value).replace(/e.*|\D/g, "").length > 15) return `'${value}'::DOUBLE`;
  // A cast binds tighter than a minus.
  return value < 0 ? `(${value})::DOUBLE` : `${value}::DOUBLE`;
}

const MAX_INT64 = 2n ** 63n - 1n;

function integer(value: bigint, place?: Place): Typed {
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n) {
    throw invalidQuery(`Invalid integer literal: ${value}`, place);
  }
  const sql = value < 0n ? `(${value})::BIGINT` : `${value}::BIGINT`;
  return { sql, type: INT64, literal: Number(value) };
}

function decimal(kind: "NUMERIC" | "BIGNUMERIC", written: string, place?: Place): Typed {
  const value = written.trim();
  const digits = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE][+-]?\d+)?$/.exec(value);
  const scale = kind === "NUMERIC" ? 9 : 38;
  if (!digits || `${digits[1]}${digits[2] ?? ""}` === "" || (digits[2]?.length ?? 0) > scale) {
    throw invalidQuery(`Invalid ${kind} value: ${JSON.stringify(written)}`, place);
  }
  if (kind === "BIGNUMERIC" && (digits[2]?.length ?? 0) > 18) {
    throw refused("BIGNUMERIC with more than 18 digits behind the point", place);
  }
  const type = kind === "NUMERIC" ? NUMERIC : BIGNUMERIC;
  return { sql: `${quoteText(value)}::DECIMAL(38,${kind === "NUMERIC" ? 9 : 18})`, type };
}

function json(written: string, place?: Place): Typed {
  try {
    return { sql: `${quoteText(storedJson(written, true))}::JSON`, type: JSON_TYPE };
  } catch (error) {
    throw invalidQuery(`Invalid JSON literal: ${(error as Error).message}`, place, error);
  }
}

/** BYTES, given as one character per byte. */
function blob(bytes: string): string {
  const escaped = [...bytes].map(
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `'${escaped.join("")}'::BLOB`;
}
