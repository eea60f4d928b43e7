/**
 * Ends this process when the one that started it is gone. Under npm, a SIGKILL of `npm` would otherwise leave a
 * night running on its own, and its server with it. Outside npm a process may well outlive its shell (nohup).
 */
export function exitWithParent(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  }, 500).unref();
}
