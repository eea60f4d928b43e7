export {
  type GenerateOptions,
  generate,
  readSummary,
  SandboxError,
  type Summary,
} from "./generate.ts";
