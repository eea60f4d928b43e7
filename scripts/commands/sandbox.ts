import { CliError } from "../../loaders/core/errors.ts";
import { generate } from "../../sandbox/index.ts";
import { SANDBOX_DIR } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { terminalProgress } from "../progress.ts";

/** `filo sandbox`: makes a simulated retailer and says where. Same seed and size, same bytes. */
export async function sandbox(options: {
  seed: string;
  customers: string;
  out?: string;
}): Promise<ExitCode> {
  const outDir = options.out ?? SANDBOX_DIR;
  const seed = wholeNumber("--seed", options.seed);
  const customers = wholeNumber("--customers", options.customers);
  if (customers === 0) throw new CliError("--customers 0: must be at least 1");
  await terminalProgress().step(`Simulating ${customers} customers`, () =>
    generate({ seed, customers, outDir }),
  );
  process.stdout.write(`${outDir}/filo.json\n`);
  return EXIT.ok;
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CliError(`${flag} ${text}: must be a whole number`);
  return Number(text);
}
