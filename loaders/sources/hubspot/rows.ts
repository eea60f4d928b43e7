import { canonicalJson } from "../../core/canonical-json.ts";
import { takeContacts } from "../../core/contact-values.ts";
import { isoTimestamp } from "../../core/dates.ts";
import type { Outcome } from "../../core/define-stream.ts";
import { type ContactValues, rowHash } from "../../core/pii.ts";
import { CONTACT_PROPERTIES, contactRecord, contacts, type HubspotConfig } from "./schema.ts";

type Properties = Readonly<Record<string, string | null>>;

/** Fields of a record that are known; others are counted and kept. */
const EXPECTED: ReadonlySet<string> = new Set([
  "id",
  "properties",
  "createdAt",
  "updatedAt",
  "archived",
  "archivedAt",
  "url",
]);

/** Properties of HubSpot's own that are asked for besides those of the configuration. */
export const OWN_PROPERTIES = [
  ...CONTACT_PROPERTIES,
  "lifecyclestage",
  "hs_merged_object_ids",
] as const;

/** Properties that come unasked and say again what the record's own fields say. */
const RECORD_PROPERTIES = ["hs_object_id", "createdate", "lastmodifieddate"];

/** One contact as a row. Its contact values are taken out of everything that is kept. */
export function contactOutcome(
  delivered: unknown,
  names: HubspotConfig["properties"],
  drift: (path: string, kind: string) => void,
): Outcome {
  const parsed = contactRecord.safeParse(delivered);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { reject: `wrong_value: ${issue?.code}`, field: issue?.path.join(".") };
  }
  const { id, properties, archived, archivedAt, ...rest } = parsed.data;
  const updatedAt = isoTimestamp(rest.updatedAt);
  if (updatedAt === undefined) {
    return { reject: "not_a_timestamp", field: "updatedAt", payload: { id } };
  }
  for (const name of Object.keys(parsed.data)) {
    if (!EXPECTED.has(name)) drift(name, "unknown_field");
  }
  // To archive a contact is to change it, but HubSpot's time of the last change does not say so.
  const archivedOn = archived ? isoTimestamp(archivedAt) : undefined;
  const value = (name: string) => properties[name]?.trim() || undefined;
  const row = {
    id,
    created_at: isoTimestamp(rest.createdAt),
    updated_at: archivedOn !== undefined && archivedOn > updatedAt ? archivedOn : updatedAt,
    archived,
    merged_ids: value("hs_merged_object_ids")?.split(";") ?? [],
    loyalty_card: value(names.loyaltyCard),
    shop_account_id: value(names.shopAccountId),
    store_code: value(names.store),
    lifecycle_stage: value("lifecyclestage"),
    ...kept(parsed.data, names),
    _row_hash: rowHash(canonicalJson(delivered)),
  };
  return { table: contacts, row, contact: contactValues(properties) };
}

/** Contact values as received; empty is absent. */
function contactValues(properties: Properties): ContactValues | undefined {
  const found = {
    email: properties.email,
    phone: properties.mobilephone || properties.phone,
    first_name: properties.firstname,
    last_name: properties.lastname,
    birth_date: properties.date_of_birth,
    street: properties.address,
    postal_code: properties.zip,
    city: properties.city,
    country: properties.country,
  };
  const present = Object.entries(found).filter(([, value]) => value);
  return present.length > 0 ? Object.fromEntries(present) : undefined;
}

/** What no column holds: properties and fields, without contact values, whatever their names. */
function kept(record: Readonly<Record<string, unknown>>, names: HubspotConfig["properties"]) {
  const withColumn = new Set<string>([
    ...OWN_PROPERTIES,
    ...RECORD_PROPERTIES,
    ...Object.values(names),
  ]);
  const properties = Object.entries(record.properties as Properties).filter(
    ([name]) => !withColumn.has(name),
  );
  const fields = Object.entries(record).filter(
    ([name]) => !EXPECTED.has(name) || name === "archivedAt",
  );
  const contact = {
    properties: Object.fromEntries(properties),
    payload: structuredClone(Object.fromEntries(fields)),
  };
  takeContacts({ contact });
  return { properties: contact.properties, _payload: contact.payload };
}
