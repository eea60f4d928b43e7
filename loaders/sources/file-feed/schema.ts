import { z } from "zod";

/** A source of type `file-feed` in filo.json: any CSV or NDJSON, brought onto an entity by a mapping. */
export const fileFeedConfig = z.strictObject({
  type: z.literal("file-feed"),
  path: z.string().describe("Folder of the files, relative to filo.json"),
  mapping: z.string().describe("The mapping file, relative to filo.json"),
});

export type FileFeedConfig = z.infer<typeof fileFeedConfig>;
