import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checksums, filo, makeWorld, startFilo, type World } from "./world.ts";

// Every source reaches the last day in this world: otherwise a night would end with 3.
const SEED = 56;
const CUSTOMERS = 400;

/** A random moment of each tenth of the night. Where in a stage it falls differs from machine to machine. */
const MOMENTS = fc
  .sample(fc.noBias(fc.integer({ min: 1, max: 99 })), { seed: SEED, numRuns: 10 })
  .map((draw, tenth) => (tenth * 100 + draw) / 1_000);

describe("a night that is killed and run again", () => {
  let undisturbed: World;
  let expected: Map<string, string>;
  let nightMs: number;

  beforeAll(async () => {
    undisturbed = await makeWorld(SEED, CUSTOMERS);
    const started = performance.now();
    const night = await filo(["nightly", "--config", undisturbed.config]);
    nightMs = performance.now() - started;
    expect(night.code, night.stdout + night.stderr).toBe(0);
    expected = await checksums(undisturbed.config, "marts");
  });
  afterAll(() => undisturbed.remove());

  test.each(MOMENTS)("at %f of its length", async (share) => {
    const world = await makeWorld(SEED, CUSTOMERS);
    try {
      const { child, ended } = startFilo(["nightly", "--config", world.config]);
      const timer = setTimeout(() => child.kill("SIGKILL"), nightMs * share);
      await ended;
      clearTimeout(timer);
      const again = await filo(["nightly", "--config", world.config]);
      expect(again.code, again.stdout + again.stderr).toBe(0);
      expect(await checksums(world.config, "marts")).toEqual(expected);
    } finally {
      world.remove();
    }
  });
});
