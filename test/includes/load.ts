import { createRequire } from "node:module";
import { dirname } from "node:path";

/** The variables of dataform.json. */
const VARS = {
  asOf: "",
  runId: "test",
  timeZone: "Europe/Rome",
  currency: "EUR",
  defaultModel: "position_based",
};

/** An include of the models, loaded as Dataform loads it, with these variables and project settings. */
export function include<T>(
  name: string,
  vars: Partial<typeof VARS> = {},
  settings: Record<string, string> = {},
): T {
  const projectConfig = { defaultDatabase: "local", vars: { ...VARS, ...vars }, ...settings };
  Object.assign(globalThis, { dataform: { projectConfig } });
  const require = createRequire(import.meta.url);
  const path = require.resolve(`../../includes/${name}.js`);
  // Includes read the settings when they are loaded: each call loads them anew.
  for (const loaded of Object.keys(require.cache)) {
    if (dirname(loaded) === dirname(path)) delete require.cache[loaded];
  }
  return require(path) as T;
}
