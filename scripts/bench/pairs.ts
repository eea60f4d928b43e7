/** The least, the middle and the greatest of several measurements. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** One way of doing something: it returns how long it took, in ms. */
export type Side = () => Promise<number>;

/**
 * Measures every side once per round, one after the other, so that whatever else the machine does meets all of them
 * alike.
 */
export async function interleave<Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, Side>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(sides) as Name[];
  const times = {} as Record<Name, number[]>;
  for (const name of names) times[name] = [];
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      times[name].push(await sides[name]());
    }
  }
  return times;
}

/** Measures one call, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    min: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    max: at(sorted.length - 1),
  };
}

/** How many times as long as `below` each of `above` took, round by round. */
export function ratios(above: readonly number[], below: readonly number[]): readonly number[] {
  return above.map((ms, i) => ms / (below[i] ?? Number.NaN));
}
