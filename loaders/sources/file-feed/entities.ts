/**
 * What file feeds can carry. To add an entity, add it here: mappings, checks, the raw table and `filo inspect` all
 * follow from this list.
 */

/** How the text of a field is read. A pseudonym is text that names a person: only a stand-in for it is kept. */
export type FieldKind =
  | "text"
  | "pseudonym"
  | "date"
  | "timestamp"
  | "integer"
  | "quantity"
  | "money";

/** A field that a mapping can fill. */
export interface Field {
  readonly kind: FieldKind;
  /** A row without it is rejected. */
  readonly isRequired?: boolean;
  /** All values there are; another is rejected. */
  readonly oneOf?: readonly string[];
  /** Its value where the file does not say one. */
  readonly otherwise?: string;
  /** Its column, where that is not called like the field. */
  readonly column?: string;
}

/** A column that no mapping names: the loader fills it. */
export interface LoaderColumn {
  readonly loader: "STRING" | "BOOL" | "JSON";
}

export interface EntityDefinition {
  readonly table: string;
  /** Says the grain in its first words. */
  readonly description: string;
  readonly columns: Readonly<Record<string, Field | LoaderColumn>>;
  /** Of these at least one must be filled; `contact_key` is where the row has contact values. */
  readonly anyOf?: { readonly columns: readonly string[]; readonly reason: string };
  /** The date or time that says how far the data reach; lists have none. */
  readonly reaches?: string;
  /** Absent where many years come in one load: a job may touch 4,000 days. */
  readonly partitionBy?: string;
  readonly clusterBy: readonly string[];
}

export const LINE_TYPES = ["SALE", "RETURN", "VOID", "GIFT_CARD", "PICKUP", "INVOICE"] as const;
export type LineType = (typeof LINE_TYPES)[number];

export const ORDER_TYPES = ["consumer", "staff", "wholesale", "test"] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

const text: Field = { kind: "text" };
const date: Field = { kind: "date" };
const timestamp: Field = { kind: "timestamp" };
const integer: Field = { kind: "integer" };
const quantity: Field = { kind: "quantity" };
const money: Field = { kind: "money" };
const oneOf = (...values: readonly string[]): Field => ({ kind: "text", oneOf: values });
const required = (field: Field): Field => ({ ...field, isRequired: true });

const contactKey: LoaderColumn = { loader: "STRING" };
const attributes: LoaderColumn = { loader: "JSON" };

/** Fields that name the person of a row. */
const person = { person_ref: text, loyalty_card: text, contact_key: contactKey };

export const ENTITIES = {
  receipts: {
    table: "raw_pos_lines",
    description: "One row per line of an accepted till file; amounts include VAT.",
    columns: {
      store_code: required(text),
      till_code: text,
      rt_serial: text,
      receipt_number: required(text),
      business_date: required(date),
      receipt_ts: timestamp,
      is_dst_fold: { loader: "BOOL" },
      line_no: integer,
      line_type: { ...oneOf(...LINE_TYPES), otherwise: "SALE" },
      sku: text,
      description: text,
      qty: required(quantity),
      unit_gross: money,
      discount: money,
      vat_rate: quantity,
      vat_nature: text,
      vat_amount: money,
      line_gross: required(money),
      loyalty_card: text,
      contact_key: contactKey,
      operator: { kind: "pseudonym", column: "operator_key" },
      return_of: text,
      price_list: text,
      order_type: { ...oneOf(...ORDER_TYPES), otherwise: "consumer" },
      promo_code: text,
    },
    reaches: "business_date",
    partitionBy: "business_date",
    clusterBy: ["store_code"],
  },
  payments: {
    table: "raw_pos_payments",
    description:
      "One row per payment of a receipt in an accepted file: what was tendered, and how.",
    columns: {
      payment_no: integer,
      store_code: required(text),
      till_code: text,
      rt_serial: text,
      receipt_number: required(text),
      business_date: required(date),
      method: required(text),
      amount: required(money),
    },
    reaches: "business_date",
    partitionBy: "business_date",
    clusterBy: ["store_code"],
  },
  till_closings: {
    table: "raw_till_closings",
    description: "One row per daily closing of a till, as an accepted file states it.",
    columns: {
      store_code: required(text),
      till_code: text,
      rt_serial: text,
      business_date: required(date),
      closing_number: text,
      receipts: integer,
      total_amount: required(money),
      vat_amount: money,
    },
    reaches: "business_date",
    partitionBy: "business_date",
    clusterBy: ["store_code"],
  },
  stores: {
    table: "raw_stores",
    description: "One row per line of an accepted list of shops; valid_from dates a change.",
    columns: {
      store_code: required(text),
      store_name: text,
      brand: text,
      legal_entity: text,
      street: text,
      city: text,
      postal_code: text,
      region: text,
      country: text,
      phone: text,
      email: text,
      opened_on: date,
      closed_on: date,
      valid_from: date,
      attributes,
    },
    clusterBy: ["store_code"],
  },
  products: {
    table: "raw_products",
    description: "One row per line of an accepted list of products; valid_from dates a change.",
    columns: {
      sku: required(text),
      product_code: text,
      product_name: text,
      category: text,
      season: text,
      list_price: money,
      cost: money,
      valid_from: date,
      attributes,
    },
    clusterBy: ["sku"],
  },
  promo_codes: {
    table: "raw_promo_codes",
    description: "One row per promotional code in an accepted file, with whom it was given to.",
    columns: {
      promo_code: required(text),
      campaign_id: text,
      campaign_name: text,
      channel: text,
      ...person,
      valid_from: date,
      valid_to: date,
      attributes,
    },
    clusterBy: ["promo_code"],
  },
  people: {
    table: "raw_people",
    description: "One row per line of an accepted file of people, such as loyalty enrolments.",
    columns: {
      person_ref: text,
      loyalty_card: text,
      shop_account_id: text,
      crm_contact_id: text,
      store_code: text,
      recorded_at: required(timestamp),
      contact_key: contactKey,
      attributes,
    },
    anyOf: {
      columns: ["person_ref", "loyalty_card", "shop_account_id", "crm_contact_id", "contact_key"],
      reason: "nobody_named",
    },
    reaches: "recorded_at",
    clusterBy: ["feed"],
  },
  loyalty_movements: {
    table: "raw_loyalty_movements",
    description:
      "One row per movement of a loyalty card in an accepted file; a reversal is negative.",
    columns: {
      loyalty_card: required(text),
      moved_at: required(timestamp),
      store_code: text,
      receipt_number: text,
      reason: text,
      points: integer,
      amount: money,
    },
    anyOf: { columns: ["points", "amount"], reason: "neither_points_nor_amount" },
    reaches: "moved_at",
    clusterBy: ["loyalty_card"],
  },
  consents: {
    table: "raw_consents",
    description: "One row per consent given or withdrawn in an accepted file.",
    columns: {
      ...person,
      channel: required(oneOf("email", "sms", "whatsapp", "post", "phone", "all")),
      purpose: required(oneOf("marketing", "profiling", "ads", "measurement")),
      status: required(oneOf("granted", "withdrawn")),
      collected_at: required(timestamp),
      origin: text,
      text_version: text,
    },
    anyOf: { columns: ["person_ref", "loyalty_card", "contact_key"], reason: "nobody_named" },
    reaches: "collected_at",
    clusterBy: ["feed"],
  },
  touches: {
    table: "raw_touches",
    description: "One row per line of an accepted file of touches, such as postcards or sign-ups.",
    columns: {
      touch_ref: text,
      touched_at: required(timestamp),
      channel: required(text),
      platform: text,
      campaign_id: text,
      campaign_name: text,
      interaction: required(
        oneOf(
          ...["sent", "delivered", "open", "click", "view", "visit", "scan", "call"],
          ...["sign_up", "appointment", "redeemed", "bounced", "suppressed"],
        ),
      ),
      purpose: oneOf("marketing", "service"),
      store_code: text,
      ...person,
      cost: money,
      attributes,
    },
    reaches: "touched_at",
    partitionBy: "touched_at",
    clusterBy: ["feed", "campaign_id"],
  },
  appointments: {
    table: "raw_appointments",
    description: "One row per line of an accepted list of appointments, as it stood at updated_at.",
    columns: {
      appointment_id: required(text),
      name: text,
      status: required(oneOf("booked", "held", "no_show", "cancelled")),
      starts_at: required(timestamp),
      ends_at: timestamp,
      store_code: text,
      person_ref: text,
      loyalty_card: text,
      crm_contact_id: text,
      contact_key: contactKey,
      updated_at: timestamp,
      attributes,
    },
    reaches: "updated_at",
    clusterBy: ["feed"],
  },
} as const satisfies Readonly<Record<string, EntityDefinition>>;

export type Entity = keyof typeof ENTITIES;

/** An entity, without the names of its columns in its type. */
export const entityOf = (entity: Entity): EntityDefinition => ENTITIES[entity];

/** The fields that a mapping of the entity can fill, by name. */
export function fieldsOf(entity: Entity): Readonly<Record<string, Field>> {
  const columns = Object.entries(entityOf(entity).columns);
  return Object.fromEntries(
    columns.flatMap(([name, column]) => ("kind" in column ? [[name, column] as const] : [])),
  );
}

/** Whether the loader fills such a column of the entity. */
export const hasColumn = (entity: Entity, name: "contact_key" | "attributes"): boolean =>
  name in entityOf(entity).columns;
