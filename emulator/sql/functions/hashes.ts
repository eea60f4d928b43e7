import { BYTES, INT64, STRING } from "../types.ts";
import { once } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

/** A STRING counts as its UTF-8 bytes. */
function bytesOf(call: Call): string {
  const { type, sql } = call.arg(0);
  return type.kind === "BYTES" ? sql : `encode(${call.arg(0, "STRING").sql})`;
}

/** DuckDB's hashes are hexadecimal texts. */
function digest(name: "MD5" | "SHA1" | "SHA256"): FunctionDef {
  return {
    name,
    signature: `${name}(value)`,
    args: [1, 1],
    compile: (call) => {
      const { type, sql } = call.arg(0);
      const value = type.kind === "BYTES" ? sql : call.arg(0, "STRING").sql;
      return { sql: `unhex(${name.toLowerCase()}(${value}))`, type: BYTES };
    },
  };
}

/** One argument of one type, through one DuckDB function. */
function convert(
  name: string,
  from: "BYTES" | "STRING",
  to: typeof BYTES,
  body: (sql: string) => string,
): FunctionDef {
  return {
    name,
    signature: `${name}(${from.toLowerCase()})`,
    args: [1, 1],
    compile: (call): Typed => ({ sql: once([call.arg(0, from).sql], body), type: to }),
  };
}

/** Base64 may have white space in it and lack its padding. */
function fromBase64(s: string): string {
  const bare = `regexp_replace(${s}, '\\s|=+\\s*$', '', 'g')`;
  return `from_base64(rpad(${bare}, ((length(${bare}) + 3) // 4 * 4)::INTEGER, '='))`;
}

export const hashes: readonly FunctionDef[] = [
  digest("MD5"),
  digest("SHA1"),
  digest("SHA256"),
  define("SHA512", "value", [1, 1], (call) => ({
    sql: `bq_sha512(${bytesOf(call)})`,
    type: BYTES,
  })),
  define("FARM_FINGERPRINT", "value", [1, 1], (call) => {
    const { type, sql } = call.arg(0);
    if (type.kind === "BYTES") return { sql: `bq_farm_fingerprint_bytes(${sql})`, type: INT64 };
    return { sql: `bq_farm_fingerprint(${call.arg(0, "STRING").sql})`, type: INT64 };
  }),
  convert("TO_HEX", "BYTES", STRING, (b) => `lower(hex(${b}))`),
  convert("FROM_HEX", "STRING", BYTES, (s) => `unhex(${s})`),
  convert("TO_BASE64", "BYTES", STRING, (b) => `to_base64(${b})`),
  convert("FROM_BASE64", "STRING", BYTES, fromBase64),
  convert("TO_BASE32", "BYTES", STRING, (b) => `bq_to_base32(${b})`),
  convert("FROM_BASE32", "STRING", BYTES, (s) => `bq_from_base32(${s})`),
  convert(
    "SAFE_CONVERT_BYTES_TO_STRING",
    "BYTES",
    STRING,
    (b) => `coalesce(TRY(decode(${b})), bq_decode(${b}))`,
  ),
];
