import { BigQueryError, invalidQuery } from "../errors.ts";
import { damage } from "./damage.ts";

/** DuckDB's prefix of a message, and what it means in BigQuery's words. */
const RUN_TIME: readonly (readonly [RegExp, (match: RegExpMatchArray) => string])[] = [
  // error('…') of the translator's own SQL: the text is already BigQuery's.
  [/^Invalid Input Error: ([\s\S]*)$/, (m) => m[1] ?? ""],
  [
    /^Constraint Error: NOT NULL constraint failed: .*\.([^.]+)$/m,
    (m) => `Required field ${m[1]} cannot be null`,
  ],
  [/^Out of Range Error: Overflow in ([\s\S]*)$/, (m) => `numeric overflow: ${m[1]}`],
  [/^Out of Range Error: ([\s\S]*)$/, (m) => `out of range: ${m[1]}`],
  [/^Conversion Error: ([\s\S]*)$/, (m) => `Bad value: ${m[1]}`],
  [
    /^Invalid Error: More than one row returned by a subquery[\s\S]*$/,
    () => "Scalar subquery produced more than one element",
  ],
];

const CONFLICT = /^TransactionContext Error: .*(conflict|Conflict)/s;
/** The compiled SQL itself was refused: a gap of the emulator, not an error of the query. */
const NOT_RUNNABLE = /^(Binder|Parser|Catalog|Not implemented|Dependency|INTERNAL) Error/;

/** BIGNUMERIC is DuckDB's DECIMAL(38,18), where BigQuery has 38 digits before the point too. */
const TOO_LARGE = /^Conversion Error: .* to (?:type )?DECIMAL\(38,18\)/;

/** True when the database has stopped for good and the process must end. */
export function isFatal(error: unknown): boolean {
  return /^FATAL Error|database has been invalidated/.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** DuckDB's run-time error as BigQuery would say it; an error that is BigQuery's already stays as it is. */
export function fromDuckDB(error: unknown): BigQueryError {
  if (error instanceof BigQueryError) return error;
  // DuckDB quotes the generated SQL behind the message, which says nothing to the writer of the query.
  const message = messageOf(error)
    .replace(/\n\nLINE \d+:[\s\S]*$/, "")
    .trim();
  if (/^INTERRUPT Error/.test(message)) return stopped();
  if (CONFLICT.test(message)) {
    return invalidQuery(
      `Transaction is aborted due to concurrent update (${message})`,
      undefined,
      error,
    );
  }
  const resources = resourcesExceeded(message);
  if (resources) return new BigQueryError("resourcesExceeded", resources, { cause: error });
  const words = damage(message, "the data folder");
  if (words) return new BigQueryError("internalError", words, { cause: error });
  const refusal = refusalOf(message);
  if (refusal) {
    return new BigQueryError("notImplemented", refusal, { location: "query", cause: error });
  }
  for (const [pattern, words] of RUN_TIME) {
    const match = message.match(pattern);
    if (match) return invalidQuery(words(match).split("\n")[0] ?? "", undefined, error);
  }
  if (NOT_RUNNABLE.test(message)) {
    return new BigQueryError(
      "notImplemented",
      `Not supported by the emulator: ${message.split("\n")[0]}`,
      {
        location: "query",
        cause: error,
      },
    );
  }
  return new BigQueryError("invalid", message, { cause: error });
}

/** What is refused when it runs, since it depends on the values. */
function refusalOf(message: string): string | undefined {
  if (TOO_LARGE.test(message)) {
    return "Not supported by the emulator: a BIGNUMERIC with more than 20 digits before the point; use NUMERIC or FLOAT64 instead";
  }
  return /^Invalid Input Error: (Not supported by the emulator: .*)/.exec(message)?.[1];
}

/** BigQuery's words for a statement that needs more than it may take, with the setting that says so. */
function resourcesExceeded(message: string): string | undefined {
  const [reason] = message.split("\n");
  const exceeded = "Resources exceeded during query execution:";
  if (/No space left on device/.test(message)) {
    return `${exceeded} the disk of the data folder is full; free some space and try again (${reason})`;
  }
  if (!/^Out of Memory Error/.test(message)) return undefined;
  if (/max_temp_directory_size/.test(message)) {
    return `${exceeded} the query needs more disk for its rows than the emulator's --spill allows (${reason})`;
  }
  return `${exceeded} the query could not be executed in the memory that the emulator's --memory allows (${reason})`;
}

/** What a cancelled job fails with. */
export function stopped(): BigQueryError {
  return new BigQueryError("stopped", "Job execution was cancelled: User requested cancellation");
}
