import { resolve } from "node:path";
import { CDP_TABLES, eventStream } from "../../core/cdp/archives.ts";
import { defineSource } from "../../core/define-source.ts";
import { rudderstackDialect } from "./dialect.ts";
import { rudderstackConfig } from "./schema.ts";

/** Site and shop events, from archives in the format of RudderStack's specification. */
export const rudderstack = defineSource({
  type: "rudderstack",
  config: rudderstackConfig,
  example: { type: "rudderstack", path: "drops/rudderstack" },
  tables: CDP_TABLES,
  streams({ path, consentCategories }, { name, dir, timeZone }) {
    const archive = { source: name, folder: resolve(dir, path), timeZone, consentCategories };
    return [eventStream(archive, rudderstackDialect)];
  },
});
