import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const CORE = "@dataform/core";

export interface TestProject {
  readonly dir: string;
  remove(): void;
}

/** A Dataform project of these files in a folder of its own. */
export function dataformProject(files: Readonly<Record<string, string>>): TestProject {
  const dir = mkdtempSync(join(tmpdir(), "filo-check-"));
  const core = dirname(createRequire(import.meta.url).resolve(`${CORE}/package.json`));
  cpSync(core, join(dir, "node_modules", CORE), { recursive: true });
  const settings = {
    "package.json": JSON.stringify({ dependencies: { [CORE]: "3.0.62" } }),
    "dataform.json": JSON.stringify({
      warehouse: "bigquery",
      defaultDatabase: "local",
      defaultLocation: "EU",
      defaultSchema: "shop",
      assertionSchema: "assertions",
    }),
  };
  for (const [name, text] of Object.entries({ ...settings, ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
