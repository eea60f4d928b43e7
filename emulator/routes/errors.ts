import { BigQueryError } from "../errors.ts";
import { errorEntry } from "../jobs/resource.ts";
import { fromDuckDB, isFatal } from "../warehouse/errors.ts";

/** google.rpc.Code names of the HTTP statuses in use. */
const STATUS: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ALREADY_EXISTS",
  412: "FAILED_PRECONDITION",
  499: "CANCELLED",
  501: "UNIMPLEMENTED",
};

/** The JSON body of a failed request. */
export function errorBody(error: BigQueryError): object {
  const { httpStatus: code, message } = error;
  const entry = { ...errorEntry(error), domain: "global" };
  return { error: { code, message, status: STATUS[code] ?? "INTERNAL", errors: [entry] } };
}

/** Turns whatever was thrown into an error a client understands. */
export type DescribeError = (error: unknown) => BigQueryError;

/**
 * An error that nobody foresaw is a gap of the emulator: 501 and not 500, which clients would repeat.
 * @param onFatal told when DuckDB takes no more work
 */
export function errorDescriber(onFatal: (error: Error) => void): DescribeError {
  return (error) => {
    const original = error instanceof BigQueryError && error.cause ? error.cause : error;
    if (original instanceof Error && isFatal(original)) onFatal(original);
    if (error instanceof BigQueryError) return error;
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return new BigQueryError("invalid", "The request is nested too deeply");
    }
    if ((error as { code?: string }).code === "ECONNRESET") {
      return new BigQueryError("invalid", "The connection ended before the request did");
    }
    const message = error instanceof Error ? error.message : String(error);
    const status = (error as { statusCode?: number }).statusCode;
    if (status !== undefined && status < 500) return new BigQueryError("invalid", message);
    const known = fromDuckDB(error);
    if (known.reason !== "invalid") return known;
    process.stderr.write(`${error instanceof Error ? error.stack : message}\n`);
    return new BigQueryError("notImplemented", `The emulator failed: ${message}`, { cause: error });
  };
}
