import { createRequire } from "node:module";

/** What Dataform gives its includes: the project's settings. */
const projectConfig = {
  defaultDatabase: "local",
  vars: {
    asOf: "",
    runId: "test",
    timeZone: "Europe/Rome",
    currency: "EUR",
    defaultModel: "position_based",
  },
};

/** An include of the models, loaded as Dataform loads it. */
export function include<T>(name: string): T {
  Object.assign(globalThis, { dataform: { projectConfig } });
  return createRequire(import.meta.url)(`../../includes/${name}.js`) as T;
}
