import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "filo-load-";

/**
 * A folder of this process for staged rows, readable by its owner only. Folders of processes that were killed are
 * removed: they hold contact values.
 */
export function createTempDir(): { readonly path: string; remove(): void } {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(/^filo-load-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process: it is there, but may not be asked.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
