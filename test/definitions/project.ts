import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

interface Action {
  readonly target: { readonly schema: string; readonly name: string };
  readonly dependencyTargets?: readonly { readonly name: string }[];
}

interface Compiled {
  readonly tables: readonly (Action & { readonly query: string })[];
  readonly assertions: readonly (Action & { readonly parentAction?: Action["target"] })[];
  readonly operations: readonly (Action & { readonly queries: readonly string[] })[];
}

/** The compiled project, for a BigQuery project of another name. */
export function compiled(project: string): Compiled {
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
  return JSON.parse(json.toString()) as Compiled;
}

/** The compiled operations of the project by name. */
export function compiledOperations(project: string): (name: string) => string {
  const { operations } = compiled(project);
  return (name) => {
    const found = operations.find(({ target }) => target.name === name);
    if (!found) throw new Error(`no operation ${name}`);
    return found.queries.join(";\n");
  };
}
