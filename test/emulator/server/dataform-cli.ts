import { type ChildProcess, spawn } from "node:child_process";
import { cp, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

export interface Ended {
  readonly code: number | null;
  /** What it printed, without colours. */
  readonly output: string;
}

export interface DataformProject {
  /** Runs the unmodified CLI in the project until it ends. */
  dataform(...args: string[]): Promise<Ended>;
  /** Starts the CLI, to be disturbed. */
  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
}

/** A copy of `dataform-project` in the folder `dir`/project; `dir` is the CLI's home, so no credentials can help. */
export async function makeProject(dir: string): Promise<DataformProject> {
  const cwd = join(dir, "project");
  await cp(fileURLToPath(new URL("./dataform-project", import.meta.url)), cwd, { recursive: true });
  await writeFile(join(cwd, "package.json"), "{}");
  const credentials = { projectId: "local", location: "EU" };
  await writeFile(join(cwd, ".df-credentials.json"), JSON.stringify(credentials));
  // The compiler runs project code in a box that only sees the project's own packages.
  const core = dirname(require.resolve("@dataform/core/package.json"));
  await cp(core, join(cwd, "node_modules/@dataform/core"), { recursive: true });
  const cli = join(dirname(require.resolve("@dataform/cli/package.json")), "bundle.js");

  function start(...args: string[]) {
    const env = { ...process.env, HOME: dir };
    const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: "pipe" });
    let output = "";
    for (const pipe of [child.stdout, child.stderr])
      pipe.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    const ended = new Promise<Ended>((done, fail) => {
      child.on("error", fail).on("close", (code) => done({ code, output: plain(output) }));
    });
    return { child, ended };
  }
  return { start, dataform: (...args) => start(...args).ended };
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
  return text.replace(/\u001b\[\d+m/g, "");
}
