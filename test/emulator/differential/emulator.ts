import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Value } from "../../../analyzer/values.ts";
import { compileQuery } from "../../../emulator/sql/compile.ts";
import { registerNatives } from "../../../emulator/sql/functions/natives.ts";
import { formatType, type SqlType } from "../../../emulator/sql/types.ts";
import { type CellValue, cell } from "../../../emulator/warehouse/cells.ts";
import { fromDuckDB } from "../../../emulator/warehouse/errors.ts";
import { environment } from "../sql/support.ts";
import type { Answer } from "./answer.ts";

const env = environment();

/** The emulator's translator and a DuckDB of its own. */
export async function startEmulator() {
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    default_null_order: "nulls_first_on_asc_last_on_desc",
    threads: "1",
    memory_limit: "1GB",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  registerNatives(connection);
  return {
    evaluate: (sql: string) => evaluate(connection, sql),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function evaluate(connection: DuckDBConnection, sql: string): Promise<Answer> {
  try {
    const { sql: compiled, columns } = compileQuery(sql, env);
    const result = await connection.runAndReadAll(compiled);
    return {
      kind: "rows",
      types: columns.map(({ type }) => formatType(type)),
      rows: result
        .getRows()
        .map((row) =>
          columns.map(({ type }, i) => value(cell(row[i] ?? null, type, "ISO8601_STRING").v, type)),
        ),
    };
  } catch (error) {
    return failure(error);
  }
}

/** Types whose fractions of seconds the reference writes with six digits. */
const FRACTIONS = new Set(["TIME", "DATETIME", "TIMESTAMP", "INTERVAL"]);

/** A cell of BigQuery's REST as the reference's values are written. */
function value(cell: CellValue, type: SqlType): Value {
  if (cell === null) return null;
  if (typeof cell === "string") {
    if (type.kind === "FLOAT64") return Object.is(Number(cell), -0) ? "-0" : String(Number(cell));
    return FRACTIONS.has(type.kind)
      ? cell.replace(/\.\d+/, (digits) => digits.padEnd(7, "0"))
      : cell;
  }
  if ("f" in cell) {
    const fields = type.kind === "STRUCT" ? type.fields : [];
    return fields.map((field, i) => value(cell.f[i]?.v ?? null, field.type));
  }
  return type.kind === "ARRAY" ? cell.map(({ v }) => value(v, type.element)) : [];
}

/** DuckDB's complaint about the SQL that the emulator wrote is the emulator's fault, whatever the query was. */
const NOT_RUNNABLE =
  /^(Binder|Parser|Catalog|Not implemented|Dependency|INTERNAL|FATAL) Error|Invalid Error: (?!More than one row)/;

function failure(error: unknown): Answer {
  const raw = error instanceof Error ? error.message : String(error);
  if (NOT_RUNNABLE.test(raw) || error instanceof TypeError || error instanceof RangeError)
    return { kind: "broken", message: raw };
  const { message } = fromDuckDB(error);
  const isRefused = /not supported by the emulator/i.test(message);
  return { kind: isRefused ? "refused" : "error", message };
}
