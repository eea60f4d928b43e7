import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../loaders/core/errors.ts";

/**
 * One night at a time per configuration on this machine. The lock is a listening Unix socket: the operating
 * system gives it up when its owner dies, by SIGKILL too, so there is no stale lock to clear by hand.
 * @throws CliError when another night holds it
 */
export async function takeNightLock(configFile: string): Promise<{ release(): void }> {
  const name = createHash("sha256").update(configFile).digest("hex").slice(0, 24);
  const path = join(tmpdir(), `filo-night-${name}.sock`);
  if (await answers(path)) throw busy(configFile);
  rmSync(path, { force: true });
  const server = await listen(path).catch(() => undefined);
  if (!server) throw busy(configFile);
  return {
    release() {
      server.close();
    },
  };
}

function busy(configFile: string): CliError {
  return new CliError(
    `another night is running with ${configFile}; wait for it to end, or stop it and run again`,
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
