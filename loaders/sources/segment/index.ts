import { resolve } from "node:path";
import { CDP_TABLES, eventStream } from "../../core/cdp/archives.ts";
import { type Dialect, objectOf } from "../../core/cdp/calls.ts";
import { defineSource } from "../../core/define-source.ts";
import { segmentConfig } from "./schema.ts";

/** Consents are flags by category. */
export const segmentDialect: Dialect = {
  consentOf(context, category) {
    const answer = objectOf(objectOf(context.consent).categoryPreferences)[category];
    return typeof answer === "boolean" ? answer : undefined;
  },
};

/** Site and shop events, from archives in the format of Segment's specification. */
export const segment = defineSource({
  type: "segment",
  config: segmentConfig,
  example: { type: "segment", path: "drops/segment" },
  tables: CDP_TABLES,
  streams({ path, consentCategories }, { name, dir, timeZone }) {
    const archive = { source: name, folder: resolve(dir, path), timeZone, consentCategories };
    return [eventStream(archive, segmentDialect)];
  },
});
