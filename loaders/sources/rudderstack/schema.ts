import { z } from "zod";
import { archiveConfig } from "../../core/cdp/archives.ts";

/** A source of type `rudderstack` in filo.json: a folder of RudderStack archives. */
export const rudderstackConfig = z.strictObject({
  type: z.literal("rudderstack"),
  ...archiveConfig,
});
