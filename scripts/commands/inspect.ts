import { existsSync } from "node:fs";
import { CliError } from "../../loaders/core/errors.ts";
import { inspectFile, readMapping } from "../../loaders/index.ts";
import { readConfig } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { textTable } from "../table.ts";

/**
 * `filo inspect`: what a file would load by a mapping, loading nothing. Contact values are not shown, only which were
 * found. Ends with 3 where the file would be refused whole.
 * @throws CliError when there is no such file or mapping
 */
export async function inspect(
  file: string,
  options: { mapping: string; config?: string },
): Promise<ExitCode> {
  if (!existsSync(file)) throw new CliError(`there is no file ${file}`);
  const mapping = readMapping(options.mapping);
  const timeZone =
    options.config || existsSync("filo.json") ? readConfig(options).timeZone : "Europe/Rome";
  const found = await inspectFile(file, mapping, timeZone);
  const print = (text: string) => process.stdout.write(`${text}\n`);

  const [first] = found.rows;
  if (first) {
    const columns = Object.keys(first).filter((name) =>
      found.rows.some((row) => row[name] !== null && row[name] !== undefined),
    );
    print(
      textTable(
        columns,
        found.rows.map((row) => columns.map((name) => cell(row[name]))),
      ),
    );
  }
  print(`${found.read} rows read, ${found.rejected} rejected`);
  for (const { reject, line, field } of found.rejects) {
    const place = [line && `line ${line}`, field].filter(Boolean).join(", ");
    print(`  ${place ? `${place}: ` : ""}${reject}`);
  }
  for (const [name, value] of Object.entries(found.facts)) {
    if (value !== undefined && value !== null) print(`${name}: ${value}`);
  }
  for (const note of found.drift) print(`  ${note}`);
  if (found.refusal) {
    print(`the file would be refused (${found.refusal.reason}): ${found.refusal.message}`);
    print(`  → ${found.refusal.remedy}`);
  }
  return found.refusal ? EXIT.stale : EXIT.ok;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
