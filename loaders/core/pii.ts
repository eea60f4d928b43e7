import { hash } from "node:crypto";

/** Contact values of one record, as received. */
export interface ContactValues {
  email?: string;
  phone?: string;
  first_name?: string;
  last_name?: string;
  birth_date?: string;
  street?: string;
  postal_code?: string;
  city?: string;
  country?: string;
}

export const CONTACT_FIELDS = [
  "email",
  "phone",
  "first_name",
  "last_name",
  "birth_date",
  "street",
  "postal_code",
  "city",
  "country",
] as const satisfies readonly (keyof ContactValues)[];

/**
 * Points from a raw row to its contact values in `pii.contacts`.
 * @param rowKey the values of the row's key, in the order of the table
 */
export function contactKey(source: string, rowKey: readonly unknown[]): string {
  return hash("sha256", [source, ...rowKey].join("\n"));
}

/** A stable stand-in for a value that names a person, such as a till's operator: the same value, the same stand-in. */
export function pseudonym(source: string, value: string): string {
  return hash("sha256", `${source}\n${value}`).slice(0, 32);
}

/** Tells whether a record changed: half of the SHA-256 of its text. */
export function rowHash(text: string): string {
  return hash("sha256", text).slice(0, 32);
}

/** An IPv4 address without its last number, an IPv6 address without all but its first three groups. */
export function truncateIp(ip: string): string | undefined {
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(ip);
  if (v4) return `${v4[1]}.0`;
  const v6 = /^([0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f:.]*$/i.exec(ip);
  return v6 ? `${v6[1]}::` : undefined;
}
