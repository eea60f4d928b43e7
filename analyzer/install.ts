import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AnalyzerUnavailable } from "./errors.ts";

const ROOM = import.meta.dirname;
const MODULES = join(ROOM, "node_modules");
const PACKAGE = "@fivetrandevelopers/zetasql";

/** The executables of the package by Node's `platform-arch`; those for Linux are executables in spite of their names. */
const EXECUTABLES: Readonly<Record<string, string>> = {
  "linux-x64": "remote_server.so",
  "linux-arm64": "remote_server_arm.so",
  "darwin-x64": "remote_server",
  "darwin-arm64": "remote_server_arm",
};

/** Where the parts of the package lie. */
export interface Installation {
  readonly executable: string;
  readonly protoDir: string;
}

/**
 * Installs the analyzer's package beside this file where it is not there yet: 112 MB from the npm registry, in
 * the version that package-lock.json names. Processes that install at once do not disturb one another.
 * `tell` gets one line before a download begins.
 * @throws AnalyzerUnavailable on another platform, or when npm cannot fetch it
 */
export async function installAnalyzer(tell: (line: string) => void): Promise<Installation> {
  const platform = `${process.platform}-${process.arch}`;
  const executable = EXECUTABLES[platform];
  if (executable === undefined) {
    throw new AnalyzerUnavailable(`there is no GoogleSQL analyzer for ${platform}`);
  }
  if (!isInstalled()) {
    tell("installing the GoogleSQL analyzer (112 MB, once)");
    await install();
  }
  const lib = join(MODULES, PACKAGE, "lib", "zetasql");
  return { executable: join(lib, executable), protoDir: join(lib, "protos") };
}

function isInstalled(): boolean {
  const installed = join(MODULES, PACKAGE, "package.json");
  if (!existsSync(installed)) return false;
  return versionIn(installed) === versionIn(join(ROOM, "package.json"));
}

function versionIn(file: string): string | undefined {
  const { name, version, dependencies } = JSON.parse(readFileSync(file, "utf8"));
  return name === PACKAGE ? version : dependencies[PACKAGE];
}

/** Into a folder of its own first: what stands under its final name is whole, whoever gets there first. */
async function install(): Promise<void> {
  const folder = temporaryFolder();
  try {
    for (const file of ["package.json", "package-lock.json"]) {
      cpSync(join(ROOM, file), join(folder, file));
    }
    await npmCi(folder);
    if (isInstalled()) return;
    if (existsSync(MODULES)) renameSync(MODULES, join(folder, "replaced"));
    renameSync(join(folder, "node_modules"), MODULES);
  } catch (error) {
    if (isInstalled()) return;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(ROOM, ".install-"));
  } catch (cause) {
    throw new AnalyzerUnavailable(`the GoogleSQL analyzer cannot be installed in ${ROOM}`, {
      cause,
    });
  }
}

function npmCi(folder: string): Promise<void> {
  const child = spawn("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return new Promise((done, fail) => {
    child.once("error", (cause) =>
      fail(new AnalyzerUnavailable("the GoogleSQL analyzer needs npm to be installed", { cause })),
    );
    child.once("close", (code) => {
      if (code === 0) return done();
      const reason = errors.split("\n").find((line) => line.startsWith("npm error")) ?? "";
      fail(
        new AnalyzerUnavailable(
          `the GoogleSQL analyzer cannot be fetched from the npm registry${reason && ` (${reason})`}`,
        ),
      );
    });
  });
}
