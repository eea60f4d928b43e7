import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

interface Compiled {
  readonly operations: readonly {
    readonly target: { readonly name: string };
    readonly queries: readonly string[];
  }[];
}

/** The compiled operations of the project by name, for a BigQuery project of another name. */
export function compiledOperations(project: string): (name: string) => string {
  const cli = join(
    createRequire(import.meta.url).resolve("@dataform/cli/package.json"),
    "..",
    "bundle.js",
  );
  const args = [cli, "compile", ROOT, "--json", `--default-database=${project}`];
  const json = execFileSync(process.execPath, args, {
    maxBuffer: 100_000_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { operations } = JSON.parse(json.toString()) as Compiled;
  return (name) => {
    const found = operations.find(({ target }) => target.name === name);
    if (!found) throw new Error(`no operation ${name}`);
    return found.queries.join(";\n");
  };
}
