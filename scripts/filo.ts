import { Command, CommanderError, Option } from "commander";
import { QUERY_FORMATS, type QueryFormat } from "./commands/query.ts";
import { EXIT, type ExitCode, reportError } from "./exit.ts";
import { exitWithParent } from "./parent.ts";

/** The `filo` command line: each command is read here and done in its own file, loaded when it is asked for. */
const program = new Command("filo")
  .description(
    "The omnichannel marketing warehouse: every touch and every receipt tied to one customer",
  )
  .exitOverride()
  .showHelpAfterError("(filo COMMAND --help explains a command)");

const config = new Option(
  "--config <file>",
  "configuration (default: filo.json here, else the one that `npm start` made)",
);
const env = new Option(
  "--env <name>",
  "environment of the configuration: reads and writes its suffixed datasets",
);
const asOf = new Option("--as-of <date>", "last day counted, whole (default: yesterday)");

program
  .command("nightly")
  .description("load every source, run the models and their checks, print the report")
  .addOption(config)
  .addOption(env)
  .addOption(asOf)
  .option("--full-refresh", "rebuild incremental models", false)
  .action(async (options) => {
    const { nightly } = await import("./commands/nights.ts");
    finish(await nightly(options));
  });

program
  .command("load")
  .description("load only; with --from and --to a backfill that leaves the state alone")
  .argument("[sources...]", "names of sources in the configuration (default: all)")
  .addOption(config)
  .addOption(env)
  .addOption(asOf)
  .option("--from <date>", "first day of a backfill")
  .option("--to <date>", "last day of a backfill")
  .action(async (sources: string[], options) => {
    const { load } = await import("./commands/nights.ts");
    finish(await load(sources, options));
  });

program
  .command("transform")
  .description("models and checks only")
  .addOption(config)
  .addOption(env)
  .addOption(asOf)
  .option("--full-refresh", "rebuild incremental models", false)
  .action(async (options) => {
    const { transform } = await import("./commands/nights.ts");
    finish(await transform(options));
  });

program
  .command("inspect")
  .description("twenty parsed rows, rejects and control total of a file; loads nothing")
  .argument("<file>")
  .requiredOption("--mapping <file>", "the mapping that reads it")
  .addOption(config)
  .action(async (file: string, options) => {
    const { inspect } = await import("./commands/inspect.ts");
    finish(await inspect(file, options));
  });

program
  .command("query")
  .description("one query against the configured warehouse")
  .argument("<googlesql>")
  .addOption(config)
  .addOption(new Option("--format <format>").choices(QUERY_FORMATS).default("table"))
  .action(async (sql: string, options: { config?: string; format: QueryFormat }) => {
    const { query } = await import("./commands/query.ts");
    finish(await query(sql, options));
  });

program
  .command("dashboard")
  .description("the page over the marts, on this machine; prints its address")
  .addOption(config)
  .addOption(env)
  .option("--port <number>", "port to listen on (default: any free one)")
  .action(async (options) => {
    const { dashboard } = await import("./commands/dashboard.ts");
    finish(await dashboard(options));
  });

program
  .command("looker")
  .description("links that open Looker Studio on the marts")
  .addOption(config)
  .addOption(env)
  .action(async (options) => {
    const { looker } = await import("./commands/looker.ts");
    finish(await looker(options));
  });

program
  .command("serve")
  .description("the embedded BigQuery as a server; prints the variables that reach it")
  .addOption(config)
  .option("--port <number>", "port to listen on (default: any free one)")
  .option("--data <dir>", "folder of the warehouse")
  .action(async (options) => {
    const { serve } = await import("./commands/serve.ts");
    finish(await serve(options));
  });

program
  .command("sandbox")
  .description("make a simulated retailer: drops, vendors' data, truth, and a filo.json")
  .option("--seed <number>", "same seed, same world", "1")
  .option("--customers <number>", "how many people", "20000")
  .option("--out <dir>", "folder to make it in (default: .filo/sandbox)")
  .action(async (options) => {
    const { sandbox } = await import("./commands/sandbox.ts");
    finish(await sandbox(options));
  });

program
  .command("check")
  .description(
    "compile the models, check them as GoogleSQL would, run their unit tests; style and documentation",
  )
  .addOption(config)
  .option("--project <dir>", "folder of another Dataform project (default: Filo's own)")
  .action(async (options) => {
    const { check } = await import("./commands/check.ts");
    finish(await check(options));
  });

program
  .command("doctor")
  .description("configuration, credentials, reachability, freshness: each with its remedy")
  .addOption(config)
  .addOption(env)
  .action(async (options) => {
    const { doctor } = await import("./commands/doctor.ts");
    finish(await doctor(options));
  });

program
  .command("bench")
  .description("generate, load and transform a world of that size; seconds and memory per stage")
  .option("--customers <number>", "how many people", "20000")
  .option("--seed <number>", "same seed, same world", "1")
  .action(async (options) => {
    const { bench } = await import("./commands/bench.ts");
    finish(await bench(options));
  });

program
  .command("init")
  .description("write a filo.json: asks on a terminal, or takes flags")
  .option("--out <file>", "where to write it; mappings go beside it", "filo.json")
  .addOption(new Option("--warehouse <type>").choices(["embedded", "bigquery"]))
  .option("--project <id>", "Google Cloud project, with --warehouse bigquery")
  .option("--location <name>", "BigQuery location (default: EU)")
  .option("--time-zone <zone>", "the retailer's time zone (default: Europe/Rome)")
  .option("--currency <code>", "reporting currency (default: EUR)")
  .option("--source <name>", "a source to begin with; repeat it for more", collect)
  .action(async (options) => {
    const { init } = await import("./commands/init.ts");
    finish(await init(options));
  });

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function finish(code: ExitCode): void {
  process.exitCode = code;
}

exitWithParent();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) finish(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
  else finish(reportError(error));
}
