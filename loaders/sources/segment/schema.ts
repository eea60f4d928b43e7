import { z } from "zod";

/** A source of type `segment` in filo.json: a folder of Segment archives. */
export const segmentConfig = z.strictObject({
  type: z.literal("segment"),
  path: z.string().describe("Folder of the archives, relative to filo.json"),
  consentCategories: z
    .strictObject({ analytics: z.string(), advertising: z.string() })
    .default({ analytics: "analytics", advertising: "advertising" })
    .describe("The names of the two consents in context.consent.categoryPreferences"),
});

export type SegmentConfig = z.infer<typeof segmentConfig>;
