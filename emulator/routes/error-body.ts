import type { BigQueryError } from "../errors.ts";
import { errorEntry } from "../jobs/resource.ts";

/** google.rpc.Code names of the HTTP statuses in use. */
const STATUS: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ALREADY_EXISTS",
  499: "CANCELLED",
  501: "UNIMPLEMENTED",
};

/** The JSON body of a failed request. */
export function errorBody(error: BigQueryError): object {
  const { httpStatus: code, message } = error;
  const entry = { ...errorEntry(error), domain: "global" };
  return { error: { code, message, status: STATUS[code] ?? "INTERNAL", errors: [entry] } };
}
