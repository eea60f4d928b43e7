import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openDashboard } from "./commands/dashboard.ts";
import { interrupted } from "./commands/serve.ts";
import { lastDayCounted, readConfig, SANDBOX_DIR } from "./config.ts";
import { type ExitCode, reportError } from "./exit.ts";
import { runNight } from "./night.ts";
import { exitWithParent } from "./parent.ts";
import { terminalProgress } from "./progress.ts";
import { openWarehouse } from "./warehouse.ts";

/**
 * `npm start`: the main job on a simulated retailer. Makes it where it is missing, runs its night, prints the report
 * and, on a terminal and without `--no-serve`, serves the dashboard, and with it the warehouse, until it is interrupted.
 */
async function start(args: readonly string[]): Promise<ExitCode> {
  const progress = terminalProgress();
  const file = `${SANDBOX_DIR}/filo.json`;
  if (!existsSync(file)) {
    await progress.step("Simulating a retailer with 20,000 customers", makeSandbox);
  }
  const config = readConfig({ config: file });
  const asOf = lastDayCounted(config, undefined, new Date());
  const warehouse = await openWarehouse(config);
  try {
    const code = await runNight(
      config,
      { asOf, load: {}, transform: { fullRefresh: false } },
      progress,
    );
    if (process.stdout.isTTY && !args.includes("--no-serve")) {
      const page = await openDashboard(config, warehouse);
      progress.note(`The dashboard: ${page.url}`);
      progress.note(
        `Or ask for yourself: npm run --silent filo -- query --config ${file} "select * from marts.mart_roas_daily limit 5"`,
      );
      progress.note("Ctrl-C ends it.");
      await interrupted();
      await page.close();
    }
    return code;
  } finally {
    await warehouse.close();
  }
}

/** In a process of its own, so that the night begins without the memory that making a world takes. */
async function makeSandbox(): Promise<void> {
  const preload = join(import.meta.dirname, "die-with-parent.mjs");
  const filo = join(import.meta.dirname, "filo.ts");
  const args = ["sandbox", "--seed", "1", "--customers", "20000", "--out", SANDBOX_DIR];
  const child = spawn(process.execPath, [...process.execArgv, "--import", preload, filo, ...args], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const code = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (code !== 0) throw new Error(`the retailer could not be made (exit ${code}):\n${said}`);
}

exitWithParent();
try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}
