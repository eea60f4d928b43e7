import { randomUUID } from "node:crypto";
import { fstatSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ADDRESS_FILE, type Address, EXIT_FOLDER_IN_USE } from "./owner.ts";
import { runScript } from "./script/run.ts";
import { type Server, startServer } from "./server.ts";
import { endWithParent } from "./watchdog.ts";

/**
 * The server as a process:
 *   tsx emulator/main.ts --data DIR [--port N] [--memory 512MB] [--spill 20GB]
 *     [--project local] [--location EU] [--javascript-seconds 300]
 * It prints its URL when it is ready. It ends at SIGTERM, and if its standard input is a pipe when that closes or its
 * parent is gone.
 */
const { values } = parseArgs({
  options: {
    data: { type: "string" },
    port: { type: "string", default: "0" },
    memory: { type: "string" },
    spill: { type: "string" },
    "javascript-seconds": { type: "string" },
    project: { type: "string" },
    location: { type: "string" },
  },
});
if (!values.data) {
  process.stderr.write("--data DIR is required\n");
  process.exit(2);
}
// A Date in a JavaScript function has the same local time on every machine.
process.env.TZ = "UTC";
const dataDir = resolve(values.data);
const token = randomUUID();

const server = await open().catch((error) => {
  const message = error instanceof Error ? error.message : String(error);
  if (/Could not set lock on file/.test(message)) process.exit(EXIT_FOLDER_IN_USE);
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
writeAddress({ pid: process.pid, url: server.url, token });
process.stdout.write(`${server.url}\n`);
endWith(server);

function open(): Promise<Server> {
  const { memory, spill, project, location, "javascript-seconds": seconds } = values;
  return startServer({
    ...{ dataDir, port: Number(values.port), token, runScript, onFatal: stopAtOnce },
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
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) {
    process.on("SIGINT", end);
    return;
  }
  // Ctrl-C reaches every process of the terminal; the one that started this server decides when it ends.
  process.on("SIGINT", () => {});
  endWithParent();
  process.stdin.on("end", end).on("error", end).resume();
}
