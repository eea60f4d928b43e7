import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll } from "vitest";
import type { Environment, Relation, Routine, Variable } from "../../../emulator/sql/catalog.ts";
import { compileQuery } from "../../../emulator/sql/compile.ts";
import { registerNatives } from "../../../emulator/sql/functions/natives.ts";
import { formatType, type SqlType, UNKNOWN } from "../../../emulator/sql/types.ts";

export interface Objects {
  /** DuckDB statements that make the tables. */
  readonly setup?: readonly string[];
  /** By the path as written: "d.orders". */
  readonly relations?: Readonly<Record<string, Relation>>;
  readonly routines?: Readonly<Record<string, Routine>>;
  readonly variables?: Readonly<Record<string, Variable>>;
  readonly parameters?: Readonly<Record<string, Variable>>;
}

export function environment(objects: Objects = {}): Environment {
  return {
    project: "p",
    relation: (path) => objects.relations?.[path.join(".")],
    routine: (path) => objects.routines?.[path.join(".")],
    variable: (name) => objects.variables?.[name],
    parameter: (name) => objects.parameters?.[String(name)],
    systemVariable: () => undefined,
  };
}

/** Compiles GoogleSQL and runs it on a DuckDB of its own. */
export function sqlTest(objects: Objects = {}) {
  const env = environment(objects);
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection | undefined;

  beforeAll(async () => {
    instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      default_null_order: "nulls_first_on_asc_last_on_desc",
    });
    connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    registerNatives(connection);
    for (const statement of objects.setup ?? []) await connection.run(statement);
  });
  afterAll(() => {
    connection?.closeSync();
    instance?.closeSync();
  });

  async function rows(sql: string): Promise<readonly (readonly Plain[])[]> {
    if (!connection) throw new Error("The test's DuckDB is not open");
    const compiled = compileQuery(sql, env);
    const result = await connection.runAndReadAll(compiled.sql);
    const types = compiled.columns.map((column) => column.type);
    return result
      .getRowsJson()
      .map((row) => row.map((value, i) => plain(value, types[i] ?? UNKNOWN)));
  }

  return {
    rows,
    /** The only value of the only row. */
    async value(expression: string): Promise<Plain> {
      const [row] = await rows(`select ${expression}`);
      return row?.[0] ?? null;
    },
    /** Names and GoogleSQL types of the result: `id INT64`. */
    columns(sql: string): readonly string[] {
      return compileQuery(sql, env).columns.map(({ name, type }) => `${name} ${formatType(type)}`);
    },
    /** The message with which compilation fails. */
    failure(sql: string): string {
      try {
        compileQuery(sql, env);
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
      throw new Error(`Compiles: ${sql}`);
    },
  };
}

export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/** INT64 and FLOAT64 as numbers, NUMERIC as text without trailing zeros, the others as DuckDB writes them. */
function plain(value: unknown, type: SqlType): Plain {
  // A NULL array is answered as an empty one.
  if (type.kind === "ARRAY")
    return Array.isArray(value) ? value.map((item) => plain(item, type.element)) : [];
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "STRUCT": {
      const values = Object.entries(value);
      return Object.fromEntries(
        values.map(([name, field], i) => [name, plain(field, type.fields[i]?.type ?? UNKNOWN)]),
      );
    }
    case "INT64":
      return Number(value);
    case "FLOAT64":
      return typeof value === "number" ? value : String(value);
    case "NUMERIC":
      return String(value).replace(/\.?0+$/, "");
    default:
      return typeof value === "boolean" ? value : String(value);
  }
}
