import type { Partitioning, TableEntry } from "../../warehouse/session.ts";
import { compileExpression } from "../compile.ts";
import { labelsOption, type Option, textOption } from "./options.ts";
import type { Context } from "./statement.ts";

/** What OPTIONS(…) of a table or view set in its catalogue entry. */
export interface TableSettings
  extends Pick<TableEntry, "description" | "friendlyName" | "labels" | "expiresAt" | "options"> {
  /** The options that belong to its partitioning. */
  readonly partition: Partial<Pick<Partitioning, "expirationMs" | "requireFilter">>;
}

const OWN = [
  "description",
  "friendly_name",
  "labels",
  "expiration_timestamp",
  "partition_expiration_days",
  "require_partition_filter",
];
const DAY_MS = 86_400_000;

export async function tableSettings(
  options: readonly Option[],
  context: Context,
): Promise<TableSettings> {
  const find = (name: string) => options.find((option) => option.name === name);
  const description = textOption(options, "description");
  const friendlyName = textOption(options, "friendly_name");
  const labels = labelsOption(options);
  const expiration = find("expiration_timestamp");
  const days = find("partition_expiration_days");
  const filter = find("require_partition_filter");
  const others = options.filter(({ name }) => !OWN.includes(name));
  const expiresAt = expiration && (await milliseconds(expiration, context));
  return {
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(labels === undefined ? {} : { labels }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(others.length === 0
      ? {}
      : { options: Object.fromEntries(others.map(({ name, value }) => [name, value.text])) }),
    partition: {
      ...(days ? { expirationMs: String(Math.round(Number(days.value.text) * DAY_MS)) } : {}),
      ...(filter ? { requireFilter: filter.value.text.toLowerCase() === "true" } : {}),
    },
  };
}

/** The instant that an option's expression means, in milliseconds since 1970; undefined for NULL. */
async function milliseconds(
  option: Option,
  { session, env }: Context,
): Promise<number | undefined> {
  const { sql } = compileExpression(option.value.text, env);
  const [[value] = []] = await session.rows(`SELECT epoch_ms((${sql})::TIMESTAMPTZ)`);
  return value === null || value === undefined ? undefined : Number(value);
}
