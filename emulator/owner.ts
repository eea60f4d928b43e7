import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The file in a data folder that says where its server answers. */
export const ADDRESS_FILE = "server.json";

/** What the address file holds; `token` is what the server must answer with, so that a reused port fools nobody. */
export interface Address {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

/** Exit code of a server that found the folder in use by another one. */
export const EXIT_FOLDER_IN_USE = 3;

export interface OwnerOptions {
  /** Port of a server that is started; one the system gives by default. */
  readonly port?: number;
  /** DuckDB's memory limit of a server that is started, such as "512MB". */
  readonly memoryLimit?: string;
  /** What the statements of a server that is started may put on the disk beside their tables, such as "50GB". */
  readonly spillLimit?: string;
  /** How long to wait for a server to answer; 60 s by default. */
  readonly timeoutMs?: number;
}

export interface AttachedServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Variables with which BigQuery's clients reach the server. */
  readonly env: Readonly<Record<string, string>>;
  /** True when this call started the server. */
  readonly started: boolean;
  /** Ends the server if this call started it, and waits until it has ended. */
  close(): Promise<void>;
}

type ServerProcess = ChildProcessByStdio<Writable, Readable, null>;

/**
 * The server of a data folder: the one that runs already, or a new one that ends with this process, however this
 * process ends. Several processes may ask at once: DuckDB's lock on its file decides whose server it is, and the
 * others attach to that one.
 */
export async function attachOrStart(
  dataDir: string,
  options: OwnerOptions = {},
): Promise<AttachedServer> {
  const folder = resolve(dataDir);
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  while (Date.now() < deadline) {
    const url = await runningServer(folder);
    if (url !== undefined)
      return { url, env: serveEnv(url), started: false, close: async () => {} };
    const child = startProcess(folder, options);
    const started = await firstLine(child);
    if (started !== undefined) {
      return {
        url: started,
        env: serveEnv(started),
        started: true,
        close: () => endProcess(child),
      };
    }
    // Another server has the folder but is not ready, or is on its way out.
    await pause(100);
  }
  throw new Error(
    `The warehouse in ${folder} is in use by a server that does not answer. ${await ownerHint(folder)}`,
  );
}

/** The variables with which BigQuery's clients and the dataform CLI reach a server, without any credentials. */
export function serveEnv(url: string): Readonly<Record<string, string>> {
  return {
    BIGQUERY_EMULATOR_HOST: url,
    // Uploads want a token and end the client's process when there is none: the server gives one, as Google's
    // metadata server would. Saying that it is there spares the client from looking for it.
    METADATA_SERVER_DETECTION: "assume-present",
    GCE_METADATA_HOST: new URL(url).host,
    GOOGLE_CLOUD_PROJECT: "local",
  };
}

async function readAddress(folder: string): Promise<Address | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, ADDRESS_FILE), "utf8"));
  } catch {
    return undefined;
  }
}

/** The URL of the folder's server, when the address file is true: a server that was killed leaves a stale one. */
async function runningServer(folder: string): Promise<string | undefined> {
  const address = await readAddress(folder);
  if (!address) return undefined;
  try {
    const answer = await fetch(address.url, { signal: AbortSignal.timeout(2000) });
    const { token } = (await answer.json()) as { token?: string };
    return token === address.token ? address.url : undefined;
  } catch {
    return undefined;
  }
}

async function ownerHint(folder: string): Promise<string> {
  const address = await readAddress(folder);
  return address ? `Its process is ${address.pid}; end it and try again.` : "End it and try again.";
}

function startProcess(folder: string, options: OwnerOptions): ServerProcess {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const flags = ["--data", folder, "--port", String(options.port ?? 0)];
  if (options.memoryLimit !== undefined) flags.push("--memory", options.memoryLimit);
  if (options.spillLimit !== undefined) flags.push("--spill", options.spillLimit);
  // The pipe to its standard input closes when this process ends, even by SIGKILL: that is how the server knows.
  return spawn(process.execPath, ["--import", loader, main, ...flags], {
    stdio: ["pipe", "pipe", "inherit"],
    // DuckDB's blocks are 256 KB. With a fixed threshold below that, glibc gives freed ones back to the system;
    // left to itself it keeps hundreds of megabytes.
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: "131072" },
  });
}

/** The URL the server prints once it is ready; undefined when the folder is another server's. Throws when it cannot start. */
function firstLine(child: ServerProcess): Promise<string | undefined> {
  return new Promise((done, fail) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      const end = text.indexOf("\n");
      if (end < 0) return;
      child.stdout.removeAllListeners("data").resume();
      letGo(child);
      done(text.slice(0, end));
    });
    child.once("error", fail);
    child.once("exit", (code, signal) => {
      if (code === EXIT_FOLDER_IN_USE) done(undefined);
      else
        fail(
          new Error(
            `The embedded BigQuery ended at its start (${signal ?? `exit code ${code}`}); see its message above`,
          ),
        );
    });
  });
}

/** The server alone must not keep this process alive. */
function letGo(child: ServerProcess): void {
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
}

async function endProcess(child: ServerProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  child.stdin.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await exited;
  clearTimeout(timer);
}
