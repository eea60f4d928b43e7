import { differentialTests } from "./suite.ts";

/** A seed of one's own: `SEED=7 npm run test:long`. */
differentialTests({
  runs: 120,
  least: 100,
  mostRefused: 0.05,
  seed: Number(process.env.SEED ?? 20_240_310),
});
