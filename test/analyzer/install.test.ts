import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeAbandoned } from "../../analyzer/install.ts";

test("what a killed installation left is removed after an hour, and nothing else", () => {
  const room = mkdtempSync(join(tmpdir(), "filo-install-"));
  const long = new Date(Date.now() - 2 * 3_600_000);
  for (const name of [".install-old", ".install-new", ".installed", "other"]) {
    mkdirSync(join(room, name));
    writeFileSync(join(room, name, "package.json"), "{}");
    if (name !== ".install-new") utimesSync(join(room, name), long, long);
  }
  removeAbandoned(room);
  expect(readdirSync(room).sort()).toEqual([".install-new", ".installed", "other"]);
  rmSync(room, { recursive: true });
});
