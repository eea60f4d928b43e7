import { Worker } from "node:worker_threads";

/** How long a server without its parent may take to end by itself. */
const GRACE_MS = 5000;

/** Runs in a thread of its own: the main one may be busy. */
const WATCH = `
  const { workerData } = require("node:worker_threads");
  const timer = setInterval(() => {
    if (process.ppid === workerData.parent) return;
    clearInterval(timer);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), workerData.graceMs);
  }, 500);
`;

/**
 * Ends this process some seconds after its parent is gone, whatever it is doing. Nothing committed is lost: DuckDB's
 * write-ahead log keeps the folder whole.
 */
export function endWithParent(): void {
  const workerData = { parent: process.ppid, graceMs: GRACE_MS };
  new Worker(WATCH, { eval: true, execArgv: [], workerData }).unref();
}
