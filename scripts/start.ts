import { existsSync } from "node:fs";
import { generate } from "../sandbox/index.ts";
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
    await progress.step("Simulating a retailer with 20,000 customers", () =>
      generate({ seed: 1, customers: 20_000, outDir: SANDBOX_DIR }),
    );
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
        'Or ask for yourself: npm run --silent filo -- query "select * from marts.mart_roas_daily limit 5"',
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

exitWithParent();
try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}
