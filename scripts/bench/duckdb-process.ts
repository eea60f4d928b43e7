import { sessionEnvironment } from "../../emulator/script/environment.ts";
import { compileQuery } from "../../emulator/sql/compile.ts";
import { quoteName } from "../../emulator/sql/types.ts";
import { openWarehouse } from "../../emulator/warehouse/warehouse.ts";
import type { Reply, Request } from "./duckdb.ts";

/**
 * The process that DuckDB runs in when it is measured by itself: the same settings, file and registered functions as
 * the emulator's, without its server. JavaScript functions of the warehouse can be called by their plain names.
 */
const PROJECT = "local";
const warehouse = await openWarehouse(process.argv[2] ?? "", PROJECT);
const session = await warehouse.openSession();
await defineFunctions();

async function answer({ call, text }: Request): Promise<unknown> {
  if (call === "rows") return plain(await session.rows(text));
  if (call === "translate") return translate(text);
  const started = performance.now();
  await session.run(text);
  return performance.now() - started;
}

/** Values that can be sent as JSON. */
const plain = (rows: readonly (readonly unknown[])[]) =>
  rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));

function environment() {
  const none = () => undefined;
  return sessionEnvironment(session, {
    defaultDataset: undefined,
    ...{ variable: none, parameter: none, systemVariable: none },
  });
}

async function translate(text: string): Promise<string> {
  const { env, prepare } = environment();
  const { sql } = compileQuery(text, env);
  await prepare();
  return sql;
}

async function defineFunctions(): Promise<void> {
  const { env, prepare } = environment();
  const { catalogue } = warehouse;
  const datasets = catalogue.datasets(PROJECT).map(({ dataset }) => dataset);
  for (const { name } of datasets.flatMap((dataset) => catalogue.routines(PROJECT, dataset))) {
    const routine = env.routine([PROJECT, name.dataset, name.name]);
    if (routine?.kind !== "js_function") continue;
    await prepare();
    const parameters = routine.args.map((arg) => quoteName(arg.name));
    await session.run(
      `CREATE OR REPLACE TEMP MACRO ${quoteName(name.name)}(${parameters.join(", ")}) AS ${routine.call(parameters)}`,
    );
  }
}

process.on("message", async (request: Request) => {
  const { id } = request;
  const reply: Reply = await answer(request).then(
    (value) => ({ id, value }),
    (error: Error) => ({ id, error: error.message }),
  );
  process.send?.(reply);
});

process.on("disconnect", async () => {
  await session.close();
  await warehouse.close();
});
