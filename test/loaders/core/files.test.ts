import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  type DeliveredFile,
  discoverFiles,
  type LedgerEntry,
  planFiles,
} from "../../../loaders/core/files.ts";

const file = (path: string, fileId: string): DeliveredFile => ({
  path,
  fileId,
  absolutePath: `/${path}`,
  size: 1,
});

const ledgerOf = (...entries: [path: string, fileId: string, status?: LedgerEntry["status"]][]) =>
  new Map(
    entries.map(([path, fileId, status = "accepted"]) => [
      fileId,
      { fileId, path, status, firstSeenAt: "2026-01-01T00:00:00Z" },
    ]),
  );

describe("the plan of a folder", () => {
  it("reads new and refused content, and skips what is accepted", () => {
    const ledger = ledgerOf(["a", "A"], ["b", "B", "rejected"]);
    const plan = planFiles([file("a", "A"), file("b", "B"), file("c", "C")], [], ledger, false);
    expect(plan.toRead.map(({ path }) => path)).toEqual(["b", "c"]);
    expect(plan.skipped).toBe(1);
    expect(plan.replaced.size).toBe(0);
  });

  it("replaces the content whose name has another one now", () => {
    const plan = planFiles([file("a", "A2")], [], ledgerOf(["a", "A"]), false);
    expect([...plan.replaced]).toEqual([["A", "A2"]]);
  });

  it("does not replace a content that only moved to another name", () => {
    const ledger = ledgerOf(["a", "A"]);
    const plan = planFiles([file("a", "A2"), file("b", "A")], [], ledger, false);
    expect(plan.toRead.map(({ fileId }) => fileId)).toEqual(["A2"]);
    expect(plan.replaced.size).toBe(0);
  });

  it("leaves the content of files that are gone alone", () => {
    expect(planFiles([], [], ledgerOf(["gone", "G"]), false).replaced.size).toBe(0);
  });

  it("leaves every delivered content loaded once, however files are renamed and rewritten", () => {
    const nights = fc.array(
      fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2", "3", "4")),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(nights, (folders) => {
        const ledger = new Map<string, LedgerEntry>();
        for (const folder of folders) {
          const files = Object.entries(folder)
            .map(([path, fileId]) => file(path, fileId))
            .sort((x, y) => (x.path < y.path ? -1 : 1));
          const plan = planFiles(files, [], ledger, false);
          for (const { path, fileId } of plan.toRead) {
            const entry = { fileId, path, status: "accepted", firstSeenAt: "" };
            ledger.set(fileId, entry as LedgerEntry);
          }
          for (const older of plan.replaced.keys()) {
            const entry = ledger.get(older);
            if (entry) ledger.set(older, { ...entry, status: "superseded" });
          }
          for (const { fileId } of files) expect(ledger.get(fileId)?.status).toBe("accepted");
        }
      }),
    );
  });
});

describe("looking twice", () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  /** A folder of files, and what two looks at it find; `meanwhile` happens in the pause. */
  async function look(
    names: readonly string[],
    meanwhile: (folder: string) => void,
    isKnown: (fileId: string) => boolean = () => false,
  ) {
    const folder = mkdtempSync(join(tmpdir(), "filo-files-"));
    folders.push(folder);
    for (const name of names) writeFileSync(join(folder, name), name);
    const pauses: number[] = [];
    const found = await discoverFiles({ folder, patterns: ["*.csv"] }, isKnown, async (ms) => {
      pauses.push(ms);
      meanwhile(folder);
    });
    return { pauses, read: found.files.map(({ path }) => path), growing: found.growing };
  }

  it("pauses once for the folder, however many files there are", async () => {
    const { pauses, read } = await look(["a.csv", "b.csv", "c.csv"], () => {});
    expect(pauses).toHaveLength(1);
    expect(read).toEqual(["a.csv", "b.csv", "c.csv"]);
  });

  it("leaves what grew or went away, and reads the rest", async () => {
    const { read, growing } = await look(["a.csv", "b.csv", "c.csv"], (folder) => {
      appendFileSync(join(folder, "a.csv"), "more");
      rmSync(join(folder, "b.csv"));
    });
    expect(read).toEqual(["c.csv"]);
    expect([...growing].sort()).toEqual(["a.csv", "b.csv"]);
  });

  it("believes a marker, and needs no pause for contents that are known", async () => {
    const marked = await look(["a.csv", "a.csv.done"], () => {});
    expect(marked).toMatchObject({ pauses: [], read: ["a.csv"] });
    expect(
      await look(
        ["a.csv"],
        () => {},
        () => true,
      ),
    ).toMatchObject({ pauses: [] });
  });
});
