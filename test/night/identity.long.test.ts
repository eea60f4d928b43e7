import { describe, expect, test } from "vitest";
import { scoreIdentity } from "./identity-score.ts";
import { filo, makeWorld } from "./world.ts";

// Other worlds: FILO_IDENTITY_SEEDS=11,12 FILO_IDENTITY_CUSTOMERS=5000 npm run test:long -- test/night/identity
const SEEDS = (process.env.FILO_IDENTITY_SEEDS ?? "11").split(",").map(Number);
const CUSTOMERS = Number(process.env.FILO_IDENTITY_CUSTOMERS ?? 1_500);

describe.each(SEEDS)("customers of world %i", (seed) => {
  test("are the people: nine pairs of records in ten are one person, and most of theirs are found", async () => {
    const world = await makeWorld(seed, CUSTOMERS);
    try {
      const night = await filo(["nightly", "--config", world.config]);
      expect(night.stdout, night.stdout + night.stderr).toMatch(/\d+ laws hold, 0 do not/);
      const score = await scoreIdentity(world);
      console.info(`seed ${seed}, ${CUSTOMERS} people: ${JSON.stringify(score)}`);
      expect(score.precision).toBeGreaterThanOrEqual(0.9);
      expect(score.recall).toBeGreaterThanOrEqual(0.85);
    } finally {
      world.remove();
    }
  });
});
