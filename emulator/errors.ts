/** A place in the text of a query, both numbers from 1, as BigQuery prints them. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** BigQuery's `reason` codes with the HTTP status each is answered with. */
const HTTP_STATUS = {
  invalidQuery: 400,
  invalid: 400,
  resourceInUse: 400,
  bytesBilledLimitExceeded: 400,
  resourcesExceeded: 400,
  accessDenied: 403,
  notFound: 404,
  duplicate: 409,
  conditionNotMet: 412,
  stopped: 499,
  notImplemented: 501,
  internalError: 500,
} as const;

export type Reason = keyof typeof HTTP_STATUS;

/** An error that BigQuery's clients understand: a reason code, an HTTP status, a message with its place. */
export class BigQueryError extends Error {
  readonly reason: Reason;
  readonly location: string | undefined;

  constructor(
    reason: Reason,
    message: string,
    options: { location?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "BigQueryError";
    this.reason = reason;
    this.location = options.location;
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.reason];
  }
}

function at(place: Place | undefined): string {
  return place ? ` at [${place.line}:${place.column}]` : "";
}

/** The query is wrong, as it would be in BigQuery: syntax, names, types, run-time values. */
export function invalidQuery(message: string, place?: Place, cause?: unknown): BigQueryError {
  return new BigQueryError("invalidQuery", message + at(place), { location: "query", cause });
}

/**
 * The query may be right in BigQuery, but this emulator does not do it faithfully, so it does not do it at all.
 * @param construct what is refused, by the name a user would search for: "function ST_DISTANCE", "TABLESAMPLE"
 * @param instead the form to use instead, where there is one
 */
export function refused(construct: string, place?: Place, instead?: string): BigQueryError {
  const hint = instead ? `; use ${instead} instead` : "";
  return new BigQueryError(
    "notImplemented",
    `Not supported by the emulator: ${construct}${hint}${at(place)}`,
    {
      location: "query",
    },
  );
}
