import type { FastifyInstance } from "fastify";
import type { FaultBoard, VendorName } from "./faults.ts";

/** What every simulated vendor is given. */
export interface VendorContext {
  /** The folder of the world. */
  readonly dir: string;
  readonly faults: FaultBoard;
  /** The last day of which the vendor knows, read anew for every request; null for all. */
  readonly asOf: () => string | null;
  /** How many polls an asynchronous report takes, by the number of reports before it. */
  readonly polls: (earlier: number) => number;
  readonly count: (route: string) => void;
}

/** A simulated vendor: its name, the credentials it accepts by environment variable, and its server. */
export interface Vendor<Secret extends string> {
  readonly name: VendorName;
  readonly env: Readonly<Record<Secret, string>>;
  server(context: VendorContext): FastifyInstance;
}
