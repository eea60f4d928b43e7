/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A stream of its own for one purpose (and one person, visit, day …): a new feature draws from a new purpose and so
 * leaves every other draw as it was.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (public domain), seeded by a 128-bit hash of
 * the three arguments. Own code because a million streams are made per world: seeding must cost nanoseconds.
 */
export function stream(seed: number, purpose: string, index = 0): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88 ^ index;
  let c = 0xb7e15162;
  for (let i = 0; i < purpose.length; i++) {
    a = Math.imul(a ^ purpose.charCodeAt(i), 0x85ebca6b);
    c = Math.imul(c ^ (a >>> 13), 0xc2b2ae35);
  }
  b = Math.imul(b ^ (b >>> 16), 0x45d9f3b);
  const random = sfc32(a, b, c);
  for (let i = 0; i < 12; i++) random();
  return random;
}

function sfc32(a: number, b: number, c: number): Random {
  let counter = 1;
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
}

export const chance = (random: Random, probability: number): boolean => random() < probability;

/** A whole number in [from, to], both included. */
export const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));

export function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new RangeError("cannot pick from an empty list");
  return item;
}

/** Mean 1 whatever `sigma` is, so that a rate stays a rate. */
export function logNormal(random: Random, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(sigma * normal - (sigma * sigma) / 2);
}

/** Knuth's method in pieces, so that a large mean does not underflow. */
export function poisson(random: Random, mean: number): number {
  let count = 0;
  let left = mean;
  while (left > 0) {
    const step = Math.min(left, 30);
    left -= step;
    for (let product = random(), limit = Math.exp(-step); product > limit; product *= random()) {
      count++;
    }
  }
  return count;
}

/** Draws positions in proportion to weights. */
export interface Weighted {
  readonly total: number;
  draw(random: Random): number;
}

export function weighted(weights: ArrayLike<number>): Weighted {
  const sums = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    total += weights[i] ?? 0;
    sums[i] = total;
  }
  return {
    total,
    draw(random) {
      const target = random() * total;
      let low = 0;
      let high = sums.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((sums[middle] ?? 0) > target) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

/** A version 4 UUID in form. */
export function uuid(random: Random): string {
  const hex = (digits: number) => {
    let text = "";
    while (text.length < digits) {
      text += Math.floor(random() * 65536)
        .toString(16)
        .padStart(4, "0");
    }
    return text;
  };
  const variant = "89ab"[Math.floor(random() * 4)];
  return `${hex(8)}-${hex(4)}-4${hex(4).slice(1)}-${variant}${hex(4).slice(1)}-${hex(12)}`;
}
