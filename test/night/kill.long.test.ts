import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checksums, filo, makeWorld, startFilo, type World } from "./world.ts";

const SEED = 41;
const CUSTOMERS = 1_000;

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

  // Moments spread over the whole night; where in a stage each falls differs from machine to machine.
  test.each([0.08, 0.23, 0.41, 0.62, 0.83])("at %f of its length", async (share) => {
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
