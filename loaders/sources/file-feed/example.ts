import { ENTITIES, type Entity, fieldsOf, hasColumn } from "./entities.ts";

/** Every kind of row that a file feed can carry. */
export const entities = Object.keys(ENTITIES) as readonly Entity[];

/** Contact fields that a list of people usually has. */
const CONTACTS = {
  email: "EMAIL",
  phone: "PHONE",
  first_name: "FIRST NAME",
  last_name: "LAST NAME",
};

/**
 * A mapping to begin with: every field of the entity under a header to replace, of which those that are not required
 * can be deleted.
 */
export function mappingExample(entity: Entity): Record<string, unknown> {
  const header = (name: string) => name.replaceAll("_", " ").toUpperCase();
  const fields = Object.entries(fieldsOf(entity)).sort(
    ([, a], [, b]) => Number(b.isRequired ?? false) - Number(a.isRequired ?? false),
  );
  const kinds = new Set(fields.map(([, { kind }]) => kind));
  return {
    entity,
    delimiter: ";",
    ...(kinds.has("money") || kinds.has("quantity") ? { decimal: "," } : {}),
    ...(kinds.has("date") ? { dateFormat: "dd/MM/yyyy" } : {}),
    ...(kinds.has("timestamp") ? { timestampFormat: "dd/MM/yyyy HH:mm" } : {}),
    columns: Object.fromEntries(fields.map(([name]) => [name, header(name)])),
    ...(hasColumn(entity, "contact_key") ? { contacts: CONTACTS } : {}),
  };
}
