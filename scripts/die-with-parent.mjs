// Preloaded into child processes (node --import): the parent holds the other end of standard input and never
// writes to it, so its end means that the parent is gone, by SIGKILL too. A child that went on alone would
// write beside the next night.
process.stdin.on("end", () => process.exit(1));
process.stdin.on("error", () => process.exit(1));
process.stdin.resume();
process.stdin.unref?.();
