import type { ContactValues } from "../../core/pii.ts";

type ContactField = keyof ContactValues;
type JsonObject = Record<string, unknown>;

/** Keys that hold a contact value wherever they stand. Names are compared without case, `_`, `-` and spaces. */
const CONTACT_KEYS: ReadonlyMap<string, ContactField> = new Map<string, ContactField>([
  ["email", "email"],
  ["emailaddress", "email"],
  ["customeremail", "email"],
  ["phone", "phone"],
  ["phonenumber", "phone"],
  ["mobile", "phone"],
  ["mobilephone", "phone"],
  ["customerphone", "phone"],
  ["firstname", "first_name"],
  ["lastname", "last_name"],
  ["surname", "last_name"],
  ["birthday", "birth_date"],
  ["birthdate", "birth_date"],
  ["dateofbirth", "birth_date"],
  ["street", "street"],
]);

/** Keys that hold one only inside a person or an address: elsewhere `name` is that of a product, `city` that of a shop. */
const PERSON_KEYS: ReadonlyMap<string, ContactField> = new Map<string, ContactField>([
  ["city", "city"],
  ["country", "country"],
  ["postalcode", "postal_code"],
  ["zip", "postal_code"],
  ["zipcode", "postal_code"],
]);

const FULL_NAME_KEYS: ReadonlySet<string> = new Set(["fullname", "customername"]);
const PERSONS: ReadonlySet<string> = new Set([
  "traits",
  "customer",
  "user",
  "profile",
  "recipient",
]);
const ADDRESSES: ReadonlySet<string> = new Set([
  "address",
  "shippingaddress",
  "billingaddress",
  "deliveryaddress",
]);

const QUICK_LOOK =
  /@|%40|"traits"|"[a-z_-]*(?:mail|phone|mobile|first_?-?name|last_?-?name|surname|full_?-?name|customer|birth|street|address)[a-z_-]*":/i;

/** Whether the text of an event may hold contact values. Most do not, and are spared the search. */
export function mayHoldContacts(line: string): boolean {
  return QUICK_LOOK.test(line);
}

const EMAIL = /[\p{L}\p{N}._%+'-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu;

/**
 * Takes the contact values out of a parsed event, in place, and returns them; the first of each kind wins. E-mail
 * addresses inside other texts, such as a URL, are blanked.
 */
export function takeContacts(event: JsonObject): ContactValues | undefined {
  const found: Found = { contact: {} };
  takeFrom(event, found, false);
  const { contact, fullName } = found;
  // Names given apart are better than one that has to be split.
  if (fullName !== undefined && !contact.first_name && !contact.last_name) {
    splitName(fullName, contact);
  }
  const { userId } = event;
  return Object.keys(contact).length > 0 || isAddress(userId) ? contact : undefined;
}

interface Found {
  readonly contact: ContactValues;
  fullName?: string;
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && value.includes("@");
}

function takeFrom(object: JsonObject, found: Found, isPerson: boolean): void {
  const { contact } = found;
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined || key === "userId") continue;
    const name = key.toLowerCase().replace(/[_\s-]/g, "");
    const field = CONTACT_KEYS.get(name) ?? (isPerson ? PERSON_KEYS.get(name) : undefined);
    if (field && typeof value !== "object") {
      contact[field] ||= String(value);
      delete object[key];
    } else if (isFullName(name, isPerson) && typeof value === "string") {
      found.fullName ??= value;
      delete object[key];
    } else if (ADDRESSES.has(name)) {
      if (typeof value === "object") takeFrom(value as JsonObject, found, true);
      else contact.street ||= String(value);
      delete object[key];
    } else if (typeof value === "object") {
      takeFrom(value as JsonObject, found, isPerson || PERSONS.has(name));
    } else if (typeof value === "string" && /@|%40/.test(value)) {
      object[key] = value.replace(EMAIL, "[e-mail]");
    }
  }
}

function isFullName(name: string, isPerson: boolean): boolean {
  return FULL_NAME_KEYS.has(name) || (isPerson && name === "name");
}

/** One text for the whole name: its first word is taken for the first name. */
function splitName(text: string, contact: ContactValues): void {
  const [first, ...rest] = text.trim().split(/\s+/);
  if (first) contact.first_name ||= first;
  if (rest.length > 0) contact.last_name ||= rest.join(" ");
}
