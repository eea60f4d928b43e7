import { resolve } from "node:path";
import { defineSource } from "../../core/define-source.ts";
import { identifies, pages, segmentConfig, tracks } from "./schema.ts";
import { eventStream } from "./streams.ts";

/** Site and shop events, from archives in the format of Segment's specification. */
export const segment = defineSource({
  type: "segment",
  config: segmentConfig,
  example: { type: "segment", path: "drops/segment" },
  tables: [tracks, identifies, pages],
  streams({ path, consentCategories }, { name, dir, timeZone }) {
    return [eventStream({ source: name, folder: resolve(dir, path), timeZone, consentCategories })];
  },
});
