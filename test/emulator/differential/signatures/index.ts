import { type Production, productions } from "../template.ts";
import { aggregates, windows } from "./aggregates.ts";
import { arrays } from "./arrays.ts";
import { constructs } from "./constructs.ts";
import { json } from "./json.ts";
import { numbers } from "./numbers.ts";
import { strings } from "./strings.ts";
import { times } from "./times.ts";

const functions = { ...numbers, ...strings, ...times, ...json, ...arrays };

/** `SAFE.` stands before the calls of functions. */
const safe = Object.entries(functions).flatMap(([name, lines]) =>
  lines
    .filter((line) => line.includes(` = ${name}(`))
    .slice(0, 1)
    .map((line) => line.replace(" = ", " = SAFE.")),
);

/** All lines, by the entry of the emulator's list that they are for. */
const lines: Readonly<Record<string, readonly string[]>> = {
  ...constructs,
  "SAFE.": safe,
  ...functions,
  ...aggregates,
  ...windows,
};

export const PRODUCTIONS: readonly Production[] = Object.entries(lines).flatMap(([entry, each]) =>
  productions(entry, each),
);

export const ENTRIES: readonly string[] = Object.keys(lines);

/**
 * Entries of the list that the reference implementation cannot judge, with the reason. They have examples of the
 * documentation in `../functions/documented.txt` and tests of their own.
 */
export const WITHOUT_REFERENCE: Readonly<Record<string, string>> = {
  "Parameters and variables": "scripts are unknown to it",
  "User functions": "CREATE FUNCTION is analysed, not remembered",
  "Pipe syntax": "unknown",
  "Table functions": "CREATE TABLE FUNCTION is analysed, not remembered",
  "Table wildcards": "unknown",
  Partitions: "unknown",
  INFORMATION_SCHEMA: "unknown",
  APPROX_COUNT_DISTINCT: "not implemented",
  APPROX_QUANTILES: "not implemented",
  APPROX_TOP_COUNT: "not implemented",
  APPROX_TOP_SUM: "not implemented",
  "HLL_COUNT.EXTRACT": "not implemented",
  "HLL_COUNT.INIT": "not implemented",
  "HLL_COUNT.MERGE": "not implemented",
  "HLL_COUNT.MERGE_PARTIAL": "not implemented",
  SESSION_USER: "not implemented",
  MAX_BY: "unknown",
  MIN_BY: "unknown",
  CONTAINS_SUBSTR: "unknown",
  EDIT_DISTANCE: "unknown",
  COSINE_DISTANCE: "unknown",
  EUCLIDEAN_DISTANCE: "unknown",
  JSON_KEYS: "unknown",
  DATE_BUCKET: "unknown",
  DATETIME_BUCKET: "unknown",
  TIMESTAMP_BUCKET: "unknown",
  RANGE: "not implemented, as all functions of ranges",
  RANGE_CONTAINS: "not implemented",
  RANGE_END: "not implemented",
  RANGE_INTERSECT: "not implemented",
  RANGE_OVERLAPS: "not implemented",
  RANGE_SESSIONIZE: "not implemented",
  RANGE_START: "not implemented",
  GENERATE_RANGE_ARRAY: "not implemented",
  FROM_BASE32: "not implemented",
  TO_BASE32: "not implemented",
  GENERATE_UUID: "no two answers are equal",
  RAND: "no two answers are equal",
  CURRENT_DATE: "the two read the clock at different times",
  CURRENT_DATETIME: "the two read the clock at different times",
  CURRENT_TIME: "the two read the clock at different times",
  CURRENT_TIMESTAMP: "the two read the clock at different times",
};
