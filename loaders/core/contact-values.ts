import type { ContactValues } from "./pii.ts";

type ContactField = keyof ContactValues;
type JsonObject = Record<string, unknown>;

/**
 * Keys that hold a contact value wherever they stand. Names are compared without case, `_`, `-` and spaces, and without
 * words that only say whose value it is: `shipping_phone`, but not `store_phone`.
 */
const CONTACT_KEYS: ReadonlyMap<string, ContactField> = new Map<string, ContactField>([
  ["email", "email"],
  ["mail", "email"],
  ["emailaddress", "email"],
  ["mailaddress", "email"],
  ["customeremail", "email"],
  ["indirizzoemail", "email"],
  ["phone", "phone"],
  ["phonenumber", "phone"],
  ["telephone", "phone"],
  ["tel", "phone"],
  ["telefono", "phone"],
  ["cellulare", "phone"],
  ["mobile", "phone"],
  ["mobilephone", "phone"],
  ["mobilenumber", "phone"],
  ["customerphone", "phone"],
  ["firstname", "first_name"],
  ["givenname", "first_name"],
  ["nome", "first_name"],
  ["lastname", "last_name"],
  ["familyname", "last_name"],
  ["surname", "last_name"],
  ["cognome", "last_name"],
  ["birthday", "birth_date"],
  ["birthdate", "birth_date"],
  ["dateofbirth", "birth_date"],
  ["datanascita", "birth_date"],
  ["datadinascita", "birth_date"],
  ["street", "street"],
]);

/** Keys that hold a tax code, which names a person; `pii.contacts` has no place for it. */
const TAX_CODE_KEYS: ReadonlySet<string> = new Set(["codicefiscale", "taxcode", "fiscalcode"]);

/** Words of a key that say whose value it is, or of which kind. */
const QUALIFIERS: ReadonlySet<string> = new Set([
  ...["customer", "contact", "recipient", "user", "personal", "primary", "home", "work"],
  ...["shipping", "billing", "delivery", "number"],
  ...["cliente", "contatto", "destinatario", "utente", "spedizione", "fatturazione", "consegna"],
  ...["numero", "di"],
]);

/** Keys that hold one only inside a person or an address: elsewhere `name` is that of a product, `city` that of a shop. */
const PERSON_KEYS: ReadonlyMap<string, ContactField> = new Map<string, ContactField>([
  ["city", "city"],
  ["country", "country"],
  ["postalcode", "postal_code"],
  ["zip", "postal_code"],
  ["zipcode", "postal_code"],
]);

const FULL_NAME_KEYS: ReadonlySet<string> = new Set([
  ...["fullname", "customername", "contactname", "recipientname", "billingname", "nominativo"],
  ...["nomecognome", "nomecliente", "nomedestinatario"],
]);
const PERSONS: ReadonlySet<string> = new Set([
  "traits",
  "customer",
  "user",
  "profile",
  "recipient",
  "contact",
  "cliente",
  "destinatario",
]);
const ADDRESSES: ReadonlySet<string> = new Set([
  "address",
  "shippingaddress",
  "billingaddress",
  "deliveryaddress",
  "indirizzo",
]);

const CONTACT_WORDS =
  "mail|phone|mobile|telefon|cellular|(?:first|last|full|given|family|billing)[ _-]?name|surname|nome|nominativo|" +
  "nascita|customer|contact|recipient|cliente|destinatario|birth|street|address|indirizzo|fiscal|tax[ _-]?code";

/** A key of the event or of a URL's query that may hold one, or a telephone number in a query or as user id. */
const QUICK_LOOK = new RegExp(
  `@|%40|"traits"|"(?:user|profile)"\\s*:\\s*\\{|"[\\w -]*(?:${CONTACT_WORDS})[\\w -]*"\\s*:|"tel"\\s*:|` +
    `[?&#][^"=&]*(?:${CONTACT_WORDS})[^"=&]*=|[?&]tel=|=(?:\\+|%2b)\\d`,
  "i",
);

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
  return Object.keys(contact).length > 0 ? contact : undefined;
}

interface Found {
  readonly contact: ContactValues;
  fullName?: string;
}

/** `+39 312 0000001`, or with 00 where it is too long for a customer's number with zeros before it. */
const PHONE = /^\s*(?:\+(?:[\s()./-]*\d){8,15}|00(?:[\s()./-]*\d){11,15})\s*$/;

/** Whether a text is a telephone number as it is written between countries. */
export function isPhone(text: string): boolean {
  return PHONE.test(text);
}

/** The name of a key as the lists above have it. */
function normalKey(key: string): string {
  const whole = key.toLowerCase().replace(/[_\s-]/g, "");
  if (isListed(whole)) return whole;
  const words = key.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").toLowerCase();
  const rest = words.split(/[^\p{L}\p{N}]+/u).filter((word) => !QUALIFIERS.has(word));
  const core = rest.join("");
  return isListed(core) ? core : whole;
}

function isListed(name: string): boolean {
  return (
    CONTACT_KEYS.has(name) ||
    TAX_CODE_KEYS.has(name) ||
    FULL_NAME_KEYS.has(name) ||
    ADDRESSES.has(name)
  );
}

const PARAMETER = /([?&#;])([^=&?#;\s]+)=([^&#;\s]*)/g;

/** Blanks the parameters of a URL's query whose name, or value, is that of a contact. */
function blankParameters(text: string): string {
  return text.replace(PARAMETER, (all: string, sign: string, name: string, value: string) => {
    const isContact = isListed(normalKey(decoded(name))) || isPhone(decoded(value));
    return isContact ? `${sign}${name}=` : all;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function takeFrom(object: JsonObject, found: Found, isPerson: boolean): void {
  const { contact } = found;
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined || key === "userId") continue;
    // A flag, such as whether there is a phone, is no contact value.
    if (typeof value === "boolean") continue;
    const name = normalKey(key);
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
    } else if (TAX_CODE_KEYS.has(name)) {
      object[key] = "[tax code]";
    } else if (typeof value === "string" && /[@=]|%40/.test(value)) {
      object[key] = blankParameters(value).replace(EMAIL, "[e-mail]");
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
