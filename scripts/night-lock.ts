import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { CliError } from "../loaders/core/errors.ts";

/**
 * One night at a time per warehouse on this machine. The lock is a listening socket: the operating system gives it
 * up when its owner dies, by SIGKILL too, so there is no stale lock to clear by hand. Linux has socket names without
 * a file; elsewhere the file that a killed owner left is removed first.
 * @param warehouse what must not be written by two: the data folder's real path, or the BigQuery project
 * @throws CliError when another night holds it
 */
export async function takeNightLock(warehouse: string): Promise<{ release(): void }> {
  const hash = createHash("sha256").update(warehouse).digest("hex").slice(0, 24);
  const name = `filo-night-${process.getuid?.() ?? 0}-${hash}`;
  const path = process.platform === "linux" ? `\0${name}` : join("/tmp", `${name}.sock`);
  if (await answers(path)) throw busy(warehouse);
  if (process.platform !== "linux") rmSync(path, { force: true });
  const server = await listen(path).catch(() => undefined);
  if (!server) throw busy(warehouse);
  return {
    release() {
      server.close();
    },
  };
}

function busy(warehouse: string): CliError {
  return new CliError(
    `another night is running on ${warehouse}; wait for it to end, or stop it and run again`,
  );
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}
