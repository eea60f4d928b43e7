import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logNormal, poisson, stream, uuid, weighted } from "../../sandbox/random.ts";

const draws = (seed: number, purpose: string, index: number, count = 5) => {
  const random = stream(seed, purpose, index);
  return Array.from({ length: count }, random);
};

describe("stream", () => {
  it("gives the same numbers for the same seed, purpose and index, others for others", () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.nat(), (seed, purpose, index) => {
        expect(draws(seed, purpose, index)).toEqual(draws(seed, purpose, index));
        expect(draws(seed, purpose, index)).not.toEqual(draws(seed + 1, purpose, index));
        expect(draws(seed, purpose, index)).not.toEqual(draws(seed, `${purpose}x`, index));
        expect(draws(seed, purpose, index)).not.toEqual(draws(seed, purpose, index + 1));
      }),
    );
  });

  it("is uniform and uncorrelated from one index and one purpose to the next", () => {
    const first = Array.from({ length: 20_000 }, (_, i) => draws(7, "a", i, 1)[0] ?? 0);
    const next = Array.from({ length: 20_000 }, (_, i) => draws(7, "b", i, 1)[0] ?? 0);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const correlation = (a: number[], b: number[]) =>
      12 * mean(a.map((x, i) => (x - 0.5) * ((b[i] ?? 0) - 0.5)));
    // Four standard errors of 20,000 draws.
    expect(Math.abs(mean(first) - 0.5)).toBeLessThan(0.0082);
    expect(Math.abs(correlation(first, next))).toBeLessThan(0.029);
    expect(Math.abs(correlation(first.slice(1), first))).toBeLessThan(0.029);
  });
});

describe("distributions", () => {
  it("keep their mean", () => {
    const random = stream(3, "distributions");
    const mean = (draw: () => number) =>
      Array.from({ length: 20_000 }, draw).reduce((a, b) => a + b, 0) / 20_000;
    expect(mean(() => poisson(random, 2.5))).toBeCloseTo(2.5, 1);
    expect(mean(() => poisson(random, 200)) / 200).toBeCloseTo(1, 1);
    expect(mean(() => logNormal(random, 0.9))).toBeCloseTo(1, 1);
  });

  it("draw positions in proportion to weights, and never one of weight 0", () => {
    const random = stream(4, "weights");
    const { draw, total } = weighted([1, 0, 3]);
    const counts = [0, 0, 0];
    for (let i = 0; i < 10_000; i++) {
      const position = draw(random);
      counts[position] = (counts[position] ?? 0) + 1;
    }
    expect(total).toBe(4);
    expect(counts[1]).toBe(0);
    expect((counts[2] ?? 0) / ((counts[0] ?? 0) + (counts[2] ?? 0))).toBeCloseTo(0.75, 1);
  });

  it("make UUIDs of version 4", () => {
    expect(uuid(stream(1, "uuid"))).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
