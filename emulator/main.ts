import { randomUUID } from "node:crypto";
import { fstatSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { ADDRESS_FILE, type Address, EXIT_FOLDER_IN_USE } from "./owner.ts";
import { runScript } from "./script/run.ts";
import { type Server, startServer } from "./server.ts";
import { endWithParent } from "./watchdog.ts";

/**
 * The server as a process. It prints its URL when it is ready. It ends at SIGTERM, and if its standard input is a pipe
 * when that closes or its parent is gone.
 */
interface Options {
  readonly data: string;
  readonly port: string;
  readonly memory?: string;
  readonly spill?: string;
  readonly javascriptSeconds?: string;
  readonly project?: string;
  readonly location?: string;
}

const options = new Command("emulator/main.ts")
  .description("BigQuery on this machine: serves a data folder on loopback and prints the address.")
  .requiredOption("--data <dir>", "the data folder; made where there is none")
  .option("--port <n>", "0: one that is free", "0")
  .option("--memory <size>", "what statements hold in memory (700MB)")
  .option("--spill <size>", "what statements put on the disk beside their tables (20GB)")
  .option("--javascript-seconds <n>", "how long one call of a JavaScript function may take (300)")
  .option("--project <id>", "the one project (local)")
  .option("--location <name>", "of what names none (EU)")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>();
// A Date in a JavaScript function has the same local time on every machine.
process.env.TZ = "UTC";
const dataDir = resolve(options.data);
const token = randomUUID();
const stdin = fstatSync(0);
const isStartedByProgram = stdin.isFIFO() || stdin.isSocket();

const server = await open().catch((error) => {
  const message = error instanceof Error ? error.message : String(error);
  if (/Could not set lock on file/.test(message)) {
    // A program that starts servers attaches to the other one; a person is told.
    if (!isStartedByProgram) {
      process.stderr.write(`${dataDir} is in use by another server: end that one, or use it\n`);
    }
    process.exit(EXIT_FOLDER_IN_USE);
  }
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
writeAddress({ pid: process.pid, url: server.url, token });
process.stdout.write(`${server.url}\n`);
endWith(server);

function open(): Promise<Server> {
  const { memory, spill, project, location, javascriptSeconds: seconds } = options;
  return startServer({
    ...{ dataDir, port: Number(options.port), token, runScript, onFatal: stopAtOnce },
    ...(memory === undefined ? {} : { memoryLimit: memory }),
    ...(spill === undefined ? {} : { spillLimit: spill }),
    ...(seconds === undefined ? {} : { javascript: { callMs: Number(seconds) * 1000 } }),
    ...(project === undefined ? {} : { project }),
    ...(location === undefined ? {} : { location }),
  });
}

/** DuckDB takes no more work in this process; the next server finds everything that was committed. */
function stopAtOnce(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(70);
}

/** The file appears whole: it is written beside and renamed. */
function writeAddress(address: Address): void {
  const file = join(dataDir, ADDRESS_FILE);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(address), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

function endWith({ close }: Server): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    // The address goes first: from here on nobody may attach.
    rmSync(join(dataDir, ADDRESS_FILE), { force: true });
    const giveUp = setTimeout(() => process.exit(1), 10_000);
    close().then(
      () => {
        clearTimeout(giveUp);
        process.exit(0);
      },
      (error) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", end).on("SIGHUP", end);
  if (!isStartedByProgram) {
    process.on("SIGINT", end);
    return;
  }
  // Ctrl-C reaches every process of the terminal; the one that started this server decides when it ends.
  process.on("SIGINT", () => {});
  endWithParent();
  process.stdin.on("end", end).on("error", end).resume();
}
