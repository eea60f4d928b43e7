import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineSource } from "../../core/define-source.ts";
import { CliError } from "../../core/errors.ts";
import { type Mapping, mappingSchema } from "./mapping.ts";
import { ENTITY_TABLES, fileFeedConfig } from "./schema.ts";
import { feedStream } from "./streams.ts";

/** Any CSV or NDJSON, brought onto receipts, people or touches by a mapping file. */
export const fileFeed = defineSource({
  type: "file-feed",
  config: fileFeedConfig,
  example: { type: "file-feed", path: "drops/till", mapping: "mappings/till.json" },
  tables: Object.values(ENTITY_TABLES),
  streams(config, { name, dir, timeZone }) {
    const mapping = readMapping(resolve(dir, config.mapping));
    return [feedStream(mapping, { source: name, folder: resolve(dir, config.path), timeZone })];
  },
});

/** @throws CliError when the file cannot be read or is no valid mapping, naming each wrong place */
export function readMapping(path: string): Mapping {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CliError(`cannot read the mapping ${path}: ${(cause as Error).message}`, { cause });
  }
  const parsed = mappingSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(top)"}: ${issue.message}`,
  );
  throw new CliError(`${path} is not a valid mapping:\n${places.join("\n")}`);
}
