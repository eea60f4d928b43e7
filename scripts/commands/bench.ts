import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { benchEmulator } from "../bench/emulator.ts";
import { printFigures } from "../bench/figures.ts";
import { readConfig } from "../config.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { textTable } from "../table.ts";

interface BenchOptions {
  readonly customers: string;
  readonly seed: string;
}

/**
 * `filo bench`: makes a world of N customers, runs its night twice (the second one finds nothing new), and prints
 * seconds and peak memory of each stage; then compares the emulator with DuckDB on that world. Memory is the sum of the resident memory of all processes of a stage, sampled
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
    print(
      `${customers} customers, seed ${seed}, ${cpus().length} cores of ${cpus()[0]?.model}, ${platform()}, Node ${process.version}`,
    );
    const head = ["stage", "seconds", "peak MB", "exit"];
    print(textTable(head, rows, head.slice(1)));
    if (rows.some(([, , , code]) => code !== "0")) return EXIT.failed;
    return await emulatorSection(config);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Ratios of pairs measured in turn, and whether each is within its limit. A missed limit is told and fails nothing. */
async function emulatorSection(config: string): Promise<ExitCode> {
  const { figures, different, settings } = await benchEmulator(readConfig({ config }));
  print(`\nThe emulator, asked by BigQuery's client, against ${settings}`);
  print(printFigures(figures));
  print(
    different.length === 0 ? "Both made the same rows." : `DIFFERENT ROWS: ${different.join(", ")}`,
  );
  return different.length === 0 ? EXIT.ok : EXIT.failed;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
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
