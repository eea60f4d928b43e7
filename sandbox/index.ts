export {
  type GenerateOptions,
  generate,
  readSummary,
  SandboxError,
  type Summary,
} from "./generate.ts";
export type { Fault, FaultKind } from "./vendors/faults.ts";
export { startVendors, type VendorOptions, type Vendors } from "./vendors/index.ts";
