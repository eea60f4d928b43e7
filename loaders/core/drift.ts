/** Counts fields that were delivered without being expected. */
export interface Drift {
  count(path: string, kind: string): void;
  /** Rows of `ops.schema_drift`, most frequent first. */
  rows(): readonly { readonly path: string; readonly kind: string; readonly count: number }[];
}

/** More different fields than this are not drift but keys that hold data; the rest is counted together. */
const MAX_PATHS = 200;

export function createDrift(): Drift {
  const counts = new Map<string, { path: string; kind: string; count: number }>();
  return {
    count(path, kind) {
      const place = counts.size < MAX_PATHS || counts.has(`${kind} ${path}`) ? path : "(others)";
      const key = `${kind} ${place}`;
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { path: place, kind, count: 1 });
    },
    rows: () => [...counts.values()].sort((a, b) => b.count - a.count),
  };
}
