import { BigQueryError } from "../errors.ts";

/** A number of a request, from the query string or the body. Throws `invalid` for anything that is not a whole number. */
export function wholeNumber(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new BigQueryError(
    "invalid",
    `Invalid value for ${name}: ${String(value)} is not a whole number`,
  );
}
