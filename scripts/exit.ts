import { CliError } from "../loaders/core/errors.ts";

/** The exit codes of the contract. Where a failure and staleness both hold, the failure wins. */
export const EXIT = { ok: 0, failed: 1, usage: 2, stale: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a person sees of an error: a CliError says what to do and needs no stack; anything else is a defect. */
export function reportError(error: unknown): ExitCode {
  if (error instanceof CliError) {
    process.stderr.write(`filo: ${error.message}\n`);
    if (error.remedy !== CliError.REMEDY) process.stderr.write(`    → ${error.remedy}\n`);
    return EXIT.usage;
  }
  if (error instanceof Error && isOfBigQuery(error)) {
    process.stderr.write(`filo: BigQuery: ${error.message}\n`);
    process.stderr.write(
      "    → npm run --silent filo -- doctor looks at the project, the credential and the network\n",
    );
    return EXIT.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`filo: ${text}\n`);
  return EXIT.failed;
}

/** What its client throws without network or credential. */
function isOfBigQuery({ name, message }: Error): boolean {
  return (
    ["FetchError", "GaxiosError"].includes(name) ||
    message.startsWith("Could not load the default credentials")
  );
}
