import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { quoteText } from "../sql/types.ts";
import { damage } from "./damage.ts";

export interface DatabaseOptions {
  /** DuckDB's `memory_limit`, such as "2GB"; what does not fit goes to the data folder's `tmp`. */
  readonly memoryLimit?: string;
  /** The most that may go to `tmp`, such as "50GB". A statement that needs more fails. */
  readonly spillLimit?: string;
  readonly threads?: number;
}

/** With Node.js around it the process stays under 1 GB. */
const DEFAULT_MEMORY_LIMIT = "700MB";
/** A statement that has gone astray must not fill the disk. */
const DEFAULT_SPILL_LIMIT = "20GB";

/** DuckDB's name of the database that holds the datasets: it follows the file's name. */
export const WAREHOUSE_DATABASE = "warehouse";

export interface Database {
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * Opens `<dataDir>/warehouse.duckdb`. Throws when another process has it open, and with what to do when the folder cannot
 * be written, the disk is full, or the file is damaged or of another version.
 */
export async function openDatabase(
  dataDir: string,
  options: DatabaseOptions = {},
): Promise<Database> {
  try {
    return await open(dataDir, options);
  } catch (error) {
    const words = error instanceof Error ? damage(error.message, dataDir) : undefined;
    throw words === undefined ? error : new Error(words, { cause: error });
  }
}

async function open(dataDir: string, options: DatabaseOptions): Promise<Database> {
  const spill = join(dataDir, "tmp");
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(join(dataDir, `${WAREHOUSE_DATABASE}.duckdb`), {
    memory_limit: options.memoryLimit ?? DEFAULT_MEMORY_LIMIT,
    threads: String(options.threads ?? availableParallelism()),
    temp_directory: spill,
    max_temp_directory_size: options.spillLimit ?? DEFAULT_SPILL_LIMIT,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // The NULL order of GoogleSQL: first when ascending, last when descending.
    default_null_order: "nulls_first_on_asc_last_on_desc",
  });
  // The folder is ours from here on: a server that was killed may have left its spilled rows.
  await rm(spill, { recursive: true, force: true });
  const first = await instance.connect();
  await first.run("SET GLOBAL TimeZone = 'UTC'");
  await confine(first, dataDir);
  first.closeSync();
  return {
    connect: () => instance.connect(),
    close: () => instance.closeSync(),
  };
}

/**
 * The data folder is all that DuckDB may read or write, and nothing can change that: should a query ever reach DuckDB
 * in words that the translator did not choose, it finds no file, no network and no setting.
 */
async function confine(connection: DuckDBConnection, dataDir: string): Promise<void> {
  const folders = [...new Set([dataDir, resolve(dataDir)])].map((folder) =>
    quoteText(`${folder}/`),
  );
  await connection.run(`SET GLOBAL allowed_directories = [${folders.join(", ")}]`);
  await connection.run("SET GLOBAL enable_external_access = false");
  await connection.run("SET GLOBAL lock_configuration = true");
}
