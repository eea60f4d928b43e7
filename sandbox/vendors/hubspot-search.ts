import { z } from "zod";
import type { HubspotRecord } from "./hubspot-books.ts";
import { invalid } from "./hubspot-protocol.ts";

const filter = z.strictObject({
  propertyName: z.string(),
  operator: z.enum(["EQ", "GT", "GTE", "LT", "LTE"]),
  value: z.string(),
});

const sort = z.strictObject({
  propertyName: z.string(),
  direction: z.enum(["ASCENDING", "DESCENDING"]),
});

const searchSchema = z.strictObject({
  filterGroups: z
    .array(z.strictObject({ filters: z.array(filter).min(1).max(6) }))
    .max(5)
    .default([]),
  /** One sorting rule, no more. */
  sorts: z.array(sort).max(1).default([]),
  properties: z.array(z.string()).default([]),
  limit: z.int().min(1).default(10),
  after: z.string().regex(/^\d+$/).optional(),
});

export type Search = z.infer<typeof searchSchema>;

export function parseSearch(body: unknown): Search {
  const parsed = searchSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join("."));
  throw invalid(`invalid input: ${paths.join(", ")}`);
}

type Comparable = number | string;

const DATES: ReadonlySet<string> = new Set(["createdate", "lastmodifieddate"]);

/** Dates and numbers compare as such; a date is given in milliseconds or as ISO text. */
function comparable(name: string, value: string | null | undefined): Comparable | undefined {
  if (value === null || value === undefined) return undefined;
  if (DATES.has(name)) return /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  return name === "hs_object_id" ? Number(value) : value;
}

const OPERATORS: Readonly<
  Record<z.infer<typeof filter>["operator"], (own: Comparable, other: Comparable) => boolean>
> = {
  EQ: (own, other) => own === other,
  GT: (own, other) => own > other,
  GTE: (own, other) => own >= other,
  LT: (own, other) => own < other,
  LTE: (own, other) => own <= other,
};

/** Whether all filters of any group hold. */
export function matches({ properties }: HubspotRecord, groups: Search["filterGroups"]): boolean {
  if (groups.length === 0) return true;
  return groups.some(({ filters }) =>
    filters.every(({ propertyName, operator, value }) => {
      const own = comparable(propertyName, properties[propertyName]);
      const other = comparable(propertyName, value);
      return own !== undefined && other !== undefined && OPERATORS[operator](own, other);
    }),
  );
}

export function sorted(
  records: readonly HubspotRecord[],
  [rule]: Search["sorts"],
): readonly HubspotRecord[] {
  if (!rule) return records;
  const { propertyName, direction } = rule;
  const sign = direction === "ASCENDING" ? 1 : -1;
  const key = ({ properties }: HubspotRecord) =>
    comparable(propertyName, properties[propertyName]) ?? "";
  return records.toSorted((a, b) => {
    const [one, two] = [key(a), key(b)];
    return one === two ? 0 : sign * (one < two ? -1 : 1);
  });
}
