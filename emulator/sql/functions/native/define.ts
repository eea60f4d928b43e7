import {
  BLOB,
  type DuckDBBlobValue,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from "@duckdb/node-api";

/** A function that DuckDB calls in JavaScript, on the event loop: about a million rows a second, one at a time. */
export interface Native {
  readonly name: string;
  readonly args: readonly DuckDBType[];
  readonly returns: DuckDBType;
  /** NULL arguments give NULL without a call. What it throws is the query's error. */
  readonly call: (...args: never[]) => DuckDBValue;
}

/** A function of texts only. */
export function text(name: string, args: number, call: (...args: string[]) => string): Native {
  return { name, args: Array.from({ length: args }, () => VARCHAR), returns: VARCHAR, call };
}

/** A function of one BYTES value. */
export function bytes(
  name: string,
  returns: DuckDBType,
  call: (value: Uint8Array) => DuckDBValue,
): Native {
  return { name, args: [BLOB], returns, call: (value: DuckDBBlobValue) => call(value.bytes) };
}
