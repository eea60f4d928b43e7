import { commifyVendor } from "./commify.ts";
import type { Vendor } from "./define-vendor.ts";
import { type Fault, faultBoard, type VendorName } from "./faults.ts";
import { googleVendor } from "./google.ts";
import { hubspotVendor } from "./hubspot.ts";
import { metaVendor } from "./meta.ts";
import { tiktokVendor } from "./tiktok.ts";
import { twilioVendor } from "./twilio.ts";

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

const VENDORS = [
  metaVendor,
  googleVendor,
  tiktokVendor,
  twilioVendor,
  commifyVendor,
  hubspotVendor,
] as const;

type SecretsOf<V> = V extends Vendor<infer Secret> ? Secret : never;
type Secrets = SecretsOf<(typeof VENDORS)[number]>;

/** The simulated vendors, listening on loopback. */
export interface Vendors {
  /** Base address per vendor: what `sandbox://NAME` stands for. */
  readonly addresses: Readonly<Record<VendorName, string>>;
  /** The credentials they accept, by environment variable. */
  readonly env: Readonly<Record<Secrets, string>>;
  /** Requests answered so far, by vendor and route, such as `meta rows`. */
  requests(): Readonly<Record<string, number>>;
  setFaults(faults: readonly Fault[]): void;
  /** Moves the morning on which the vendors answer; null: everything is known. */
  setAsOf(day: string | null): void;
  close(): Promise<void>;
}

/**
 * Starts the vendors' servers over the data that `generate` left in `dir`. Their answers depend on the
 * data, the faults and the order of requests; never on the clock.
 */
export async function startVendors(dir: string, options: VendorOptions = {}): Promise<Vendors> {
  const faults = faultBoard(options.faults ?? []);
  const counts: Record<string, number> = {};
  let asOf = options.asOf ?? null;
  const started = VENDORS.map((vendor) => ({
    vendor,
    server: vendor.server({
      dir,
      faults,
      asOf: () => asOf,
      polls: (earlier) => options.polls ?? (earlier % 10 === 0 ? 3 : 1),
      count: (route) => {
        const name = `${vendor.name} ${route}`;
        counts[name] = (counts[name] ?? 0) + 1;
      },
    }),
  }));
  const addresses = await Promise.all(
    started.map(async ({ vendor, server }) => [
      vendor.name,
      await server.listen({ host: "127.0.0.1", port: 0 }),
    ]),
  );
  return {
    addresses: Object.fromEntries(addresses) as Vendors["addresses"],
    env: Object.assign({}, ...VENDORS.map(({ env }) => env)) as Vendors["env"],
    requests: () => ({ ...counts }),
    setFaults: faults.set,
    setAsOf: (day) => {
      asOf = day;
    },
    close: async () => {
      await Promise.all(
        started.map(({ server }) => {
          server.server.closeAllConnections();
          return server.close();
        }),
      );
    },
  };
}
