import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bench, openBench } from "../harness.ts";

const LETTERS: Readonly<Record<string, string>> = {
  D: "DATE",
  T: "TIMESTAMP",
  I: "INT64",
  N: "NUMERIC",
  F: "FLOAT64",
  J: "JSON",
  B: "BOOL",
};

const PLACE = ["feed STRING", "file_id STRING", "line_no_in_file INT64"];
const LOADER = ["_loaded_at TIMESTAMP", "_payload JSON", "_row_hash STRING"].concat(
  ["_run_id", "_source_account"].map((name) => `${name} STRING`),
);

/** The tables of docs/architecture.md: name → its columns with their types, sorted. */
function documented(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/architecture.md"), "utf8");
  const rows = [...text.matchAll(/^\| (`(?:raw|pii|ops)\.[^|]*) \| (.*) \|$/gm)];
  const tables = rows.map(([, quoted = "", cells = ""]) => {
    const name = quoted.replaceAll("`", "");
    const columns = columnsOf(cells);
    return [
      name,
      name.startsWith("raw.") ? [...columns, ...LOADER].sort() : columns.sort(),
    ] as const;
  });
  return new Map(tables);
}

/** `place, **a**, b N (why), c D` as `a STRING`, `b NUMERIC`, … */
function columnsOf(cells: string): string[] {
  return cells
    .replace(/\([^)]*\)/g, "")
    .replace(": STRING as received;", ",")
    .replaceAll("*", "")
    .replaceAll("`", "")
    .split(",")
    .flatMap((cell) => {
      const [name = "", letter = ""] = cell.trim().split(/\s+/);
      if (name === "place") return PLACE;
      // Without a type in the table, but a timestamp wherever it occurs.
      if (name === "_loaded_at") return [`${name} TIMESTAMP`];
      return [`${name} ${LETTERS[letter] ?? "STRING"}`];
    });
}

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  await bench.load();
});
afterAll(() => bench.close());

it("tables that loaders write are those of the architecture, column by column", async () => {
  const docs = documented();
  const found = new Map<string, string[]>();
  for (const dataset of ["raw", "pii", "ops"]) {
    const columns = await bench.query(
      `select table_name, column_name, data_type from ${dataset}.INFORMATION_SCHEMA.COLUMNS`,
    );
    for (const { table_name, column_name, data_type } of columns) {
      const name = `${dataset}.${table_name}`;
      found.set(name, [...(found.get(name) ?? []), `${column_name} ${data_type}`].sort());
    }
  }
  expect(found.size).toBeGreaterThan(20);
  for (const [name, columns] of found) expect([name, columns]).toEqual([name, docs.get(name)]);
});
