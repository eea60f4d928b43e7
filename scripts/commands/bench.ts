import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, type ExitCode } from "../exit.ts";
import { textTable } from "../table.ts";

interface BenchOptions {
  readonly customers: string;
  readonly seed: string;
}

/**
 * `filo bench`: makes a world of N customers, runs its night twice (the second one finds nothing new), and prints
 * seconds and peak memory of each stage. Memory is the sum of the resident memory of all processes of a stage, sampled
 * five times a second, so short peaks can be missed and pages that processes share are counted once per process.
 */
export async function bench({ customers, seed }: BenchOptions): Promise<ExitCode> {
  const dir = mkdtempSync(join(tmpdir(), "filo-bench-"));
  const config = join(dir, "filo.json");
  const stages: [string, string[]][] = [
    ["generate", ["sandbox", "--seed", seed, "--customers", customers, "--out", dir]],
    ["load, first night", ["load", "--config", config]],
    ["transform, first night", ["transform", "--config", config]],
    ["whole night again", ["nightly", "--config", config]],
  ];
  const rows: string[][] = [];
  try {
    for (const [name, args] of stages) rows.push([name, ...(await measure(args))]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  process.stdout.write(
    `${customers} customers, seed ${seed}, ${cpus().length} cores, Node ${process.version}\n`,
  );
  process.stdout.write(
    `${textTable(["stage", "seconds", "peak MB", "exit"], rows, ["seconds", "peak MB", "exit"])}\n`,
  );
  return rows.every(([, , , code]) => code === "0") ? EXIT.ok : EXIT.failed;
}

async function measure(args: string[]): Promise<[string, string, string]> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "..", "filo.ts"), ...args],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  let peak = 0;
  const sampler = setInterval(() => {
    if (child.pid !== undefined) peak = Math.max(peak, residentKb(child.pid));
  }, 200);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  clearInterval(sampler);
  const seconds = (performance.now() - started) / 1000;
  return [seconds.toFixed(1), (peak / 1024).toFixed(0), String(code)];
}

/** Resident memory of a process and all below it, in KiB. */
function residentKb(root: number): number {
  const lines = execFileSync("ps", ["-axo", "pid=,ppid=,rss="], { encoding: "utf8" }).trim();
  const processes = lines.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid = 0, ppid = 0] of processes) {
      if (family.has(ppid) && !family.has(pid)) {
        family.add(pid);
        grown = true;
      }
    }
  }
  return processes.reduce((sum, [pid = 0, , rss = 0]) => sum + (family.has(pid) ? rss : 0), 0);
}
