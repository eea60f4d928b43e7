import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { generate, readSummary, SandboxError } from "../../sandbox/index.ts";
import { filesIn, tempDir } from "./worlds.ts";

const temps: (() => void)[] = [];
const newDir = () => {
  const { dir, remove } = tempDir();
  temps.push(remove);
  return dir;
};
afterEach(() => {
  for (const remove of temps.splice(0)) remove();
});

const fingerprints = (dir: string) =>
  filesIn(dir).map(
    (name) =>
      `${name} ${createHash("sha256")
        .update(readFileSync(join(dir, name)))
        .digest("hex")}`,
  );

describe("generate", () => {
  it("makes the same bytes of the same seed, also over an older world, and others of another", async () => {
    const [one, two, three] = [newDir(), newDir(), newDir()];
    const size = { customers: 150, events: 4_000 };
    await generate({ ...size, seed: 5, outDir: one });
    await generate({ customers: 80, seed: 9, outDir: two });
    await generate({ ...size, seed: 5, outDir: two });
    await generate({ ...size, seed: 6, outDir: three });
    expect(fingerprints(two)).toEqual(fingerprints(one));
    expect(readFileSync(join(three, "truth", "people.ndjson"))).not.toEqual(
      readFileSync(join(one, "truth", "people.ndjson")),
    );
  });

  it("makes at least the events asked for, and says what it made", async () => {
    const dir = newDir();
    const summary = await generate({ seed: 2, customers: 100, events: 9_000, outDir: dir });
    expect(summary.events).toBeGreaterThanOrEqual(9_000);
    expect(summary.events).toBeLessThan(9_000 * 1.1);
    expect(readSummary(dir)).toEqual(summary);
    expect(filesIn(join(dir, "drops"))).toHaveLength(summary.files);
  });

  it("makes a world of one customer", async () => {
    const dir = newDir();
    expect(await generate({ seed: 1, customers: 1, outDir: dir })).toMatchObject({ customers: 1 });
  });

  it("leaves alone what no world left there", async () => {
    const dir = newDir();
    mkdirSync(join(dir, "drops"));
    writeFileSync(join(dir, "drops", "mine.csv"), "x");
    await expect(generate({ seed: 1, customers: 10, outDir: dir })).rejects.toThrow(SandboxError);
    expect(existsSync(join(dir, "drops", "mine.csv"))).toBe(true);
    expect(readSummary(dir)).toBeNull();
  });

  it("makes a world again whose making was cut short", async () => {
    const [dir, whole] = [newDir(), newDir()];
    const options = { seed: 3, customers: 60, events: 1_000 };
    await generate({ ...options, outDir: whole });
    await generate({ ...options, outDir: dir });
    for (const part of ["filo.json", "drops", "mappings"])
      rmSync(join(dir, part), { recursive: true });
    await generate({ ...options, outDir: dir });
    expect(fingerprints(dir)).toEqual(fingerprints(whole));
  });

  it("refuses a size that makes no world", async () => {
    await expect(generate({ seed: 1, customers: 0, outDir: newDir() })).rejects.toThrow(
      "customers 0",
    );
    await expect(generate({ seed: 0.5, customers: 10, outDir: newDir() })).rejects.toThrow(
      "seed 0.5",
    );
  });
});
