import { type Fault, faultBoard } from "./faults.ts";
import { metaServer } from "./meta.ts";
import { readMetaBooks } from "./meta-rows.ts";

export interface VendorOptions {
  readonly faults?: readonly Fault[];
  /**
   * Answer as on the morning after this day (`YYYY-MM-DD`): its spend is provisional, and what
   * was bought later is unknown. By default everything is known and final.
   */
  readonly asOf?: string;
  /**
   * How many polls every asynchronous report takes. By default one in ten takes three, the first among them, and
   * the others one: a loader must wait, and a night need not wait long.
   */
  readonly polls?: number;
}

/** The simulated vendors, listening on loopback. */
export interface Vendors {
  /** Base address per vendor: what `sandbox://NAME` stands for. */
  readonly addresses: { readonly meta: string };
  /** The credentials they accept, by environment variable. */
  readonly env: { readonly META_ACCESS_TOKEN: string };
  /** Requests answered so far, by vendor and route, such as `meta rows`. */
  requests(): Readonly<Record<string, number>>;
  setFaults(faults: readonly Fault[]): void;
  /** Moves the morning on which the vendors answer; null: everything is known. */
  setAsOf(day: string | null): void;
  close(): Promise<void>;
}

const META_TOKEN = "EAASandboxVentolanaNotASecret";

/**
 * Starts the vendors' servers over the data that `generate` left in `dir`. Their answers depend on the
 * data, the faults and the order of requests; never on the clock.
 */
export async function startVendors(dir: string, options: VendorOptions = {}): Promise<Vendors> {
  const faults = faultBoard(options.faults ?? []);
  const counts: Record<string, number> = {};
  let asOf = options.asOf ?? null;
  const meta = metaServer({
    books: readMetaBooks(dir),
    token: META_TOKEN,
    faults,
    asOf: () => asOf,
    polls: (earlier) => options.polls ?? (earlier % 10 === 0 ? 3 : 1),
    count: (route) => {
      counts[`meta ${route}`] = (counts[`meta ${route}`] ?? 0) + 1;
    },
  });
  return {
    addresses: { meta: await meta.listen({ host: "127.0.0.1", port: 0 }) },
    env: { META_ACCESS_TOKEN: META_TOKEN },
    requests: () => ({ ...counts }),
    setFaults: faults.set,
    setAsOf: (day) => {
      asOf = day;
    },
    close: async () => {
      meta.server.closeAllConnections();
      await meta.close();
    },
  };
}
