import { readdirSync, readFileSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileExpression } from "../../../emulator/sql/compile.ts";
import { scalarFunctions } from "../../../emulator/sql/functions/index.ts";
import { registerNatives } from "../../../emulator/sql/functions/natives.ts";
import { duckdbType, formatType } from "../../../emulator/sql/types.ts";
import { environment } from "../sql/support.ts";

/** One line of an examples file: an expression and what BigQuery makes of it. */
interface Example {
  readonly expression: string;
  /** `TYPE value`, the value as TO_JSON_STRING prints it; `error` for a failure when it runs or before. */
  readonly expected: string;
}

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));
const examples = new Map(files.map((file) => [file, readExamples(file)]));

function readExamples(file: string): readonly Example[] {
  const text = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [expression = "", expected = ""] = line.split("  -->  ");
    return { expression, expected };
  });
}

const env = environment();
let instance: DuckDBInstance | undefined;
let connection: DuckDBConnection | undefined;

beforeAll(async () => {
  instance = await DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false" });
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run("SET default_null_order = 'nulls_first_on_asc_last_on_desc'");
  registerNatives(connection);
});
afterAll(() => {
  connection?.closeSync();
  instance?.closeSync();
});

async function evaluate(expression: string): Promise<string> {
  const { sql, type } = compileExpression(expression, env);
  const shown = compileExpression(`TO_JSON_STRING((${expression}))`, env).sql;
  const result = await connection?.runAndReadAll(
    `SELECT ${shown}, typeof(v) FROM (SELECT ${sql} AS v)`,
  );
  const [value, duckdb] = result?.getRowsJson()[0] ?? [];
  const stored = duckdbType(type).replaceAll("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE");
  // DuckDB quotes names only where it must.
  const plain = (name: unknown) => String(name).replaceAll('"', "");
  expect([plain(stored), "NULL"]).toContain(plain(duckdb));
  return `${formatType(type)} ${value}`;
}

/** BigQuery has the error too: it is neither a refusal nor SQL that DuckDB does not understand. */
async function expectFailure(expression: string): Promise<void> {
  const failure = await evaluate(expression).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(String(failure)).not.toMatch(/Not supported|(Binder|Parser|Catalog) Error/);
}

for (const [file, lines] of examples) {
  describe(file.replace(".txt", ""), () => {
    it.each(lines)("$expression", async ({ expression, expected }) => {
      if (expected === "error") await expectFailure(expression);
      else expect(await evaluate(expression)).toBe(expected);
    });
  });
}

describe("the list of supported functions", () => {
  const all = [...examples.values()].flat().map(({ expression }) => expression);

  it.each([...scalarFunctions.keys()])("%s has an example", (name) => {
    const call = new RegExp(`(?:^|[^A-Z0-9_.])${name.replace(".", "\\.")}\\(`);
    expect(all.some((expression) => call.test(expression))).toBe(true);
  });

  it.each([...scalarFunctions.values()])("$name says how it is called", (definition) => {
    expect(definition.signature).toContain(`${definition.name}(`);
  });
});
