import { z } from "zod";
import { archiveConfig } from "../../core/cdp/archives.ts";

/** A source of type `segment` in filo.json: a folder of Segment archives. */
export const segmentConfig = z.strictObject({ type: z.literal("segment"), ...archiveConfig });
