import { expect } from "vitest";
import type { Bucket, RoasFigures } from "../../dashboard/queries/roas.ts";
import { AS_OF, type StaleWorld } from "./stale-world.ts";

/** First day of the period that the tests look at; its last is the last day counted. */
export const FROM = "2026-06-01";

export interface Overview {
  readonly totals: Readonly<Record<string, string>>;
  readonly buckets: readonly Bucket[];
  readonly platforms: readonly (RoasFigures & { channel: string; platform: string | null })[];
  readonly campaigns: readonly (RoasFigures & { campaign_name: string | null })[];
  readonly missing: readonly { date: string; source: string }[];
  readonly receipts: readonly {
    store_id: string | null;
    receipts: number;
    identified_receipts: number;
    identified_rate: string;
  }[];
}

/** What the dashboard's server answers. `world` is asked when a test runs: it is made only then. */
export function client(world: () => StaleWorld) {
  const get = async <T>(path: string, query: Record<string, string> = {}): Promise<T> => {
    const response = await fetch(`${world().url}/api/${path}?${new URLSearchParams(query)}`);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  };
  return {
    get,
    overview: (model: string, grain = "day") =>
      get<Overview>("overview", { from: FROM, to: AS_OF, model, grain }),
  };
}

/** Sum of decimal strings with up to nine digits after the point, exact. */
export function sum(amounts: readonly string[]): bigint {
  return amounts.reduce((total, text) => {
    const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
    const units = BigInt(whole + fraction.padEnd(9, "0"));
    return text.startsWith("-") ? total - units : total + units;
  }, 0n);
}
