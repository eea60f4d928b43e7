import { BYTES, STRING } from "../types.ts";
import type { Call } from "./define.ts";

/**
 * An argument of a function that takes STRING or BYTES. DuckDB's text functions take no BLOB, so bytes go through them as
 * texts of one character a byte (U+0000 to U+00FF); `back` turns such a text into the result's type again.
 */
export interface Textual {
  readonly sql: string;
  readonly type: typeof STRING;
  readonly isBytes: boolean;
  readonly back: (sql: string) => string;
}

/** The first argument decides which of the two it is; others must be the same. */
export function textual(call: Call, i = 0): Textual {
  if (call.arg(0).type.kind !== "BYTES") {
    return { sql: call.arg(i, "STRING").sql, type: STRING, isBytes: false, back: (sql) => sql };
  }
  const back = (sql: string) => `bq_bytes_of_text(${sql})`;
  return { sql: `bq_text_of_bytes(${call.arg(i, "BYTES").sql})`, type: BYTES, isBytes: true, back };
}

/** All arguments, which are all STRING or all BYTES. */
export function textuals(call: Call, count = call.count): readonly Textual[] {
  return Array.from({ length: count }, (_, i) => textual(call, i));
}

/** A list of such texts as a list of the result's type. */
export function listBack({ isBytes, back }: Textual, list: string): string {
  return isBytes ? `list_transform(${list}, lambda _b: ${back("_b")})` : list;
}
