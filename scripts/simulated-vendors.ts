import { startVendors } from "../sandbox/index.ts";
import type { FiloConfig } from "./config.ts";

const SANDBOX_URL = /^sandbox:\/\/([a-z-]+)$/;

/**
 * In a simulated world, starts its vendors' servers and points the sources at them: `sandbox://meta` becomes the
 * address of the simulated Meta, and the tokens they accept stand in the environment. Elsewhere the configuration comes back as it is.
 */
export async function withVendors<T>(
  config: FiloConfig,
  work: (config: FiloConfig) => Promise<T>,
): Promise<T> {
  if (!config.sandbox) return work(config);
  const vendors = await startVendors(config.sandbox.dir);
  const addresses: Readonly<Record<string, string>> = vendors.addresses;
  Object.assign(process.env, vendors.env);
  const resolved = Object.fromEntries(
    Object.entries(config.sources).map(([name, source]) => [
      name,
      Object.fromEntries(
        Object.entries(source).map(([key, value]) => {
          const vendor = typeof value === "string" ? SANDBOX_URL.exec(value)?.[1] : undefined;
          return [key, vendor === undefined ? value : (addresses[vendor] ?? value)];
        }),
      ),
    ]),
  ) as FiloConfig["sources"];
  try {
    return await work({ ...config, sources: resolved });
  } finally {
    await vendors.close();
  }
}
