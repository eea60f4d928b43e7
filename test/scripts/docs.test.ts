import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/dataform.ts";
import { generatedFiles } from "../../scripts/docs.ts";

it("the generated documentation says what the code says (npm run docs writes it)", async () => {
  for (const { path, content } of await generatedFiles()) {
    expect(readFileSync(join(PROJECT_DIR, path), "utf8"), path).toBe(content);
  }
}, 60_000);
