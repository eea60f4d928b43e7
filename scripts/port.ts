import { CliError } from "../loaders/core/errors.ts";

/** A port as the user typed it; undefined where the system may choose. @throws CliError naming the flag */
export function port(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65536) return number;
  throw new CliError(`--port ${text}: must be a number from 1 to 65535`);
}
