import type { TestProject } from "vitest/node";
import { AnalyzerUnavailable } from "../../analyzer/errors.ts";
import { installAnalyzer } from "../../analyzer/install.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Why the GoogleSQL analyzer cannot run here; empty where it can. */
    analyzerMissing: string;
  }
}

/** Once, before all tests: installs the GoogleSQL analyzer. Where that cannot be, its tests are skipped. */
export async function setup(project: TestProject): Promise<void> {
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const missing = await installAnalyzer(tell).then(
    () => "",
    (error: unknown) => {
      if (error instanceof AnalyzerUnavailable) return error.message;
      throw error;
    },
  );
  if (missing !== "") tell(`tests that ask the GoogleSQL analyzer are skipped: ${missing}`);
  project.provide("analyzerMissing", missing);
}
