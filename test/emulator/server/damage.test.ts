import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runScript } from "../../../emulator/script/run.ts";
import {
  openWarehouse,
  type Warehouse,
  withSession,
} from "../../../emulator/warehouse/warehouse.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "filo-damage-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const open = () => openWarehouse(dir, "local", { threads: 1 });
const file = () => join(dir, "warehouse.duckdb");

async function run(warehouse: Warehouse, text: string): Promise<void> {
  await withSession(warehouse, (session) => runScript(text, session, {}));
}

/** A folder with a table of some blocks; gives the bytes of its file. */
async function filledFolder(): Promise<Buffer> {
  const warehouse = await open();
  await run(warehouse, "create schema d");
  await run(
    warehouse,
    "create table d.t as select x, to_hex(sha256(cast(x as string))) as s from unnest(generate_array(1, 20000)) as x",
  );
  await warehouse.close();
  return readFile(file());
}

/** DuckDB's checksum of a file's first block: its first 8 bytes are that of the others. */
function checksum(block: Buffer): bigint {
  let sum = 5381n;
  for (let offset = 8; offset < 4096; offset += 8)
    sum ^= BigInt.asUintN(64, block.readBigUInt64LE(offset) * 0xbf58476d1ce4e5b9n);
  return sum;
}

describe("what keeps a folder from being opened is said with what to do", () => {
  test("a file that is no database", async () => {
    await writeFile(file(), "this is a shopping list");
    await expect(open()).rejects.toThrow(/is damaged: put a copy in its place/);
    expect(String(await readFile(file()))).toBe("this is a shopping list");
  });

  test("a file with a damaged block", async () => {
    const bytes = await filledFolder();
    bytes.fill(0x41, 4096, 8192).fill(0x41, 8192, 12_288);
    await writeFile(file(), bytes);
    await expect(open()).rejects.toThrow(/is damaged/);
  });

  test("a file of a newer version", async () => {
    const bytes = await filledFolder();
    // "DUCK" and then the version of the format, behind the checksum.
    expect(bytes.readBigUInt64LE(0)).toBe(checksum(bytes));
    bytes.writeBigUInt64LE(9999n, 12);
    bytes.writeBigUInt64LE(checksum(bytes), 0);
    await writeFile(file(), bytes);
    await expect(open()).rejects.toThrow(/written by another version .*start that version/);
    expect(bytes.equals(await readFile(file()))).toBe(true);
  });

  test("a folder that cannot be written", async () => {
    await writeFile(join(dir, "file"), "");
    const opened = openWarehouse(join(dir, "file", "data"), "local");
    await expect(opened).rejects.toThrow(/cannot be written: give this user the right/);
  });
});

describe("while the warehouse is open", () => {
  test("rows in damaged blocks are never answered with", async () => {
    const bytes = await filledFolder();
    bytes.fill(0x41, 12_288);
    await writeFile(file(), bytes);
    const read = open().then((warehouse) => run(warehouse, "select max(s) from d.t"));
    await expect(read).rejects.toThrow(/is damaged: put a copy in its place/);
  });

  test.runIf(existsSync("/dev/full"))(
    "a full disk fails the statement and nothing else",
    async () => {
      await (await open()).close();
      await symlink("/dev/full", `${file()}.wal`);
      const warehouse = await open();
      await expect(run(warehouse, "create schema d")).rejects.toMatchObject({
        reason: "resourcesExceeded",
        message: expect.stringMatching(/the disk of the data folder is full; free some space/),
      });
      expect(warehouse.catalogue.dataset("local", "d")).toBeUndefined();
      await run(warehouse, "select 1");
      await warehouse.close();
    },
  );
});
