import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { AnalyzerUnavailable } from "./errors.ts";

const ROOM = import.meta.dirname;
/** Its name begins with a dot, so that Dataform, which lists every file beneath it, does not list thousands more. */
const INSTALLED = join(ROOM, ".installed");
const TEMPORARY = ".install-";
/** No installation takes as long: a folder that is older was left by one that was killed. */
const ABANDONED_MS = 3_600_000;
const LOCK = "package-lock.json";
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
  /** Modules are resolved from here. */
  readonly packageFile: string;
  readonly executable: string;
  readonly protoDir: string;
}

/**
 * Installs the analyzer's package beside this file where it is not there yet: 112 MB from the npm registry, in
 * the version that package-lock.json names. Processes that install at once do not disturb one another.
 * `tell` gets one line before a download begins.
 * @throws AnalyzerUnavailable on another platform, or when npm cannot fetch it
 */
export async function installAnalyzer(
  tell: (line: string) => void,
  platform = `${process.platform}-${process.arch}`,
): Promise<Installation> {
  const executable = EXECUTABLES[platform];
  if (executable === undefined) {
    throw new AnalyzerUnavailable(`there is no GoogleSQL analyzer for ${platform}`);
  }
  if (!isInstalled()) {
    tell("installing the GoogleSQL analyzer (112 MB, once)");
    await install();
  }
  const lib = join(INSTALLED, "node_modules", PACKAGE, "lib", "zetasql");
  return {
    packageFile: join(INSTALLED, "package.json"),
    executable: join(lib, executable),
    protoDir: join(lib, "protos"),
  };
}

/** What was installed is what package-lock.json names now. */
function isInstalled(): boolean {
  const lock = join(INSTALLED, LOCK);
  return existsSync(lock) && readFileSync(lock, "utf8") === readFileSync(join(ROOM, LOCK), "utf8");
}

/** Into a folder of its own first: what stands under its final name is whole, whoever gets there first. */
async function install(): Promise<void> {
  removeAbandoned(ROOM);
  const folder = temporaryFolder();
  try {
    for (const file of ["package.json", LOCK]) {
      cpSync(join(ROOM, file), join(folder, file));
    }
    await npmCi(folder);
    chmodSync(folder, 0o755);
    if (isInstalled()) return;
    if (existsSync(INSTALLED)) renameSync(INSTALLED, join(folder, "replaced"));
    renameSync(folder, INSTALLED);
    rmSync(join(INSTALLED, "replaced"), { recursive: true, force: true });
  } catch (error) {
    if (isInstalled()) return;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what installations have left that were killed. */
export function removeAbandoned(room: string): void {
  for (const name of readdirSync(room)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const folder = join(room, name);
    const touched = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - touched > ABANDONED_MS) rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(ROOM, TEMPORARY));
  } catch (cause) {
    throw new AnalyzerUnavailable(`the GoogleSQL analyzer cannot be installed in ${ROOM}`, {
      cause,
    });
  }
}

function npmCi(folder: string): Promise<void> {
  // Without a network npm would try for more than a minute.
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  const child = spawn("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", ...patience], {
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
